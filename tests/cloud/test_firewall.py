"""The cloud firewall opens the plan's flows and nothing else."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Network
from typing import Any

from seatworks.plan.model import Flow, Plan, Protocol, Site
from stacks.components import security_groups
from tests.sites import Deployed

Opening = tuple[str, str, int, int, str]


def wanted(plan: Plan) -> set[Opening]:
    """What the plan's flows ask of the cloud firewall, worked out apart from the code under test."""
    cloud = {host.name: host.group for host in plan.hosts if host.site is Site.CLOUD}
    return {
        (cloud[target], flow.protocol.value, flow.first_port, flow.last_port, str(source))
        for flow in plan.flows
        if not flow.via_link
        for target in flow.targets
        if target in cloud and not (plan.host(target).managed and flow.first_port == plan.ports.ssh)
        for source in plan.source_cidrs(flow)
    }


def made(deployed: Deployed, direction: str) -> list[tuple[str, dict[str, Any]]]:
    """The rules of the groups that hosts are in, with the group each belongs to."""
    prefix = f"{deployed.plan.name}-"
    held = {host.group for host in deployed.plan.hosts}
    groups = {
        guard["id"]: guard["name"].removeprefix(prefix) for guard in deployed.of("ec2/securityGroup:SecurityGroup")
    }
    return [
        (groups[rule["inputs"]["securityGroupId"]], rule["inputs"])
        for rule in deployed.of(f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
        if groups[rule["inputs"]["securityGroupId"]] in held
    ]


def test_rules_equal_the_flows_of_the_plan(deployed: Deployed) -> None:
    found = {
        (group, rule["ipProtocol"], rule["fromPort"], rule["toPort"], rule["cidrIpv4"])
        for group, rule in made(deployed, "Ingress")
    }
    assert found == wanted(deployed.plan)


def test_only_flows_from_the_internet_are_open_to_the_internet(deployed: Deployed) -> None:
    open_ports = {
        (flow.protocol.value, flow.first_port, flow.last_port)
        for flow in deployed.plan.flows
        if IPv4Network("0.0.0.0/0") in deployed.plan.source_cidrs(flow)
    }
    found = {
        (rule["ipProtocol"], rule["fromPort"], rule["toPort"])
        for _, rule in made(deployed, "Ingress")
        if rule["cidrIpv4"] == "0.0.0.0/0"
    }
    assert found == open_ports
    assert ("tcp", 22, 22) not in found


def test_flows_inside_the_link_are_unknown_to_the_cloud(hybrid: Deployed) -> None:
    link = str(hybrid.plan.link_network).split("/")[0].rsplit(".", 1)[0]
    assert any(flow.via_link for flow in hybrid.plan.flows)
    assert not [rule for _, rule in made(hybrid, "Ingress") if rule["cidrIpv4"].startswith(f"{link}.")]


def test_inner_hosts_cannot_send_voice_to_the_internet(cloud: Deployed) -> None:
    anywhere = {
        (group, rule["ipProtocol"], rule["fromPort"])
        for group, rule in made(cloud, "Egress")
        if rule["cidrIpv4"] == "0.0.0.0/0"
    }
    inner = {group for group, _, _ in anywhere} - {"edge"}
    assert inner == {"call", "db", "record"}
    assert {(protocol, port) for group, protocol, port in anywhere if group in inner} == {
        ("tcp", 80),
        ("tcp", 443),
        ("udp", 123),
    }


def test_every_conversation_between_cloud_hosts_may_leave_its_source(cloud_plan: Plan) -> None:
    for flow in cloud_plan.flows:
        for source in flow.sources:
            sending = [host for host in cloud_plan.hosts if host.name == source]
            for target in flow.targets if sending else ():
                rules = security_groups.egress(cloud_plan, sending[0].group)
                address = IPv4Network(f"{cloud_plan.host(target).address}/32")
                assert any(
                    rule.protocol == flow.protocol.value
                    and rule.first_port <= flow.first_port
                    and flow.last_port <= rule.last_port
                    and address.subnet_of(rule.cidr)
                    for rule in rules
                ), flow.name


def test_the_same_opening_for_two_reasons_is_one_rule(hybrid_plan: Plan) -> None:
    twice = Flow("again", ("internet",), ("cloud-edge1",), Protocol.TCP, 5061, 5061, "another reason")
    rules = security_groups.ingress(dataclasses.replace(hybrid_plan, flows=(*hybrid_plan.flows, twice)), "cloud-edge")
    (rule,) = [rule for rule in rules if rule.first_port == 5061]
    assert rule.why.endswith("; another reason")


def test_descriptions_are_such_as_ec2_accepts(hybrid_plan: Plan) -> None:
    odd = Flow("odd", ("internet",), ("cloud-edge1",), Protocol.TCP, 1, 1, "it's “odd” > 100 %?" + "x" * 300)
    (rule,) = [
        rule
        for rule in security_groups.ingress(dataclasses.replace(hybrid_plan, flows=(odd,)), "cloud-edge")
        if rule.first_port == 1
    ]
    assert len(rule.why) == 255
    assert not set(rule.why) & set("'“”>%?")
