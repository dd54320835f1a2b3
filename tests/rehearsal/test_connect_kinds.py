"""Every type of Amazon Connect is made, refused by the names of the service, and asked at its pace."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.aws import extend
from lab.aws.account import Account
from lab.cloud import engine
from lab.cloud.engine import StandIn
from lab.cloud.provider import Provider
from lab.cloud.state import Record, StateFile
from lab.kinds import KINDS
from lab.kinds.connect import CONNECT
from seatworks import plan as planning
from seatworks.environment import write
from seatworks.plan.model import Plan, Target
from seatworks.results import Outcome
from stacks.commands import main
from stacks.components.connect.people import password
from stacks.connect.checks import prove
from stacks.connect.contact_records import answered
from stacks.connect.pace import Pace
from tests.aws.connect_rate import limited
from tests.managed import managed
from tests.sites import Deployed, deploy


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """A centre whose agents call too, deployed. Read only."""
    folder = tmp_path_factory.mktemp("kinds")
    plan = managed(folder, traffic__direction="mixed", seats={"cloud": 2}).plan()
    return deploy(plan, folder)


@pytest.fixture
def account(standing: Deployed) -> Iterator[Account]:
    """The account it stands in."""
    with engine.standing(standing.where) as found:
        yield found.account


def records(standing: Deployed) -> list[Record]:
    """One record of every type."""
    state = StateFile(standing.where.build).load()
    return list({record.type: record for record in state.records.values() if record.type in CONNECT}.values())


def test_the_deployment_uses_every_type(standing: Deployed) -> None:
    assert {record.type for record in records(standing)} == set(CONNECT)


def test_another_identity_is_another_instance(standing: Deployed, account: Account) -> None:
    (record,) = [each for each in records(standing) if each.type.endswith(":Instance")]
    new = {**record.inputs, "identityManagementType": "SAML"}
    assert Provider(account, KINDS).compare(record.type, record.inputs, new).replace


def test_what_is_in_use_and_what_is_not_there_is_refused_by_the_names_of_the_service(
    standing: Deployed, account: Account
) -> None:
    connect, instance = account.client("connect"), standing.outputs.connect_instance
    queue = connect.list_queues(InstanceId=instance)["QueueSummaryList"][0]
    with pytest.raises(connect.exceptions.ResourceInUseException):
        connect.delete_queue(InstanceId=instance, QueueId=queue["Id"])
    with pytest.raises(connect.exceptions.ResourceNotFoundException):
        connect.describe_queue(InstanceId=instance, QueueId="no-such")
    with pytest.raises(connect.exceptions.InvalidContactFlowException) as wrong:
        connect.create_contact_flow(
            InstanceId=instance, Name="x", Type="CONTACT_FLOW", Content=json.dumps({"Actions": []})
        )
    assert wrong.value.response["problems"]
    with pytest.raises(connect.exceptions.InvalidParameterException, match="must be one of"):
        connect.update_queue_status(InstanceId=instance, QueueId=queue["Id"], Status="CLOSED")
    user = connect.list_users(InstanceId=instance)["UserSummaryList"][0]
    told = connect.describe_user(InstanceId=instance, UserId=user["Id"])["User"]
    with pytest.raises(connect.exceptions.InvalidParameterException, match="Password"):
        connect.create_user(
            InstanceId=instance, Username="new", Password="s" * 5, RoutingProfileId=told["RoutingProfileId"],
            SecurityProfileIds=told["SecurityProfileIds"],
        )  # fmt: skip


def test_who_calls_back_shows_the_number_of_the_centre(standing: Deployed, account: Account) -> None:
    connect, instance = account.client("connect"), standing.outputs.connect_instance
    for queue in connect.list_queues(InstanceId=instance)["QueueSummaryList"]:
        told = connect.describe_queue(InstanceId=instance, QueueId=queue["Id"])["Queue"]
        number = told["OutboundCallerConfig"]["OutboundCallerIdNumberId"]
        found = connect.describe_phone_number(PhoneNumberId=number)["ClaimedPhoneNumberSummary"]
        assert found["PhoneNumber"] == standing.outputs.phone_numbers["+4930"]


@pytest.mark.usefixtures("account")
def test_to_teach_the_emulator_twice_is_to_teach_it_once() -> None:
    from moto.connect import urls

    before = dict(urls.url_paths)
    extend()
    assert urls.url_paths == before


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        """Now, in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.now += seconds


