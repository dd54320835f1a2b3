"""The stand-in engine: up, preview and destroy of a deployment in the emulated account."""

from __future__ import annotations

import contextlib
import copy
import gc
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.aws.account import Account
from lab.cloud import costs
from lab.cloud.key import ensure_key
from lab.cloud.monitor import Monitor, run_program
from lab.cloud.provider import Provider
from lab.cloud.rules import enforce
from lab.cloud.state import Record, State, StateFile
from lab.cloud.steps import Steps
from lab.kinds import KINDS
from seatworks.drift import Finding
from seatworks.environment import Environment
from seatworks.errors import CloudError, Problem
from seatworks.plan.model import CloudOutputs, Plan, Target
from stacks import drift, vault
from stacks.engine import Client, Say, Summary
from stacks.policy.model import Asked
from stacks.program import SEATS, outputs_of, settings_of, write_report
from stacks.values import masked

Program = Callable[[], None]
# An account for the rehearsal alone sets what an account has once, and protects nothing from being taken away.
OWN = {"keepData": "false", "ownsAccount": "true"}


class StandIn:
    """Every resource is really made, in an emulated account that lasts as long as a run: a record brings it back."""

    target = Target.LAB
    real = False

    def __init__(self, settings: Mapping[str, str] = OWN) -> None:
        """`settings` of the stack hold before those of its file."""
        self._own = settings

    def up(
        self, plan: Plan, where: Environment, say: Say, program: Program | None = None
    ) -> tuple[Summary, CloudOutputs]:
        """Make the account what the program asks. A run that was cut off is continued.

        Raises CloudError when what stands then breaks a mandatory rule of `stacks/policy`.
        """
        if plan.hosts:
            ensure_key(where)
        file = StateFile(where.build)
        state = file.load()
        summary = _clear_other_region(plan, file, state, say)
        if summary:
            state = State()
        settings = self._settings(where)
        done, state = run(plan, where, state, say, program, preview=False, settings=settings)
        if summary:
            done.counts.update(summary.counts)
            done.changes[:0] = summary.changes
        write_report(where, resources(state))
        enforce(state.records.values(), Asked.of(plan, settings), say)
        return done, outputs_of(state.outputs)

    def preview(self, plan: Plan, where: Environment, say: Say, program: Program | None = None) -> Summary:
        """Say what `up` would do. Changes nothing of the deployment, not even a file.

        Raises CloudError when it would break a rule.
        """
        state = StateFile(where.build).load()
        gone: list[Record] = []
        before = list(state.records.values())
        if state.region and state.region != plan.region:
            gone, state = list(state.records.values()), State()
        settings = self._settings(where)
        summary, wanted = run(plan, where, copy.deepcopy(state), say, program, preview=True, settings=settings)
        enforce(wanted.records.values(), Asked.of(plan, settings), say)
        for record in gone:
            summary.add("delete", record.type, record.name)
        summary.cost = costs.of_records(before, wanted.records.values(), where)
        return summary

    def refresh(self, plan: Plan, where: Environment, say: Say) -> Summary:  # noqa: ARG002 - as the protocol has it
        """Nothing: the account is made from the record, so there is nothing to take in."""
        return Summary()

    def destroy(self, where: Environment, say: Say, *, data: bool) -> Summary:  # noqa: ARG002 - as the protocol has it
        """Take every resource out of the account and forget it, with its data: a rehearsal keeps none."""
        file = StateFile(where.build)
        state = file.load()
        summary = _take_away(file, state, say) if state.records or state.condemned else Summary()
        file.remove()
        write_report(where, ())
        return summary

    def drift(self, plan: Plan, where: Environment) -> list[Finding]:
        """A site that was never made; else nothing: nobody but `up` changes an account that is made from its record."""
        return drift.nothing(drift.Stack(plan)) if not StateFile(where.build).load().records else []

    @contextlib.contextmanager
    def account(self, plan: Plan, where: Environment) -> Iterator[Client]:  # noqa: ARG002 - as the protocol has it
        """The account of the last `up`. What is put into it is gone with this process."""
        with standing(where) as found:
            yield found.client

    def _settings(self, where: Environment) -> dict[str, str]:
        return {**settings_of(where), **self._own}


