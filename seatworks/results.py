"""What a deployment or a check run found: phases with their times, checks with their evidence.

Values only. `seatworks.verify` fills them from the JUnit file of a test run, `seatworks.report` shows them.
"""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from seatworks import causes
from seatworks.errors import SeatworksError

# Properties that a test records about itself; all other recorded properties are evidence.
_OWN = ("sentence", "sentence_zh", "area", "host", "look_at")

CALLS = "calls"  # the area of checks that are real calls

# XML 1.0 cannot carry these, not even escaped; a phone's log line may hold them.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Outcome(StrEnum):
    """How a check or a phase ended. Only `passed` counts as passed: what was skipped was not shown."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried on the running deployment.

    `sentence` says what is true when it passes, `area` is the role or subject it belongs to, `host` is empty
    when it concerns the deployment as a whole. `message` is in words: why it did not pass in the first line, then what
    was seen; `look_at` is where to go on from there.
    """

    name: str
    sentence: str
    area: str
    host: str
    outcome: Outcome
    seconds: float
    evidence: Mapping[str, str] = dataclasses.field(default_factory=dict)
    message: str = ""
    sentence_zh: str = ""
    look_at: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was shown to be true."""
        return self.outcome is Outcome.PASSED

    @property
    def cause(self) -> str:
        """Why it did not pass, in one line; empty when nobody said it in words."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """Checks that did not pass for one reason. Without words for it (`cause` empty) they say the same sentence."""

    checks: tuple[Check, ...]

    @property
    def cause(self) -> str:
        """The reason in one line; empty when there are no words for it."""
        return self.checks[0].cause

    @property
    def look_at(self) -> str:
        """Where to go on; empty when no check said it."""
        return next((check.look_at for check in self.checks if check.look_at), "")

    @property
    def seen(self) -> str:
        """What the first of them saw."""
        return self.checks[0].message.partition("\n")[2]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts on which it was met, each once."""
        return tuple(dict.fromkeys(check.host for check in self.checks if check.host))


