"""Credentials, regions, rights and lines to an account: what is said when one of them is wrong."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import socket
from collections.abc import Collection
from functools import partial
from typing import Any

import pytest

from lab.aws.account import Account
from stacks import account_check
from stacks.account_check import asking, names
from stacks.account_check.asking import Asker
from tests.aws import CHECKED
from tests.cloud.lacking import (
    CHINA,
    EUROPE,
    Warned,
    answers,
    in_zone,
    lacks,
    one,
    raise_quota,
    refusal,
    refusal_in_json,
    user,
    with_keys,
)
from tests.cloud.regions import plan_in
from tests.conftest import ROOT
from tests.examples import managed_plan_of, plan_of


def test_credentials_that_nobody_knows_are_the_only_message(europe: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    del europe
    plan = in_zone(plan_in("cloud", EUROPE), f"{EUROPE}a", f"{EUROPE}z")
    (problem,) = with_keys(monkeypatch, ("NOBODY", "wrong"), partial(lacks, plan))
    assert str(problem).startswith("AWS credentials (env): are not known to AWS")
    assert "aws sts get-caller-identity" in problem.remedy


def test_a_secret_of_another_key_is_said(europe: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = user(europe, EUROPE)
    (problem,) = with_keys(monkeypatch, (key, "wrong"), partial(lacks, plan_in("hybrid", EUROPE)))
    assert problem.message == "have a secret that does not belong to their key id"


@pytest.mark.parametrize(
    ("home", "region", "theirs", "needed"), [(CHINA, EUROPE, "aws-cn", "aws"), (EUROPE, CHINA, "aws", "aws-cn")]
)
def test_credentials_of_another_partition_are_told_apart_from_wrong_ones(
    home: str, region: str, theirs: str, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Account(region, CHECKED) as account:
        key = user(account, home)
        (problem,) = with_keys(monkeypatch, key, partial(lacks, plan_in("hybrid", region)))
    assert f"are of the partition {theirs}; the region {region} is of {needed}" in problem.message


@pytest.mark.parametrize(
    ("code", "says", "message", "remedy"),
    [
        ("ExpiredToken", "The security token included in the request is expired", "have expired", "aws sso login"),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261127T080000Z is now earlier than 20261127T081500Z",
            "were refused for the time of this computer",
            "timedatectl",
        ),
        ("OptInRequired", "The account is not signed up", "were not taken: The account is not signed up", "aws"),
    ],
)
@pytest.mark.usefixtures("china")
def test_credentials_that_are_not_taken_are_one_message(
    code: str, says: str, message: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, refusal(code, says), "before-send.sts")
    (problem,) = lacks(plan_of("cloud"))
    assert problem.place == "AWS credentials (env)"
    assert problem.message.startswith(message)
    assert remedy in problem.remedy


@pytest.mark.usefixtures("china")
def test_credentials_that_expire_while_it_asks_end_the_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    expired = refusal("RequestExpired", "Request has expired", 400)
    answers(monkeypatch, expired, "before-send.ec2.DescribeImages")
    messages = [problem.message for problem in lacks(plan_of("cloud"))]
    assert messages == ["does not take the credentials that account 123456789012 gave: Request has expired"]


@pytest.mark.usefixtures("europe")
def test_a_region_that_is_not_there_is_the_only_message() -> None:
    plan = dataclasses.replace(plan_in("cloud", EUROPE), region="eu-central-9")
    said = one(plan)
    assert said.startswith("AWS eu-central-9: is no region of aws -> give one as cloud.region: af-south-1, ")
    assert "eu-central-1" in said
    # Neither another partition's, nor one that this account has not switched on.
    assert CHINA not in said
    assert "me-south-1" not in said


@pytest.mark.usefixtures("europe")
def test_a_region_that_is_switched_off_is_told_apart_from_one_that_is_not_there() -> None:
    said = one(plan_in("cloud", "me-south-1"))
    assert said.startswith("AWS me-south-1: is not switched on in account 123456789012 -> ")
    assert "aws account enable-region --region-name me-south-1" in said


def documented() -> list[str]:
    """The rights that docs/cloud.md says the questions need."""
    text = (ROOT / "docs" / "cloud.md").read_text(encoding="utf-8")
    return re.search(r"```text\n(sts:.*?)```", text, re.DOTALL).group(1).split()  # type: ignore[union-attr]


def test_the_documented_rights_are_enough_and_none_of_them_is_too_many(
    china: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ec2 = china.client("ec2")
    image = ec2.describe_images(Owners=["336777782633"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")
    for problem in lacks(managed_plan_of()):
        raise_quota(CHINA, problem.remedy)
    said: Warned = []
    # The emulator cannot check the signature of what is asked by a path: those are asked without.
    by_path = {type_ for type_, listing in names.LISTINGS.items() if listing.service in {"backup", "guardduty"}}
    others = names.LISTINGS.keys() - by_path - {"aws:connect/instance:Instance"}

    def named(asker: Asker, types: Collection[str]) -> None:
        account_check.check_names(asker, [{"type": type_, "inputs": {}} for type_ in types], said.append)

    def ask() -> Asker:
        asker = account_check.check(managed_plan_of(), {}, said.append)
        named(asker, others)
        return asker

    # The right to list alarms is checked under the name that the service signs with.
    asker = with_keys(monkeypatch, user(china, CHINA, [*documented(), "monitoring:DescribeAlarms"]), ask)
    named(asker, by_path)
    assert said == []
    # Asked for another kind of site, and where a quota was never changed.
    rare = {"connect:ListInstances", "servicequotas:GetAWSDefaultServiceQuota"}
    assert asker.rights.isdisjoint(rare)
    assert asker.rights | rare == set(documented())
    assert len(documented()) == len(set(documented()))


def test_what_may_not_be_asked_is_a_warning(china: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    without = {"ec2:DescribeImages", "rds:DescribeOrderableDBInstanceOptions"}
    key = user(china, CHINA, [right for right in documented() if right not in without])
    denied = refusal_in_json(
        "AccessDeniedException", "User is not authorized to perform: servicequotas:GetServiceQuota"
    )
    answers(monkeypatch, denied, "before-send.service-quotas")
    said: Warned = []
    assert with_keys(monkeypatch, key, partial(lacks, managed_plan_of(), said)) == []
    assert said == [
        "  warning: AWS cn-north-1: not looked at: database classes (rds:DescribeOrderableDBInstanceOptions: "
        "you are not allowed to ask) -> allow rds:DescribeOrderableDBInstanceOptions, or look at it yourself",
        "  warning: AWS cn-north-1: not looked at: the machine image (ec2:DescribeImages: you are not allowed to ask) "
        "-> allow ec2:DescribeImages, or look at it yourself",
        "  warning: AWS cn-north-1: not looked at: elastic addresses, NAT gateways, vCPUs and VPCs "
        "(servicequotas:GetServiceQuota: you are not allowed to ask) "
        "-> allow servicequotas:GetServiceQuota, or look at it yourself",
    ]


@pytest.mark.usefixtures("china")
def test_where_service_quotas_does_not_answer_the_rest_is_still_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", "http://127.0.0.1:9")
    said: Warned = []
    (problem,) = lacks(in_zone(plan_of("hybrid"), "cn-north-1b", "cn-north-1c"), said)
    assert "cn-north-1c" in problem.place
    assert len(said) == 1
    assert "elastic addresses, vCPUs and VPCs" in said[0]


@pytest.mark.usefixtures("china")
def test_a_quota_that_nobody_ever_changed_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    none = refusal_in_json("NoSuchResourceException", "The request failed because the quota does not exist")
    answers(monkeypatch, none, "before-send.service-quotas.GetServiceQuota")
    assert "the account may have 5" in one(plan_of("cloud"))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A computer with credentials, and no account around it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "NOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return monkeypatch


def test_a_dead_line_is_one_message(alone: pytest.MonkeyPatch) -> None:
    alone.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    said = one(plan_of("cloud"))
    assert said.startswith("AWS cn-north-1: sts:GetCallerIdentity was not answered: Could not connect to the endpoint")
    assert "HTTPS_PROXY" in said


def test_a_line_on_which_nobody_speaks_is_one_message(alone: pytest.MonkeyPatch) -> None:
    alone.setattr(asking, "_READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        alone.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{mute.getsockname()[1]}")
        assert "sts:GetCallerIdentity was not answered: Read timeout" in one(plan_of("cloud"))


@pytest.mark.usefixtures("china")
def test_a_line_that_dies_while_it_asks_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Asker.of(CHINA)
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:9")
    (problem,) = lacks(plan_of("cloud"))
    assert problem.message.startswith("ec2:DescribeRegions was not answered")
    assert asker.rights == set()


@pytest.mark.usefixtures("china")
def test_ctrl_c_while_it_asks_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(**_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    answers(monkeypatch, stop, "before-send.ec2.DescribeAddresses")
    # A shell ignores it for what it starts in the background.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        said = one(plan_of("cloud"))
    finally:
        signal.signal(signal.SIGINT, before)
    assert said == "AWS cn-north-1: was still being asked when you stopped it; nothing was made -> run it again"
