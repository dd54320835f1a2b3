"""Run site.yml on the hosts of an environment and say what changed."""

from __future__ import annotations

import importlib.util
import json
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner

from seatworks.environment import Environment
from seatworks.errors import HostsError, Problem
from seatworks.plan.model import Target

# How a role tells people what it has found.
_TELLING = ("ansible.builtin.debug", "debug")


@dataclass(slots=True)
class Summary:
    """`changed` and `tasks` count per host; `would_change` names tasks, `found` is what roles have told people."""

    changed: dict[str, int] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    would_change: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


def play(
    plan_file: Path,
    where: Environment,
    *,
    check: bool = False,
    arguments: Sequence[str] = (),
    say: Callable[[str], None],
) -> Summary:
    """Apply site.yml to the hosts of a plan, or with `check` only tell what would change (`--check --diff`).

    Beside the plan lie the SSH configuration that is used and what Ansible said. Raises HostsError with one problem
    per host and task that failed.
    """
    watch = _Watch(say)
    words = [*(("--check", "--diff") if check else ()), *arguments]
    kept = plan_file.parent / "ansible"
    shutil.rmtree(kept / "artifacts" / "last", ignore_errors=True)
    kept.mkdir(parents=True, exist_ok=True)
    done = ansible_runner.run(
        private_data_dir=str(kept),
        project_dir=str(where.root),
        playbook=str(where.root / "site.yml"),
        inventory=str(where.specification.parent),
        envvars=_settings(where, plan_file),
        cmdline=shlex.join(words) or None,
        quiet=True,
        ident="last",
        event_handler=watch.event,
        suppress_env_files=True,
    )
    (kept / "output.log").write_text("\n".join(watch.lines) + "\n", encoding="utf-8")
    if watch.problems or done.rc != 0:
        raise HostsError(
            *watch.problems
            or [
                Problem(
                    "ansible-playbook",
                    f"ended with {done.rc}\n" + "\n".join(watch.lines[-15:]),
                    f"read {kept / 'output.log'}",
                )
            ]
        )
    return watch.summary


def _settings(where: Environment, plan_file: Path) -> dict[str, str]:
    """Environment of ansible-playbook: ours, and for the rehearsal the strategy that spares the processor."""
    settings = {
        "ANSIBLE_CONFIG": str(where.root / "ansible.cfg"),
        # Options of the inventory plugin, for this process alone.
        "SEATWORKS_TARGET": str(where.target),
        "SEATWORKS_PLAN": str(plan_file),
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin",
    }
    if where.vault_password:
        # A password that opens something must be there, and that of the live site need not be.
        settings["ANSIBLE_VAULT_IDENTITY_LIST"] = f"lab@{where.vault_password}"
    spec = importlib.util.find_spec("ansible_mitogen") if where.target is Target.LAB else None
    if spec and spec.origin:
        settings |= {
            "ANSIBLE_STRATEGY": "mitogen_linear",
            "ANSIBLE_STRATEGY_PLUGINS": str(Path(spec.origin).parent / "plugins" / "strategy"),
        }
    return settings


class _Watch:
    """Turns the runner's events into one line per task, a summary, and problems."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.summary = Summary()
        self.problems: list[Problem] = []
        self.lines: list[str] = []

    def event(self, event: dict[str, Any]) -> bool:
        """Called by the runner for each event; False: the runner need not keep it."""
        text = event.get("stdout") or ""
        self.lines += text.splitlines()
        data = event.get("event_data") or {}
        if event.get("event") == "runner_on_ok" and data.get("task_action") in _TELLING:
            self.summary.found += _told(data)
        match event.get("event"):
            case "playbook_on_play_start":
                self.say(f"  {data.get('name', '')}")
            case "runner_on_ok" if (data.get("res") or {}).get("changed"):
                self.summary.would_change.append(f"{data['host']}: {_task(data)}")
            case "runner_on_failed" if not data.get("ignore_errors"):
                self.problems.append(Problem(data["host"], f"{_task(data)}: {_reason(data.get('res') or {})}"))
            case "runner_on_unreachable":
                self.problems.append(
                    Problem(data["host"], "does not answer", f"check that it is up: {_reason(data.get('res') or {})}")
                )
            case "playbook_on_stats":
                self.summary.changed = {host: int(data.get("changed", {}).get(host, 0)) for host in data["processed"]}
                self.summary.tasks = {host: int(data.get("ok", {}).get(host, 0)) for host in data["processed"]}
        return False


def _told(data: dict[str, Any]) -> list[str]:
    """What a role says to people: the message of a task that does nothing else."""
    said = (data.get("res") or {}).get("msg", "")
    lines = said if isinstance(said, list) else [said]
    return [f"{data['host']}: {line}" for line in lines]


def _task(data: dict[str, Any]) -> str:
    return f"{data.get('role', '')}: {data.get('task', '')}".removeprefix(": ")


def _reason(result: dict[str, Any]) -> str:
    """The part of a module's result that a person needs; censored results stay censored."""
    parts = [str(result[key]).strip() for key in ("msg", "stderr", "censored") if result.get(key)]
    if not parts:
        parts = [json.dumps(result, ensure_ascii=False, default=str)[:400]]
    return " | ".join(parts)[:1500]
