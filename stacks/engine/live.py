"""The live engine: the Pulumi CLI, driven by its Automation API, on a real account."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi import automation
from ruamel.yaml import YAML

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import CloudError, Problem
from seatworks.plan.model import CloudOutputs, Plan
from stacks.engine import bill
from stacks.engine.lab import SEATS, outputs_of
from stacks.engine.steps import Say, Summary
from stacks.engine.values import MASK

# The rules, as the pack that the CLI runs.
POLICY = SEATS.with_name("policy")
_COLOURS = re.compile(r"<\{%.*?%\}>")
_OPS = {
    "same": "same",
    "create": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "",
    "delete-replaced": "",
    "delete": "delete",
}


def up(plan: Plan, where: Environment, say: Say) -> tuple[Summary, CloudOutputs]:
    """Make the account what the plan asks, unless that breaks a rule."""
    with _stack(plan, where) as stack:
        # The CLI asks rules about the whole stack at the end: of a preview, so that nothing has been made by then.
        stack.preview(on_event=_objections(say), color="never", policy_packs=[str(POLICY)])
        summary, listen = _listener(say)
        result = stack.up(on_event=listen, color="never", policy_packs=[str(POLICY)])
        _write_report(stack, where)
        return summary, outputs_of({key: output.value for key, output in result.outputs.items()})


def preview(plan: Plan, where: Environment, say: Say) -> Summary:
    """Say what `up` would do."""
    with _stack(plan, where) as stack:
        summary, listen = _listener(say)
        wanted: list[bill.Json] = []

        def note(event: Any) -> None:
            listen(event)
            wanted.extend(bill.wanted_of(event))

        stack.preview(on_event=note, diff=True, color="never", policy_packs=[str(POLICY)])
        summary.cost = bill.of_states((stack.export_stack().deployment or {}).get("resources", []), wanted, where)
        return summary


def destroy(plan: Plan, where: Environment, say: Say, *, yes: bool, data: bool) -> Summary:
    """Take away what `up` made. Recordings, logs and their keys stay unless `data` is given."""
    _confirm(where, yes=yes, data=data)
    with _stack(plan, where) as stack:
        summary, listen = _listener(say)
        if data:
            # Protection is part of what the account was asked for: it is lifted by asking again, then all can go.
            stack.set_config("keepData", automation.ConfigValue("false"))
            stack.up(color="never")
            stack.destroy(on_event=listen, color="never")
            stack.remove_config("keepData")
        else:
            stack.destroy(on_event=listen, exclude_protected=True, color="never")
        return summary


def requirements(plan: Plan, where: Environment) -> list[Problem]:
    """What is missing on this computer before the CLI can work."""
    problems = []
    if not shutil.which("pulumi"):
        problems.append(
            Problem("pulumi", "is not installed", "install the CLI: https://www.pulumi.com/docs/iac/download-install/")
        )
    if not _logged_in():
        problems.append(
            Problem(
                "pulumi",
                "does not know where to keep the stack's state",
                "run `pulumi login file://DIRECTORY` or `pulumi login s3://BUCKET`, or set PULUMI_BACKEND_URL",
            )
        )
    if _secrets_provider(where) == "passphrase" and not (
        os.environ.get("PULUMI_CONFIG_PASSPHRASE") or os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    ):
        problems.append(
            Problem(
                "pulumi",
                "has no passphrase for the stack's secrets",
                "set PULUMI_CONFIG_PASSPHRASE_FILE, or name a key in "
                f"stacks/seats/Pulumi.{where.name}.yaml (secretsprovider: awskms://…)",
            )
        )
    if not _has_credentials():
        problems.append(
            Problem(
                f"AWS {plan.region}",
                "no credentials were found",
                "run `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            )
        )
    if plan.connect is None and not (
        _setting(where, "sshPublicKey") or (where.build / "ssh" / "id_ed25519.pub").is_file()
    ):
        problems.append(
            Problem(
                f"stacks/seats/Pulumi.{where.name}.yaml",
                "names no SSH key for the machines",
                f'run `pulumi -C stacks/seats -s {where.name} config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"`',
            )
        )
    return problems


@contextmanager
def _stack(plan: Plan, where: Environment) -> Iterator[automation.Stack]:
    """The stack of this environment, with the CLI's failures told in one line."""
    if missing := requirements(plan, where):
        raise CloudError(*missing)
    options = automation.LocalWorkspaceOptions(
        secrets_provider=_secrets_provider(where),
        env_vars={"PULUMI_SKIP_UPDATE_CHECK": "1"},
    )
    try:
        stack = automation.create_or_select_stack(where.name, work_dir=str(SEATS), opts=options)
        if where.root != SEATS.parents[1]:
            stack.set_config("planFile", automation.ConfigValue(str(where.plan_file)))
        yield stack
    except automation.ConcurrentUpdateError:
        raise CloudError(
            Problem(
                where.name, "another update of this stack is running", "wait, or run `pulumi cancel` when it is dead"
            )
        ) from None
    except automation.CommandError as failed:
        raise CloudError(Problem("pulumi", _reason(str(failed)))) from None


