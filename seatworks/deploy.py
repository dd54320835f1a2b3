"""One command from the specification to proved calls; every phase may be cut off and run again."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from seatworks import (
    authority,
    environment,
    handover,
    playbook,
    preflight,
    secrets,
    ssh,
    standing,
    takeaway,
    touched,
    verify,
)
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, HostsError, PreflightError, Problem, SeatworksError, VerifyError
from seatworks.journal import Journal, Say
from seatworks.plan.model import Plan, Target
from seatworks.run import CommandError, stream

# Who carries out the cloud half, chosen once, by target: the real CLI, or the rehearsal's stand-in.
ENGINES = {Target.LIVE: "stacks", Target.LAB: "lab.cloud"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a deploy beside the plan.

    `retire_cloud`: take the cloud half of a live site away that shall have none any more, without its data.
    `only_changed`: leave out what is provably as the last deploy left it (`touched`). `remake`: the database server
    whose data may go; it becomes a standby of the primary.
    """

    retire_cloud: bool = False
    only_changed: bool = False
    remake: str = ""


NO_WISHES = Wishes()


def apply(plan: Plan, where: Environment, journal: Journal, wishes: Wishes = NO_WISHES) -> None:
    """Preflight, cloud, hosts and verification. Raises the error of the first phase that fails.

    Nothing is undone after a failure or an interruption: the next run goes on from what is there.
    """
    if plan.connect is not None:
        _managed(plan, where, journal)
        return
    with journal.phase("preflight") as detail:
        _same_target(plan, where)
        _can_remake(plan, wishes.remake)
        retires = _retires(plan, where, agreed=wishes.retire_cloud)
        if where.target is Target.LAB:
            _room("lab", "install", where=where, error=PreflightError)
        prepare_access(plan, where)
        preflight.check(plan, where)
        scope = touched.scope(plan, where, asked=wishes.only_changed and not wishes.remake, say=journal.say)
        detail += secrets.told(plan, where)
        journal.tell(detail)
    if retires:
        # Before the plan without a cloud is the one that was begun with: until then a run that is killed says so again.
        with journal.phase("retire") as detail:
            last = where.cloud_plan_file if where.cloud_plan_file.is_file() else where.deployed_file
            environment.write(where.retired_file, last.read_text(encoding="utf-8"))
            _cloud("destroy", where, "--confirm", takeaway.words(where.name))
            detail += takeaway.left(where)
    with journal.phase("plan") as detail:
        # A stack that stands already has its secrets elsewhere: the engine says so before new ones are made here.
        first = standing.has_cloud(plan) and where.recorded() is None and not where.vault.is_file()
        if not first:
            detail += secrets.ensure(plan, where)
            journal.tell(detail)
    with journal.phase("cloud") as detail:
        with _begun(plan, where):
            if scope.cloud:
                _cloud("up", where)
        if not scope.cloud:
            detail.append("left out: it is made from the same as last time")
        # Now with the addresses that the cloud has handed back: they are in certificates.
        detail += secrets.ensure(plan, where)
        journal.tell(detail)
        if told := handover.router(plan, where.outputs()):
            file = where.build / "link.txt"
            environment.write(file, told)
            detail.append(f"the site's people set their router from {file.relative_to(where.root)}")
            journal.say(f"  {detail[-1]}")
    if where.target is Target.LAB and scope.machines:
        with journal.phase("boot"):
            _room("lab", "up", where.name, where=where, error=HostsError)
    with journal.phase("hosts") as detail:
        work = scope.work(plan, where)
        configure(plan, where, journal.say, detail, work, remake=wishes.remake)
        _finish(plan, where)
        touched.keep(work.given, where)
    if plan.peak_hosts:
        with journal.phase("bundle"):
            # With it servers of a peak configure themselves; the roles have just worked on those that stand all year.
            _cloud("publish", where)
    _verify(where, journal, scope.verification(work))


def _managed(plan: Plan, where: Environment, journal: Journal) -> None:
    """A centre that the provider answers: no hosts and no secrets of ours; the account is asked what stands."""
    with journal.phase("preflight"):
        _same_target(plan, where)
        if problems := preflight.computer(where):
            raise PreflightError(*problems)
    with journal.phase("cloud"):
        with _begun(plan, where):
            _cloud("up", where)
        _finish(plan, where)
    _prove_managed(where, journal)


def _prove_managed(where: Environment, journal: Journal) -> None:
    """Ask the account. A live deployment is accepted only when a real call was answered; a rehearsal never is."""
    file = where.build / "cloud-checks.json"
    file.unlink(missing_ok=True)
    with journal.phase("checks") as detail:
        try:
            _cloud("verify", where, error=VerifyError)
        finally:
            found = verify.written(file) if file.is_file() else ()
            journal.checks.extend(found)
            detail.append(f"{sum(check.passed for check in found)} of {len(found)} passed")
    if where.target is Target.LIVE and (failed := verify.failures(found)):
        raise VerifyError(*failed)


