"""What a scan may find: each exception with its reason, the one who answers for it, and the day it ends.

An exception that has ended, or that nothing needs any more, is an error as a failed check is: the list stays as short
as it can be.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from lab.scan.findings import Finding
from seatworks.errors import CloudError, Problem

FILE = Path(__file__).resolve().with_name("waivers.yml")
_LISTS = {"resources", "modes", "partitions"}


@dataclass(frozen=True, slots=True)
class Waiver:
    """A check that may fail on resources whose name fits one of `resources`. Empty `modes` and `partitions` stand for
    all.
    """

    check: str
    resources: tuple[str, ...]
    reason: str
    owner: str
    expires: datetime.date
    modes: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()

    def serves(self, mode: str, partition: str) -> bool:
        """Whether it speaks of such a site at all."""
        return mode in (self.modes or (mode,)) and partition in (self.partitions or (partition,))

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding."""
        return self.check == finding.check and any(fnmatchcase(finding.resource, each) for each in self.resources)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Failed checks that nothing excuses, those that something does, and exceptions that must go.

    `unused` are exceptions that speak of something this site has, on which the check passes.
    """

    failed: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    expired: tuple[Waiver, ...]
    unused: tuple[Waiver, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.failed or self.expired or self.unused)


def judge(
    findings: Sequence[Finding], waivers: Sequence[Waiver], today: datetime.date, *, mode: str, partition: str
) -> Verdict:
    """Hold findings against the exceptions for a site of this mode in this partition. Pure."""
    here = [waiver for waiver in waivers if waiver.serves(mode, partition)]
    valid = [waiver for waiver in here if waiver.expires >= today]
    failed, waived = [], []
    for finding in findings:
        if finding.passed:
            continue
        excuse = next((waiver for waiver in valid if waiver.covers(finding)), None)
        if excuse is None:
            failed.append(finding)
        else:
            waived.append((finding, excuse))
    used = {id(waiver) for _, waiver in waived}
    met = {id(waiver) for waiver in valid for finding in findings if waiver.covers(finding)}
    return Verdict(
        tuple(failed),
        tuple(waived),
        tuple(waiver for waiver in here if waiver.expires < today),
        tuple(waiver for waiver in valid if id(waiver) in met - used),
    )


def load(path: Path = FILE) -> tuple[Waiver, ...]:
    """The exceptions of a file. Raises CloudError with everything that is wrong with it."""
    problems: list[Problem] = []
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["waivers"]
    found = [_waiver(entry, f"{path.name} waiver {n}", problems) for n, entry in enumerate(entries, 1)]
    if problems:
        raise CloudError(*problems)
    return tuple(waiver for waiver in found if waiver is not None)


def _waiver(entry: Mapping[str, Any], place: str, problems: list[Problem]) -> Waiver | None:
    known = {field.name for field in fields(Waiver)}
    needed = known - {"modes", "partitions"}
    if missing := sorted(key for key in needed if not entry.get(key)):
        problems.append(Problem(place, f"gives no {', '.join(missing)}", "an exception without it is none"))
    if strange := sorted(entry.keys() - known):
        problems.append(Problem(place, f"has {', '.join(strange)}", f"known are {', '.join(sorted(known))}"))
    if "expires" in entry and not isinstance(entry["expires"], datetime.date):
        problems.append(Problem(place, f"ends on {entry['expires']}", "write year-month-day"))
    single = [key for key in sorted(_LISTS & entry.keys()) if not isinstance(entry[key], list)]
    problems += [Problem(place, f"has {key} that are no list", f"write {key}: [...]") for key in single]
    if missing or strange or single or not isinstance(entry["expires"], datetime.date):
        return None
    return Waiver(**{**entry, **{key: tuple(entry.get(key, ())) for key in _LISTS}})
