"""A live site is not taken away by mistake, and nothing is called gone that stands."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from pathlib import Path

import pytest

from seatworks import standing, takeaway
from seatworks.environment import Environment
from seatworks.errors import PreflightError
from seatworks.plan.model import Plan, Target
from tests import recorders, specs
from tests.examples import live_plan_of, plan_of
from tests.recorders import Ended

LAB, LIVE = Target.LAB, Target.LIVE
NAME = "cloud"
# What stands: which targets, and whether their last deploy reached its end.
STANDS = {
    "lab": {LAB: True},
    "live": {LIVE: True},
    "both": {LAB: True, LIVE: True},
    "lab killed half way": {LAB: False},
    "live killed half way": {LIVE: False},
}
FILES = ("lab", "live", "gone")
# What a person types, and what may follow from it for a live site: "cloud" goes, or "cloud" and "data", or nothing.
ANSWERS: dict[str, tuple[list[str], str | None, set[str]]] = {
    "right name": ([], NAME, {"cloud"}),
    "right name, with data": (["--data"], f"{NAME} with data", {"cloud", "data"}),
    "right name given": (["--confirm", NAME], None, {"cloud"}),
    "right name and data given": (["--data", "--confirm", f"{NAME} with data"], None, {"cloud", "data"}),
    "the name where data shall go": (["--data"], NAME, set()),
    "the name given where data shall go": (["--data", "--confirm", NAME], None, set()),
    "wrong name": ([], "yes", set()),
    "wrong name given": (["--confirm", "y"], None, set()),
    "nothing": ([], "", set()),
    "no terminal": ([], None, set()),
    "no terminal, with data": (["--data"], None, set()),
    "yes": (["--yes"], None, set()),
}


CORE = ("right name", "right name, with data", "the name where data shall go", "wrong name", "no terminal")


def plan(target: Target) -> Plan:
    """The plan that was deployed."""
    return live_plan_of(NAME) if target is LIVE else plan_of(NAME)


@functools.cache
def specification(target: str) -> str:
    """The example with another target."""
    return json.dumps(specs.values(NAME, target=target), default=str)


def project(folder: Path, stands: str, file: str) -> Path:
    """A project in which that stands, with a specification that says that."""
    recorders.rooms(folder)
    for target, finished in STANDS[stands].items():
        recorders.stand(plan(target), folder, finished=finished)
    if file != "gone":
        path = folder / "inventories" / NAME / "seatworks.yml"
        path.parent.mkdir(parents=True)
        path.write_text(specification(file))
    return folder


def wrong(stands: str, asked: str, answer: str, before: set[str], after: set[str], ended: Ended) -> list[str]:
    """What must not have happened. It is worked out from the case alone."""
    there = set(STANDS[stands])
    chosen = {Target(asked)} & there if asked else there
    may_go = set()
    if chosen == {LAB} and "yes" not in answer:
        may_go = {f"lab/{thing}" for thing in ("cloud", "data", "machines")}
    if chosen == {LIVE}:
        may_go = {f"live/{thing}" for thing in ANSWERS[answer][2]}
    gone, found = before - after, []
    if gone - may_go:
        found.append(f"{sorted(gone - may_go)} went")
    if may_go - gone:
        found.append(f"{sorted(may_go - gone)} stayed")
    if not may_go and ended.code == 0:
        found.append("it ended well and did nothing")
    if may_go and ended.code != 0:
        found.append(f"it ended with {ended.code}")
    for target in Target:
        what = "rehearsal is" if target is LAB else "live deployment is"
        if f"{what} taken away" in ended.said and any(each.startswith(f"{target}/") for each in after):
            found.append(f"it says that the {target} deployment is taken away, and {sorted(after)} stands")
    if "live/data" in after and "live/cloud" in gone and "still in the account" not in ended.said:
        found.append("it does not say that data is left")
    return found


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run one case of the table in a project of its own; what was wrong with it."""

    def one(stands: str, file: str, asked: str, answer: str) -> list[str]:
        folder = tmp_path / "project"
        shutil.rmtree(folder, ignore_errors=True)
        project(folder, stands, file)
        more, typed, _ = ANSWERS[answer]
        before = recorders.there(folder)
        words = ["destroy", NAME, *(["--target", asked] if asked else []), *more]
        ended = recorders.type_in(folder, words, typed, monkeypatch, capfd)
        assert "Traceback" not in ended.said
        return wrong(stands, asked, answer, before, recorders.there(folder), ended)

    return one


