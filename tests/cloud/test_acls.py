"""The fence around subnets: whoever is outside the plan's networks meets no port below 1024 that no flow names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from seatworks.errors import CloudError
from seatworks.plan.model import Plan, Site, Tier, WayOut
from stacks.components import network_acls, security_groups
from stacks.components.network import vpc_cidr
from stacks.components.subnets import cloud_networks
from tests.sites import Deployed

STRANGER = "198.18.0.1"


def lets_in(entries: list[dict[str, Any]], protocol: str, port: int, source: str) -> bool:
    """Whether a list that only allows lets in a packet."""
    for entry in entries:
        inside = IPv4Address(source) in IPv4Network(entry["cidrBlock"])
        if inside and (
            entry["protocol"] == "-1"
            or (entry["protocol"] == protocol and entry["fromPort"] <= port <= entry["toPort"])
        ):
            return True
    return False


def lists(deployed: Deployed) -> Iterator[tuple[Tier, list[dict[str, Any]]]]:
    """The entries of every tier's list, as they were asked for."""
    for tier in sorted({network.tier for network in cloud_networks(deployed.plan) if network.tier}):
        found = deployed.one("ec2/networkAcl:NetworkAcl", f"{deployed.plan.name}-{tier}")
        assert {entry["action"] for entry in found["inputs"]["ingress"]} == {"allow"}
        yield tier, found["inputs"]["ingress"]


def test_every_cloud_subnet_is_under_the_list_of_its_tier(deployed: Deployed) -> None:
    held = [id_ for found in deployed.of("ec2/networkAcl:NetworkAcl") for id_ in found["inputs"]["subnetIds"]]
    assert sorted(held) == sorted(subnet["id"] for subnet in deployed.of("ec2/subnet:Subnet"))


def test_no_list_stops_what_the_firewall_lets_in(deployed: Deployed) -> None:
    """A stateless list that is narrower than the firewall would break calls without a trace."""
    plan, tried = deployed.plan, 0
    tier_of = {network.name: network.tier for network in cloud_networks(plan)}
    by_tier = dict(lists(deployed))
    for host in (host for host in plan.hosts if host.site is Site.CLOUD):
        for rule in security_groups.ingress(plan, host.group):
            for port in (rule.first_port, rule.last_port):
                tier = tier_of[host.network]
                assert tier is not None
                assert lets_in(by_tier[tier], rule.protocol, port, str(rule.cidr[0])), (host.name, rule)
                tried += 1
    assert tried > 20


def test_answers_from_outside_come_back_where_hosts_may_ask_outside(deployed: Deployed) -> None:
    for tier, entries in lists(deployed):
        asks = any(n.way_out is not WayOut.NONE for n in cloud_networks(deployed.plan) if n.tier is tier)
        for protocol in ("tcp", "udp"):
            assert lets_in(entries, protocol, 32768, STRANGER) is asks, tier
        assert any(entry.get("icmpType") == 3 for entry in entries) is asks, tier


def test_strangers_meet_no_port_of_a_system_service(deployed: Deployed) -> None:
    for tier, entries in lists(deployed):
        open_ = [port for port in range(1024) for proto in ("tcp", "udp") if lets_in(entries, proto, port, STRANGER)]
        assert open_ == [], tier


def test_management_from_outside_reaches_ssh_and_nothing_beside_it(hybrid_plan: Plan) -> None:
    peers = tuple(
        dataclasses.replace(peer, cidrs=(IPv4Network("198.18.0.0/24"),)) if peer.name == "management" else peer
        for peer in hybrid_plan.peers
    )
    plan = dataclasses.replace(hybrid_plan, peers=peers)
    asked = network_acls.entries(plan, Tier.PUBLIC, vpc_cidr(plan))
    named = [entry for entry in asked if entry["cidr_block"] == "198.18.0.0/24"]
    assert named == [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_block": "198.18.0.0/24"}]


def test_more_rules_than_the_cloud_takes_are_refused_before_anything_is_made(hybrid_plan: Plan) -> None:
    many = tuple(IPv4Network(f"198.18.{n}.0/24") for n in range(0, 60, 2))
    peers = tuple(
        dataclasses.replace(peer, cidrs=many) if peer.name == "management" else peer for peer in hybrid_plan.peers
    )
    plan = dataclasses.replace(hybrid_plan, peers=peers)
    with pytest.raises(CloudError, match=r"public subnets: needs \d+ rules, and EC2 takes 19"):
        network_acls.entries(plan, Tier.PUBLIC, vpc_cidr(plan))


def test_what_a_network_is_born_with_is_closed(deployed: Deployed) -> None:
    closed = {found["name"] for found in deployed.of("ec2/defaultNetworkAcl:DefaultNetworkAcl")}
    assert closed == {f"{deployed.plan.name}-{which}" for which in ("default", "born")}
    for found in deployed.of("ec2/defaultNetworkAcl:DefaultNetworkAcl"):
        assert not {"ingress", "egress"} & found["inputs"].keys()
