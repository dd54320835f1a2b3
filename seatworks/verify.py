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
    # Tracebacks are for those who write tests: they go into the log, what they mean onto the screen.
    command = [sys.executable, "-m", "pytest", *PARTS[part], "-q", "--no-summary", f"--junitxml={junit}"]
    command += ["--env", where.name, "--target", str(where.target)]
    log = log_of(where, part)
    code = stream([*command, *extra], cwd=where.root, log=log, prefix=f"  {part}: ", success=range(256))
    if junit.is_file() and (told := results.tracebacks(junit)):
        with log.open("a", encoding="utf-8") as file:
            file.write(told)
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


def log_of(where: Environment, part: str) -> Path:
    """Where all that a part printed is kept, with a traceback of each failure."""
    return where.build / f"{part}.log"


def failures(checks: Sequence[results.Check], log: Path | None = None) -> list[Problem]:
    """One problem per reason why checks did not pass, with their number and where to go on; skipped is not passed."""
    return [_problem(failure, log) for failure in results.by_cause(checks)]


def _problem(failure: results.Failure, log: Path | None) -> Problem:
    remedy = f"look at {failure.look_at}" if failure.look_at else f"read {log}" if log else ""
    first, number = failure.checks[0], len(failure.checks)
    if not failure.cause:
        return Problem(first.sentence, " on ".join(filter(None, ("not so", ", ".join(failure.hosts)))), remedy)
    if number == 1:
        place = f"{first.sentence} ({first.host})" if first.host else first.sentence
        return Problem(place, failure.cause, remedy)
    return Problem("", f"{failure.cause}: {number} checks did not pass because of it", remedy)