def by_cause(checks: Iterable[Check]) -> tuple[Failure, ...]:
    """The checks that did not pass, by the reason why: what took down most of them first."""
    found: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        if not check.passed:
            found.setdefault((check.cause, "" if check.cause else check.sentence), []).append(check)
    return tuple(sorted((Failure(tuple(each)) for each in found.values()), key=lambda each: -len(each.checks)))


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a command: how long it took and how it ended."""

    name: str
    seconds: float
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything one run of a command found."""

    env: str
    started: datetime
    finished: datetime
    phases: tuple[Phase, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def failures(self) -> tuple[Check, ...]:
        """Checks that were not shown to be true, in the order they ran."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def accepted(self) -> bool:
        """Whether the deployment is accepted: something was checked, all of it passed, and no phase failed."""
        broken = any(phase.outcome in (Outcome.FAILED, Outcome.ERROR) for phase in self.phases)
        return bool(self.checks) and not self.failures and not broken

    def dump(self) -> str:
        """These results as JSON, keys sorted."""
        return json.dumps(dataclasses.asdict(self), indent=2, sort_keys=True, default=datetime.isoformat) + "\n"

    @classmethod
    def load(cls, text: str) -> Results:
        """The results that `dump` wrote."""
        raw = json.loads(text)
        return cls(
            env=raw["env"],
            started=datetime.fromisoformat(raw["started"]),
            finished=datetime.fromisoformat(raw["finished"]),
            phases=tuple(Phase(**{**phase, "outcome": Outcome(phase["outcome"])}) for phase in raw["phases"]),
            checks=tuple(Check(**{**check, "outcome": Outcome(check["outcome"])}) for check in raw["checks"]),
        )


def from_junit(path: Path) -> tuple[Check, ...]:
    """The checks in a JUnit file that pytest wrote.

    Properties recorded with `record_property` become evidence, except `sentence`, `sentence_zh`, `area`, `host` and
    `look_at`, which describe the check. Without them the sentence comes from the test's name, the area from its
    file and the host from the test's parameter.
    """
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - written by our own test run
    except FileNotFoundError:
        raise SeatworksError.of(
            f"{path} does not exist", remedy="the test run ended before it could write its results; see its output"
        ) from None
    except ElementTree.ParseError as broken:
        raise SeatworksError.of(f"{path} is not readable as JUnit: {broken}") from None
    return _merged(root.iter("testcase"))


def to_junit(env: str, checks: Iterable[Check]) -> str:
    """The checks as a JUnit document; `from_junit` reads the same checks back."""
    every = tuple(checks)
    counts = {
        "tests": len(every),
        "failures": sum(check.outcome is Outcome.FAILED for check in every),
        "errors": sum(check.outcome is Outcome.ERROR for check in every),
        "skipped": sum(check.outcome is Outcome.SKIPPED for check in every),
    }
    totals = {name: str(count) for name, count in counts.items()}
    suite = ElementTree.Element("testsuite", {"name": f"seatworks.{env}", **totals})
    suite.set("time", f"{sum(check.seconds for check in every):.3f}")
    for check in every:
        suite.append(_case(check))
    document = ElementTree.Element("testsuites")
    document.append(suite)
    ElementTree.indent(document)
    return ElementTree.tostring(document, encoding="unicode", xml_declaration=True) + "\n"


def _case(check: Check) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=check.area, name=_clean(check.name), time=f"{check.seconds:.3f}")
    properties = ElementTree.SubElement(case, "properties")
    own = {key: getattr(check, key) for key in _OWN}
    for key, value in {**own, **check.evidence}.items():
        ElementTree.SubElement(properties, "property", name=_clean(key), value=_clean(value))
    tag = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}.get(check.outcome)
    if tag:
        message = _clean(check.message or check.outcome.value)
        ElementTree.SubElement(case, tag, message=message).text = _clean(check.message)
    return case


def _check(case: ElementTree.Element) -> Check:
    recorded = {prop.get("name", ""): prop.get("value", "") for prop in case.iterfind("properties/property")}
    outcome, cause = _ending(case)
    name = case.get("name", "")
    function, _, parameter = name.partition("[")
    module = case.get("classname", "").split(".")
    # Every test of tests/calls is about calls; elsewhere a file is named after the role it asks.
    subject = next((part for part in reversed(module) if part.startswith("test_")), module[-1])
    if "calls" in module:
        subject = CALLS
    return Check(
        name=name,
        sentence=recorded.get("sentence") or sentence_of(function),
        area=recorded.get("area") or subject.removeprefix("test_"),
        host=recorded["host"] if "host" in recorded else _host_of(parameter.rstrip("]")),
        outcome=outcome,
        seconds=float(case.get("time", "0")),
        evidence={key: value for key, value in recorded.items() if key not in _OWN},
        message=cause.text,
        sentence_zh=recorded.get("sentence_zh", ""),
        look_at=recorded.get("look_at") or cause.look_at,
    )


def _ending(case: ElementTree.Element) -> tuple[Outcome, causes.Cause]:
    """How a check ended and why. pytest's `message` is the exception; its text, the traceback, is kept in the log."""
    for tag, outcome in (("failure", Outcome.FAILED), ("error", Outcome.ERROR), ("skipped", Outcome.SKIPPED)):
        found = case.find(tag)
        if found is not None:
            return outcome, causes.of(found.get("message") or found.text or "")
    return Outcome.PASSED, causes.Cause("")


def tracebacks(path: Path) -> str:
    """What pytest wrote about each failure in a JUnit file, for those who write tests."""
    parts = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):  # noqa: S314 - written by our own test run
        for tag in ("failure", "error"):
            if (found := case.find(tag)) is not None:
                parts.append(f"==== {case.get('classname')}.{case.get('name')}\n{found.text or found.get('message')}\n")
    return "\n".join(parts)


def _merged(cases: Iterable[ElementTree.Element]) -> tuple[Check, ...]:
    """One check per test: pytest writes a second testcase when a test fails and its tear-down breaks too."""
    found: dict[tuple[str, str], Check] = {}
    for case in cases:
        key = (case.get("classname", ""), case.get("name", ""))
        check = _check(case)
        if key in found and not found[key].passed:
            first = found[key]
            check = dataclasses.replace(first, message="\n\n".join(filter(None, (first.message, check.message))))
        found[key] = check
    return tuple(found.values())


def sentence_of(function: str) -> str:
    """A test function's name as a sentence: `test_calls_survive` -> `Calls survive`."""
    words = function.removeprefix("test_").replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _host_of(parameter: str) -> str:
    """The host in a test's parameter: testinfra writes `ssh://root@edge1?...` or `ansible://edge1` first."""
    found = re.match(r"[a-z]+://(?:[^@/]*@)?([A-Za-z0-9-]+)", parameter)
    return found.group(1) if found else ""


def _clean(text: Any) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(text))
