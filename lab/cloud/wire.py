"""Property values in the SDK's protocol and as plain Python: unknowns, secrets and numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2

from stacks.values import UNKNOWN, Properties

# The protocol's own marks (pulumi sdk/proto, and pulumi.runtime.rpc).
_UNKNOWN_MARK = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark of the protocol, not a password


@dataclass(frozen=True, slots=True)
class Decoded:
    """Plain properties, and the names of those that hold a secret."""

    values: Properties
    secrets: frozenset[str]


def decode(message: struct_pb2.Struct) -> Decoded:
    """Plain properties from the protocol. A property with a secret anywhere inside counts as secret."""
    raw = json_format.MessageToDict(message)
    values, secrets = {}, set()
    for key, value in raw.items():
        if value is None:
            continue
        plain, secret = _plain(value)
        values[key] = plain
        if secret:
            secrets.add(key)
    return Decoded(values, frozenset(secrets))


def encode(values: Mapping[str, Any], secrets: Collection[str] = ()) -> struct_pb2.Struct:
    """Properties as the protocol carries them."""
    message = struct_pb2.Struct()
    message.update(
        {
            key: {_SIGNATURE: _SECRET, "value": _wire(value)} if key in secrets else _wire(value)
            for key, value in values.items()
        }
    )
    return message


def _plain(value: Any) -> tuple[Any, bool]:
    if isinstance(value, dict):
        if _SIGNATURE in value:
            if value[_SIGNATURE] != _SECRET:
                raise TypeError("only plain values and secrets are understood here, no files and no archives")
            return _plain(value["value"])[0], True
        parts = {key: _plain(entry) for key, entry in value.items() if entry is not None}
        return {key: plain for key, (plain, _) in parts.items()}, any(secret for _, secret in parts.values())
    if isinstance(value, list):
        entries = [_plain(entry) for entry in value]
        return [plain for plain, _ in entries], any(secret for _, secret in entries)
    if value == _UNKNOWN_MARK:
        return UNKNOWN, False
    if isinstance(value, float) and value.is_integer():
        # The protocol knows only floating point numbers.
        return int(value), False
    return value, False


def _wire(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _wire(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_wire(entry) for entry in value]
    return _UNKNOWN_MARK if value is UNKNOWN else value
