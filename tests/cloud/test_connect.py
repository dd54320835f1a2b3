"""A centre that Amazon Connect answers, made in the emulated account and asked there through boto3."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.cloud import engine
from lab.cloud.engine import StandIn
from lab.cloud.state import StateFile
from seatworks.errors import CloudError
from seatworks.plan.connect import Connect, Flow
from seatworks.plan.model import Plan
from seatworks.results import Check, Outcome
from stacks.connect.checks import prove
from stacks.connect.pace import Pace
from tests.cloud.test_urns import known
from tests.managed import managed
from tests.rehearsal.test_engine import ops, quiet
from tests.sites import Deployed, deploy, place


@pytest.fixture(scope="session")
def managed_plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a centre that Amazon Connect answers."""
    return managed(tmp_path_factory.mktemp("specification")).plan()


@pytest.fixture(scope="session")
def centre(managed_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """That centre, deployed. Read only."""
    return deploy(managed_plan, tmp_path_factory.mktemp("managed"))


def asked(plan: Plan) -> Connect:
    """What a plan asks of Amazon Connect."""
    assert plan.connect is not None
    return plan.connect


@pytest.fixture
def account(centre: Deployed) -> Iterator[Any]:
    """A boto3 client of the account that the deployment stands in; its changes are gone afterwards."""
    with engine.standing(centre.where) as found:
        yield found.client("connect")


def proved(centre: Deployed, account: Any) -> dict[str, Check]:
    """What the account answers, by sentence."""
    found = prove(centre.plan, asked(centre.plan), centre.outputs, account, Pace(None))
    return {check.sentence: check for check in found}


def copied(centre: Deployed, plan: Plan, root: Path) -> Deployed:
    """The same deployment below another root, so that it may be changed; with the key of its secrets."""
    where = place(plan, root)
    for name in ("cloud-state.json", "cloud-state.key"):
        shutil.copy(centre.where.build / name, where.build / name)
    return dataclasses.replace(centre, plan=plan, where=where)


def flow_ids(account: Any, instance: str) -> dict[str, str]:
    """The flows of an instance by name."""
    listed = account.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    return {each["Name"]: each["Id"] for each in listed}


def with_flow(plan: Plan, flow: Flow) -> Plan:
    """The plan with one flow changed."""
    flows = tuple(flow if each.name == flow.name else each for each in asked(plan).flows)
    return dataclasses.replace(plan, connect=dataclasses.replace(asked(plan), flows=flows))


def test_the_account_holds_the_plan(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    found = account.describe_instance(InstanceId=instance)["Instance"]
    assert (found["InboundCallsEnabled"], found["OutboundCallsEnabled"]) == (True, False)
    assert found["InstanceAlias"].startswith("seatworks-managed-")
    queues = {each["Name"]: each["Id"] for each in account.list_queues(InstanceId=instance)["QueueSummaryList"]}
    assert set(queues) == {queue.name for queue in centre.plan.queues}
    users = account.list_users(InstanceId=instance)["UserSummaryList"]
    assert [user["Username"] for user in users] == [seat.user for seat in centre.plan.seats]
    (hours,) = account.list_hours_of_operations(InstanceId=instance)["HoursOfOperationSummaryList"]
    told = account.describe_hours_of_operation(InstanceId=instance, HoursOfOperationId=hours["Id"])["HoursOfOperation"]
    assert told["TimeZone"] == "Europe/Berlin"
    assert [day["Day"] for day in told["Config"]] == list(asked(centre.plan).hours.days)
    assert told["Config"][0]["EndTime"] == {"Hours": 20, "Minutes": 30}


def test_agents_take_every_queue_one_call_at_a_time_with_time_to_wrap_up(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    (profile,) = account.list_routing_profiles(InstanceId=instance)["RoutingProfileSummaryList"]
    key = {"InstanceId": instance, "RoutingProfileId": profile["Id"]}
    taken = account.list_routing_profile_queues(**key)["RoutingProfileQueueConfigSummaryList"]
    assert {each["QueueName"] for each in taken} == {"support", "sales"}
    told = account.describe_routing_profile(**key)["RoutingProfile"]
    assert told["MediaConcurrencies"] == [{"Channel": "VOICE", "Concurrency": 1}]
    first = account.list_users(InstanceId=instance)["UserSummaryList"][0]
    user = account.describe_user(InstanceId=instance, UserId=first["Id"])["User"]
    assert user["PhoneConfig"]["AfterContactWorkTimeLimit"] == 30
    assert user["PhoneConfig"]["PhoneType"] == "SOFT_PHONE"
    (rights,) = user["SecurityProfileIds"]
    may = account.list_security_profile_permissions(InstanceId=instance, SecurityProfileId=rights)["Permissions"]
    assert set(may) == {"BasicAgentAccess", "OutboundCallAccess", "TransferDestinations.View"}


def test_recordings_go_to_our_bucket_under_our_key_and_chats_nowhere(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    (place,) = account.list_instance_storage_configs(InstanceId=instance, ResourceType="CALL_RECORDINGS")[
        "StorageConfigs"
    ]
    assert place["S3Config"]["BucketName"] == centre.outputs.recordings_bucket
    assert place["S3Config"]["EncryptionConfig"]["KeyId"] == centre.outputs.recordings_key_arn
    chats = account.list_instance_storage_configs(InstanceId=instance, ResourceType="CHAT_TRANSCRIPTS")
    assert chats["StorageConfigs"] == []


def test_no_identifier_of_the_account_is_written_in_the_program() -> None:
    for path in Path("stacks/components/connect").glob("*.py"):
        assert "arn:aws" not in path.read_text(encoding="utf-8")


def test_every_check_of_a_fresh_deployment_passes(centre: Deployed, account: Any) -> None:
    found = proved(centre, account)
    assert {check.outcome for check in found.values()} == {Outcome.PASSED}
    assert "menu-main: key 2 leads to queue sales" in found
    whole = centre.outputs.phone_numbers["+4930"]
    assert f"number {whole} is answered by flow menu-main" in found


def test_a_number_that_nothing_answers_is_found(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    listed = account.list_phone_numbers_v2(InstanceId=instance)["ListPhoneNumbersSummaryList"]
    account.disassociate_phone_number_contact_flow(PhoneNumberId=listed[0]["PhoneNumberId"], InstanceId=instance)
    wrong = [check for check in proved(centre, account).values() if not check.passed]
    assert [check.message for check in wrong] == ["no flow answers it: who dials it hears nothing"]


def test_a_number_that_another_flow_answers_is_found(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    flows = {
        each["Name"]: each["Id"] for each in account.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    }
    for number in account.list_phone_numbers_v2(InstanceId=instance)["ListPhoneNumbersSummaryList"]:
        account.associate_phone_number_contact_flow(
            PhoneNumberId=number["PhoneNumberId"], InstanceId=instance, ContactFlowId=flows["queue-sales"]
        )
    wrong = [check for check in proved(centre, account).values() if not check.passed]
    assert [check.message for check in wrong] == ["it is answered by flow queue-sales"]


def test_a_key_that_was_turned_to_another_queue_by_hand_is_found(centre: Deployed, account: Any) -> None:
    instance = centre.outputs.connect_instance
    flows = {
        each["Name"]: each["Id"] for each in account.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    }
    key = {"InstanceId": instance, "ContactFlowId": flows["menu-main"]}
    document = json.loads(account.describe_contact_flow(**key)["ContactFlow"]["Content"])
    (menu,) = [each for each in document["Actions"] if each["Type"] == "GetParticipantInput"]
    menu["Transitions"]["Conditions"][1]["NextAction"] = "to-support"
    account.update_contact_flow_content(**key, Content=json.dumps(document))
    wrong = [check.sentence for check in proved(centre, account).values() if not check.passed]
    assert wrong == ["menu-main: key 2 leads to queue sales"]


def test_a_second_run_changes_nothing(centre: Deployed, tmp_path: Path) -> None:
    again = copied(centre, centre.plan, tmp_path)
    summary, outputs = StandIn().up(again.plan, again.where, quiet)
    assert dict(summary.counts) == {"same": centre.summary.counts["create"]}
    assert outputs == centre.outputs


def test_a_key_of_a_menu_is_one_change_of_one_flow(centre: Deployed, tmp_path: Path) -> None:
    main = asked(centre.plan).flow("menu-main")
    plan = with_flow(centre.plan, dataclasses.replace(main, digits=(("1", "sales"), ("2", "support"))))
    other = copied(centre, plan, tmp_path)
    summary, outputs = StandIn().up(plan, other.where, quiet)
    assert ops(summary) == [("update", "managed-flow-menu-main")]
    assert outputs == centre.outputs
    with engine.standing(other.where) as found:
        checks = prove(plan, asked(plan), outputs, found.client("connect"), Pace(None))
    assert {check.outcome for check in checks} == {Outcome.PASSED}


def test_destroy_leaves_nothing(managed_plan: Plan, tmp_path: Path) -> None:
    where = place(managed_plan, tmp_path)
    StandIn().up(managed_plan, where, quiet)
    summary = StandIn().destroy(where, quiet, data=True)
    assert summary.counts["delete"] > 40
    assert StateFile(where.build).load().records == {}


def test_first_passwords_are_secret_and_nowhere_in_the_report(centre: Deployed) -> None:
    state = StateFile(centre.where.build)
    users = [record for record in state.load().records.values() if record.type == "aws:connect/user:User"]
    words = {record.inputs["password"] for record in users}
    assert len(words) == len(users) == 24
    for name in ("resources.json", "cloud-state.json"):
        text = (centre.where.build / name).read_text(encoding="utf-8")
        assert not [word for word in words if word in text]


def test_a_beginning_of_another_country_is_one_clear_message(managed_plan: Plan, tmp_path: Path) -> None:
    numbers = tuple(dataclasses.replace(each, number="+4412") for each in asked(managed_plan).numbers[:1])
    plan = dataclasses.replace(managed_plan, connect=dataclasses.replace(asked(managed_plan), numbers=numbers))
    with pytest.raises(CloudError, match="no number of DE: they begin"):
        StandIn().up(plan, place(plan, tmp_path), quiet)


def test_a_number_that_somebody_has_is_one_clear_message(managed_plan: Plan, tmp_path: Path) -> None:
    whole = "+493012345678"
    first, second = asked(managed_plan).numbers
    numbers = (dataclasses.replace(first, number=whole), dataclasses.replace(second, number=whole[:-1]))
    plan = dataclasses.replace(managed_plan, connect=dataclasses.replace(asked(managed_plan), numbers=numbers))
    where = place(plan, tmp_path)
    _, outputs = StandIn().up(plan, where, quiet)
    assert outputs.phone_numbers[whole] == whole
    with engine.standing(where) as account, pytest.raises(ClientError, match="is claimed already"):
        account.client("connect").claim_phone_number(InstanceId=outputs.connect_instance, PhoneNumber=whole)


def test_every_resource_has_the_name_it_had(centre: Deployed) -> None:
    assert {resource["urn"].split("::", 2)[2] for resource in centre.resources} == known("connect")
