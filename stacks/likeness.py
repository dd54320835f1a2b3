"""Whether two values of a property mean the same, when one is as asked and the other as the account tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def alike(one: Any, other: Any) -> bool:
    """The same value, or one that AWS writes otherwise: a policy is compared as a document, a list of names as a set.

    Inside a block a part that is empty or off is as good as one that is not given.
    """
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            document = json.loads(value)
        except ValueError:
            return value
        return _document(document)
    if isinstance(value, Mapping):
        parts = {key: _plain(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part is not False and part not in _EMPTY}
    if isinstance(value, list):
        return _unordered([_plain(entry) for entry in value])
    return value


def _document(value: Any) -> Any:
    """A policy document in one of its spellings: a list of one is that one, and lists of words have no order."""
    if isinstance(value, Mapping):
        return {key: _document(part) for key, part in value.items()}
    if isinstance(value, list):
        entries = _unordered([_document(entry) for entry in value])
        return entries[0] if len(entries) == 1 else entries
    return value


def _unordered(entries: list[Any]) -> list[Any]:
    return sorted(entries) if all(isinstance(entry, str) for entry in entries) else entries
