"""What the scanner found, with resources under the names that the program gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.aws.account import Account
from lab.cloud.state import Record

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


def read(path: Path, names: Mapping[str, str]) -> list[Finding]:
    """The findings of a file in OCSF. Those that only a person can judge are left out."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return [_finding(entry, names) for entry in document if entry["status_code"] in {"PASS", "FAIL"}]


def names_of(records: Iterable[Record], account: Account) -> dict[str, str]:
    """The program's names by the identifiers under which a scanner may find what it made.

    What comes with a resource bears its name too: the disks of a machine, the secret of a managed database. A setting
    that is there once in an account or a region has no identifier but theirs, and is not told apart from them.
    """
    found: dict[str, str] = {}
    for record in records:
        if record.in_account:
            secrets = record.outputs.get("masterUserSecrets") or []
            own = {record.id, str(record.outputs.get("arn", record.id)), *(each["secretArn"] for each in secrets)}
            # What belongs to a resource and bears its identifier (the value of a secret) comes after it.
            found = dict.fromkeys(own - {account.region, account.number}, record.name) | found
    for disk in account.client("ec2").describe_volumes()["Volumes"]:
        for held in disk["Attachments"]:
            if held["InstanceId"] in found:
                found[disk["VolumeId"]] = found[held["InstanceId"]]
    return found


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


def _last(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2]
