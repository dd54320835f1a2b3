"""What guards the cloud site is worked out from the specification and the figures of the law."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatworks.errors import SpecError
from seatworks.plan.model import Guard
from seatworks.tables import table
from tests.examples import plan_of
from tests.specs import environment


def guard(name: str) -> Guard:
    """The guard of a shipped example with a cloud site."""
    found = plan_of(name).guard
    assert found is not None
    return found


def test_a_site_without_a_cloud_has_no_guard_of_one() -> None:
    assert plan_of("onprem").guard is None


def test_logs_are_kept_as_long_as_the_law_asks() -> None:
    assert guard("cloud").log_days == table("law")["log_retention_days"]["value"]


def test_what_holds_data_in_the_cloud_is_copied_and_edges_are_not() -> None:
    assert [(entry.data_class, entry.groups) for entry in guard("cloud").copies] == [
        ("calls", ("db",)),
        ("recordings", ("record",)),
    ]
    assert guard("hybrid").copies == ()


def test_copies_do_not_outlive_what_they_are_of() -> None:
    for entry in guard("cloud").copies:
        assert 0 < entry.retention_days <= plan_of("cloud").recording.retention_days


@pytest.mark.parametrize(
    ("region", "other", "message"),
    [
        ("cn-north-1", "cn-north-1", "where the originals are"),
        ("cn-north-1", "eu-central-1", "would leave its country.*cn-northwest-1"),
        ("eu-central-1", "us-east-1", "would leave its country.*begins with eu-"),
        ("us-gov-west-1", "us-east-1", "another partition"),
    ],
)
def test_a_second_copy_stays_in_the_country(tmp_path: Path, region: str, other: str, message: str) -> None:
    where = environment(tmp_path, "cloud", cloud__region=region, cloud__backup_region=other)
    with pytest.raises(SpecError, match=message):
        where.spec()


def test_a_region_of_the_same_country_is_taken(tmp_path: Path) -> None:
    where = environment(tmp_path, "cloud", cloud__backup_region="cn-northwest-1")
    cloud = where.spec().cloud
    assert cloud is not None
    assert cloud.backup_region == "cn-northwest-1"
