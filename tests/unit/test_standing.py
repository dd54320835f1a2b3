"""What stands is known by what was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatworks import standing
from seatworks.environment import Environment, write
from seatworks.errors import PreflightError, SpecError
from seatworks.plan.model import Target
from tests import recorders, specs
from tests.examples import live_plan_of, plan_of


def test_what_stands_is_chosen_when_it_is_one_and_asked_for_when_it_is_both(tmp_path: Path) -> None:
    recorders.rooms(tmp_path)
    specs.environment(tmp_path, "cloud", target="lab")
    assert standing.choose("cloud", tmp_path, None, "make destroy") is None
    live = recorders.stand(live_plan_of("cloud"), tmp_path)
    assert standing.choose("cloud", tmp_path, None, "make destroy") == live
    with pytest.raises(PreflightError, match="does not stand with target lab, but with target live"):
        standing.choose("cloud", tmp_path, Target.LAB, "make destroy")
    rehearsal = recorders.stand(plan_of("cloud"), tmp_path)
    for target, where in ((Target.LAB, rehearsal), (Target.LIVE, live)):
        assert standing.choose("cloud", tmp_path, target, "make destroy") == where
    with pytest.raises(PreflightError) as refused:
        standing.choose("cloud", tmp_path, None, "make destroy")
    assert "stands twice" in str(refused.value)
    for target in Target:
        assert f"make destroy ENV=cloud TARGET={target}" in refused.value.problems[0].remedy


def test_an_environment_that_never_was_is_refused_and_a_plan_alone_is_no_deployment(tmp_path: Path) -> None:
    recorders.rooms(tmp_path)
    with pytest.raises(SpecError, match="there is no such file"):
        standing.choose("cloud", tmp_path, None, "make destroy")
    where = specs.environment(tmp_path, "cloud")
    write(where.plan_file, "{}")
    write(where.build / "report.html", "a report of one that is gone")
    write(where.resources_file, '[{"type": "pulumi:pulumi:Stack", "custom": false}]')
    assert standing.choose("cloud", tmp_path, None, "make destroy") is None


@pytest.mark.parametrize("file", ["attempted_file", "deployed_file", "account_file"])
def test_any_trace_of_a_run_that_was_killed_is_enough(tmp_path: Path, file: str) -> None:
    where = Environment("cloud", Target.LAB, tmp_path)
    write(getattr(where, file), "")
    assert standing.recorded("cloud", tmp_path) == (where,)


def test_machines_outlive_the_folder_and_are_found(tmp_path: Path) -> None:
    recorders.rooms(tmp_path)
    recorders.stand(plan_of("cloud"), tmp_path)
    lab = Environment("cloud", Target.LAB, tmp_path)
    for file in (lab.attempted_file, lab.deployed_file, lab.resources_file):
        file.unlink()
    assert standing.recorded("cloud", tmp_path) == ()
    assert standing.choose("cloud", tmp_path, None, "make destroy") == lab
    # Those of another project are its own.
    (tmp_path / "world" / "lab" / "machines").unlink()
    specs.environment(tmp_path, "cloud")
    assert standing.choose("cloud", tmp_path, None, "make destroy") is None


def test_the_last_plan_that_was_begun_says_whether_a_cloud_half_may_stand(tmp_path: Path) -> None:
    where = recorders.stand(live_plan_of("cloud"), tmp_path, finished=False)
    assert standing.last_had_cloud(where)
    assert standing.cloud_may_stand(where)
    assert standing.in_account(where) == []
    nowhere = Environment("other", Target.LIVE, tmp_path)
    assert not standing.last_had_cloud(nowhere)
    assert not standing.cloud_may_stand(nowhere)
