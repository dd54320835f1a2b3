"""The live engine: the Pulumi CLI, driven by its Automation API, on a real account."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi import automation

from seatworks.drift import Finding
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem
from seatworks.plan.model import CloudOutputs, Plan, Site, Target
from seatworks.run import CommandError, run
from stacks import drift, vault
from stacks.account_check import check, check_names
from stacks.account_check.asking import Asker
from stacks.account_check.names import created
from stacks.cost import states
from stacks.engine import Client, Say, Summary
from stacks.live import install
from stacks.live.command import Command
from stacks.live.needs import no_credentials, requirements, secrets_provider, setting
from stacks.live.progress import Progress
from stacks.program import SEATS, outputs_of, plan_of, settings_of, write_report
from stacks.values import MASK

# The rules, as the pack that the CLI runs.
POLICY = SEATS.with_name("policy")
# No plugin is fetched behind anybody's back while an account is worked on: the CLI says what it lacks.
_ENVIRONMENT = {"PULUMI_SKIP_UPDATE_CHECK": "1", "PYTHONPATH": str(SEATS.parents[1])}


class Live:
    """The Pulumi CLI on the account that this computer has credentials of."""

    target = Target.LIVE
    real = True

    def up(self, plan: Plan, where: Environment, say: Say) -> tuple[Summary, CloudOutputs]:
        """Make the account what the plan asks, unless that breaks a rule."""
        with making(plan, where, say) as (stack, asker):
            _must_be_ours(stack, plan, where)
            # The CLI asks rules about the whole stack at the end: of a preview, so that nothing has been made by then.
            _preview(stack, Progress(say, quiet=True), asker, say)
            progress = Progress(say)
            try:
                result = _run(stack.up, progress, policy_packs=[str(POLICY)])
            finally:
                write_report(where, _resources(stack))
            return progress.summary, outputs_of({key: output.value for key, output in result.outputs.items()})

    def preview(self, plan: Plan, where: Environment, say: Say) -> Summary:
        """Say what `up` would do."""
        with making(plan, where, say) as (stack, asker):
            progress = Progress(say)
            wanted = _preview(stack, progress, asker, say, diff=True)
            held = (stack.export_stack().deployment or {}).get("resources", [])
            progress.summary.cost = states.of_states(held, wanted, where)
            return progress.summary

    def refresh(self, plan: Plan, where: Environment, say: Say) -> Summary:
        """Take into the stack's state what the account holds now. Changes nothing there."""
        with opened(plan, where, say) as stack:
            progress = Progress(say, refresh=True)
            _run(stack.refresh, progress)
            return progress.summary

    def destroy(self, where: Environment, say: Say, *, data: bool) -> Summary:
        """Take away what `up` made. Data and its keys stay unless `data` is given. Nobody is asked here."""
        with opened(plan_of(where), where, say) as stack:
            progress = Progress(say)
            try:
                if data:
                    # Protection is part of what was asked for: it is lifted by asking again, then all can go.
                    stack.set_config("keepData", automation.ConfigValue("false"))
                    try:
                        _run(stack.up, Progress(say, quiet=True))
                        _run(stack.destroy, progress)
                    finally:
                        stack.remove_config("keepData")
                else:
                    _run(stack.destroy, progress, exclude_protected=True)
            finally:
                write_report(where, _resources(stack))
            return progress.summary

    def drift(self, plan: Plan, where: Environment) -> list[Finding]:
        """How the account differs from the stack's state. The CLI previews a refresh; nothing is changed."""
        if not any(host.site is Site.CLOUD for host in plan.hosts):
            return []
        stack, findings = drift.Stack(plan), list[Finding]()
        with opened(plan, where) as held:
            deployment = held.export_stack().deployment or {}
            for entry in deployment.get("resources", []):
                name = str(entry["urn"]).rpartition("::")[2]
                stack.note(entry["type"], name, entry.get("id", ""), entry.get("outputs", {}))
            if not stack.known:
                return drift.nothing(stack)
            held.preview_refresh(on_event=lambda event: findings.extend(drift.refreshed(stack, event)), color="never")
        with self.account(plan, where) as client:
            return [*findings, *drift.strangers(client, stack)]

    @contextmanager
    def account(self, plan: Plan, where: Environment) -> Iterator[Client]:  # noqa: ARG002 - as the protocol has it
        """The account, by this computer's credentials. Raises PreflightError when there are none."""
        import boto3
        from botocore.config import Config

        if (absent := no_credentials()) is not None:
            remedy = "run `aws configure`, or set AWS_PROFILE"
            raise PreflightError(Problem(f"AWS {plan.region}", f"no credentials were found{absent}", remedy))
        # Somebody else in the account may use up the allowance: what is refused is asked again, more slowly.
        config = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
        session = boto3.Session(region_name=plan.region)
        yield lambda service: session.client(service, config=config)


def _preview(stack: automation.Stack, progress: Progress, asker: Asker, say: Say, **options: Any) -> list[states.Json]:
    """The states that a preview says will stand, by which nothing is made that a rule or a taken name forbids."""
    wanted, made = list[states.Json](), list[states.Json]()

    def note(event: Any) -> None:
        progress(event)
        wanted.extend(states.wanted_of(event))
        made.extend(created(event))

    _run(stack.preview, progress, on_event=note, policy_packs=[str(POLICY)], **options)
    check_names(asker, made, say)
    return wanted


