"""Ask the account of an environment, by either engine, whether what stands is what was planned."""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any

from lab.cloud import engine
from lab.cloud.steps import Say
from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import Problem, VerifyError
from seatworks.plan.model import Plan, Target
from seatworks.results import Check
from stacks.connect.checks import prove
from stacks.connect.contact_records import SEARCH_APART_S, answered
from stacks.connect.pace import Pace

CHECKS = "cloud-checks.json"


def verify(plan: Plan, where: Environment, say: Say) -> None:
    """Check a centre that the provider answers; what was found lies in build/<env>/cloud-checks.json.

    Raises VerifyError when the account differs from the plan. Whether a call was answered is among the checks and
    raises nothing here: who accepts a deployment decides on it.
    """
    outputs = where.outputs()
    if plan.connect is None or not outputs.connect_instance:
        raise VerifyError(
            Problem(where.name, "has no contact centre of the provider in this account", "deploy it first")
        )
    now = datetime.datetime.now(datetime.UTC)
    if plan.target is Target.LAB:
        with engine.standing(where) as account:
            connect: Any = account.client("connect")
            found = prove(plan, plan.connect, outputs, connect, Pace(None))
            call = answered(plan, plan.connect, outputs, connect, Pace(None), now)
    else:
        connect = _live(plan)
        say(f"  asking the account, {plan.connect.request_rate:g} requests a second")
        found = prove(plan, plan.connect, outputs, connect, Pace(plan.connect.request_rate))
        call = answered(plan, plan.connect, outputs, connect, Pace(1 / SEARCH_APART_S), now)
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


def _live(plan: Plan) -> Any:
    import boto3
    from botocore.config import Config

    # Somebody else in the account may use up the allowance: what is refused is asked again, more slowly.
    config = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
    return boto3.client("connect", region_name=plan.region, config=config)
