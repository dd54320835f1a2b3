"""Eight questions become a specification that plans; wrong answers are all named at once and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatworks import init
from seatworks.errors import SpecError
from tests.conftest import ROOT


def test_there_are_eight_questions() -> None:
    assert len(init.QUESTIONS) == 8


@pytest.mark.parametrize("mode", ["hybrid", "onprem", "cloud"])
@pytest.mark.parametrize("seats", ["1", "60", "4000"])
def test_answers_become_a_plan(tmp_path: Path, mode: str, seats: str) -> None:
    where = init.write({"name": "shop", "mode": mode, "seats": seats}, tmp_path)
    plan = where.plan()
    assert plan.seat_count() == int(seats)
    assert plan.mode == mode
    assert len(plan.trunks) == 2


def test_seats_of_both_sites_can_be_given(tmp_path: Path) -> None:
    asked = init.write({"seats": "40+20"}, tmp_path).spec()
    assert (asked.seats.onprem, asked.seats.cloud) == (40, 20)


def test_wrong_answers_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    wrong = {
        "name": "My Shop", "mode": "moon", "seats": "many", "calls": "0", "talk_s": "-1", "number": "abc",
        "carriers": "unicom", "protection_level": "9",
    }  # fmt: skip
    with pytest.raises(SpecError) as refused:
        init.write(wrong, tmp_path)
    assert [problem.place for problem in refused.value.problems] == [
        "name", "mode", "seats", "calls", "talk_s", "number", "carriers", "protection_level",
    ]  # fmt: skip
    assert all(problem.remedy for problem in refused.value.problems)
    assert list(tmp_path.iterdir()) == []


def test_one_carrier_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="give two"):
        init.write({"carriers": "unicom=198.51.100.10"}, tmp_path)


def test_an_environment_that_is_there_is_left_alone(tmp_path: Path) -> None:
    where = init.write({"name": "shop"}, tmp_path)
    before = where.specification.read_text()
    with pytest.raises(SpecError, match="there already"):
        init.write({"name": "shop", "mode": "cloud"}, tmp_path)
    assert where.specification.read_text() == before


def test_what_the_specification_itself_refuses_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        init.write({"name": "shop", "carriers": "Unicom!=198.51.100.10 b=198.51.100.11"}, tmp_path)
    assert not (tmp_path / "inventories" / "shop").exists()


def test_what_else_lies_in_the_folder_stays(tmp_path: Path) -> None:
    other = tmp_path / "inventories" / "shop" / "prices.yml"
    other.parent.mkdir(parents=True)
    other.write_text("prices: {}\n")
    with pytest.raises(SpecError):
        init.write({"name": "shop", "carriers": "Unicom!=198.51.100.10 b=198.51.100.11"}, tmp_path)
    assert [path.name for path in other.parent.iterdir()] == ["prices.yml"]


def test_the_template_is_written_as_the_shipped_examples_are(tmp_path: Path) -> None:
    text = init.write({}, tmp_path).specification.read_text()
    first = (ROOT / "inventories/hybrid/seatworks.yml").read_text().splitlines()[0]
    assert text.splitlines()[0] == first
