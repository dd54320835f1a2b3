"""Every server is told at its birth to install the agent of Session Manager, and nothing else."""

from __future__ import annotations

import base64

import pytest
import yaml

from lab.cloud.engine import standing
from seatworks.plan.model import Tier
from stacks.components import network_acls, security_groups
from stacks.components.agent import AGENT_UNIT, agent_files, agent_url, agent_user_data
from stacks.components.network import cloud_groups, vpc_cidr
from tests.examples import live_plan_of
from tests.sites import Deployed


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
    ],
)
def test_the_agent_comes_from_the_bucket_of_the_region_by_the_name_of_its_partition(region: str, host: str) -> None:
    url = f"https://{host}/amazon-ssm-{region}/latest/debian_amd64/amazon-ssm-agent.deb"
    assert agent_url(region) == url
    (unit,) = agent_files(region).values()
    assert f"download-file {url} amazon-ssm-agent.deb\n" in unit
    assert "@" not in unit
    assert agent_user_data(region) == agent_user_data(region)


def test_the_agent_is_installed_until_that_has_succeeded_and_then_never_again() -> None:
    (unit,) = agent_files("cn-north-1").values()
    assert "ConditionPathExists=!/var/lib/seatworks-agent/installed\n" in unit
    assert unit.index("systemctl enable --now amazon-ssm-agent") < unit.index("ExecStartPost=/usr/bin/touch installed")
    assert "Restart=on-failure\n" in unit


@pytest.mark.parametrize("site", ["cloud", "joined"])
def test_the_account_holds_for_every_server_the_agent_and_no_word_of_the_deployment(
    site: str, request: pytest.FixtureRequest
) -> None:
    found: Deployed = request.getfixturevalue(site)
    assert found.outputs.instance_ids
    with standing(found.where) as site:
        for id_ in found.outputs.instance_ids.values():
            told = site.client("ec2").describe_instance_attribute(InstanceId=id_, Attribute="userData")
            text = base64.b64decode(told["UserData"]["Value"]).decode()
            document = yaml.safe_load(text)
            assert text.startswith("#cloud-config\n")
            assert set(document) == {"write_files", "runcmd"}
            written = {file["path"]: file["content"] for file in document["write_files"]}
            assert written == agent_files(str(found.plan.region))
            assert document["runcmd"][-1] == ["systemctl", "enable", "--now", "--no-block", AGENT_UNIT]


def test_where_nobody_is_named_no_fence_of_the_cloud_opens_ssh() -> None:
    plan = live_plan_of("cloud")
    ports = plan.ports
    for group in cloud_groups(plan):
        opened = security_groups.ingress(plan, group)
        assert opened
        assert not [rule for rule in opened if rule.first_port <= ports.ssh <= rule.last_port]
    for tier in Tier:
        for entry in network_acls.entries(plan, tier, vpc_cidr(plan)):
            inside = entry["cidr_block"] != "0.0.0.0/0"
            assert inside or not entry["from_port"] <= ports.ssh <= entry["to_port"]
