"""What a rule sees and what it says: resources, what the plan asks, violations. Who recorded them is not known here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from seatworks.errors import Problem
from seatworks.plan.model import Plan
from stacks.values import UNKNOWN


class Level(StrEnum):
    """Whether a violation stops the run or is only said."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as it was registered: properties in the SDK's camelCase, `UNKNOWN` where a preview cannot tell yet.

    `parent`, `dependencies` and `property_dependencies` hold URNs. `protect` is None where it was not recorded.
    """

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]
    id: str = ""
    parent: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Collection[str]] = field(default_factory=dict)
    protect: bool | None = False

    def at(self, path: str) -> Any:
        """The value at a dotted path: None where there is none, UNKNOWN below an unknown value."""
        value: Any = self.properties
        for key in path.split("."):
            if value is UNKNOWN:
                return UNKNOWN
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def refers(self, key: str, other: Resource) -> bool:
        """Whether property `key` names `other`: by dependency, which a preview knows too, or by value."""
        if other.urn in self.property_dependencies.get(key, ()):
            return True
        names = {other.id, *(other.properties.get(name) for name in ("arn", "bucket", "name"))} - {"", None, UNKNOWN}
        value = self.properties.get(key)
        return any(
            isinstance(entry, str) and entry in names for entry in (value if isinstance(value, list) else [value])
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules compare with: the plan and the two settings of the stack that bear on them."""

    plan: Plan
    audit_retention_days: int
    keeps_data: bool

    @classmethod
    def of(cls, plan: Plan, settings: Mapping[str, str]) -> Asked:
        """From the plan and the stack's settings as text, which the program has read too and found sound."""
        return cls(plan, int(settings["auditRetentionDays"]), settings.get("keepData") != "false")

    @property
    def region(self) -> str:
        """The plan's region."""
        return self.plan.region or ""

    @property
    def copy_region(self) -> str | None:
        """The region of the plan's second copies."""
        return self.plan.guard.copy_region if self.plan.guard else None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `resource` is None when something is missing from the whole stack."""

    resource: Resource | None
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: which, by which resource (its URN, empty for the whole stack), how, and what to do."""

    rule: Rule
    resource: str
    message: str
    remedy: str

    def problem(self) -> Problem:
        """The violation as the command prints it."""
        type_, _, name = self.resource.rpartition("$")[2].rpartition("::")
        place = f"{type_.rpartition('::')[2]} {name}" if self.resource else "the stack"
        clause = f", GB/T 22239-2019 {self.rule.clause}" if self.rule.clause else ""
        return Problem(place, f"{self.message} (rule {self.rule.id}{clause})", self.remedy)


Check = Callable[[Sequence[Resource], Asked], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `alone`: the check judges each resource by itself, so it can be asked before the resource is made.

    `clause` is the clause of GB/T 22239-2019 (level 3 numbering) that the rule serves, empty where none applies.
    """

    id: str
    says: str
    level: Level
    clause: str
    check: Check
    alone: bool

    def violations(self, resources: Sequence[Resource], asked: Asked) -> Iterator[Violation]:
        """Every violation of this rule among these resources."""
        for found in self.check(resources, asked):
            yield Violation(self, found.resource.urn if found.resource else "", found.message, found.remedy)


def of(resources: Iterable[Resource], *types: str) -> Iterator[Resource]:
    """The resources of these types, given as `s3/bucket:Bucket`."""
    wanted = {f"aws:{type_}" for type_ in types}
    return (resource for resource in resources if resource.type in wanted)


def holds(value: Any, *right: object) -> bool:
    """Whether a value is right, or not known yet: what a preview cannot tell is asked again when it is made."""
    return value is UNKNOWN or value in right


def given(value: Any) -> bool:
    """Whether a value is there, known or not."""
    return value is UNKNOWN or bool(value)


def entries(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list property; a single mapping counts as a list of one."""
    found = value if isinstance(value, list) else [value]
    return [entry for entry in found if isinstance(entry, Mapping)]