def _run(operation: Callable[..., Any], progress: Progress, **options: Any) -> Any:
    """One operation of the CLI. Raises CloudError with each thing that went wrong, once."""
    try:
        return operation(**{"on_event": progress, "color": "never", **options})
    except automation.ConcurrentUpdateError:
        raise
    except automation.CommandError as failed:
        raise CloudError(*(progress.problems() or [Problem("pulumi", _reason(str(failed)))])) from None


@contextmanager
def making(plan: Plan, where: Environment, say: Say) -> Iterator[tuple[automation.Stack, Asker]]:
    """The stack, to make something, once this computer and the account lack nothing. Raises PreflightError."""
    problems = requirements(plan, where)
    if no_credentials() is None:
        try:
            asker = check(plan, settings_of(where), say)
        except PreflightError as lacking:
            problems += lacking.problems
    words = dict[str, str]()
    try:
        words = vault.secrets(plan, where)
    except PreflightError as lacking:
        problems += lacking.problems
    if problems:
        raise PreflightError(*problems)
    with _stack(where, say) as stack:
        _tell(stack, where, words)
        yield stack, asker


def _tell(stack: automation.Stack, where: Environment, words: Mapping[str, str]) -> None:
    """Give the stack secret settings that it lacks or has otherwise: by standard input, as arguments can be read."""
    held, program = stack.get_all_config(), install.find()
    for key, value in words.items():
        known = held.get(f"seats:{key}")
        if program and (known is None or known.value != value):
            setting = ("config", "set", "--secret", "--stack", where.name, f"seats:{key}")
            try:
                run([program, "--non-interactive", *setting], cwd=SEATS, env=_ENVIRONMENT, stdin=value)
            except CommandError as refused:
                raise CloudError(*refused.problems) from None


@contextmanager
def opened(plan: Plan, where: Environment, say: Say = lambda _line: None) -> Iterator[automation.Stack]:
    """The stack, to look at it or to take it away. Raises PreflightError with what this computer lacks."""
    if missing := requirements(plan, where):
        raise PreflightError(*missing)
    with _stack(where, say) as stack:
        yield stack


@contextmanager
def _stack(where: Environment, say: Say) -> Iterator[automation.Stack]:
    """The stack of this environment, with the CLI's failures told in one line."""
    program = install.find()
    if program is None:
        raise CloudError(install.missing())
    options = automation.LocalWorkspaceOptions(
        secrets_provider=secrets_provider(where), env_vars=_ENVIRONMENT, pulumi_command=Command(program, say)
    )
    try:
        stack = automation.create_or_select_stack(where.name, work_dir=str(SEATS), opts=options)
        _point(stack, where)
        try:
            yield stack
        finally:
            if where.looks:
                # Whoever runs the CLI by hand means what was deployed.
                _point(stack, dataclasses.replace(where, looks=False))
    except automation.ConcurrentUpdateError:
        raise CloudError(
            Problem(
                where.name,
                "another update of this stack is running, or was killed",
                f"wait; or, when it is dead, run `pulumi -C stacks/seats -s {where.name} cancel`",
            )
        ) from None
    except automation.CommandError as failed:
        raise CloudError(Problem("pulumi", _reason(str(failed)))) from None


def _must_be_ours(stack: automation.Stack, plan: Plan, where: Environment) -> None:
    """Refuse a stack whose servers have their secrets from a vault that is not here. Raises PreflightError."""
    if not plan.servers or where.vault.is_file() or not (stack.export_stack().deployment or {}).get("resources"):
        return
    remedy = f"bring it and its password (make handover ENV={where.name} lists what travels)"
    raise PreflightError(Problem(where.name, "stands in the account already, and its vault is not here", remedy))


def _point(stack: automation.Stack, where: Environment) -> None:
    """Let the program read the plan that is meant. Where that is the default, the stack's file does not name it."""
    wanted, default = str(where.cloud_plan_file), Environment(where.name, Target.LIVE, SEATS.parents[1]).attempted_file
    if wanted != str(default):
        stack.set_config("planFile", automation.ConfigValue(wanted))
    elif setting(where, "planFile"):
        # A preview, also one that was killed, or a site without a cloud half has set its own.
        stack.remove_config("planFile")


def _resources(stack: automation.Stack) -> Iterator[dict[str, Any]]:
    """Every resource of the stack, as `program.report` wants them."""
    deployment = stack.export_stack().deployment or {}
    for entry in deployment.get("resources", []):
        yield {
            "type": entry["type"],
            "name": str(entry["urn"]).rpartition("::")[2],
            "urn": entry["urn"],
            "id": entry.get("id", ""),
            "parent": entry.get("parent", ""),
            "custom": entry.get("custom", False),
            "protect": entry.get("protect", False),
            "provider": entry.get("provider", ""),
            "inputs": masked_checkpoint(entry.get("inputs", {})),
            "outputs": masked_checkpoint(entry.get("outputs", {})),
            "dependencies": entry.get("dependencies", []),
            "propertyDependencies": entry.get("propertyDependencies", {}),
        }


def masked_checkpoint(value: Any) -> Any:
    """Values of a checkpoint with every secret, encrypted or not, replaced."""
    if isinstance(value, dict):
        if "4dabf18193072939515e22adb298388d" in value:
            return MASK
        return {key: masked_checkpoint(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [masked_checkpoint(entry) for entry in value]
    return value


def _reason(output: str) -> str:
    """The lines of the CLI's output that say what went wrong."""
    lines = [line.strip() for line in output.splitlines()]
    errors = [line for line in lines if line.startswith("error:")]
    return "\n".join(dict.fromkeys(errors or [line for line in lines if line][-3:]))
