"""The lab's engine: up, preview and destroy of a deployment in the emulated account."""

from __future__ import annotations

import contextlib
import copy
import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lab.aws.account import Account
from lab.cloud.monitor import Monitor, run_program
from lab.cloud.provider import Provider
from lab.cloud.rules import enforce
from lab.cloud.state import State, StateFile
from lab.cloud.steps import Say, Steps, Summary
from lab.kinds import KINDS
from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import CloudError, Problem
from seatworks.plan.model import CloudOutputs, Plan
from stacks import vault
from stacks.cost import states
from stacks.policy.model import Asked
from stacks.values import Properties, masked

SEATS = Path(__file__).resolve().parents[2] / "stacks" / "seats"
Program = Callable[[], None]


def up(plan: Plan, where: Environment, say: Say, program: Program | None = None) -> tuple[Summary, CloudOutputs]:
    """Make the account what the program asks. A run that was cut off is continued.

    Raises CloudError when what stands then breaks a mandatory rule of `stacks/policy`.
    """
    file = StateFile(where.build)
    state = file.load()
    summary = _clear_other_region(plan, file, state, say)
    if summary:
        state = State()
    done, state = run(plan, where, state, say, program, preview=False)
    if summary:
        done.counts.update(summary.counts)
        done.changes[:0] = summary.changes
    environment.write(where.build / "resources.json", report(state), mode=0o600)
    enforce(state.records.values(), Asked.of(plan, settings_of(where)), say)
    return done, outputs_of(state.outputs)


def preview(plan: Plan, where: Environment, say: Say, program: Program | None = None) -> Summary:
    """Say what `up` would do. Changes nothing of the deployment, not even a file.

    Raises CloudError when it would break a rule.
    """
    state = StateFile(where.build).load()
    gone: list[Any] = []
    before = list(state.records.values())
    if state.region and state.region != plan.region:
        gone, state = list(state.records.values()), State()
    summary, wanted = run(plan, where, copy.deepcopy(state), say, program, preview=True)
    enforce(wanted.records.values(), Asked.of(plan, settings_of(where)), say)
    for record in gone:
        summary.add("delete", record)
    summary.cost = states.of_records(before, wanted.records.values(), where)
    return summary


def destroy(where: Environment, say: Say) -> Summary:
    """Take every resource out of the account and forget it."""
    file = StateFile(where.build)
    state = file.load()
    summary = _take_away(file, state, say) if state.records or state.condemned else Summary()
    file.remove()
    return summary


def place(plan: Plan, where: Environment, type_: str, name: str, inputs: Properties) -> str:
    """Let something stand in the lab's account that the program does not make, to be read or taken over by it."""
    file = StateFile(where.build)
    state = file.load()
    state.region = plan.region or ""
    with Account(state.region) as account:
        steps = Steps(Provider(account, KINDS), state, file.save, lambda _line: None, preview=False)
        steps.restore()
        return steps.place(type_, name, inputs)


@contextlib.contextmanager
def standing(where: Environment) -> Iterator[Account]:
    """The account of the last `up`, open for questions. Changes that are made in it are gone with it."""
    file = StateFile(where.build)
    state = file.load()
    if not state.region:
        raise CloudError(Problem(where.name, "has no account yet", f"run: make deploy ENV={where.name}"))
    with Account(state.region) as account:
        Steps(Provider(account, KINDS), state, file.save, lambda _line: None, preview=True).restore()
        yield account


def report(state: State) -> str:
    """Every registered resource as JSON, in the order of registration; secrets are masked."""
    stack = {
        "type": "pulumi:pulumi:Stack", "name": state.stack_urn.rpartition("::")[2], "urn": state.stack_urn,
        "id": "", "parent": "", "custom": False, "protect": False, "provider": "", "inputs": {},
        "outputs": masked(state.outputs, state.secret_outputs), "dependencies": [], "propertyDependencies": {},
    }  # fmt: skip
    resources = [
        {
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
        for record in state.records.values()
    ]
    return json.dumps([stack, *resources], indent=2, sort_keys=True) + "\n"


def outputs_of(exported: dict[str, Any]) -> CloudOutputs:
    """What the program exports, as the rest of the project reads it."""
    return CloudOutputs(**{key: exported[key] for key in CloudOutputs.__dataclass_fields__ if key in exported})


def settings_of(where: Environment) -> dict[str, str]:
    """The stack's settings as the CLI would pass them: project defaults, then Pulumi.<stack>.yaml."""
    found: dict[str, str] = {"planFile": str(where.plan_file)}
    project = YAML(typ="safe").load(SEATS / "Pulumi.yaml")
    for key, entry in project["config"].items():
        if entry.get("default", "") != "":
            found[key] = _setting(entry["default"])
    stack = SEATS / f"Pulumi.{where.name}.yaml"
    if stack.is_file():
        for key, value in (YAML(typ="safe").load(stack).get("config") or {}).items():
            found[str(key).removeprefix("seats:")] = _setting(value)
    return found


def _setting(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def run(
    plan: Plan, where: Environment, state: State, say: Say, program: Program | None = None, *, preview: bool
) -> tuple[Summary, State]:
    """Run a program against the account of `state`: the deployment's own, or another for a trial."""
    file = StateFile(where.build)
    state.region = plan.region or ""
    with Account(state.region) as account:
        provider = Provider(account, KINDS)
        steps = Steps(provider, state, file.save, say, preview=preview)
        steps.restore()
        monitor = Monitor("seats", where.name, provider, state, steps)
        run_program(
            program or _program,
            monitor,
            project="seats",
            stack=where.name,
            root=SEATS,
            config=settings_of(where),
            secrets=vault.secrets(plan),
            preview=preview,
            say=say,
        )
        steps.finish(monitor.seen)
    if not preview:
        file.save(state)
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
    with Account(state.region) as account:
        steps = Steps(Provider(account, KINDS), state, file.save, say, preview=False)
        steps.restore()
        steps.finish(set())
    return steps.summary
