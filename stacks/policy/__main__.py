"""The rules as an ordinary policy pack: `pulumi preview --policy-pack stacks/policy`, and the live engine's runs.

A rule that judges a resource alone is asked before the resource is made; one that needs its neighbours is asked of the
whole stack, at the end of a preview and of an update. CLIs differ in how they tell a pack of the stack under way, so
the pack takes its name from the resources and reads the stack's settings file and the plan that it names.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi_policy as policies
from pulumi_policy.proxy import UnknownValueError

from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.plan.model import Target
from stacks.policy.model import Asked, Level, Resource, Rule
from stacks.policy.rules import RULES
from stacks.program import SEATS, settings_of
from stacks.values import UNKNOWN

PROJECT = Path(__file__).resolve().parents[2]
_LEVELS = {Level.MANDATORY: policies.EnforcementLevel.MANDATORY, Level.ADVISORY: policies.EnforcementLevel.ADVISORY}


@functools.cache
def asked(stack: str) -> Asked:
    """What a stack is compared with, read when its first resource comes."""
    settings = settings_of(Environment(stack, Target.LIVE, PROJECT))
    plan = planning.load((SEATS / settings["planFile"]).read_text(encoding="utf-8"))
    return Asked.of(plan, settings)


def plain(value: Any) -> Any:
    """A property without the pack's wrapper, which raises an error where a value is not known yet."""
    if isinstance(value, Mapping):
        return {key: _entry(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_entry(value, index) for index in range(len(value))]
    return value


def _entry(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def alone(args: policies.ResourceValidationArgs) -> Resource:
    """One resource before it is made: its inputs, without identifier and neighbours."""
    return Resource(args.resource_type, args.name, args.urn, plain(args.props), protect=args.opts.protect)


def member(found: policies.PolicyResource) -> Resource:
    """One resource of the whole stack: what it has become, and which others it was made from."""
    properties = plain(found.props)
    return Resource(
        found.resource_type,
        found.name,
        found.urn,
        properties,
        id=str(properties.get("id") or ""),
        parent=found.parent.urn if found.parent else "",
        dependencies=tuple(other.urn for other in found.dependencies),
        property_dependencies={
            key: tuple(other.urn for other in others) for key, others in found.property_dependencies.items()
        },
        protect=found.opts.protect,
    )


def policy(rule: Rule) -> policies.Policy:
    """One rule as a policy of the pack."""
    providers: set[str] = set()

    def report(resources: Sequence[Resource], say: policies.ReportViolation) -> None:
        # urn:pulumi:<stack>::<project>::<types>::<name>
        stack = resources[0].urn.split("::")[0].rpartition(":")[2]
        for violation in rule.violations(resources, asked(stack)):
            say(str(violation.problem()), violation.resource or None)

    def each(args: policies.ResourceValidationArgs, say: policies.ReportViolation) -> None:
        report([alone(args)], say)
        # The CLI shows a pack its own default providers only as what other resources are made by.
        if args.provider and args.provider.urn not in {args.urn, *providers}:
            providers.add(args.provider.urn)
            found = args.provider
            report([Resource(found.resource_type, found.name, found.urn, plain(found.props), protect=None)], say)

    def every(args: policies.StackValidationArgs, say: policies.ReportViolation) -> None:
        if args.resources:
            report([member(found) for found in args.resources], say)

    clause = f" (GB/T 22239-2019 {rule.clause})" if rule.clause else ""
    text = f"{rule.says}{clause}"
    if rule.alone:
        return policies.ResourceValidationPolicy(rule.id, text, each, _LEVELS[rule.level])
    return policies.StackValidationPolicy(rule.id, text, every, _LEVELS[rule.level])


if __name__ == "__main__":
    policies.PolicyPack("seatworks", [policy(rule) for rule in RULES])
