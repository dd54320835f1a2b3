"""What the scanner found, with resources under the names that the program gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacks.engine.state import Record

# Of what the program did not make: the emulator's own things, and settings of the account as a whole.
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check on one resource. `resource` is the program's name, or `account:` and the identifier."""

    check: str
    severity: str
    resource: str
    passed: bool
    detail: str


def read(path: Path, records: Iterable[Record]) -> list[Finding]:
    """The findings of a file in OCSF. Those that only a person can judge are left out."""
    names = {identifier: record.name for record in records if record.in_account for identifier in _identifiers(record)}
    document = json.loads(path.read_text(encoding="utf-8"))
    return [_finding(entry, names) for entry in document if entry["status_code"] in {"PASS", "FAIL"}]


def _finding(entry: Mapping[str, Any], names: Mapping[str, str]) -> Finding:
    (resource, *_) = entry["resources"]
    known = (names[word] for word in (resource["uid"], _last(resource["uid"]), resource["name"]) if word in names)
    return Finding(
        entry["metadata"]["event_code"],
        entry["severity"].lower(),
        next(known, f"{ACCOUNT}:{resource['uid']}"),
        entry["status_code"] == "PASS",
        entry["status_detail"],
    )


def _identifiers(record: Record) -> set[str]:
    return {record.id, str(record.outputs.get("arn", record.id))}


def _last(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]
