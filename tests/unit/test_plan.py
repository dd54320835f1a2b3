"""The plan: same specification same bytes, no address twice, and no flow that nothing needs."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations, product
from pathlib import Path

import pytest

from seatworks import plan as planning
from seatworks import sizing, spec
from seatworks.errors import SeatworksError, SpecError
from seatworks.plan.model import CloudOutputs, Plan, Protocol, Site, Tier, WayOut
from seatworks.spec import Spec
from tests.conftest import ROOT
from tests.examples import NAMES, plan_of, vpn_plan_of
from tests.specs import environment

EVERY = pytest.mark.parametrize("name", NAMES)


@EVERY
def test_the_document_gives_back_the_same_plan_and_the_same_bytes(name: str) -> None:
    plan = plan_of(name)
    assert planning.load(planning.dump(plan)) == plan
    assert planning.dump(planning.load(planning.dump(plan))) == planning.dump(plan)


def test_a_document_of_another_version_is_refused_with_the_remedy() -> None:
    with pytest.raises(SeatworksError, match="make plan"):
        planning.load('{"name": "hybrid"}')
    with pytest.raises(SeatworksError, match="make deploy"):
        planning.load_outputs('{"region": 7}')


def test_cloud_outputs_survive_their_document() -> None:
    outputs = CloudOutputs(region="cn-north-1", public_addresses={"cloud-edge1": "52.80.0.1"})
    assert planning.load_outputs(planning.dump_outputs(outputs)) == outputs


@EVERY
def test_every_host_has_a_name_and_an_address_of_its_own_inside_its_network(name: str) -> None:
    plan = plan_of(name)
    addresses = [h.address for h in plan.hosts] + [h.link_address for h in plan.hosts if h.link_address]
    assert len(set(addresses)) == len(addresses)
    assert len({h.name for h in plan.hosts}) == len(plan.hosts)
    for host in plan.hosts:
        network = plan.network(host.network)
        assert host.address in network.cidr
        assert host.address != network.gateway
        assert network.site is host.site


@EVERY
def test_pairs_at_a_cloud_site_stand_in_two_zones(name: str) -> None:
    plan = plan_of(name)
    for group in {h.group for h in plan.hosts if h.site is Site.CLOUD}:
        hosts = plan.group(group)
        if len(hosts) > 1:
            assert len({plan.network(h.network).zone for h in hosts}) == 2


@EVERY
def test_only_edges_stand_in_public_subnets_and_only_databases_among_data(name: str) -> None:
    plan = plan_of(name)
    tiers = {
        "edge": Tier.PUBLIC,
        "cloud-edge": Tier.PUBLIC,
        "call": Tier.PRIVATE,
        "record": Tier.PRIVATE,
        "db": Tier.DATA,
    }
    for host in plan.hosts:
        expected = tiers[host.group] if host.site is Site.CLOUD else None
        assert plan.network(host.network).tier is expected


def test_each_tier_has_a_subnet_in_each_zone_and_none_meet() -> None:
    cloud = [network for network in plan_of("cloud").networks if network.site is Site.CLOUD]
    assert {(network.tier, network.zone) for network in cloud} == set(product(Tier, ("cn-north-1a", "cn-north-1b")))
    assert not any(one.cidr.overlaps(other.cidr) for one, other in combinations(cloud, 2))


def test_a_third_zone_moves_no_server_of_the_first_two(tmp_path: Path) -> None:
    zones = [f"cn-north-1{letter}" for letter in "abc"]
    two, three = plan_of("cloud"), environment(tmp_path, "cloud", cloud__zones=zones).plan()
    assert {network.zone for network in three.networks} == set(zones)
    common = {network.name: network.cidr for network in two.networks}
    assert common.items() <= {network.name: network.cidr for network in three.networks}.items()
    assert three.host("call2").address == two.host("call2").address


def test_a_small_cloud_network_is_cut_into_small_subnets(tmp_path: Path) -> None:
    plan = environment(tmp_path, "cloud", cloud__network="10.60.0.0/22").plan()
    assert {network.cidr.prefixlen for network in plan.networks} == {26}


def test_a_private_subnet_without_servers_has_no_way_out(tmp_path: Path) -> None:
    ways = {network.tier: network.way_out for network in environment(tmp_path).plan().networks}
    assert ways[Tier.PUBLIC] is WayOut.GATEWAY
    assert ways[Tier.PRIVATE] is WayOut.NONE
    assert plan_of("cloud").network("cloud-a-private").way_out is WayOut.TRANSLATED


@EVERY
def test_every_flow_names_known_hosts_and_has_somewhere_to_come_from(name: str) -> None:
    plan = plan_of(name)
    known = {h.name for h in plan.hosts}
    assert plan.flows
    for flow in plan.flows:
        assert set(flow.targets) <= known
        assert plan.source_cidrs(flow)
        assert 0 < flow.first_port <= flow.last_port <= 65535


@EVERY
def test_the_whole_internet_reaches_only_encrypted_seats_and_their_media(name: str) -> None:
    plan = plan_of(name)
    anywhere = IPv4Network("0.0.0.0/0")
    open_to_all = [flow for flow in plan.flows if anywhere in plan.source_cidrs(flow)]
    allowed = {
        (Protocol.TCP, plan.ports.sips, plan.ports.sips),
        (Protocol.UDP, plan.ports.relay_rtp_first, plan.ports.relay_rtp_last),
    }
    assert {(f.protocol, f.first_port, f.last_port) for f in open_to_all} <= allowed
    assert all(plan.host(target).public for flow in open_to_all for target in flow.targets)


def test_the_hybrid_example_keeps_its_data_on_premises() -> None:
    plan = plan_of("hybrid")
    cloud = {host.group for host in plan.hosts if host.site is Site.CLOUD}
    assert cloud == {"cloud-edge"}
    assert all("link" in host.roles for host in plan.hosts if host.group in {"edge", "cloud-edge"})


def test_flows_inside_the_link_come_from_link_addresses() -> None:
    plan = plan_of("hybrid")
    inside = [flow for flow in plan.flows if flow.via_link]
    assert inside
    assert plan.link_network is not None
    for flow in inside:
        assert all(cidr.subnet_of(plan.link_network) for cidr in plan.source_cidrs(flow))


def test_with_a_vpn_hosts_of_both_sites_meet_at_their_own_addresses() -> None:
    plan, before = vpn_plan_of(), plan_of("hybrid")
    assert plan.vpn is not None
    assert (str(plan.vpn.router), str(plan.vpn.site), str(plan.vpn.cloud)) == (
        "192.0.2.10",
        "10.20.0.0/24",
        "10.60.0.0/16",
    )
    assert plan.link_network is None
    assert not [host for host in plan.hosts if host.link_address or "link" in host.roles]
    assert not [flow for flow in plan.flows if flow.via_link or flow.first_port == plan.ports.link]
    assert [flow.name for flow in plan.flows] == [flow.name for flow in before.flows if flow.name != "link"]
    by_name = {flow.name: flow for flow in plan.cloud_flows}
    for name in ("site-to-cloud-signalling", "site-to-cloud-media", "cloud-to-site-signalling", "cloud-to-site-media"):
        flow = by_name[name]
        assert plan.source_cidrs(flow) == tuple(
            sorted(IPv4Network(f"{plan.host(source).address}/32") for source in flow.sources)
        )
    assert [host.address for host in plan.hosts] == [host.address for host in before.hosts]
    assert planning.load(planning.dump(plan)) == plan


def test_the_router_may_have_an_address_of_its_own(tmp_path: Path) -> None:
    changes = {"cloud__link": "vpn", "cloud__link_network": None, "onprem__router_address": "192.0.2.11"}
    plan = environment(tmp_path, **changes).plan()
    assert plan.vpn is not None
    assert str(plan.vpn.router) == "192.0.2.11"


def test_keys_of_tunnels_are_in_secrets_manager_but_in_china() -> None:
    kept = {region: vpn_plan_of(region).vpn for region in ("cn-north-1", "cn-northwest-1", "eu-central-1")}
    assert {region for region, vpn in kept.items() if vpn and vpn.keys_in_secrets_manager} == {"eu-central-1"}


@EVERY
def test_queues_and_numbers_have_a_home_and_another_that_takes_over(name: str) -> None:
    plan = plan_of(name)
    for entry in (*plan.queues, *plan.numbers):
        assert plan.host(entry.home).group == "call"
        assert entry.second is not None
        assert entry.second != entry.home


def test_seats_are_numbered_in_a_row_and_peak_seats_come_last() -> None:
    plan = plan_of("hybrid")
    users = [int(seat.user) for seat in plan.seats]
    assert users == list(range(1001, 1001 + len(users)))
    assert [seat.peak for seat in plan.seats] == sorted(seat.peak for seat in plan.seats)


def asked(tmp_path: Path, hosts: str, target: str) -> Spec:
    """The on-premises example with addresses of its own."""
    folder = tmp_path / "onprem"
    folder.mkdir()
    text = (ROOT / "inventories" / "onprem" / "seatworks.yml").read_text(encoding="utf-8")
    text = text.replace("onprem:\n  network:", f"onprem:\n  hosts: {hosts}\n  network:")
    (folder / "seatworks.yml").write_text(text + "management: {networks: [10.20.9.0/24]}\n", encoding="utf-8")
    return spec.load(folder / "seatworks.yml", target=target)


def test_a_live_site_needs_the_address_of_every_server_and_of_no_other(tmp_path: Path) -> None:
    wanted = asked(tmp_path, "{edge1: 10.20.0.100, egde2: 10.20.0.101}", "live")
    with pytest.raises(SpecError) as refused:
        planning.build(wanted, sizing.size(wanted))
    messages = [problem.message for problem in refused.value.problems]
    assert messages[:3] == ["egde2 is no server of this plan", "edge2 has no address", "call1 has no address"]


def test_an_address_of_the_specification_wins(tmp_path: Path) -> None:
    wanted = asked(tmp_path, "{edge1: 10.20.0.100}", "lab")
    plan = planning.build(wanted, sizing.size(wanted))
    assert [str(plan.host(name).address) for name in ("edge1", "edge2")] == ["10.20.0.100", "10.20.0.12"]


def test_asking_for_what_the_plan_lacks_is_a_key_error() -> None:
    plan = plan_of("onprem")
    with pytest.raises(KeyError):
        plan.host("cloud-edge1")
    with pytest.raises(KeyError):
        plan.network("cloud-a")


def test_the_plan_does_not_change() -> None:
    plan: Plan = plan_of("onprem")
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.hosts[0].address = IPv4Address("192.0.2.1")  # type: ignore[misc]


def test_one_carrier_is_refused_where_two_are_needed_with_the_remedy(tmp_path: Path) -> None:
    one = [{"name": "unicom", "kind": "sip", "address": "198.51.100.10"}]
    with pytest.raises(SpecError, match=r"99\.9 % is not reached") as refused:
        environment(tmp_path, trunks=one).plan()
    assert [problem.remedy for problem in refused.value.problems] == ["add a second trunk of another carrier"]


def test_a_gateway_at_the_address_of_a_planned_host_is_refused_with_its_name(tmp_path: Path) -> None:
    gateways = [{"name": "gw1", "model": "MX100G", "address": "10.20.0.11", "spans": 4}]
    with pytest.raises(SpecError, match=r"gateways\[0\]\.address: is 10\.20\.0\.11, the address of edge1"):
        environment(tmp_path, gateways=gateways).plan()


def test_two_hosts_at_one_address_are_refused_with_both_names(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"onprem\.hosts\.edge2: is 10\.20\.0\.12, the address of edge1"):
        environment(tmp_path, onprem__hosts={"edge1": "10.20.0.12"}).plan()


def test_networks_too_small_for_the_servers_are_refused_with_the_size(tmp_path: Path) -> None:
    many = {"traffic__busy_hour_calls": 200_000, "onprem__network": "10.20.0.0/26"}
    with pytest.raises(SpecError, match=r"give a network of at least /2\d"):
        environment(tmp_path, "onprem", **many).plan()


def test_a_group_of_many_servers_takes_no_address_of_another(tmp_path: Path) -> None:
    plan = environment(tmp_path, "onprem", traffic__busy_hour_calls=60_000, onprem__network="10.20.0.0/21").plan()
    assert len(plan.group("call")) > 10
    assert len({host.address for host in plan.hosts}) == len(plan.hosts)
    assert str(plan.host("call1").address) == "10.20.0.21"
    assert str(plan.host("record1").address) == "10.20.0.41"