def _same_target(plan: Plan, where: Environment) -> None:
    """Refuse a plan that was made for the other target. Raises PreflightError."""
    if plan.target is not where.target:
        raise PreflightError(
            Problem(where.name, f"is planned for target {plan.target}, and this is {where.target}", "plan it again")
        )


def _can_remake(plan: Plan, name: str) -> None:
    """Refuse to make anew what is no database server with another one beside it. Raises PreflightError."""
    servers = [host.name for host in plan.running("postgresql")]
    if name and (name not in servers or len(servers) == 1):
        remedy = (
            f"they are {', '.join(servers)}" if len(servers) > 1 else "there is no other that it could be copied from"
        )
        raise PreflightError(Problem(name, "is not one of several database servers", remedy))


def _retires(plan: Plan, where: Environment, *, agreed: bool) -> bool:
    """Whether a cloud half has to go. Raises PreflightError unless a person has agreed to that."""
    if where.target is Target.LAB or standing.has_cloud(plan) or not standing.last_had_cloud(where):
        return False
    if not agreed:
        number = len(standing.in_account(where))
        what = f"{number} resources of it stand" if number else "it stands"
        raise PreflightError(
            Problem(
                where.name,
                f"has a cloud half that mode {plan.mode} does not have: {what} in the account, and costs",
                f"take it away with this deploy, its data kept: make deploy ENV={where.name} TARGET=live "
                "RETIRE_CLOUD=yes",
            )
        )
    return True


@contextlib.contextmanager
def _begun(plan: Plan, where: Environment) -> Iterator[None]:
    """Note what is begun, before anything is touched: cloud and machines are made by it, and by it they are found.

    When the block refuses to begin (PreflightError: nothing was touched), what was noted before is noted again.
    """
    files = (where.attempted_file, where.retired_file, where.given_file)
    before = {file: file.read_text(encoding="utf-8") for file in files if file.is_file()}
    environment.write(where.attempted_file, planning.dump(plan))
    where.given_file.unlink(missing_ok=True)
    if standing.has_cloud(plan):
        where.retired_file.unlink(missing_ok=True)
    try:
        yield
    except PreflightError:
        where.attempted_file.unlink()
        for file, text in before.items():
            environment.write(file, text)
        raise


def _finish(plan: Plan, where: Environment) -> None:
    """Note that every host has become what the plan says."""
    environment.write(where.deployed_file, planning.dump(plan))


def prepare_access(plan: Plan, where: Environment, folder: Path | None = None) -> None:
    """For real hosts, write the file that says how each is reached, ssh/config below `folder`. A lab writes its own."""
    if where.target is not Target.LIVE:
        return
    key = where.ssh_key if where.ssh_key.is_file() else None
    known = where.ssh_config.with_name("known_hosts")
    text = ssh.config(plan, where.outputs(), known, key)
    environment.write((folder or where.build) / "ssh" / "config", text, mode=0o600)


def configure(
    plan: Plan, where: Environment, say: Say, detail: list[str], work: touched.Work, *, remake: str = ""
) -> None:
    """Ask every host that has something to run whether it is ready, then apply its roles. Raises HostsError."""
    for line in work.lines():
        detail.append(line)
        say(f"  {line}")
    if not work.roles:
        return
    prepare_access(plan, where)
    patience_s = preflight.BIRTH_S if plan.by_session else 0
    if patience_s:
        say(f"  hosts that were just made have {patience_s / 60:.0f} minutes to answer")
    asked = [host for host in plan.standing if host.name in work.roles]
    if problems := preflight.hosts(asked, where, patience_s):
        foreign = any(isinstance(problem, preflight.Foreign) for problem in problems)
        raise (PreflightError if foreign else HostsError)(*problems)
    authority.ensure(plan, where)
    remade = ("--extra-vars", f"postgresql_remake={remake}") if remake else ()
    summary = playbook.play(where.attempted_file, where, arguments=(*work.arguments(), *remade), say=say)
    changed = sum(summary.changed.values())
    for line in (
        f"changed={changed} on {len(summary.changed)} hosts, {sum(summary.tasks.values())} tasks",
        *summary.found,
    ):
        detail.append(line)
        say(f"  {line}")


