"""What a deploy notes, refuses and takes away."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from seatworks import deploy, environment, preflight, standing, takeaway
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError
from seatworks.journal import Journal
from seatworks.plan.model import Plan, Target
from seatworks.playbook import Summary
from seatworks.run import CommandError
from seatworks.touched import Given
from tests import recorders
from tests.examples import plan_of


@pytest.mark.parametrize(("code", "error"), [(3, PreflightError), (4, CloudError)])
def test_a_cloud_that_lacks_something_is_told_apart_from_one_that_failed(
    code: int, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: Any, **__: Any) -> int:
        raise CommandError(["python", "-m", "stacks"], code, "cloud: AWS cn-north-1: 6 elastic addresses are needed")

    monkeypatch.setattr(deploy, "stream", ended)
    with pytest.raises(error, match="6 elastic addresses are needed") as refused:
        deploy.preview(plan_of("hybrid"), Environment("hybrid", Target.LAB, tmp_path), lambda _: None)
    assert type(refused.value) is error


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that a deploy starts, none of which is carried out; hosts are as they should be."""
    commands: list[list[str]] = []

    def started(args: list[Any], **_: Any) -> int:
        commands.append([str(arg) for arg in args][2:])
        return 0

    monkeypatch.setattr(deploy, "stream", started)
    monkeypatch.setattr(deploy.secrets, "ensure", lambda *_: [])
    monkeypatch.setattr(deploy.preflight, "check", lambda *_: None)
    monkeypatch.setattr(deploy.preflight, "hosts", lambda *_, **__: [])
    monkeypatch.setattr(deploy.playbook, "play", lambda *_, **__: Summary())
    monkeypatch.setattr(deploy.touched, "now", given)
    monkeypatch.setattr(deploy, "_verify", lambda *_: None)
    return commands


def given(plan: Plan, _where: Environment, word: str) -> Given:
    """What a deploy of the plan would give its hosts, without any secrets."""
    roles = {host.name: dict.fromkeys(host.roles, repr(plan.menus)) for host in plan.standing}
    return Given(word, "tools", "cloud", roles)


def lines(commands: list[list[str]]) -> list[str]:
    return [" ".join(command) for command in commands]


def test_what_is_begun_is_noted_before_the_cloud_is_touched_and_what_is_done_after_the_hosts(
    tmp_path: Path, rooms: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, where = plan_of("hybrid"), Environment("hybrid", Target.LAB, tmp_path)

    def killed(*_: Any, **__: Any) -> int:
        assert where.attempted() == plan
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deploy, "_cloud", killed)
        with pytest.raises(KeyboardInterrupt):
            deploy.apply(plan, where, Journal("hybrid", lambda _: None))
    assert where.deployed() is None
    assert where.recorded() == plan
    assert not where.given_file.exists()
    rooms.clear()
    deploy.apply(plan, where, Journal("hybrid", lambda _: None))
    assert lines(rooms) == ["lab install", "lab.cloud up hybrid", "lab up hybrid"]
    assert where.deployed() == plan


@pytest.mark.parametrize("before", [None, "onprem"])
def test_what_an_engine_refused_to_begin_was_not_begun(
    tmp_path: Path, rooms: list[list[str]], monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    where = Environment("hybrid", Target.LAB, tmp_path)
    if before:
        environment.write(where.attempted_file, planning.dump(plan_of(before)))

    def refuses(args: list[Any], **_: Any) -> int:
        if "up" in args:
            raise CommandError(["python", "-m", "stacks"], 3, "cloud: AWS cn-north-1: no credentials were found")
        return 0

    monkeypatch.setattr(deploy, "stream", refuses)
    with pytest.raises(PreflightError):
        deploy.apply(plan_of("hybrid"), where, Journal("hybrid", lambda _: None))
    assert where.recorded() == (plan_of(before) if before else None)
    assert bool(standing.recorded("hybrid", tmp_path)) == bool(before)
    del rooms


def test_a_preview_writes_nothing_where_a_deployment_lies(tmp_path: Path, rooms: list[list[str]]) -> None:
    for plan in (plan_of("hybrid"), dataclasses.replace(plan_of("hybrid"), target=Target.LIVE)):
        where = Environment("hybrid", plan.target, tmp_path)
        deploy.preview(plan, where, lambda _: None)
        assert not where.build.exists()
        assert planning.load(where.preview_file.read_text()) == plan
    assert lines(rooms) == ["lab.cloud preview hybrid", "stacks preview hybrid"]
    config = where.preview / "ssh" / "config"
    assert "Host call1" in config.read_text()


def test_a_plan_of_the_other_target_is_refused_before_anything_is_started(
    tmp_path: Path, rooms: list[list[str]]
) -> None:
    where = Environment("hybrid", Target.LIVE, tmp_path)
    for act in (
        lambda: deploy.apply(plan_of("hybrid"), where, Journal("hybrid", lambda _: None)),
        lambda: deploy.preview(plan_of("hybrid"), where, lambda _: None),
    ):
        with pytest.raises(PreflightError, match="is planned for target lab, and this is live"):
            act()
    assert rooms == []
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("finished", [True, False])
def test_a_cloud_half_that_a_live_site_shall_not_have_any_more_goes_on_an_explicit_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: bool
) -> None:
    """With the programs of the tests, which take away what really is there."""
    recorders.rooms(tmp_path)
    hybrid = dataclasses.replace(plan_of("hybrid"), target=Target.LIVE)
    where = recorders.stand(hybrid, tmp_path, finished=finished)
    smaller = dataclasses.replace(plan_of("onprem"), name="hybrid", target=Target.LIVE)
    for name in ("check", "hosts"):
        monkeypatch.setattr(deploy.preflight, name, lambda *_, **__: [])
    monkeypatch.setattr(deploy.secrets, "ensure", lambda *_: [])
    monkeypatch.setattr(deploy.playbook, "play", lambda *_, **__: Summary())
    monkeypatch.setattr(deploy.touched, "now", given)
    monkeypatch.setattr(deploy, "_verify", lambda *_: None)
    journal = Journal("hybrid", lambda _: None)
    with pytest.raises(PreflightError, match=r"cloud half that mode onprem does not have.*and costs") as refused:
        deploy.apply(smaller, where, journal)
    assert "RETIRE_CLOUD=yes" in refused.value.problems[0].remedy
    assert where.attempted() == hybrid
    assert recorders.there(tmp_path) == {"live/cloud", "live/data"}

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Killed while it goes: the next run must say so again, and not take it for gone.
        patch.setattr(deploy, "_cloud", killed)
        with pytest.raises(KeyboardInterrupt):
            deploy.apply(smaller, where, journal, deploy.Wishes(retire_cloud=True))
    with pytest.raises(PreflightError, match="has a cloud half"):
        deploy.apply(smaller, where, journal)
    deploy.apply(smaller, where, journal, deploy.Wishes(retire_cloud=True))
    assert recorders.there(tmp_path) == {"live/data"}
    assert where.deployed() == smaller
    # Its data is left, is part of what stands, and its plan is there to take it away by.
    deploy.apply(smaller, where, journal)
    assert planning.load(where.cloud_plan_file.read_text()) == hybrid
    assert takeaway.of(where, data=True).word == "hybrid with data"
    deploy.destroy(where, data=True)
    assert recorders.there(tmp_path) == set()
    assert standing.recorded("hybrid", tmp_path) == ()