@pytest.mark.parametrize("asked", ["", "lab", "live"])
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("stands", STANDS)
def test_only_the_typed_name_takes_a_live_site_away(run, stands: str, file: str, asked: str) -> None:
    # What the file says and how the name was given have nothing to do with each other: the latter is tried once.
    answers = ANSWERS if (file, asked) == ("lab", "") else CORE
    found = {answer: run(stands, file, asked, answer) for answer in answers}
    assert {answer: what for answer, what in found.items() if what} == {}


def test_the_table_notices_a_destroy_that_goes_by_the_file(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_the_file(name: str, root: Path, asked: Target | None, command: str) -> Environment:
        del command
        return Environment.find(name, root, asked)

    monkeypatch.setattr(standing, "choose", by_the_file)
    assert run("live", "lab", "", "right name")


def test_the_table_notices_a_destroy_that_asks_nobody(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeaway, "confirm", lambda *_: None)
    assert run("live", "gone", "", "no terminal, with data")
    assert run("live", "gone", "", "wrong name")


def test_a_person_is_told_what_goes_and_what_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    recorders.rooms(tmp_path)
    recorders.stand(dataclasses.replace(plan_of("hybrid"), target=LIVE), tmp_path)
    told = recorders.type_in(tmp_path, ["destroy", "hybrid"], "no", monkeypatch, capfd)
    assert told.code == 3
    for words in (
        "live deployment hybrid, deployed 20", "account       123456789012", "region        cn-north-1",
        "stack         hybrid", "in the cloud  cloud-edge1, cloud-edge2", "resources     2",
        "on site       edge1, edge2, call1", "1 resources: 1 Bucket", "servers on site run on",
        "'no' was given -> what takes it away is 'hybrid'",
    ):  # fmt: skip
        assert words.split(" -> ")[0] in told.said
    assert recorders.there(tmp_path) == {"live/cloud", "live/data"}
    done = recorders.type_in(tmp_path, ["destroy", "hybrid"], "hybrid", monkeypatch, capfd)
    assert done.code == 0
    assert "still in the account, and paid: 1 resources (1 Bucket)" in done.said
    assert "still running, as they were configured, with their data: edge1" in done.said
    assert "taken away" not in done.said
    again = recorders.type_in(tmp_path, ["destroy", "hybrid", "--data"], "hybrid with data", monkeypatch, capfd)
    assert again.code == 0
    assert recorders.there(tmp_path) == set()
    last = recorders.type_in(tmp_path, ["destroy", "hybrid", "--data"], "hybrid with data", monkeypatch, capfd)
    assert last.said.strip().startswith("✗ inventories/hybrid/seatworks.yml: there is no such file")


def test_data_on_the_sites_own_servers_is_never_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    recorders.rooms(tmp_path)
    where = recorders.stand(dataclasses.replace(plan_of("onprem"), target=LIVE), tmp_path)
    where.resources_file.unlink()
    refused = recorders.type_in(tmp_path, ["destroy", "onprem", "--data"], "onprem with data", monkeypatch, capfd)
    assert refused.code == 3
    assert "keeps its data on the site's own servers" in refused.said
    done = recorders.type_in(tmp_path, ["destroy", "onprem"], "onprem", monkeypatch, capfd)
    assert done.code == 0
    assert "goes          what build/onprem/live/ says of the deployment, nothing else" in done.said
    assert "still running, as they were configured" in done.said
    assert "taken away" not in done.said
    # No engine was asked: there is nothing in an account.
    assert not (tmp_path / "commands.log").exists()


def test_a_rehearsal_that_goes_leaves_the_live_site_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path, "both", "live")
    done = recorders.type_in(tmp_path, ["destroy", NAME, "--target", "lab"], None, monkeypatch, capfd)
    assert (done.code, recorders.there(tmp_path)) == (0, {"live/cloud", "live/data"})
    assert "cloud: the rehearsal is taken away" in done.said
    assert "the live deployment of cloud stands as before" in done.said


def test_what_takes_a_site_away_is_its_name_and_with_data_a_second_word(tmp_path: Path) -> None:
    where = recorders.stand(live_plan_of(NAME), tmp_path)
    assert takeaway.of(where, data=False).word == NAME
    asked = takeaway.of(where, data=True)
    takeaway.confirm(asked, f"{NAME} with data")
    for typed in (NAME, "", "y", "yes", "CLOUD with data", None):
        with pytest.raises(PreflightError):
            takeaway.confirm(asked, typed)
