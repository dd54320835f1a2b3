"""Ask the account of an environment, by either engine, whether what stands is what was planned."""

from __future__ import annotations

import dataclasses
import datetime
import json

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import Problem, VerifyError
from seatworks.plan.model import Plan
from seatworks.results import Check
from stacks.connect.checks import prove
from stacks.connect.contact_records import SEARCH_APART_S, answered, unproved
from stacks.connect.pace import Pace
from stacks.engine import Engine, Say

CHECKS = "cloud-checks.json"


def verify(engine: Engine, plan: Plan, where: Environment, say: Say) -> None:
    """Check a centre that the provider answers; what was found lies in build/<env>/<target>/cloud-checks.json.

    Raises VerifyError when the account differs from the plan. Whether a call was answered is among the checks and
    raises nothing here: who accepts a deployment decides on it.
    """
    outputs = where.outputs()
    if plan.connect is None or not outputs.connect_instance:
        raise VerifyError(
            Problem(where.name, "has no contact centre of the provider in this account", "deploy it first")
        )
    now = datetime.datetime.now(datetime.UTC)
    rate = plan.connect.request_rate if engine.real else None
    if rate:
        say(f"  asking the account, {rate:g} requests a second")
    with engine.account(plan, where) as client:
        connect = client("connect")
        found = prove(plan, plan.connect, outputs, connect, Pace(rate))
        if engine.real:
            call = answered(plan, plan.connect, outputs, connect, Pace(1 / SEARCH_APART_S), now)
        else:
            call = unproved(plan)
    checks = (*found, call)
    write(where, checks)
    for check in checks:
        say(f"  {check.outcome:<7} {check.sentence}" + (f": {check.message}" if check.message else ""))
    if failed := [check for check in found if not check.passed]:
        raise VerifyError(*(Problem(check.sentence, check.message, "deploy again") for check in failed))


def write(where: Environment, checks: tuple[Check, ...]) -> None:
    """Keep what was found for the report."""
    text = json.dumps([dataclasses.asdict(check) for check in checks], indent=2, ensure_ascii=False) + "\n"
    environment.write(where.build / CHECKS, text)