@dataclass(frozen=True, slots=True)
class Standing:
    """An open account in which what is recorded stands."""

    account: Account
    state: State

    @property
    def records(self) -> list[Record]:
        """What the account holds."""
        return [record for record in self.state.records.values() if record.in_account]

    def client(self, service: str) -> Any:
        """The client of one service of the account."""
        return self.account.client(service)


@contextlib.contextmanager
def standing(where: Environment, parts: Sequence[Callable[[], None]] = ()) -> Iterator[Standing]:
    """The account of the last `up`, open for questions. Changes that are made in it are gone with it.

    `parts` teach the emulator what the rehearsal itself does not ask.
    """
    state = StateFile(where.build).load()
    if not state.region:
        raise CloudError(Problem(where.name, "has no account yet", f"run: make deploy ENV={where.name}"))
    with opened(state, parts=parts) as (account, _):
        yield Standing(account, state)


@contextlib.contextmanager
def opened(
    state: State,
    save: Callable[[State], None] | None = None,
    say: Say = lambda _line: None,
    parts: Sequence[Callable[[], None]] = (),
) -> Iterator[tuple[Account, Steps]]:
    """The account of a state, made anew, and the steps from there. Without `save` they only say what they would do."""
    with contextlib.ExitStack() as closing:
        # What is open may stay so for long: it is made without a search for garbage, and serves with one.
        with _uncollected():
            account = closing.enter_context(Account(state.region, parts))
            steps = Steps(Provider(account, KINDS), state, save, say)
            steps.restore()
        yield account, steps


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: walking through all that is loaded by now takes a third of a run."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def resources(state: State) -> Iterator[dict[str, Any]]:
    """The stack and every registered resource, as `program.report` wants them; secrets are masked."""
    yield {
        "type": "pulumi:pulumi:Stack", "name": state.stack_urn.rpartition("::")[2], "urn": state.stack_urn,
        "id": "", "parent": "", "custom": False, "protect": False, "provider": "", "inputs": {},
        "outputs": masked(state.outputs, state.secret_outputs), "dependencies": [], "propertyDependencies": {},
    }  # fmt: skip
    for record in state.records.values():
        yield {
            "type": record.type,
            "name": record.name,
            "urn": record.urn,
            "id": record.id,
            "parent": record.parent,
            "custom": record.custom,
            "protect": record.protect,
            "provider": record.provider,
            "inputs": masked(record.inputs, record.secrets),
            "outputs": masked(record.outputs, record.secrets),
            "dependencies": record.dependencies,
            "propertyDependencies": record.property_dependencies,
        }


def run(
    plan: Plan, where: Environment, state: State, say: Say, program: Program | None = None, *, preview: bool,
    settings: Mapping[str, str],
) -> tuple[Summary, State]:  # fmt: skip
    """Run a program with these settings of the stack in the account of `state`."""
    save = None if preview else StateFile(where.build).save
    state.region = plan.region or ""
    with _uncollected(), opened(state, save, say) as (_, steps):
        monitor = Monitor("seats", where.name, steps.provider, state, steps)
        run_program(
            program or _program,
            monitor,
            project="seats",
            stack=where.name,
            root=SEATS,
            config=settings,
            secrets=vault.secrets(plan, where),
            preview=preview,
            say=say,
        )
        outdated = steps.outdated(monitor.seen)
        if not outdated:
            steps.finish(monitor.seen)
    if outdated:
        # What changed in place may be what let go of what is deleted now.
        with opened(state, save, say) as (_, rest):
            rest.summary = steps.summary
            rest.finish(monitor.seen)
    if save:
        save(state)
    return steps.summary, state


def _program() -> None:
    runpy.run_path(str(SEATS / "__main__.py"), run_name="__main__")


def _clear_other_region(plan: Plan, file: StateFile, state: State, say: Say) -> Summary | None:
    if not state.region or state.region == plan.region:
        return None
    say(f"  the region changes from {state.region} to {plan.region}: everything is made anew")
    return _take_away(file, state, say)


def _take_away(file: StateFile, state: State, say: Say) -> Summary:
    if not state.region:
        raise CloudError(Problem(str(file.path), "does not say which region it is of", "delete it"))
    with opened(state, file.save, say) as (_, steps):
        steps.finish(set())
    return steps.summary