def preview(plan: Plan, where: Environment, say: Say) -> None:
    """Show what a deploy would change in the cloud and on hosts that already exist. Changes nothing.

    Where the deployment lies nothing is written: what a preview needs has a folder of its own.
    """
    _same_target(plan, where)
    shutil.rmtree(where.preview, ignore_errors=True)
    environment.write(where.preview_file, planning.dump(plan))
    for file in (where.ssh_config, where.ssh_key.with_suffix(".pub")):
        if file.is_file():
            environment.write(where.preview / "ssh" / file.name, file.read_text(encoding="utf-8"), mode=0o600)
    prepare_access(plan, where, where.preview)
    _cloud("preview", where, log=where.preview)
    if plan.connect is not None:
        return
    config = where.preview / "ssh" / "config"
    absent = preflight.hosts(plan.standing, where, config=config) if config.is_file() else []
    if foreign := [problem for problem in absent if isinstance(problem, preflight.Foreign)]:
        raise PreflightError(*foreign)
    # Without a vault no host was ever configured: the first deploy makes the secrets.
    if absent or not config.is_file() or not where.vault.is_file():
        say("hosts: not there yet; a deploy would create and configure " + ", ".join(h.name for h in plan.standing))
        return
    for line in secrets.told(plan, where, ahead=True):
        say(line)
    authority.ensure(plan, where)
    summary = playbook.play(where.preview_file, where, check=True, say=say)
    for line in [*summary.found, *(summary.would_change or ["hosts: nothing would change"])]:
        say(f"  {line}")


def destroy(where: Environment, *, data: bool) -> None:
    """Take away what stands there, by what was made and not by any specification.

    Data of a live deployment stays unless `data` is given; of a rehearsal everything goes. What says that it stands
    goes last: a run that was killed is found by the next one.
    """
    if where.target is Target.LIVE:
        if standing.cloud_may_stand(where):
            _cloud("destroy", where, *(("--data",) if data else ()), "--confirm", takeaway.words(where.name, data=data))
        if not takeaway.left(where):
            where.retired_file.unlink(missing_ok=True)
            where.attempted_file.unlink(missing_ok=True)
        where.deployed_file.unlink(missing_ok=True)
        where.given_file.unlink(missing_ok=True)
        return
    plans = [plan for plan in (where.deployed(), where.attempted()) if plan is not None]
    if not plans or any(plan.connect is None for plan in plans):
        _room("lab", "down", where.name, where=where, error=HostsError)
    _cloud("destroy", where)
    shutil.rmtree(where.ssh_config.parent, ignore_errors=True)
    known = (where.given_file, where.attempted_file, where.deployed_file)
    for file in (where.vault, where.build / "vault-password", *known):
        file.unlink(missing_ok=True)


def _verify(where: Environment, journal: Journal, parts: Mapping[str, Sequence[str]]) -> None:
    """Run the parts at the same time: checks keep the processor busy, calls take the time that talking takes."""

    def one(part: str) -> VerifyError | None:
        try:
            with journal.phase(part) as detail:
                found = verify.check(where, part, parts[part])
                journal.checks.extend(found)
                failed = verify.failures(found, verify.log_of(where, part))
                detail.append(f"{sum(check.passed for check in found)} of {len(found)} passed")
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
    plan = where.recorded()
    if plan is not None and plan.connect is not None:
        if "checks" not in parts:
            raise VerifyError(Problem(where.name, "is answered by Amazon Connect", "load is the provider's to carry"))
        _prove_managed(where, journal)
        return
    if plan is None or not where.ssh_config.is_file():
        raise not_deployed(where.name)
    _verify(where, journal, dict.fromkeys(parts, arguments))


def not_deployed(name: str) -> VerifyError:
    """That there is nothing to be proved."""
    return VerifyError(Problem(name, "is not deployed", f"run: make deploy ENV={name}"))


def _cloud(
    action: str,
    where: Environment,
    *arguments: str,
    error: type[SeatworksError] = CloudError,
    log: Path | None = None,
) -> None:
    """Start the engine that the target has for the cloud."""
    _room(ENGINES[where.target], action, where.name, *arguments, where=where, error=error, log=log)


def _room(
    room: str, action: str, *arguments: str, where: Environment, error: type[SeatworksError], log: Path | None = None
) -> None:
    """Start a room of the project (`lab`, `stacks`) as a process of its own; what it says is kept in the folder `log`.

    Raises `error`, or PreflightError when the room touched nothing because something is not ready.
    """
    kept = (log or where.build) / f"{room}.log"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        stream([sys.executable, "-m", room, action, *arguments], cwd=where.root, log=kept)
    except CommandError as wrong:
        said = wrong.output.strip().splitlines()[-8:]
        kind = PreflightError if wrong.code == PreflightError.exit_code else error
        raise kind(Problem(f"{room} {action}", "\n".join(said) or f"ended with {wrong.code}")) from None
