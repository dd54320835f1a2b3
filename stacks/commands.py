"""The commands of the cloud half, for whichever engine carries them out."""

from __future__ import annotations

import argparse
import json
import math
import sys
import traceback
from pathlib import Path

from seatworks import drift as differences
from seatworks import environment, takeaway
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem, SeatworksError, VerifyError
from seatworks.plan.model import CloudOutputs, Connect, Plan, Site
from stacks import publish, verify
from stacks.engine import Engine, Summary
from stacks.program import plan_of

COMMANDS = ("up", "preview", "refresh", "publish", "destroy", "verify", "drift")


def main(engine: Engine, arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code, with a message on stderr where it is not 0.

    3: this computer or the account is not ready, nothing was touched; 4: it did not work; 6: it is not as planned.
    """
    asked = _parser().parse_args(arguments)
    where = Environment(asked.env, engine.target, Path.cwd(), looks=asked.command == "preview")
    try:
        if asked.command == "drift":
            return _drift(engine, where)
        summary = _destroy(engine, asked, where) if asked.command == "destroy" else _do(engine, asked, where)
    except SeatworksError as wrong:
        for problem in wrong.problems:
            _say(f"cloud: {problem}")
        if wrong.__cause__ is not None:
            trace = (where.preview if where.looks else where.build) / "cloud-error.log"
            environment.write(trace, "".join(traceback.format_exception(wrong.__cause__)), mode=0o600)
            _say(f"cloud: the whole story is in {trace.relative_to(where.root)}")
        return wrong.exit_code if isinstance(wrong, (PreflightError, VerifyError)) else CloudError.exit_code
    except KeyboardInterrupt:
        _say("cloud: stopped; what was made is recorded")
        return 130
    if asked.command not in {"verify", "publish"}:
        _say(f"cloud: {summary}")
    for line in summary.cost.table() if summary.cost else ():
        _say(f"  {line}")
    if asked.json:
        sys.stdout.write(json.dumps(summary.document()) + "\n")
    return 0


def _do(engine: Engine, asked: argparse.Namespace, where: Environment) -> Summary:
    plan = _plan(engine, where)
    in_cloud = plan.connect is not None or any(host.site is Site.CLOUD for host in plan.hosts)
    match asked.command:
        case "verify":
            verify.verify(engine, plan, where, _say)
        case "publish":
            publish.run(engine, plan, where, _say)
        case "preview" if in_cloud:
            _take_time(engine, plan)
            return engine.preview(plan, where, _say)
        case "up" if in_cloud:
            _take_time(engine, plan)
            summary, outputs = engine.up(plan, where, _say)
            _write_outputs(where, outputs)
            return summary
        case "up":
            # A rehearsal forgets a cloud half that is planned no more. What a real account holds is not taken unasked.
            summary = Summary() if engine.real else engine.destroy(where, _say, data=True)
            _write_outputs(where, CloudOutputs())
            return summary
        case "refresh" if in_cloud:
            return engine.refresh(plan, where, _say)
    return Summary()


def _destroy(engine: Engine, asked: argparse.Namespace, where: Environment) -> Summary:
    """By what is recorded. A real site goes only with the words that a person typed (seatworks/cli.py asks)."""
    if engine.real and asked.confirm != takeaway.words(where.name, data=asked.data):
        raise PreflightError(
            Problem(where.name, "is a live deployment and stays as it is", f"run: make destroy ENV={where.name}")
        )
    summary = engine.destroy(where, _say, data=asked.data)
    _write_outputs(where, CloudOutputs())
    return summary


def _drift(engine: Engine, where: Environment) -> int:
    """Print how the account differs from what was deployed, as one document. Changes nothing."""
    plan = where.recorded() or _plan(engine, where)
    _must_fit(engine, plan)
    findings = engine.drift(plan, where)
    sys.stdout.write(json.dumps(differences.document(findings)) + "\n")
    return VerifyError.exit_code if findings else 0


def _take_time(engine: Engine, plan: Plan) -> None:
    if plan.connect is not None:
        _say(_takes(engine, plan, plan.connect))


def _takes(engine: Engine, plan: Plan, connect: Connect) -> str:
    """How long a first deploy takes, said before it begins."""
    minutes = max(1, math.ceil(connect.minutes(plan.seat_count(), len(plan.queues))))
    about = f"about {minutes} minute{'' if minutes == 1 else 's'}"
    if not engine.real:
        return f"  a live account needs {about} for all of this; here nobody waits"
    return f"  all of it takes {about} or more: Amazon Connect takes {connect.request_rate:g} requests a second"


def _plan(engine: Engine, where: Environment) -> Plan:
    plan = plan_of(where)
    _must_fit(engine, plan)
    return plan


def _must_fit(engine: Engine, plan: Plan) -> None:
    """Nothing is done to a deployment by the engine of another target, whoever calls."""
    if plan.target is not engine.target:
        raise PreflightError(
            Problem(
                plan.name,
                f"is planned for target {plan.target}, and this is {engine.target}",
                f"run: make deploy ENV={plan.name} TARGET={engine.target}",
            )
        )


def _write_outputs(where: Environment, outputs: CloudOutputs) -> None:
    environment.write(where.outputs_file, planning.dump_outputs(outputs))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("env", help="name of the environment, as in inventories/ENV")
    parser.add_argument("--json", action="store_true", help="print one summary document on stdout")
    parser.add_argument("--confirm", default="", help="the words that a person typed before a live site goes")
    parser.add_argument("--data", action="store_true", help="destroy recordings, logs and their keys too")
    return parser
