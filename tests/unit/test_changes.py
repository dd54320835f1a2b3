"""What a change of a running centre does is read from one table."""

from __future__ import annotations

import pytest

from seatworks import changes


def test_a_key_comes_to_what_its_areas_come_to() -> None:
    assert [area.name for area in changes.of_key("service.menus.default")] == ["menus"]
    assert [area.name for area in changes.of_key("seats.onprem")] == [
        "seats", "host_added", "host_removed", "host_resized",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        changes.of_key("service.colour")


def test_an_area_says_each_way_with_its_roles_the_mildest_first() -> None:
    domain = changes.areas()["domain"]
    assert domain.way == "drained restart"
    assert domain.said() == "reload: asterisk baseline cloud; drained restart: kamailio"
    assert changes.areas()["figures"].said() == "nothing"


def test_a_part_of_the_plan_has_its_area_and_an_unknown_one_none() -> None:
    found = changes.of_plan("recording.retention_days")
    assert found is not None
    assert found.name == "retention"
    assert changes.of_plan("ports") is None


def test_both_pages_have_a_row_for_each_key_and_area() -> None:
    english, chinese = changes.page(), changes.page("zh")
    for page in (english, chinese):
        assert page.count('<a id="') == len(changes.areas())
        assert "| `service.menus.default` |" in page
    assert "drill `menus`" in english
    assert "重新加载: asterisk" in chinese
