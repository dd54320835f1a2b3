"""What the lab's engine remembers between runs: every resource it made, in build/<env>/cloud-state.json."""

from __future__ import annotations

import dataclasses
import json
import operator
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from seatworks import environment
from seatworks.errors import CloudError, Problem
from stacks.values import Properties

_VERSION = 1


@dataclass(slots=True)
class Record:
    """One resource: what was asked, what it became, and the seed its identifier was drawn from."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    id: str = ""
    seed: str = ""
    provider: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    retain: bool = False

    @property
    def is_provider(self) -> bool:
        """Whether this is a provider's configuration, which is no resource of the account."""
        return self.type.startswith("pulumi:providers:")

    @property
    def in_account(self) -> bool:
        """Whether the account holds something for this record."""
        return self.custom and not self.is_provider

    def needs(self) -> set[str]:
        """URNs of the resources that must stand before this one."""
        found = {*self.dependencies, self.parent, self.provider.rpartition("::")[0]}
        return found.union(*self.property_dependencies.values()) - {""}


_VALUES = operator.attrgetter(*(part.name for part in dataclasses.fields(Record)))


@dataclass(slots=True)
class State:
    """All records. `condemned` were replaced and wait for their deletion; `serials` counts lives of a URN.

    What the program exports is of one run only and is not kept.
    """

    region: str = ""
    stack_urn: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    condemned: list[Record] = field(default_factory=list)
    serials: dict[str, int] = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    secret_outputs: list[str] = field(default_factory=list)

    def seed(self, urn: str) -> str:
        """The seed of the present life of a URN."""
        return f"{urn}#{self.serials.get(urn, 0)}"

    def end_life(self, urn: str) -> None:
        """The next resource of this URN is another one and gets another identifier."""
        self.serials[urn] = self.serials.get(urn, 0) + 1


def in_order(records: Iterable[Record]) -> list[Record]:
    """Records with every resource after those it needs; otherwise as they came."""
    by_urn: dict[str, list[Record]] = {}
    for record in records:
        by_urn.setdefault(record.urn, []).append(record)
    done: set[str] = set()
    ordered: list[Record] = []

    def visit(urn: str) -> None:
        if urn in done or urn not in by_urn:
            return
        done.add(urn)
        for need in sorted(set().union(*(record.needs() for record in by_urn[urn]))):
            visit(need)
        ordered.extend(by_urn[urn])

    for urn in by_urn:
        visit(urn)
    return ordered


class StateFile:
    """The state on disk: readable by its owner only, secrets encrypted with a key of its own beside it.

    The key keeps secrets out of copies of the state; it does not keep out who may read the folder.
    """

    def __init__(self, build: Path) -> None:
        self.path = build / "cloud-state.json"
        self._key_path = build / "cloud-state.key"
        self._texts: dict[int, tuple[Record, tuple[Any, ...], str]] = {}

    def load(self) -> State:
        """The state of the last run, or an empty one. Raises CloudError when it cannot be read."""
        if not self.path.is_file():
            return State()
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw.pop("version") != _VERSION:
                raise ValueError("another version")
            records = [self._opened(entry) for entry in raw.pop("records")]
            condemned = [self._opened(entry) for entry in raw.pop("condemned", [])]
            # Written by releases that could put something into the account before the program.
            raw.pop("standing", None)
            made = {record.urn: record for record in records}
            return State(records=made, condemned=condemned, **raw)
        except (ValueError, TypeError, KeyError, InvalidToken) as wrong:
            raise CloudError(
                Problem(str(self.path), f"cannot be read ({wrong})", "delete it: the lab's account is made anew")
            ) from None

    def save(self, state: State) -> None:
        """Write the state whole or not at all. A process killed meanwhile leaves the one before."""
        document = {
            "version": json.dumps(_VERSION),
            "region": json.dumps(state.region),
            "stack_urn": json.dumps(state.stack_urn),
            "serials": json.dumps(state.serials, sort_keys=True),
            "records": self._list(state.records.values()),
            "condemned": self._list(state.condemned),
        }
        # Not the writer of seatworks.environment: this one is called for every resource and must not wait for the disk.
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("{" + ", ".join(f'"{part}": {text}' for part, text in document.items()) + "}")
        fresh.replace(self.path)

    def remove(self) -> None:
        """Forget everything."""
        self.path.unlink(missing_ok=True)
        self._key_path.unlink(missing_ok=True)

    def _box(self) -> Fernet:
        if not self._key_path.is_file():
            environment.write(self._key_path, Fernet.generate_key().decode(), mode=0o600)
        return Fernet(self._key_path.read_text(encoding="utf-8").encode())

    def _list(self, records: Iterable[Record]) -> str:
        return f"[{', '.join(map(self._text, records))}]"

    def _text(self, record: Record) -> str:
        """A record as it is written. Made once: a value of a record is replaced, and never changed within.

        The state is saved for each resource: all records made into text each time was a third of a deployment.
        """
        values = _VALUES(record)
        kept = self._texts.get(id(record))
        if kept is None or kept[0] is not record or not all(map(operator.is_, values, kept[1])):
            kept = self._texts[id(record)] = record, values, json.dumps(self._closed(record), sort_keys=True)
        return kept[2]

    def _closed(self, record: Record) -> dict[str, Any]:
        entry = {part.name: getattr(record, part.name) for part in dataclasses.fields(record)}
        for part, key in _secret_places(record):
            text = json.dumps(entry[part][key])
            entry[part] = {**entry[part], key: self._box().encrypt(text.encode()).decode()}
        return entry

    def _opened(self, entry: dict[str, Any]) -> Record:
        record = Record(**entry)
        for part, key in _secret_places(record):
            values = getattr(record, part)
            values[key] = json.loads(self._box().decrypt(values[key].encode()))
        return record


def _secret_places(record: Record) -> Iterator[tuple[str, str]]:
    for key in record.secrets:
        if key in record.inputs:
            yield "inputs", key
        if key in record.outputs:
            yield "outputs", key
