"""What Ansible's events become."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from seatworks.environment import Environment
from seatworks.plan.model import Target
from seatworks.playbook import _settings, _Watch


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"event": kind, "event_data": data, "stdout": ""}


def test_a_failed_task_becomes_one_problem_with_host_task_and_reason() -> None:
    watch = _Watch(lambda _: None)
    result = {"msg": "non-zero return code", "stderr": "syntax error in line 3"}
    watch.event(event("runner_on_failed", host="edge1", role="kamailio", task="configure | Write it", res=result))
    (problem,) = watch.problems
    assert str(problem) == "edge1: kamailio: configure | Write it: non-zero return code | syntax error in line 3"


def test_a_host_that_went_away_becomes_a_problem_with_a_remedy() -> None:
    watch = _Watch(lambda _: None)
    watch.event(event("runner_on_unreachable", host="call2", task="Gathering Facts", res={"msg": "timed out"}))
    assert str(watch.problems[0]) == "call2: does not answer -> check that it is up: timed out"


def test_changes_are_counted_per_host_and_named() -> None:
    said: list[str] = []
    watch = _Watch(said.append)
    watch.event(event("playbook_on_play_start", name="Edges"))
    step = {"role": "kamailio", "task": "configure | Write it"}
    watch.event(event("runner_on_ok", host="edge1", **step, res={"changed": True}))
    watch.event(event("runner_on_ok", host="edge2", **step, res={}))
    watch.event(event("playbook_on_stats", processed={"edge1": 1, "edge2": 1}, changed={"edge1": 1}, ok={"edge1": 2}))
    assert said == ["  Edges"]
    assert watch.summary.changed == {"edge1": 1, "edge2": 0}
    assert watch.summary.would_change == ["edge1: kamailio: configure | Write it"]


def test_what_a_role_tells_people_is_kept_line_by_line_and_what_modules_say_is_not() -> None:
    watch = _Watch(lambda _: None)
    told = {"changed": True, "msg": ["the firewall is not as it should be", "< tcp dport 8080 accept"]}
    task = {"host": "edge1", "role": "firewall", "task": "run | Say"}
    watch.event(event("runner_on_ok", **task, task_action="ansible.builtin.debug", res=told))
    watch.event(event("runner_on_ok", **task, task_action="ansible.builtin.command", res={"msg": "non-zero"}))
    watch.event(event("runner_on_skipped", **task, task_action="ansible.builtin.debug", res={"msg": "no"}))
    assert watch.summary.found == ["edge1: the firewall is not as it should be", "edge1: < tcp dport 8080 accept"]


def test_a_secret_result_stays_secret() -> None:
    watch = _Watch(lambda _: None)
    hidden = {"censored": "the output has been hidden due to the fact that 'no_log: true' was specified"}
    watch.event(event("runner_on_failed", host="db1", role="postgresql", task="t", res=hidden))
    assert "no_log" in watch.problems[0].message


@pytest.mark.parametrize("target", Target)
def test_target_and_plan_are_options_of_the_inventory_for_that_process_alone(tmp_path: Path, target: Target) -> None:
    where = Environment("hybrid", target, tmp_path)
    settings = _settings(where, where.attempted_file)
    assert (settings["SEATWORKS_TARGET"], settings["SEATWORKS_PLAN"]) == (target, str(where.attempted_file))
    # A rehearsal is opened with its own password, a live site as the project's settings say.
    assert settings.get("ANSIBLE_VAULT_IDENTITY_LIST") == (f"lab@{where.vault_password}" if target == "lab" else None)
    assert not {"SEATWORKS_TARGET", "SEATWORKS_PLAN"} & set(os.environ)
