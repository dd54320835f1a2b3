"""Carriers are known by address, watched, and limited to their channels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan
from tests.infra.test_kamailio import CONTROL, ask, held, journal, now


def carriers(plan: Plan) -> dict[tuple[str, int], tuple[str, int]]:
    """Name and channels by address and port: trunks behind one port of a gateway are one to an edge."""
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for trunk in plan.trunks:
        place = (str(trunk.address), trunk.port)
        name, channels = found.get(place, ("", 0))
        found[place] = (f"{name}+{trunk.name}" if name else trunk.name, channels + trunk.channels)
    return found


def without_version(table: dict[str, str]) -> dict[str, str]:
    """Rows of the plan; `@` is the version of the whole."""
    return {key: value for key, value in table.items() if key != "@"}


@pytest.mark.mlps("8.1.4.4 c")
def test_proxy_knows_the_carriers_of_the_plan_and_no_others(host: Any, plan: Plan) -> None:
    addresses = Counter(address for address, _ in carriers(plan))
    expected = {
        address if addresses[address] == 1 else f"{address}:{port}": name
        for (address, port), (name, _) in carriers(plan).items()
    }
    assert without_version(held(host, "trunks", [*expected, "@"])) == expected


@pytest.mark.mlps("8.1.4.2 e")
def test_every_carrier_has_a_limit_of_calls(host: Any, plan: Plan) -> None:
    expected = {name: str(channels) for name, channels in carriers(plan).values()}
    assert without_version(held(host, "trunk_channels", [*expected, "@"])) == expected


def test_state_of_every_carrier_is_known(host: Any, plan: Plan, evidence: Callable[[str, object], None]) -> None:
    shown = host.check_output(f"{CONTROL} keepalive.list")
    states = dict(zip(re.findall(r"uri: sip:([^;\s]+)", shown), re.findall(r"state: (\d)", shown), strict=True))
    for (address, port), (name, _) in carriers(plan).items():
        # 0: never pinged. 1: answers. 2: does not, which a carrier may do and still call.
        state = states.pop(f"{address}:{port}")
        assert state in ("1", "2"), f"{name} was not pinged"
        evidence(f"carrier {name}", "answers OPTIONS" if state == "1" else "does not answer OPTIONS")
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
