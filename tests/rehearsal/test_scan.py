"""What a scanner of others finds is held against a list of exceptions that cannot grow unnoticed."""

from __future__ import annotations

import dataclasses
import datetime
import json
from pathlib import Path

import pytest

from lab.cloud.engine import OWN, standing
from lab.cloud.state import StateFile
from lab.scan import tool, waivers
from lab.scan.__main__ import examine, report
from lab.scan.findings import Finding, names_of, read
from lab.scan.waivers import Waiver
from seatworks.errors import CloudError
from seatworks.plan.model import Plan
from stacks.components.place import partition_of
from tests.examples import managed_plan_of, plan_of
from tests.managed import managed
from tests.optional import needs
from tests.sites import Deployed

# The day on which the exceptions were last looked through.
TODAY = datetime.date(2026, 11, 27)
FAILED = Finding("s3_bucket_object_lock", "high", "hybrid-audit", passed=False, detail="off")
EXCUSE = Waiver(
    "s3_bucket_object_lock", ("*-audit",), "the trail writes it", "cloud engineer", datetime.date(2027, 1, 1)
)


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


def test_an_exception_that_nothing_needs_any_more_must_go() -> None:
    passed = Finding("another_check", "high", "hybrid-edge", passed=True, detail="on")
    other = Waiver("another_check", ("*-edge",), "none", "cloud engineer", EXCUSE.expires)
    elsewhere = Waiver("another_check", ("*-call",), "none", "cloud engineer", EXCUSE.expires)

    def unused(*exceptions: Waiver, mode: str = "hybrid") -> tuple[Waiver, ...]:
        return waivers.judge([FAILED, passed], exceptions, TODAY, mode=mode, partition="aws-cn").unused

    assert unused(EXCUSE, other, elsewhere) == (other,)
    only = dataclasses.replace(other, modes=("cloud",))
    assert (unused(EXCUSE, only), unused(EXCUSE, only, mode="cloud")) == ((), (only,))


def test_every_mistake_in_the_file_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yml"
    good = "check: a, reason: r, owner: o, expires: 2027-01-01"
    bad = "{check: a, resources: [b], expires: soon, owner: c}, {check: a, why: d}"
    file.write_text(f"waivers: [{bad}, {{{good}, resources: b}}]\n")
    with pytest.raises(CloudError) as refused:
        waivers.load(file)
    assert len(refused.value.problems) == 5


def test_no_shipped_exception_is_for_more_than_a_year() -> None:
    for waiver in waivers.load():
        assert TODAY < waiver.expires <= TODAY + datetime.timedelta(days=366), waiver.check


def test_findings_bear_the_names_of_the_program(hybrid: Deployed, tmp_path: Path) -> None:
    records = StateFile(hybrid.where.build).load().records.values()
    bucket = next(record for record in records if record.name == "hybrid-recordings" and record.type.endswith("Bucket"))

    def entry(uid: str, code: str) -> dict[str, object]:
        return {
            "status_code": code, "severity": "High", "status_detail": "x",
            "metadata": {"event_code": "c"}, "resources": [{"uid": uid, "name": uid}],
        }  # fmt: skip

    machine = next(record for record in records if record.name == "hybrid-cloud-edge1" and "instance:" in record.type)
    with standing(hybrid.where) as site:
        held = [{"Name": "attachment.instance-id", "Values": [machine.id]}]
        (disk,) = site.client("ec2").describe_volumes(Filters=held)["Volumes"]
        names = names_of(records, site.account)
    told = [
        entry(bucket.outputs["arn"], "FAIL"),
        entry(f"arn:aws-cn:ec2:cn-north-1:123456789012:volume/{disk['VolumeId']}", "FAIL"),
        # A setting of the account is known by the account's number or the region's name: so are many.
        entry("arn:aws-cn:macie:cn-north-1:123456789012", "PASS"),
        entry("x", "MANUAL"),
    ]
    file = tmp_path / "findings.json"
    file.write_text(json.dumps(told))
    assert [(f.resource, f.passed) for f in read(file, names)] == [
        ("hybrid-recordings", False),
        ("hybrid-cloud-edge1", False),
        ("account:arn:aws-cn:macie:cn-north-1:123456789012", True),
    ]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Plan, list[Finding]]]:
    """What the scanner finds in every kind of site: about a minute each."""
    needs("prowler", there=tool.is_there())
    plans = {"hybrid": plan_of("hybrid"), "cloud": plan_of("cloud"), "database": managed_plan_of()}
    plans["connect"] = managed(tmp_path_factory.mktemp("connect")).plan()
    place = tmp_path_factory.mktemp("scans")
    # What a site has only when it is asked for.
    further = {**OWN, "vaultPassword": "opens the vault"}
    database = plans["database"], examine(plans["database"], place / "database", further)[0]
    rest = {name: (plan, examine(plan, place / name)[0]) for name, plan in plans.items() if name != "database"}
    return {**rest, "database": database}


def test_the_scanner_finds_nothing_that_is_not_excepted(scanned: dict[str, tuple[Plan, list[Finding]]]) -> None:
    exceptions, used = waivers.load(), set()
    for name, (plan, findings) in scanned.items():
        verdict = waivers.judge(findings, exceptions, TODAY, mode=plan.mode, partition=partition_of(str(plan.region)))
        assert verdict.good, (name, list(report(findings, verdict)))
        assert sum(finding.passed for finding in findings) > 60, name
        used |= {waiver for _, waiver in verdict.waived}
    assert set(exceptions) - used == set(), "no site needs these"


def test_the_scanner_sees_every_service_of_the_site(scanned: dict[str, tuple[Plan, list[Finding]]]) -> None:
    services = {finding.check.partition("_")[0] for _, findings in scanned.values() for finding in findings}
    assert services >= {
        "cloudtrail", "cloudwatch", "config", "ec2", "guardduty", "iam", "kms", "rds", "s3", "secretsmanager",
        "securityhub", "sns", "vpc",
    }  # fmt: skip
    seen = {finding.check for _, findings in scanned.values() for finding in findings}
    assert {"s3_account_level_public_access_blocks", "rds_instance_protected_by_backup_plan"} <= seen
