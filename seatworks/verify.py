"""Run the checks of a deployment: testinfra on every host, then real calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from seatworks import results
from seatworks.environment import Environment
from seatworks.errors import Problem, VerifyError
from seatworks.run import stream

# pytest: 0 all passed, 1 some failed; anything else is no verdict.
_VERDICTS = (0, 1)
PARTS = {
    # Most checks wait for an answer: several at once cost no more processor time.
    "checks": ("tests/infra", "-n", "6"),
    "calls": ("tests/calls", "-m", "not load"),
    "load": ("tests/calls", "-m", "load"),
}


def check(where: Environment, part: str, extra: Sequence[str] = ()) -> tuple[results.Check, ...]:
    """Run one part (`checks`, `calls` or `load`) against the environment; what each check found.

    Raises VerifyError when the checks themselves could not run, or when there were none.
    """
    junit = where.build / f"junit-{part}.xml"
    junit.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *PARTS[part], "-q", f"--junitxml={junit}"]
    command += ["--env", where.name, "--target", str(where.target)]
    log = where.build / f"{part}.log"
    code = stream([*command, *extra], cwd=where.root, log=log, prefix=f"  {part}: ", success=range(256))
    if code not in _VERDICTS or not junit.is_file():
        raise VerifyError(Problem(part, f"could not run (pytest ended with {code})", f"read {log}"))
    found = results.from_junit(junit)
    if not found:
        raise VerifyError(Problem(part, "no check ran", "the tests folder of the project is incomplete"))
    return found


def written(path: Path) -> tuple[results.Check, ...]:
    """The checks that another room wrote as JSON."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return tuple(results.Check(**{**entry, "outcome": results.Outcome(entry["outcome"])}) for entry in entries)


def failures(checks: Sequence[results.Check]) -> list[Problem]:
    """One problem per check that did not pass; a skipped check did not pass."""
    return [
        Problem(check.sentence, check.message.splitlines()[0] if check.message else check.outcome)
        for check in checks
        if check.outcome != "passed"
    ]
