"""A deploy of what a change touches runs every role whose inputs differ, on every host, and says what it leaves out."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from seatworks import deploy, environment, inventory, secrets, touched
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.journal import Journal
from seatworks.plan.model import CloudOutputs, Plan, Target
from seatworks.playbook import Summary
from tests.examples import managed_plan_of, plan_of
from tests.specs import environment as specified
from tests.specs import written
from tests.unit.test_generated_specs import specifications, tried

WORD = "4f1d"


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> secrets.Vault:
    """The secrets of every environment of the test; whoever deploys completes them."""
    kept = secrets.Vault()
    monkeypatch.setattr(secrets, "read", lambda _: kept)
    return kept


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """What hosts answer; those that are not named have come through the run WORD."""
    said: dict[str, str | None] = {}
    monkeypatch.setattr(touched, "_word", lambda name, _: said.get(name, WORD))
    return said


def stood(plan: Plan, where: Environment, vault: secrets.Vault) -> touched.Given:
    """Let the plan stand, deployed to its end."""
    secrets.complete(plan, vault)
    found = touched.now(plan, where, WORD)
    environment.write(where.deployed_file, planning.dump(plan))
    touched.keep(found, where)
    return found


def pairs(roles: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    return {(host, role) for host, each in roles.items() for role in each}


def works(old: Plan, new: Plan, where: Environment, vault: secrets.Vault) -> tuple[touched.Scope, touched.Work]:
    """The work on the way from one plan to the other."""
    stood(old, where, vault)
    found = touched.scope(new, where, asked=True, say=lambda _: None)
    secrets.complete(new, vault)
    return found, found.work(new, where)


MENU = {"prompts": ["vm-press"], "digits": {"1": "sales"}, "default": "sales"}
ON_EDGES = {("edge1", "kamailio"), ("edge2", "kamailio")}
ON_CALLS = {("call1", "asterisk"), ("call2", "asterisk")}
EVERYWHERE = {(host.name, "baseline") for host in plan_of("hybrid").standing}
CHANGES: dict[str, tuple[dict[str, Any], set[tuple[str, str]], bool]] = {
    "nothing": ({}, set(), False),
    "a figure": ({"traffic__wrap_up_s": 31}, set(), False),
    "a menu": ({"service__menus__main": MENU}, ON_CALLS, False),
    "a number": ({"service__numbers": [{"number": "02112345678", "menu": "main"}]}, ON_CALLS | ON_EDGES, False),
    "a queue": ({"service__queues__support__strategy": "ringall"}, ON_CALLS, False),
    "a seat": ({"seats__onprem": 81}, ON_CALLS | ON_EDGES, False),
    "a time server": ({"time_servers": ["ntp.example.org"]}, EVERYWHERE, True),
    "retention": ({"recording__retention_days": 181}, {("record1", "recording")}, True),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_touches_these_roles_and_no_other(
    kind: str, tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    del words
    changes, wanted, cloud = CHANGES[kind]
    where = specified(tmp_path, **changes)
    found, work = works(plan_of("hybrid"), where.plan(), where, vault)
    assert pairs(work.roles) == wanted
    assert (found.why, found.cloud, found.machines) == ("", cloud, cloud)
    everything = {(host.name, role) for host in plan_of("hybrid").standing for role in ("packages", *host.roles)}
    assert pairs(work.left) == everything - wanted
    text = "\n".join(work.lines())
    assert all(name in text for name in ("touched: ", "left out", "edge1", "record1"))


def differing(old: Plan, new: Plan, where: Environment) -> set[tuple[str, str]]:
    """The roles that are given something else, found by comparing the variables themselves."""
    before, after = (inventory.build(plan, where.outputs(), where.ssh_config).hosts for plan in (old, new))
    found = set()
    for host, role in ((each, role) for each in new.standing for role in ("packages", *each.roles)):
        was, now = (
            {name: value for name, value in hosts.get(host.name, {}).items() if name.split("_")[0] == role}
            for hosts in (before, after)
        )
        if was != now or host.name not in before or role not in ("packages", *old.host(host.name).roles):
            found.add((host.name, role))
    return found


@pytest.mark.lengthy
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=specifications(), second=specifications())
def test_what_is_chosen_is_what_differs_whatever_the_two_files_say(
    first: dict[str, Any],
    second: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    vault: secrets.Vault,
    words: dict[str, str | None],
) -> None:
    del words
    where = written(tmp_path_factory.mktemp("pair"), first)
    old, new = (tried(written(where.root, each))[0] for each in (first, {**second, "name": first["name"]}))
    if old is None or new is None or sum(each.plan.seat_count() for each in (old, new)) > 2_000:
        return
    vault.clear()
    _, work = works(old.plan, new.plan, where, vault)
    assert pairs(work.roles) == differing(old.plan, new.plan, where)


def test_another_secret_touches_the_roles_that_it_is_given_to(
    tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    del words
    plan, where = plan_of("hybrid"), specified(tmp_path)
    stood(plan, where, vault)
    vault["vault_seat_passwords"]["1001"] = "another"
    vault["vault_certificates"]["db1"]["key"] = "another"
    found = touched.scope(plan, where, asked=True, say=lambda _: None)
    assert pairs(found.work(plan, where).roles) == ON_EDGES | {("db1", "postgresql")}
    assert "another" not in where.given_file.read_text()


def test_what_the_cloud_handed_back_anew_touches_those_who_are_given_it(
    tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    del words
    plan, where = plan_of("hybrid"), specified(tmp_path)
    stood(plan, where, vault)
    found = touched.scope(plan, where, asked=True, say=lambda _: None)
    outputs = CloudOutputs(public_addresses={"cloud-edge1": "203.0.113.9"})
    environment.write(where.outputs_file, planning.dump_outputs(outputs))
    chosen = pairs(found.work(plan, where).roles)
    assert {("cloud-edge1", "kamailio"), ("cloud-edge1", "rtpengine"), ("edge1", "link")} <= chosen
    assert not chosen & ON_CALLS


def test_what_only_ansible_can_look_up_is_run_each_time(
    tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    del words
    plan = dataclasses.replace(managed_plan_of(target=Target.LIVE), name="cloud")
    where = specified(tmp_path, "cloud", target="live")
    _, work = works(plan, plan, where, vault)
    assert ("call1", "database") in pairs(work.roles)
    assert ("call1", "recording") not in pairs(work.roles)


Break = Callable[[Environment, dict[str, str | None]], None]


def write(name: str, text: str) -> Break:
    def broken(where: Environment, _: dict[str, str | None]) -> None:
        environment.write(where.root / name, text)

    return broken


def unlink(name: str) -> Break:
    def broken(where: Environment, _: dict[str, str | None]) -> None:
        (where.build / name).unlink()

    return broken


def says(name: str, word: str | None) -> Break:
    def broken(_: Environment, words: dict[str, str | None]) -> None:
        words[name] = word

    return broken


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (unlink("given.json"), "no deploy that came to its end"),
        (unlink("deployed.json"), "no deploy that came to its end"),
        (write("build/hybrid/lab/given.json", '{"run": "of another version"}'), "no deploy that came to its end"),
        (write("roles/asterisk/tasks/main.yml", "- another"), "Seatworks, or a variable"),
        (write("templates/asterisk/queues.conf.j2", "another"), "Seatworks, or a variable"),
        (write("site.yml", "- another"), "Seatworks, or a variable"),
        (write("stacks/seats/servers.py", "another"), "Seatworks, or a variable"),
        (write("inventories/hybrid/group_vars/all/packages.yml", "asterisk_package_source: site"), "or a variable"),
        (says("call1", "unfinished"), "a run was cut off on call1"),
    ],
)
def test_what_cannot_be_known_to_be_equal_is_a_whole_run(
    broken: Break, why: str, tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    plan, where = plan_of("hybrid"), specified(tmp_path)
    stood(plan, where, vault)
    assert not touched.scope(plan, where, asked=True, say=lambda _: None).why, "it can be left out before"
    broken(where, words)
    said: list[str] = []
    found = touched.scope(plan, where, asked=True, say=said.append)
    assert why in found.why
    assert why in "".join(said)
    work = found.work(plan, where)
    assert work.whole
    assert "--limit" not in work.arguments()
    assert set(work.roles) == {host.name for host in plan.standing}
    assert found.verification(work) == {"checks": (), "calls": ()}


@pytest.mark.parametrize("word", ["", "by-hand", "of another run", None])
def test_a_host_that_somebody_else_was_at_gets_all_of_its_roles(
    word: str | None, tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    plan, where = plan_of("hybrid"), specified(tmp_path)
    stood(plan, where, vault)
    words["db1"] = word
    found = touched.scope(plan, where, asked=True, say=lambda _: None)
    assert found.machines is (word is None), "machines that do not answer are looked after first"
    assert found.work(plan, where).roles == {"db1": ("packages", *plan.host("db1").roles)}


def test_hosts_and_roles_are_told_to_ansible_with_the_word_that_hosts_keep(
    tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None]
) -> None:
    del words
    where = specified(tmp_path, service__menus__main=MENU)
    found, work = works(plan_of("hybrid"), where.plan(), where, vault)
    extra, said, *rest = work.arguments()
    assert (extra, json.loads(said)) == ("--extra-vars", {"seatworks_run": WORD})
    assert rest == ["--limit", "call1,call2", "--tags", "asterisk"]
    number = next(each.number for each in where.plan().numbers if each.menu == "main")
    assert found.verification(work) == {"checks": ("--roles", "asterisk"), "calls": ("--dial", number)}


def test_a_deploy_of_what_is_changed_starts_no_cloud_and_no_machine_and_notes_what_it_gave(
    tmp_path: Path, vault: secrets.Vault, words: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del words
    where = specified(tmp_path, service__menus__main=MENU)
    plan, said = where.plan(), list[str]()
    stood(plan_of("hybrid"), where, vault)
    commands: list[list[str]] = []
    monkeypatch.setattr(deploy, "stream", lambda args, **_: commands.append(args[2:]))
    monkeypatch.setattr(deploy.secrets, "ensure", lambda *_: [])
    for name in ("check", "hosts"):
        monkeypatch.setattr(deploy.preflight, name, lambda *_, **__: [])
    played: list[Any] = []

    def play(*_: Any, **named: Any) -> Summary:
        assert not where.given_file.exists(), "a run that is killed here leaves no record to go by"
        played.append(named["arguments"])
        return Summary({"call1": 1}, {"call1": 9})

    monkeypatch.setattr(deploy.playbook, "play", play)
    monkeypatch.setattr(deploy, "_verify", lambda *parts: played.append(parts[2]))
    journal = Journal("hybrid", said.append)
    deploy.apply(plan, where, journal, deploy.Wishes(only_changed=True))
    assert commands == [["lab", "install"]]
    assert list(played[0][2:]) == ["--limit", "call1,call2", "--tags", "asterisk"]
    assert list(played[1]) == ["checks", "calls"]
    assert touched.last(where) == touched.now(plan, where, WORD)
    assert where.deployed() == plan
    details = {phase.name: phase.detail for phase in journal.phases}
    assert "left out" in details["cloud"]
    assert "touched: call1 asterisk; call2 asterisk" in details["hosts"]
    assert any("left out" in line for line in said)
    played.clear()
    deploy.apply(plan, where, journal, deploy.Wishes(only_changed=True))
    assert [list(each) for each in played] == [["calls"]], "nothing differs: no role is run, calls are made"


def test_inputs_of_a_role_are_never_mixed_up_with_those_of_another() -> None:
    """Inputs are told apart by the role's name in front, so no role's name may begin another's."""
    names = {f"{role}_" for role in inventory.build(plan_of("hybrid"), CloudOutputs(), Path("/a/b/c/d")).groups}
    assert not [(a, b) for a, b in itertools.permutations(names, 2) if b.startswith(a) and not a.startswith(("site_",))]
