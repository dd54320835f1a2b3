"""What a scanner of others finds is held against a list of exceptions that cannot grow unnoticed."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from seatworks.errors import CloudError
from stacks.engine.state import StateFile
from stacks.scan import waivers
from stacks.scan.findings import Finding, read
from stacks.scan.waivers import Waiver
from tests.stacks.conftest import Deployed

TODAY = datetime.date(2026, 11, 25)
FAILED = Finding("s3_bucket_object_lock", "high", "hybrid-audit", passed=False, detail="off")
EXCUSE = Waiver("s3_bucket_object_lock", "*-audit", "the trail writes it", "cloud engineer", datetime.date(2027, 1, 1))


def judged(*exceptions: Waiver, mode: str = "hybrid") -> waivers.Verdict:
    """One failed check against some exceptions."""
    return waivers.judge([FAILED], exceptions, TODAY, mode=mode, partition="aws-cn")


def test_a_failed_check_without_an_exception_is_no_pass() -> None:
    assert judged().failed == (FAILED,)
    assert not judged().good


def test_an_exception_covers_what_it_names_until_its_day() -> None:
    assert judged(EXCUSE).good
    ended = waivers.judge([FAILED], [EXCUSE], datetime.date(2027, 1, 2), mode="hybrid", partition="aws-cn")
    assert ended.failed == (FAILED,)
    assert ended.expired == (EXCUSE,)


def test_an_exception_that_nothing_needs_must_go() -> None:
    other = Waiver("another_check", "*", "none", "cloud engineer", EXCUSE.expires)
    assert judged(EXCUSE, other).unused == (other,)
    elsewhere = Waiver("another_check", "*", "none", "cloud engineer", EXCUSE.expires, modes=("cloud",))
    assert judged(EXCUSE, elsewhere).good


def test_every_mistake_in_the_file_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yml"
    file.write_text("waivers: [{check: a, resource: b, expires: soon, owner: c}, {check: a, why: d}]\n")
    with pytest.raises(CloudError) as refused:
        waivers.load(file)
    assert len(refused.value.problems) == 4


def test_the_shipped_exceptions_are_whole_and_have_not_ended() -> None:
    for waiver in waivers.load():
        assert waiver.expires > waivers_begun(), waiver.check


def waivers_begun() -> datetime.date:
    """No exception is written for a day before the first of them."""
    return TODAY


def test_findings_bear_the_names_of_the_program(hybrid: Deployed, tmp_path: Path) -> None:
    records = StateFile(hybrid.where.build).load().records.values()
    bucket = next(record for record in records if record.name == "hybrid-recordings" and record.type.endswith("Bucket"))

    def entry(uid: str, code: str) -> dict[str, object]:
        return {
            "status_code": code, "severity": "High", "status_detail": "x",
            "metadata": {"event_code": "c"}, "resources": [{"uid": uid, "name": uid}],
        }  # fmt: skip

    told = [entry(bucket.outputs["arn"], "FAIL"), entry("arn:aws:iam::1:root", "PASS"), entry("x", "MANUAL")]
    file = tmp_path / "findings.json"
    file.write_text(json.dumps(told))
    assert [(f.resource, f.passed) for f in read(file, records)] == [
        ("hybrid-recordings", False),
        ("account:arn:aws:iam::1:root", True),
    ]
