"""One command from the specification to proved calls; every phase may be cut off and run again."""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from seatworks import authority, environment, handover, inventory, playbook, preflight, secrets, verify
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, HostsError, PreflightError, Problem, SeatworksError, VerifyError
from seatworks.plan.model import Plan, Target
from seatworks.results import Check, Outcome, Phase, Results
from seatworks.run import CommandError, stream

Say = Callable[[str], None]
# Who carries out the cloud half, chosen once, by target: the real CLI, or the rehearsal's stand-in.
ENGINES = {Target.LIVE: "stacks", Target.LAB: "lab.cloud"}


@dataclass(slots=True)
class Journal:
    """What happened so far, for the report, whatever the end."""

    env: str
    say: Say
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    phases: list[Phase] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[list[str]]:
        """Time one phase. What the block appends to the list becomes its detail."""
        self.say(f"== {name}")
        detail: list[str] = []
        began = time.monotonic()
        outcome = Outcome.FAILED
        try:
            yield detail
            outcome = Outcome.PASSED
        except SeatworksError as wrong:
            detail.extend(str(problem) for problem in wrong.problems)
            raise
        finally:
            seconds = time.monotonic() - began
            self.phases.append(Phase(name, round(seconds, 1), outcome, "\n".join(detail)))
            self.say(f"== {name}: {outcome}, {seconds:.1f} s")

    def results(self) -> Results:
        """The journal as results."""
        finished = datetime.datetime.now(datetime.UTC)
        return Results(self.env, self.started, finished, tuple(self.phases), tuple(self.checks))


def apply(plan: Plan, where: Environment, journal: Journal) -> None:
    """Preflight, cloud, hosts and verification. Raises the error of the first phase that fails.

    Nothing is undone after a failure or an interruption: the next run goes on from what is there.
    """
    if plan.connect is not None:
        _managed(plan, where, journal)
        return
    with journal.phase("preflight"):
        if plan.target is Target.LAB:
            _room("lab", "install", where=where, error=PreflightError)
        prepare_access(plan, where)
        preflight.check(plan, where)
    with journal.phase("plan") as detail:
        write_plan(plan, where)
        if secrets.ensure(plan, where):
            detail.append(f"secrets completed in {where.vault.relative_to(where.root)}")
    with journal.phase("cloud") as detail:
        _room(ENGINES[plan.target], "up", where.name, where=where, error=CloudError)
        if told := handover.router(plan, where.outputs()):
            environment.write(where.build / "link.txt", told)
            detail.append(f"the site's people set their router from build/{where.name}/link.txt")
            journal.say(f"  {detail[-1]}")
    if plan.target is Target.LAB:
        with journal.phase("boot"):
            _room("lab", "up", where.name, where=where, error=HostsError)
    with journal.phase("hosts") as detail:
        configure(plan, where, journal.say, detail)
        environment.write(where.deployed_file, planning.dump(plan))
    if plan.peak_hosts:
        with journal.phase("bundle"):
            # With it servers of a peak configure themselves; the roles have just worked on those that stand all year.
            _room(ENGINES[plan.target], "publish", where.name, where=where, error=CloudError)
    _verify(where, journal)


def _managed(plan: Plan, where: Environment, journal: Journal) -> None:
    """A centre that the provider answers: no hosts and no secrets of ours; the account is asked what stands."""
    with journal.phase("preflight"):
        if problems := preflight.computer(where):
            raise PreflightError(*problems)
    with journal.phase("plan"):
        write_plan(plan, where)
    with journal.phase("cloud"):
        _room(ENGINES[plan.target], "up", where.name, where=where, error=CloudError)
        environment.write(where.deployed_file, planning.dump(plan))
    _prove_managed(plan, where, journal)


def _prove_managed(plan: Plan, where: Environment, journal: Journal) -> None:
    """Ask the account. A live deployment is accepted only when a real call was answered; a rehearsal never is."""
    file = where.build / "cloud-checks.json"
    file.unlink(missing_ok=True)
    with journal.phase("checks") as detail:
        try:
            _room(ENGINES[plan.target], "verify", where.name, where=where, error=VerifyError)
        finally:
            found = verify.written(file) if file.is_file() else ()
            journal.checks.extend(found)
            detail.append(f"{sum(check.passed for check in found)} of {len(found)} passed")
    if plan.target is Target.LIVE and (failed := verify.failures(found)):
        raise VerifyError(*failed)


def write_plan(plan: Plan, where: Environment) -> None:
    """Write build/<env>/plan.json, which the cloud stack and the lab read."""
    environment.write(where.plan_file, planning.dump(plan))


