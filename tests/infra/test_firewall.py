"""A host answers the conversations that the plan names, port by port, and drops every other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan
from tests.conftest import ROOT, Every

IN_FORCE = ROOT / "roles" / "firewall" / "files" / "in_force.sh"
Rule = tuple[str, int, int, str]

# Tells an answer (open), a refusal (closed) and silence (dropped) apart.
KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2).close()
    print("open")
except TimeoutError:
    print("dropped")
except ConnectionRefusedError:
    print("closed")
"""
LISTEN = """
import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
server.settimeout(20)
try:
    server.accept()
except TimeoutError:
    pass
"""


def ruleset(host: Any) -> list[dict[str, Any]]:
    """What the kernel has loaded in our table."""
    found: list[dict[str, Any]] = json.loads(host.check_output("nft --json list table inet seatworks"))["nftables"]
    return found


def permitted(host: Any) -> set[Rule]:
    """Conversations the loaded ruleset lets in: protocol, first port, last port, source."""
    return {
        _rule(entry["rule"])
        for entry in ruleset(host)
        if "rule" in entry and "dport" in json.dumps(entry) and {"accept": None} in entry["rule"]["expr"]
    }


def _rule(rule: dict[str, Any]) -> Rule:
    protocol, source, ports = "any", "0.0.0.0/0", [0, 65535]
    for match in (part["match"] for part in rule["expr"] if "match" in part):
        left, right = match["left"]["payload"], match["right"]
        if left["field"] == "saddr":
            source = f"{right['prefix']['addr']}/{right['prefix']['len']}" if "prefix" in right else f"{right}/32"
        else:
            protocol = left["protocol"]
            ports = right["range"] if isinstance(right, dict) else [right, right]
    return protocol, ports[0], ports[1], source


def neighbour(plan: Plan, member: Host) -> Host:
    """Another host, if there is one without a router between that could drop in this host's place."""
    others = [each for each in plan.standing if each.name != member.name]
    return min(others, key=lambda each: (each.network != member.network, each.site is not member.site))


@pytest.mark.mlps("8.1.3.2 b")
def test_lets_in_exactly_what_the_plan_names(host: Any, member: Host, plan: Plan) -> None:
    wanted = {
        (str(flow.protocol), flow.first_port, flow.last_port, str(cidr))
        for flow in plan.flows_to(member.name)
        for cidr in plan.source_cidrs(flow)
    }
    assert permitted(host) == wanted


@pytest.mark.mlps("8.1.3.2 a")
def test_drops_what_no_rule_lets_in(host: Any) -> None:
    chains = {entry["chain"]["hook"]: entry["chain"]["policy"] for entry in ruleset(host) if "chain" in entry}
    assert chains == {"input": "drop", "forward": "drop", "output": "accept"}


def test_counts_what_it_lets_in_and_what_it_drops(host: Any) -> None:
    counted = [entry["rule"] for entry in ruleset(host) if "rule" in entry and "counter" in json.dumps(entry)]
    assert "dropped" in {rule["comment"] for rule in counted}
    assert len(permitted(host)) <= len(counted)


@pytest.mark.mlps("8.1.3.2 a")
def test_a_port_no_flow_names_stays_silent_although_a_program_listens(
    host: Any, member: Host, plan: Plan, every: Every
) -> None:
    named = {port for flow in plan.flows_to(member.name) for port in range(flow.first_port, flow.last_port + 1)}
    port = next(port for port in range(8090, 9000) if port not in named)
    unit = f"seatworks-test-{port}"
    start = "systemd-run --quiet --collect --unit=%s python3 -c %s %s %s"
    host.run_expect([0], start, unit, LISTEN, str(member.address), str(port))
    try:
        assert (
            host.run(
                f"for i in $(seq 50); do ss -Hlnt sport = :{port} | grep -q . && exit 0; sleep 0.1; done; exit 1"
            ).rc
            == 0
        )
        other = every(neighbour(plan, member).name)
        assert other.check_output("python3 -c %s %s %s", KNOCK, str(member.address), str(port)) == "dropped"
    finally:
        host.run("systemctl stop %s", unit)


def test_ssh_answers_management_and_no_neighbour(host: Any, member: Host, plan: Plan, every: Every) -> None:
    # `host` itself is an SSH connection from management.
    assert host.check_output("true") == ""
    other = every(neighbour(plan, member).name)
    assert other.check_output("python3 -c %s %s 22", KNOCK, str(member.address)) == "dropped"


def test_is_in_force_rule_by_rule_as_it_is_asked_for(host: Any) -> None:
    program = IN_FORCE.read_text(encoding="utf-8")
    files = ("/etc/nftables.asked.conf", "/etc/nftables.conf")
    assert host.check_output("bash -c %s in_force %s %s", program, *files) == ""


def test_comes_back_at_boot_as_it_runs_now(host: Any) -> None:
    assert host.service("nftables").is_enabled
    host.run_expect([0], "cmp /etc/nftables.conf /etc/nftables.asked.conf")


def test_leaves_no_way_back_pending(host: Any) -> None:
    assert host.check_output("systemctl list-units --all --plain --no-legend 'seatworks-firewall-*'") == ""
