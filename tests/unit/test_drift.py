"""Differences between the plan and what stands are told in plain words; what agrees is not told."""

from __future__ import annotations

import dataclasses
import json
from ipaddress import IPv4Address

from seatworks import drift
from seatworks.drift import Finding, Part, Socket
from seatworks.plan.model import Flow, Plan, Protocol
from tests.examples import plan_of

PLAN = plan_of("hybrid")
EDGE = PLAN.host("cloud-edge1")


def sockets(plan: Plan, name: str) -> list[Socket]:
    """One socket for every port that flows open on a host."""
    return [
        Socket(flow.protocol, "0.0.0.0", flow.first_port, "a program")  # noqa: S104 - what a host tells
        for flow in plan.flows
        if name in flow.targets
    ]


def test_a_plan_that_is_deployed_does_not_differ() -> None:
    assert drift.of_plan(PLAN, PLAN) == ()


def test_what_is_not_deployed_at_all_is_one_finding() -> None:
    (told,) = drift.of_plan(None, PLAN)
    assert (told.place, told.found, told.remedy) == ("hybrid", "it is not deployed", "make deploy ENV=hybrid")


def test_a_host_that_the_plan_has_moved_is_told_in_the_words_of_a_change() -> None:
    moved = dataclasses.replace(EDGE, address=IPv4Address("10.30.0.99"))
    now = dataclasses.replace(PLAN, hosts=tuple(moved if host is EDGE else host for host in PLAN.hosts))
    (told,) = drift.of_plan(PLAN, now)
    assert told.place == "host moved"
    assert "10.30.0.99" in told.wanted


def test_what_is_not_deployed_is_told_by_what_it_touches() -> None:
    recording = dataclasses.replace(PLAN.recording, retention_days=999)
    extra = Flow("extra", ("management",), ("cloud-edge1",), Protocol.TCP, 99, 99, "a trial")
    now = dataclasses.replace(PLAN, recording=recording, flows=(*PLAN.flows[1:], extra))
    told = {each.place: each.wanted for each in drift.of_plan(PLAN, now)}
    first = PLAN.flows[0]
    assert told == {
        "retention": f"recording: retention days {PLAN.recording.retention_days} to 999",
        "firewall": f"flows: added extra tcp 99; removed {first.name} {first.protocol} {first.first_port}",
    }


def test_a_host_with_exactly_the_planned_ports_does_not_differ() -> None:
    for host in PLAN.hosts:
        assert drift.of_host(PLAN, host, (), sockets(PLAN, host.name)) == ()


def test_a_port_that_no_flow_names_is_told_with_its_program() -> None:
    extra = Socket(Protocol.TCP, "*", 8080, "python3")
    (told,) = drift.of_host(PLAN, EDGE, (), [*sockets(PLAN, EDGE.name), extra])
    assert told.found == "python3 listens on tcp 8080"


def test_what_only_the_host_itself_can_reach_is_no_difference() -> None:
    inside = [
        Socket(Protocol.TCP, "127.0.0.1", 8080),
        Socket(Protocol.TCP, "[::1]", 8080),
        Socket(Protocol.UDP, "127.0.0.53%lo", 53),
        Socket(Protocol.UDP, "[fe80::1]%lo", 546),
    ]
    assert drift.of_host(PLAN, EDGE, (), [*sockets(PLAN, EDGE.name), *inside]) == ()


def test_a_port_that_the_kernel_lends_is_told_over_tcp_only() -> None:
    lent = [Socket(protocol, "*", 40500, "asterisk") for protocol in Protocol]
    (told,) = drift.of_host(PLAN, PLAN.host("call1"), (), [*sockets(PLAN, "call1"), *lent])
    assert told.found == "asterisk listens on tcp 40500"


def test_the_end_of_the_link_that_calls_may_speak_from_its_port() -> None:
    link = Socket(Protocol.UDP, "0.0.0.0", PLAN.ports.link)  # noqa: S104 - what a host tells
    found = {
        name: drift.of_host(PLAN, PLAN.host(name), (), [*sockets(PLAN, name), link], range(0))
        for name in ("edge1", "call1")
    }
    assert found["edge1"] == ()
    assert len(found["call1"]) == 1


def test_a_planned_port_that_nothing_listens_on_is_told_with_its_purpose() -> None:
    silent = [socket for socket in sockets(PLAN, EDGE.name) if socket.port != PLAN.ports.sips]
    (told,) = drift.of_host(PLAN, EDGE, (), silent)
    assert told.wanted == "listens on tcp 5061 (phones that come over the Internet, TLS)"
    assert told.found == "nothing listens there"


def test_a_failed_unit_is_told_with_where_to_read() -> None:
    (told,) = drift.of_host(PLAN, EDGE, ["kamailio.service"], sockets(PLAN, EDGE.name))
    assert (told.place, told.wanted) == ("cloud-edge1", "kamailio.service runs")
    assert "journalctl -u kamailio.service" in told.remedy


def test_what_the_roles_would_change_is_told_by_host_and_task() -> None:
    (told,) = drift.of_check(PLAN, ["edge1: kamailio: configure | Write the routing script"])
    assert (told.place, told.wanted) == ("edge1", "kamailio: configure | Write the routing script")


def test_a_document_says_whether_anything_differs_and_can_be_read_back() -> None:
    assert drift.document([]) == {"differs": False, "findings": []}
    finding = Finding(Part.ACCOUNT, "Vpc x", "it exists", "it is not there", "make deploy ENV=x")
    document = json.loads(json.dumps(drift.document([finding])))
    assert document["differs"] is True
    assert drift.load(document["findings"]) == (finding,)
