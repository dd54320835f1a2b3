"""`python -m stacks COMMAND ENV`: the cloud site, by the engine of its target."""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import traceback
from pathlib import Path

from lab.cloud import engine as standin
from lab.cloud.key import ensure_key
from lab.cloud.steps import Summary
from seatworks import drift as differences
from seatworks import environment
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem, SeatworksError, VerifyError
from seatworks.plan.model import CloudOutputs, Connect, Plan, Site, Target
from stacks import drift, publish
from stacks.live import engine as live
from stacks.verify import verify

COMMANDS = ("up", "preview", "refresh", "publish", "destroy", "verify", "drift")


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code, with a message on stderr where it is not 0.

    3: this computer or the account is not ready, nothing was touched; 4: it did not work; 6: it is not as planned.
    """
    asked = _parser().parse_args(arguments)
    where = Environment(asked.env, Path.cwd())
    try:
        if asked.command == "drift":
            return _drift(where)
        summary = _do(asked, where, _plan(where))
    except SeatworksError as wrong:
        for problem in wrong.problems:
            _say(f"cloud: {problem}")
        if wrong.__cause__ is not None:
            trace = where.build / "cloud-error.log"
            environment.write(trace, "".join(traceback.format_exception(wrong.__cause__)), mode=0o600)
            _say(f"cloud: the whole story is in {trace.relative_to(where.root)}")
        return wrong.exit_code if isinstance(wrong, (PreflightError, VerifyError)) else CloudError.exit_code
    if asked.command not in {"verify", "publish"}:
        _say(f"cloud: {summary}")
    for line in summary.cost.table() if summary.cost else ():
        _say(f"  {line}")
    if asked.json:
        sys.stdout.write(json.dumps(summary.document()) + "\n")
    return 0


def _do(asked: argparse.Namespace, where: Environment, plan: Plan) -> Summary:
    in_cloud = plan.connect is not None or any(host.site is Site.CLOUD for host in plan.hosts)
    if asked.command == "verify":
        verify(plan, where, _say)
        return Summary()
    if asked.command == "publish":
        publish.run(plan, where, _say)
        return Summary()
    if plan.connect is not None and asked.command in {"preview", "up"}:
        _say(_takes(plan, plan.connect))
    if asked.command == "preview" and in_cloud:
        if plan.target is Target.LAB:
            return standin.preview(plan, where, _say)
        return live.preview(plan, where, _say)
    if asked.command == "up" and in_cloud:
        if plan.target is Target.LAB and plan.hosts:
            ensure_key(where)
        engine = standin.up if plan.target is Target.LAB else live.up
        summary, outputs = engine(plan, where, _say)
        _write_outputs(where, outputs)
        return summary
    if asked.command == "refresh" and in_cloud and plan.target is Target.LIVE:
        return live.refresh(plan, where, _say)
    if asked.command in {"preview", "refresh"}:
        # The lab makes its account from what it recorded: there is nothing to take in.
        return Summary()
    # Destroy, or up of a plan that has no host in the cloud (any more).
    if plan.target is Target.LAB:
        summary = standin.destroy(where, _say)
    elif in_cloud:
        summary = live.destroy(plan, where, _say, yes=asked.yes, data=asked.data)
    else:
        summary = Summary()
    environment.write(where.build / "resources.json", "[]\n", mode=0o600)
    _write_outputs(where, CloudOutputs())
    return summary


def _drift(where: Environment) -> int:
    """Print how the account differs from what was deployed, as one document. Changes nothing."""
    plan = where.deployed() or _plan(where)
    findings = drift.of_lab(plan, where) if plan.target is Target.LAB else []
    if plan.target is Target.LIVE and any(host.site is Site.CLOUD for host in plan.hosts):
        findings = drift.of_live(plan, where)
    sys.stdout.write(json.dumps(differences.document(findings)) + "\n")
    return VerifyError.exit_code if findings else 0


def _takes(plan: Plan, connect: Connect) -> str:
    """How long a first deploy takes, said before it begins."""
    minutes = max(1, math.ceil(connect.minutes(plan.seat_count(), len(plan.queues))))
    about = f"about {minutes} minute{'' if minutes == 1 else 's'}"
    if plan.target is Target.LAB:
        return f"  a live account needs {about} for all of this; here nobody waits"
    return f"  all of it takes {about} or more: Amazon Connect takes {connect.request_rate:g} requests a second"


def _plan(where: Environment) -> Plan:
    try:
        return planning.load(where.plan_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CloudError(
            Problem(f"build/{where.name}/plan.json", "there is no plan", f"run: make plan ENV={where.name}")
        ) from None


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
    parser.add_argument("--yes", action="store_true", help="destroy a live environment without asking")
    parser.add_argument("--data", action="store_true", help="destroy recordings, logs and their keys too")
    return parser


if __name__ == "__main__":
    # A short process that makes many objects and keeps nearly all of them: looking for rubbish costs a tenth of it.
    gc.disable()
    sys.exit(main())