def test_a_rehearsal_takes_its_cloud_half_away_by_itself(tmp_path: Path, rooms: list[list[str]]) -> None:
    where = recorders.stand(plan_of("hybrid"), tmp_path)
    deploy.apply(dataclasses.replace(plan_of("onprem"), name="hybrid"), where, Journal("hybrid", lambda _: None))
    assert "lab.cloud up hybrid" in lines(rooms)


def test_a_stack_that_stands_is_asked_for_before_a_checkout_makes_secrets(
    tmp_path: Path, rooms: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = dataclasses.replace(plan_of("hybrid"), target=Target.LIVE)
    where = Environment("hybrid", Target.LIVE, tmp_path)
    made: list[str] = []

    def ensure(*_: Any) -> list[str]:
        made.append(" ".join(rooms[-1]) if rooms else "before the cloud")
        return []

    monkeypatch.setattr(deploy.secrets, "ensure", ensure)
    deploy.apply(plan, where, Journal("hybrid", lambda _: None))
    assert made == ["stacks up hybrid"]
    # Of a run that was killed the checkout knows: it is its own.
    made.clear()
    rooms.clear()
    deploy.apply(plan, where, Journal("hybrid", lambda _: None))
    assert made == ["before the cloud", "stacks up hybrid"]


def test_a_preview_tells_hosts_of_another_vault_from_hosts_that_are_not_there(
    tmp_path: Path, rooms: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = dataclasses.replace(plan_of("onprem"), target=Target.LIVE)
    where = Environment("onprem", Target.LIVE, tmp_path)
    said: list[str] = []
    # They answer, and no deploy has made secrets yet: there is nothing to compare them with.
    deploy.preview(plan, where, said.append)
    assert said[-1].startswith("hosts: not there yet")
    foreign = preflight.Foreign("call1", "has its secrets from another vault", "bring it")
    monkeypatch.setattr(deploy.preflight, "hosts", lambda *_, **__: [foreign])
    with pytest.raises(PreflightError, match="from another vault"):
        deploy.preview(plan, where, said.append)
    del rooms


def test_a_database_server_is_made_anew_on_its_name_and_no_other_host_is(
    tmp_path: Path, rooms: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    where, journal = Environment("hybrid", Target.LAB, tmp_path), Journal("hybrid", lambda _: None)
    played: list[Any] = []

    def play(*_: Any, arguments: Any, **__: Any) -> Summary:
        played.append(tuple(arguments))
        return Summary(found=["db2: db1 does not follow db2"])

    monkeypatch.setattr(deploy.playbook, "play", play)
    for strange in ("edge1", "db9"):
        with pytest.raises(PreflightError, match=r"is not one of several database servers.*db1, db2"):
            deploy.apply(plan_of("hybrid"), where, journal, deploy.Wishes(remake=strange))
    assert rooms == []
    deploy.apply(plan_of("hybrid"), where, journal, deploy.Wishes(remake="db1"))
    deploy.apply(plan_of("hybrid"), where, journal)
    assert [arguments[-2:] for arguments in played[:1]] == [("--extra-vars", "postgresql_remake=db1")]
    assert "remake" not in str(played[1])
    # What a role has found is in the report, too.
    hosts = next(phase for phase in journal.phases if phase.name == "hosts")
    assert "db2: db1 does not follow db2" in hosts.detail
