"""How site and cloud are joined: what a specification may ask, and what edges are told where no link is theirs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from seatworks import spec
from seatworks.errors import SpecError
from tests.examples import plan_of, vpn_plan_of
from tests.rendering import rendered
from tests.specs import environment

VPN: dict[str, Any] = {"cloud__link": "vpn", "cloud__link_network": None}


@pytest.mark.parametrize(
    ("name", "changes", "key", "says"),
    [
        ("cloud", {"cloud__link": "vpn"}, "cloud.link", "mode cloud has none"),
        ("cloud", {"cloud__link": "wireguard"}, "cloud.link", "mode cloud has none"),
        ("hybrid", {"cloud__link": "vpn"}, "cloud.link_network", "hosts meet at their own addresses"),
        ("hybrid", {"onprem__router_address": "192.0.2.11"}, "onprem.router_address", "choose cloud.link: vpn"),
        ("onprem", {"onprem__router_address": "192.0.2.11"}, "onprem.router_address", "choose cloud.link: vpn"),
        ("hybrid", {**VPN, "onprem__public_address": None}, "onprem.public_address", "public_address"),
        ("hybrid", {**VPN, "onprem__public_address": "172.31.0.9"}, "onprem.public_address", "which is private"),
        ("hybrid", {**VPN, "onprem__router_address": "10.1.0.9"}, "onprem.router_address", "which is private"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_place_and_remedy(
    tmp_path: Path, name: str, changes: dict[str, Any], key: str, says: str
) -> None:
    with pytest.raises(SpecError) as caught:
        spec.load(environment(tmp_path, name, **changes).specification)
    (problem,) = caught.value.problems
    assert problem.place.rpartition(" ")[2] == key
    assert says in f"{problem.message} {problem.remedy}"
    assert problem.remedy


def test_another_way_to_join_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"cloud\.link: is ipsec, must be one of wireguard, vpn"):
        spec.load(environment(tmp_path, cloud__link="ipsec").specification)


def test_a_router_inside_our_own_networks_is_refused_once_as_such_and_once_as_private(tmp_path: Path) -> None:
    changes = {**VPN, "onprem__router_address": "10.20.0.9"}
    with pytest.raises(SpecError) as caught:
        spec.load(environment(tmp_path, **changes).specification)
    said = [problem.message for problem in caught.value.problems]
    assert len(said) == 2
    assert "inside onprem.network" in said[0]
    assert "private" in said[1]


def test_networks_inside_a_link_that_is_not_made_meet_nothing(tmp_path: Path) -> None:
    where = environment(tmp_path, **VPN, cloud__network="10.98.0.0/16")
    assert where.plan().vpn is not None


def sockets(script: str) -> set[str]:
    """Where an edge listens."""
    return {line for line in script.splitlines() if line.startswith("listen=")}


def test_an_access_edge_without_a_link_of_its_own_speaks_to_registrars_from_its_own_address() -> None:
    script = rendered(vpn_plan_of(), "cloud-edge1", "kamailio/kamailio.cfg.j2")
    assert sockets(script) == {
        'listen=udp:10.60.0.11:5060 name "internal"',
        'listen=tls:10.60.0.11:5061 advertise 52.80.0.1:5061 name "tls"',
    }
    assert "Path: <sip:10.60.0.11:5060;lr;" in script
    assert '"link"' not in script
    targets = rendered(vpn_plan_of(), "cloud-edge1", "kamailio/dispatcher.list.j2").splitlines()
    assert "1 sip:10.20.0.11:5060 0 99 socket=udp:10.60.0.11:5060" in targets


def test_a_registrar_without_a_link_of_its_own_listens_at_its_own_address() -> None:
    script = rendered(vpn_plan_of(), "edge1", "kamailio/kamailio.cfg.j2")
    assert '"link"' not in script
    assert 'listen=udp:10.20.0.11:5060 name "internal"' in sockets(script)


@pytest.mark.parametrize(("host", "others"), [("edge1", ""), ("cloud-edge1", ";public/10.60.0.11!52.80.0.1")])
def test_the_relay_has_an_interface_for_the_link_only_where_there_is_one(host: str, others: str) -> None:
    address = vpn_plan_of().host(host).address
    (line,) = re.findall(r"^interface = (.*)$", rendered(vpn_plan_of(), host, "rtpengine/rtpengine.conf.j2"), re.M)
    assert line == f"internal/{address}{others}"
    (line,) = re.findall(r"^interface = (.*)$", rendered(plan_of("hybrid"), host, "rtpengine/rtpengine.conf.j2"), re.M)
    assert line == f"internal/{address}{others};link/{plan_of('hybrid').host(host).link_address}"


def test_wireguard_stays_what_it_was() -> None:
    script = rendered(plan_of("hybrid"), "cloud-edge1", "kamailio/kamailio.cfg.j2")
    assert 'listen=udp:10.98.0.3:5060 name "link"' in sockets(script)
    assert not [socket for socket in sockets(script) if '"internal"' in socket]
    assert '$var(side) = "link";' in script
    assert "Path: <sip:10.98.0.3:5060;lr;" in script
