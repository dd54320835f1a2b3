"""What tests of the questions to an account share: an account, what it lacks, and how it is made to refuse."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from lab.aws.account import Account
from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Plan
from stacks import account_check
from stacks.account_check.asking import Asker

CHINA, EUROPE = "cn-north-1", "eu-central-1"
Warned = list[str]


def lacks(plan: Plan, said: Warned | None = None, **settings: str) -> list[Problem]:
    """Every problem that the open account, or whatever answers, has with a plan."""
    return problems_of(lambda: account_check.check(plan, settings, ([] if said is None else said).append))


def problems_of(ask: Callable[[], Any]) -> list[Problem]:
    """The problems that a question raises. Each has a place and a remedy."""
    found: list[Problem] = []
    try:
        ask()
    except PreflightError as refused:
        found.extend(refused.problems)
    assert all(problem.place and problem.remedy for problem in found)
    return found


def one(plan: Plan, **settings: str) -> str:
    """The only problem that the open account has with a plan."""
    (problem,) = lacks(plan, None, **settings)
    return str(problem)


def raise_quota(region: str, remedy: str) -> None:
    """Do what a message says: ask for more."""
    words = shlex.split(remedy.partition("`")[2].partition("`")[0])
    assert words[:3] == ["aws", "service-quotas", "request-service-quota-increase"]
    asked = dict(zip(words[3::2], words[4::2], strict=True))
    assert asked["--region"] == region
    boto3.client("service-quotas", region_name=region).request_service_quota_increase(
        ServiceCode=asked["--service-code"],
        QuotaCode=asked["--quota-code"],
        DesiredValue=float(asked["--desired-value"]),
    )


def with_host(plan: Plan, name: str, **changes: Any) -> Plan:
    """The plan with one host changed."""
    hosts = (dataclasses.replace(host, **changes) if host.name == name else host for host in plan.hosts)
    return dataclasses.replace(plan, hosts=tuple(hosts))


def in_zone(plan: Plan, old: str, new: str) -> Plan:
    """The plan with one zone in place of another."""
    networks = (dataclasses.replace(each, zone=new) if each.zone == old else each for each in plan.networks)
    return dataclasses.replace(plan, networks=tuple(networks))


def user(account: Account, region: str, rights: list[str] | None = None) -> tuple[str, str]:
    """A key of a new user of the account, in the partition of a region."""
    iam = account.at(region).client("iam")
    name = f"engineer-{region}-{len(iam.list_users()['Users'])}"
    iam.create_user(UserName=name)
    if rights:
        document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [%s], "Resource": "*"}]}'
        listed = ", ".join(f'"{right}"' for right in rights)
        iam.put_user_policy(UserName=name, PolicyName="asks", PolicyDocument=document % listed)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def with_keys(monkeypatch: pytest.MonkeyPatch, key: tuple[str, str], ask: Callable[[], Any]) -> Any:
    """The answer when keys are looked at: the account then knows its users and what each may do."""
    from moto.core.authorization import ActionAuthenticatorMixin

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key[1])
    return ActionAuthenticatorMixin.set_initial_no_auth_action_count(0)(ask)()


def answers(monkeypatch: pytest.MonkeyPatch, hook: Callable[..., Any], event: str) -> None:
    """Let a hook of the client library answer in the account's place."""
    session = Asker.of

    def hooked(_: type[Asker], region: str) -> Asker:
        made = session(region)
        made.session.events.register_first(event, hook)
        return made

    monkeypatch.setattr(Asker, "of", classmethod(hooked))


class Raw:
    """The body of an answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All of it at once."""
        yield self._body


def refusal_in_json(code: str, message: str, status: int = 400) -> Callable[..., AWSResponse]:
    """What a service that speaks JSON says when it refuses."""
    said = json.dumps({"__type": code, "message": message}).encode()
    return lambda request, **_: AWSResponse(request.url, status, {}, Raw(said))


def refusal(code: str, message: str, status: int = 403) -> Callable[..., AWSResponse]:
    """What a service that speaks XML says when it refuses."""
    xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return lambda request, **_: AWSResponse(request.url, status, {}, Raw(xml.encode()))
