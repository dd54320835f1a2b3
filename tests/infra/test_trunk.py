"""Carriers are known by address, watched, and limited to their channels."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan
from tests.infra.test_kamailio import CONTROL, ask, journal, now


def table(host: Any, name: str) -> dict[str, str]:
    """A table of the running proxy."""
    shown = host.check_output(f"{CONTROL} htable.dump %s", name)
    return dict(zip(re.findall(r"name: (\S+)", shown), re.findall(r"value: (\S+)", shown), strict=True))


@pytest.mark.mlps("8.1.4.4 c")
def test_proxy_knows_the_carriers_of_the_plan_and_no_others(host: Any, plan: Plan) -> None:
    assert table(host, "trunks") == {str(trunk.address): trunk.name for trunk in plan.trunks}


@pytest.mark.mlps("8.1.4.2 e")
def test_every_carrier_has_a_limit_of_calls(host: Any, plan: Plan) -> None:
    assert table(host, "trunk_channels") == {trunk.name: str(trunk.channels) for trunk in plan.trunks}


def test_state_of_every_carrier_is_known(host: Any, plan: Plan, evidence: Callable[[str, object], None]) -> None:
    shown = host.check_output(f"{CONTROL} keepalive.list")
    states = dict(zip(re.findall(r"uri: sip:([^;\s]+)", shown), re.findall(r"state: (\d)", shown), strict=True))
    for trunk in plan.trunks:
        # 0: never pinged. 1: answers. 2: does not, which a carrier may do and still call.
        state = states.pop(f"{trunk.address}:{trunk.port}")
        assert state in ("1", "2"), f"{trunk.name} was not pinged"
        evidence(f"carrier {trunk.name}", "answers OPTIONS" if state == "1" else "does not answer OPTIONS")
    assert not states


@pytest.mark.mlps("8.1.4.4 c")
def test_call_from_an_address_that_is_no_carrier_is_refused(host: Any, member: Host, plan: Plan) -> None:
    since, own = now(host), str(member.address)
    answer = ask(
        host,
        "udp",
        own,
        own,
        str(plan.ports.sip),
        "INVITE",
        f"sip:{plan.numbers[0].number}@{own}",
        "sip:13800138000@carrier.example",
    )
    if plan.seats_encrypted:
        assert answer == "SIP/2.0 403 Forbidden"
        assert journal(host, since, f"source refused: INVITE from {own}:")
    else:
        # Then it may be a seat, and a seat needs a password.
        assert answer == "SIP/2.0 407 Proxy Authentication Required"
