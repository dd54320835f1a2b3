"""Site and cloud hear each other inside the link, and nobody else does."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan

# WireGuard makes new keys every 120 s while traffic or keepalives flow, and drops a session after 180 s.
FRESH_S = 180


def peers(plan: Plan, member: Host) -> list[Host]:
    """The hosts at the other end of the link."""
    return [each for each in plan.running("link") if each.site is not member.site]


def test_link_is_up_and_comes_back_at_boot(host: Any) -> None:
    assert host.service("wg-quick@seatworks").is_running
    assert host.service("wg-quick@seatworks").is_enabled


def test_link_carries_the_address_of_the_plan(host: Any, member: Host) -> None:
    assert str(member.link_address) in host.interface("seatworks").addresses


@pytest.mark.mlps("8.1.2.2 a")
def test_every_peer_has_proved_its_key_within_three_minutes(host: Any, member: Host, plan: Plan) -> None:
    now = int(host.check_output("date +%s"))
    lines = host.check_output("wg show seatworks latest-handshakes").splitlines()
    ages = {key: now - int(when) for key, when in (line.split() for line in lines)}
    assert len(ages) == len(peers(plan, member))
    assert all(age < FRESH_S for age in ages.values()), ages


def test_a_peer_may_only_speak_as_itself(host: Any, member: Host, plan: Plan) -> None:
    lines = host.check_output("wg show seatworks allowed-ips").splitlines()
    allowed = {ipaddress.ip_network(network) for line in lines for network in line.split()[1:]}
    assert allowed == {ipaddress.ip_network(f"{peer.link_address}/32") for peer in peers(plan, member)}


def test_every_peer_answers_inside_the_link(host: Any, member: Host, plan: Plan) -> None:
    for peer in peers(plan, member):
        assert host.run("ping -c 3 -i 0.2 -W 2 -I seatworks %s", str(peer.link_address)).rc == 0, peer.name


def test_nobody_else_reads_the_private_key(host: Any) -> None:
    kept = host.file("/etc/wireguard/seatworks.conf")
    assert (kept.user, kept.mode) == ("root", 0o600)