def test_the_proof_is_never_refused_for_asking_too_fast(standing: Deployed, account: Account) -> None:
    plan, clock = standing.plan, Clock()
    assert plan.connect is not None
    pace = Pace(plan.connect.request_rate, clock.time, clock.sleep)
    # Not one request may come early: no burst is allowed here.
    with limited(plan.connect.request_rate, 1, clock.time) as bucket:
        checks = prove(plan, plan.connect, standing.outputs, account.client("connect"), pace)
    assert bucket.throttled == 0
    assert {check.outcome for check in checks} == {Outcome.PASSED}
    assert clock.now - 100 >= (pace.requests - 1) / plan.connect.request_rate


def test_without_a_pace_the_service_says_so(standing: Deployed, account: Account) -> None:
    plan, clock = standing.plan, Clock()
    assert plan.connect is not None
    with limited(2, 5, clock.time), pytest.raises(ClientError, match="ThrottlingException"):
        prove(plan, plan.connect, standing.outputs, account.client("connect"), Pace(None))


class Contacts:
    """A client whose account holds one contact."""

    def __init__(self, dialled: str, *, connected: bool = True, recorded: bool = True) -> None:
        agent = {"AgentInfo": {"ConnectedToAgentTimestamp": "2026-11-25"}} if connected else {}
        self._contact = {"Id": "c1", **agent, "SystemEndpoint": {"Address": dialled}}
        self._contact["Recordings"] = [{"Status": "AVAILABLE", "Location": "b/recordings/c1.wav"}] if recorded else []

    def search_contacts(self, **_: Any) -> dict[str, Any]:
        """The contact in short."""
        return {"Contacts": [self._contact]}

    def describe_contact(self, **_: Any) -> dict[str, Any]:
        """The contact."""
        return {"Contact": self._contact}


@pytest.mark.parametrize(
    ("contact", "outcome"),
    [
        ({}, Outcome.PASSED),
        ({"connected": False}, Outcome.FAILED),
        ({"recorded": False}, Outcome.FAILED),
        ({"dialled": "+4911111111"}, Outcome.FAILED),
    ],
)
def test_a_live_centre_is_shown_by_a_call_that_was_answered_and_recorded(
    standing: Deployed, contact: dict[str, Any], outcome: Outcome
) -> None:
    plan = live(standing.plan)
    client = Contacts(**{"dialled": standing.outputs.phone_numbers["+4930"], **contact})
    now = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)
    assert plan.connect is not None
    check = answered(plan, plan.connect, standing.outputs, client, Pace(None), now)
    assert check.outcome is outcome
    assert outcome is Outcome.PASSED or "dial +49" in check.message


def live(plan: Plan) -> Plan:
    """The plan for a real account."""
    return dataclasses.replace(plan, target=Target.LIVE)


def test_the_command_verifies_and_claims_no_call(
    standing: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "build/managed/lab/attempted.json", planning.dump(standing.plan))
    assert main(StandIn(), ["up", "managed"]) == 0
    assert "a live account needs about" in capsys.readouterr().err
    assert main(StandIn(), ["verify", "managed"]) == 0
    checks = json.loads((tmp_path / "build/managed/lab/cloud-checks.json").read_text(encoding="utf-8"))
    assert [check["outcome"] for check in checks if check["area"] == "calls"] == ["skipped"]
    assert "no call was made" in capsys.readouterr().err


def test_to_verify_what_is_not_there_ends_with_6(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "build/managed/lab/attempted.json", planning.dump(managed(tmp_path).plan()))
    assert main(StandIn(), ["verify", "managed"]) == 6


def test_passwords_are_as_the_service_takes_them_and_never_twice_the_same() -> None:
    words = {password() for _ in range(200)}
    assert len(words) == 200
    for word in words:
        assert len(word) == 24
        assert any(each.isdigit() for each in word)
        assert any(each.islower() for each in word)
        assert any(each.isupper() for each in word)
