"""`python -m lab.scan ENV`: the plan's cloud site is made in an account of its own and held against every check."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lab.cloud.engine import OWN, StandIn, standing
from lab.cloud.key import ensure_key
from lab.cloud.server import served
from lab.scan import tool, waivers
from lab.scan.findings import Finding, names_of, read
from lab.scan.waivers import Verdict
from seatworks import plan as planning
from seatworks.environment import Environment, write
from seatworks.errors import CloudError, Problem, SeatworksError, VerifyError
from seatworks.plan.model import Plan, Site, Target
from stacks.components.place import partition_of

_WIDEST = 60


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, 6 when checks failed, or the code of what kept it from scanning."""
    parser = argparse.ArgumentParser(prog="python -m lab.scan", description=__doc__)
    parser.add_argument("env", help="name of the environment, as in inventories/ENV")
    asked = parser.parse_args(arguments)
    try:
        where = Environment.find(asked.env)
        plan = where.plan()
        if not any(host.site is Site.CLOUD for host in plan.hosts):
            raise CloudError(Problem(where.name, "has no cloud site", "there is nothing to scan"))
        exceptions = waivers.load()
        tool.install(_say)
        findings, unanswered = examine(plan, where.shared / "scan")
        verdict = waivers.judge(
            findings, exceptions, datetime.datetime.now(datetime.UTC).date(),
            mode=plan.mode, partition=partition_of(str(plan.region)),
        )  # fmt: skip
    except SeatworksError as wrong:
        for problem in wrong.problems:
            _say(f"scan: {problem}")
        return wrong.exit_code
    for line in report(findings, verdict):
        sys.stdout.write(line + "\n")
    if unanswered:
        _say(f"scan: not seen, because the emulator does not know these requests: {', '.join(sorted(unanswered))}")
    return 0 if verdict.good else VerifyError.exit_code


def examine(plan: Plan, output: Path, settings: Mapping[str, str] = OWN) -> tuple[list[Finding], set[str]]:
    """Make the site, scan it, and take it away. What is deployed of this plan is not touched.

    Whatever the plan's target, the account is emulated and the deployment's own.
    """
    plan = dataclasses.replace(plan, target=Target.LAB)
    with tempfile.TemporaryDirectory(prefix="seatworks-scan-") as folder:
        where = Environment(plan.name, Target.LAB, Path(folder))
        write(where.attempted_file, planning.dump(plan))
        ensure_key(where)
        _say(f"scan: making the cloud site of {plan.name} ({plan.region}) in an account of its own")
        StandIn(settings).up(plan, where, lambda _line: None)
        unanswered: set[str] = set()
        with standing(where) as site, served(unanswered) as url:
            _say(f"scan: asking prowler {tool.VERSION} ({', '.join(tool.SEVERITIES)}): two minutes and more")
            found = tool.scan(url, site.account.region, where.build / "scan")
            shutil.rmtree(output, ignore_errors=True)
            shutil.copytree(found.parent, output)
            return read(found, names_of(site.records, site.account)), unanswered


def report(findings: list[Finding], verdict: Verdict) -> Iterator[str]:
    """The verdict as people read it."""
    rows = [("failed", one.severity, one.check, one.resource, one.detail) for one in verdict.failed]
    rows += [(f"waived to {w.expires}", f.severity, f.check, f.resource, w.reason) for f, w in verdict.waived]
    rows += [
        ("waiver ended", "", w.check, " ".join(w.resources), f"{w.expires}, owner {w.owner}") for w in verdict.expired
    ]
    rows += [
        ("waiver unused", "", w.check, " ".join(w.resources), f"take it out, owner {w.owner}") for w in verdict.unused
    ]
    table = [("verdict", "severity", "check", "resource", "why"), *rows]
    widths = [min(max(len(row[n]) for row in table), _WIDEST) for n in range(4)]
    for row in table if rows else ():
        yield "  ".join((*(row[n].ljust(widths[n]) for n in range(4)), row[4])).rstrip()
    passed = sum(finding.passed for finding in findings)
    yield (
        f"{passed} passed, {len(verdict.failed)} failed, {len(verdict.waived)} waived; "
        f"{len({finding.check for finding in findings})} checks had something to look at"
    )


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
