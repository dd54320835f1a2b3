"""A plan becomes segments, machines and the rules between them."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.machines.layout import Software, Zone, bridge_name, lay_out
from lab.machines.router import ruleset
from seatworks.errors import SeatworksError
from seatworks.plan.model import CloudOutputs, Vpn
from tests import lab_plan

RULES = """\
flush ruleset
table ip router {
  chain untracked {
    type filter hook prerouting priority raw; policy accept;
    iifname { "br-onprem", "br-desks", "br-carrier" } ip daddr { 10.20.0.0/24, 10.20.8.0/24, 198.51.100.0/24 } \
udp dport >= 6000 notrack
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    dnat to ip daddr map { 192.0.2.57 : 10.60.0.11 }
  }
  chain own_output {
    type nat hook output priority -100; policy accept;
    dnat to ip daddr map { 192.0.2.57 : 10.60.0.11 }
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname != { "br-cloud-a" } snat to ip saddr map { 10.60.0.11 : 192.0.2.57 }
    oifname { "br-cloud-a" } ct status dnat snat to ip saddr map { 10.60.0.11 : 192.0.2.57 }
    ip saddr { 10.20.0.0/24, 10.20.8.0/24 } oifname { "br-cloud-a", "br-internet" } snat to 192.0.2.10
  }
  chain through {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname { "br-onprem", "br-desks" } oifname { "br-onprem", "br-desks", "br-carrier", "br-internet" } accept
    iifname { "br-onprem", "br-desks", "br-carrier" } oifname { "br-onprem", "br-desks" } accept
    iifname { "br-cloud-a" } oifname { "br-cloud-a" } accept
    iifname { "br-cloud-a" } ip saddr { 10.60.0.11 } oifname { "br-carrier", "br-internet" } accept
    oifname { "br-cloud-a" } ct status dnat accept
    counter
  }
  chain towards {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    icmp type echo-request accept
    tcp dport 80 accept
    counter
  }
}
"""


def test_every_host_and_stand_in_is_a_machine():
    machines = {each.name: each for each in lay_out(lab_plan.plan(), lab_plan.OUTPUTS).machines}
    assert {name: str(each.address) for name, each in machines.items()} == {
        "inner1": "10.20.0.11",
        "inner2": "10.20.0.12",
        "outer1": "10.60.0.11",
        "carrier": "198.51.100.10",
        "phones-onprem": "10.20.8.10",
        "phones-internet": "203.0.113.20",
    }
    assert machines["carrier"].segment.gateway == IPv4Address("198.51.100.1")
    assert machines["carrier"].software is Software.TOOLS


def test_the_router_has_these_rules_and_no_others():
    assert ruleset(lay_out(lab_plan.plan(), lab_plan.OUTPUTS), 80) == RULES


def test_networks_that_a_vpn_joins_meet_untranslated():
    vpn = Vpn(IPv4Address("192.0.2.10"), lab_plan.ONPREM.cidr, IPv4Network("10.60.0.0/16"), (), (), (), ())
    layout = lay_out(dataclasses.replace(lab_plan.plan(), vpn=vpn), lab_plan.OUTPUTS)
    there, back = "ip saddr 10.20.0.0/24 ip daddr 10.60.0.0/16", "ip saddr 10.60.0.0/16 ip daddr 10.20.0.0/24"
    lines = ruleset(layout, 80).splitlines()
    added = [line for line in lines if line not in RULES.splitlines()]
    assert added == [f"    {way} accept" for way in (there, back)] * 2
    # Before anything that translates: who matches the first rule of a chain of addresses keeps its own.
    translating = lines.index("  chain postrouting {")
    assert lines[translating + 2 : translating + 4] == added[:2]


def test_a_site_without_cloud_needs_no_translation():
    site = lab_plan.plan(hosts=(lab_plan.host("inner1", lab_plan.ONPREM, 11),), networks=(lab_plan.ONPREM,))
    text = ruleset(lay_out(site, CloudOutputs()), 80)
    assert "dnat" not in text
    assert "{  }" not in text


def test_a_bare_machine_has_no_roles():
    plan = lab_plan.plan(hosts=(lab_plan.host("inner1", lab_plan.ONPREM, 11, "kamailio"),))
    assert lay_out(plan, CloudOutputs()).machines[0].roles == ("kamailio",)
    bare = lay_out(plan, CloudOutputs(), bare=True).machines[0]
    assert (bare.roles, bare.software) == ((), Software.BARE)


def test_each_carrier_is_a_machine_and_a_gateway_stands_on_the_site():
    second = dataclasses.replace(lab_plan.UNICOM, name="telecom", address=IPv4Address("198.51.101.1"))
    gateway = dataclasses.replace(lab_plan.UNICOM, name="gw1", kind="e1", address=IPv4Address("10.20.0.50"))
    layout = lay_out(lab_plan.plan(trunks=(lab_plan.UNICOM, second, gateway)), CloudOutputs())
    found = {each.name: each.segment for each in layout.machines if each.name.startswith("carrier")}
    assert [found[name].zone for name in ("carrier", "carrier-telecom", "carrier-gw1")] == [
        Zone.CARRIER,
        Zone.CARRIER,
        Zone.ONPREM,
    ]
    # Its own address is the first of its network: the router takes another.
    assert found["carrier-telecom"].gateway == IPv4Address("198.51.101.254")


@pytest.mark.parametrize("name", ["onprem", "a-network-with-a-long-name", "a-network-with-a-long-tail"])
def test_a_bridge_name_fits_an_interface(name):
    assert len(bridge_name(name)) <= 15


def test_long_names_stay_apart():
    assert bridge_name("a-network-with-a-long-name") != bridge_name("a-network-with-a-long-tail")


def test_two_machines_with_one_address_are_refused():
    taken = lab_plan.host("inner2", lab_plan.ONPREM, 11)
    plan = lab_plan.plan(hosts=(lab_plan.host("inner1", lab_plan.ONPREM, 11), taken))
    with pytest.raises(SeatworksError, match=r"inner2: has the address 10\.20\.0\.11 of inner1"):
        lay_out(plan, CloudOutputs())


def test_a_public_address_that_cannot_be_routed_is_refused():
    with pytest.raises(SeatworksError, match=r"cannot be reached from outside as 127\.0\.0\.9"):
        lay_out(lab_plan.plan(), CloudOutputs(public_addresses={"outer1": "127.0.0.9"}))
