"""A survey asks plan, account and hosts, and passes on what cannot be asked as the error of its step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatworks import plan as planning
from seatworks import survey
from seatworks.drift import Part
from seatworks.environment import Environment, write
from seatworks.errors import CloudError
from seatworks.plan.model import Target
from seatworks.playbook import Summary
from seatworks.run import CommandError, Completed
from tests.examples import plan_of

PLAN = plan_of("hybrid")


@pytest.fixture
def where(tmp_path: Path) -> Environment:
    """An environment that was deployed."""
    place = Environment("hybrid", Target.LAB, tmp_path)
    write(place.deployed_file, planning.dump(PLAN))
    return place


class Room:
    """Stands in for processes: the account agrees, one host is silent, the others tell `answer`."""

    def __init__(self, silent: str = "", answer: str = "") -> None:
        self.silent, self.answer = silent, answer
        self.limits: list[str] = []
        self.files: list[Path] = []

    def run(self, args: list[Any], **_: Any) -> Completed:
        """A process."""
        words = [str(arg) for arg in args]
        if words[0] != "ssh":
            return Completed('{"differs": false, "findings": []}', "", 0)
        if self.silent in words:
            raise CommandError(words, 255, "no route")
        return Completed(self.answer, "", 0)

    def play(self, file: Path, *_: Any, arguments: list[str], **__: Any) -> Summary:
        """The playbook in check mode."""
        self.limits = arguments
        self.files.append(file)
        return Summary(would_change=["edge1: kamailio: run | Run the proxy"])


def stand_in(monkeypatch: pytest.MonkeyPatch, room: Room) -> None:
    """Let the survey start no process."""
    monkeypatch.setattr("seatworks.survey.run", room.run)
    monkeypatch.setattr("seatworks.playbook.play", room.play)


def quiet(_line: str) -> None:
    """Say nothing."""


def test_what_is_not_deployed_is_not_asked(tmp_path: Path) -> None:
    (told,) = survey.survey(PLAN, Environment("hybrid", Target.LAB, tmp_path), quiet)
    assert told.part is Part.PLAN


def test_what_was_cut_off_is_told_and_asked_by_the_plan_that_was_begun(
    where: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room()
    stand_in(monkeypatch, room)
    where.deployed_file.rename(where.attempted_file)
    told = survey.survey(PLAN, where, quiet)
    assert told[0].found == "its last deploy was cut off or failed"
    assert room.files == [where.attempted_file]


def test_a_silent_host_is_told_and_the_others_are_compared(where: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(silent="db2")
    stand_in(monkeypatch, room)
    told = survey.survey(PLAN, where, quiet)
    assert [each.place for each in told if each.found == "no answer"] == ["db2"]
    assert not [each for each in told if each.place == "db2" and each.found != "no answer"]
    assert room.limits == ["--limit", ",".join(host.name for host in PLAN.hosts if host.name != "db2")]
    assert told[-1].wanted == "kamailio: run | Run the proxy"


def test_an_account_that_cannot_be_asked_is_an_error_of_the_cloud(
    where: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(args: list[Any], **_: Any) -> Completed:
        raise CommandError([str(arg) for arg in args], 4, "cloud: AWS cn-north-1: no credentials were found")

    monkeypatch.setattr("seatworks.survey.run", refuse)
    with pytest.raises(CloudError, match="no credentials"):
        survey.survey(PLAN, where, quiet)


def test_units_sockets_and_programs_are_read_from_an_answer() -> None:
    answer = "\n".join(
        [
            "failed rtpengine.service",
            'listens tcp 0.0.0.0:8080 users:(("python3",pid=7,fd=3))',
            "listens tcp [::1]:631",
            "listens udp *:51900",
        ]
    )
    found = {each.found for each in survey.facts(PLAN, PLAN.host("cloud-edge1"), answer)}
    assert {"it has failed", "python3 listens on tcp 8080"} <= found
    assert "something listens on udp 51900" not in found
    narrow = {each.found for each in survey.facts(PLAN, PLAN.host("cloud-edge1"), answer + "\nlends 60000 60999")}
    assert narrow - found == {"something listens on udp 51900"}
    assert not [each for each in found if "631" in each]