def _listener(say: Say) -> tuple[Summary, Callable[[Any], None]]:
    summary = Summary()

    def listen(event: Any) -> None:
        if event.resource_pre_event:
            found = event.resource_pre_event.metadata
            op = _OPS.get(str(getattr(found.op, "value", found.op)), "")
            name = found.urn.rpartition("::")[2]
            if op:
                summary.counts[op] += 1
            if op and op != "same":
                changed = ", ".join(found.diffs or ())
                say(f"  {op:<7} {found.type} {name}" + (f" ({changed})" if changed else ""))
                summary.changes.append({"op": op, "type": found.type, "name": name})
        elif event.diagnostic_event and event.diagnostic_event.severity in {"warning", "error"}:
            say(f"  {event.diagnostic_event.severity}: {event.diagnostic_event.message.strip()}")
        elif event.policy_event:
            say(_violation(event.policy_event))

    return summary, listen


def _objections(say: Say) -> Callable[[Any], None]:
    """Says only what keeps a run from going on: the run itself says the rest."""

    def listen(event: Any) -> None:
        if event.policy_event and event.policy_event.enforcement_level == "mandatory":
            say(_violation(event.policy_event))

    return listen


def _violation(event: Any) -> str:
    words = " ".join(_COLOURS.sub("", event.message).split())
    return f"  {event.enforcement_level}: {words} (policy {event.policy_name})"


def _write_report(stack: automation.Stack, where: Environment) -> None:
    """Every resource of the stack in the shape that the lab's engine writes."""
    deployment = stack.export_stack().deployment or {}
    resources = [
        {
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
        for entry in deployment.get("resources", [])
    ]
    text = json.dumps(resources, indent=2, sort_keys=True) + "\n"
    environment.write(where.build / "resources.json", text, mode=0o600)


def masked_checkpoint(value: Any) -> Any:
    """Values of a checkpoint with every secret, encrypted or not, replaced."""
    if isinstance(value, dict):
        if "4dabf18193072939515e22adb298388d" in value:
            return MASK
        return {key: masked_checkpoint(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [masked_checkpoint(entry) for entry in value]
    return value


def _confirm(where: Environment, *, yes: bool, data: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise CloudError(Problem(where.name, "is a live environment", "confirm with --yes"))
    what = "with all recordings and logs" if data else "and keep its recordings and logs"
    sys.stderr.write(f"Take away the cloud site of {where.name} {what}? Type its name: ")
    if sys.stdin.readline().strip() != where.name:
        raise CloudError(Problem(where.name, "was left as it is"))


def _logged_in() -> bool:
    if os.environ.get("PULUMI_BACKEND_URL") or os.environ.get("PULUMI_ACCESS_TOKEN"):
        return True
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    credentials = home / "credentials.json"
    return credentials.is_file() and bool(json.loads(credentials.read_text(encoding="utf-8")).get("current"))


def _has_credentials() -> bool:
    import boto3

    return boto3.Session().get_credentials() is not None


def _secrets_provider(where: Environment) -> str:
    return str(_stack_file(where).get("secretsprovider") or "passphrase")


def _setting(where: Environment, key: str) -> Any:
    return (_stack_file(where).get("config") or {}).get(f"seats:{key}")


def _stack_file(where: Environment) -> dict[str, Any]:
    path = SEATS / f"Pulumi.{where.name}.yaml"
    return (YAML(typ="safe").load(path) or {}) if path.is_file() else {}


def _reason(output: str) -> str:
    """The lines of the CLI's output that say what went wrong."""
    lines = [line.strip() for line in output.splitlines()]
    errors = [line for line in lines if line.startswith("error:")]
    return "\n".join(dict.fromkeys(errors or [line for line in lines if line][-3:]))