def prepare_access(plan: Plan, where: Environment) -> None:
    """For real hosts, write the file that says how each is reached. A lab writes its own."""
    if plan.target is Target.LIVE:
        known = where.build / "ssh" / "known_hosts"
        environment.write(where.ssh_config, inventory.live_ssh_config(plan, where.outputs(), known), mode=0o600)


def configure(plan: Plan, where: Environment, say: Say, detail: list[str]) -> playbook.Summary:
    """Ask every host whether it is ready, then apply the roles. Raises HostsError."""
    prepare_access(plan, where)
    patience_s = preflight.BIRTH_S if plan.by_session else 0
    if patience_s:
        say(f"  hosts that were just made have {patience_s / 60:.0f} minutes to answer")
    if problems := preflight.hosts(plan.standing, where, patience_s):
        raise HostsError(*problems)
    authority.ensure(plan, where)
    summary = playbook.play(plan, where, say=say)
    changed = sum(summary.changed.values())
    detail.append(f"changed={changed} on {len(summary.changed)} hosts, {sum(summary.tasks.values())} tasks")
    say(f"  {detail[-1]}")
    return summary


def preview(plan: Plan, where: Environment, say: Say) -> None:
    """Show what a deploy would change in the cloud and on hosts that already exist. Changes nothing."""
    write_plan(plan, where)
    prepare_access(plan, where)
    _room(ENGINES[plan.target], "preview", where.name, where=where, error=CloudError)
    if plan.connect is not None:
        return
    absent = preflight.hosts(plan.standing, where) if where.ssh_config.is_file() else []
    if absent or not where.ssh_config.is_file():
        say("hosts: not there yet; a deploy would create and configure " + ", ".join(h.name for h in plan.standing))
        return
    authority.ensure(plan, where)
    summary = playbook.play(plan, where, check=True, say=say)
    for line in summary.would_change or ["hosts: nothing would change"]:
        say(f"  {line}")


def destroy(plan: Plan, where: Environment, *, data: bool, confirmed: bool) -> None:
    """Take away what deploy made. Data of a live deployment stays unless `data` is given."""
    words = f"{where.name} with data" if data else where.name
    arguments = [*(("--confirm", words) if confirmed else ()), *(("--data",) if data else ())]
    if plan.target is Target.LAB and plan.connect is not None:
        arguments = ["--data"]
        where.deployed_file.unlink(missing_ok=True)
    elif plan.target is Target.LAB:
        _room("lab", "down", where.name, where=where, error=HostsError)
        arguments = ["--data"]
        where.deployed_file.unlink(missing_ok=True)
    if where.plan_file.is_file():
        _room(ENGINES[plan.target], "destroy", where.name, *arguments, where=where, error=CloudError)


def _verify(
    where: Environment, journal: Journal, parts: Sequence[str] = ("checks", "calls"), arguments: Sequence[str] = ()
) -> None:
    """Run the parts at the same time: checks keep the processor busy, calls take the time that talking takes."""

    def one(part: str) -> VerifyError | None:
        try:
            with journal.phase(part) as detail:
                found = verify.check(where, part, arguments)
                journal.checks.extend(found)
                failed = verify.failures(found)
                detail.append(f"{len(found) - len(failed)} of {len(found)} passed")
                if failed:
                    raise VerifyError(*failed)
        except VerifyError as wrong:
            return wrong
        return None

    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        refused = [wrong for wrong in pool.map(one, parts) if wrong]
    if refused:
        raise VerifyError(*(problem for wrong in refused for problem in wrong.problems))


def prove(where: Environment, journal: Journal, parts: Sequence[str], arguments: Sequence[str] = ()) -> None:
    """Run verification parts again (`checks`, `calls`, `load`). Raises VerifyError."""
    standing = where.deployed()
    if standing is not None and standing.connect is not None:
        if "checks" not in parts:
            raise VerifyError(Problem(where.name, "is answered by Amazon Connect", "load is the provider's to carry"))
        _prove_managed(standing, where, journal)
        return
    if not where.ssh_config.is_file():
        raise VerifyError(Problem(where.name, "is not deployed", f"run: make deploy ENV={where.name}"))
    _verify(where, journal, parts, arguments)


def _room(room: str, action: str, *arguments: str, where: Environment, error: type[SeatworksError]) -> None:
    """Start a room of the project (`lab`, `stacks`) as a process of its own.

    Raises `error`, or PreflightError when the room touched nothing because something is not ready.
    """
    try:
        stream([sys.executable, "-m", room, action, *arguments], cwd=where.root, log=where.build / f"{room}.log")
    except CommandError as wrong:
        said = wrong.output.strip().splitlines()[-8:]
        kind = PreflightError if wrong.code == PreflightError.exit_code else error
        raise kind(Problem(f"{room} {action}", "\n".join(said) or f"ended with {wrong.code}")) from None
