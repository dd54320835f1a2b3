"""How what stands differs from what the plan wants, in plain words. Nothing is asked and nothing changed here."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from seatworks.difference import difference
from seatworks.plan.model import Host, Plan, Protocol

# Linux lends these unless told otherwise (net.ipv4.ip_local_port_range).
LENT = range(32768, 61000)


class Part(StrEnum):
    """Where a difference was found: the plan as deployed, the cloud account, or a host."""

    PLAN = "plan"
    ACCOUNT = "account"
    HOSTS = "hosts"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: where, what the plan wants, what was found, and what to do."""

    part: Part
    place: str
    wanted: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Socket:
    """Something that a host listens on. `program` is empty when the kernel itself does, or when nobody may see it."""

    protocol: Protocol
    address: str
    port: int
    program: str = ""


def of_plan(deployed: Plan | None, now: Plan) -> tuple[Finding, ...]:
    """What has changed in the plan since the deploy."""
    deploy = f"make deploy ENV={now.name}"
    if deployed is None:
        return (Finding(Part.PLAN, now.name, "a deployment", "it is not deployed", deploy),)
    return tuple(
        Finding(Part.PLAN, change.kind.replace("_", " "), change.what, "not deployed yet", deploy)
        for change in difference(deployed, now)
    )


def of_host(
    plan: Plan, host: Host, failed: Collection[str], sockets: Iterable[Socket], lent: range = LENT
) -> tuple[Finding, ...]:
    """What a host tells of itself and the plan does not want: failed units, ports too many and ports too few.

    `lent` are the ports that the host's kernel lends to who asks others. Over UDP nothing tells such a socket from one
    that waits for strangers, so one of these ports is not taken for a difference.
    """
    reached = [socket for socket in sockets if not _inside(socket.address)]
    return (
        *(
            Finding(
                Part.HOSTS,
                host.name,
                f"{unit} runs",
                "it has failed",
                f"read `journalctl -u {unit}` there, then make deploy ENV={plan.name}",
            )
            for unit in sorted(failed)
        ),
        *_too_many(plan, host, reached, lent),
        *_too_few(plan, host, reached),
    )


def of_check(plan: Plan, would_change: Iterable[str]) -> tuple[Finding, ...]:
    """What the roles would change, as the playbook's summary words it: `host: role: task`."""
    remedy = f"make deploy ENV={plan.name}"
    return tuple(
        Finding(Part.HOSTS, host, task.strip(), "it is otherwise", remedy)
        for host, _, task in (line.partition(":") for line in would_change)
    )


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """All findings as `--json` prints them."""
    return {"differs": bool(findings), "findings": [dataclasses.asdict(finding) for finding in findings]}


def load(entries: Iterable[Mapping[str, str]]) -> tuple[Finding, ...]:
    """Findings from the entries of a document."""
    return tuple(Finding(**{**entry, "part": Part(entry["part"])}) for entry in entries)  # type: ignore[arg-type]


def _too_many(plan: Plan, host: Host, reached: Iterable[Socket], lent: range) -> Iterator[Finding]:
    named = [(flow.protocol, flow.first_port, flow.last_port) for flow in plan.flows if host.name in flow.targets]
    if host.link_address:
        # Both ends of the link speak from its port, also the one that only calls.
        named.append((Protocol.UDP, plan.ports.link, plan.ports.link))
    for protocol, port, program in sorted({(socket.protocol, socket.port, socket.program) for socket in reached}):
        asks = protocol is Protocol.UDP and port in lent
        if not asks and not any(protocol is each and first <= port <= last for each, first, last in named):
            yield Finding(
                Part.HOSTS,
                host.name,
                "listens only on ports that a flow names",
                f"{program or 'something'} listens on {protocol} {port}",
                "stop it, or find out who started it",
            )


def _too_few(plan: Plan, host: Host, reached: Iterable[Socket]) -> Iterator[Finding]:
    """Flows to one port. Those to a range carry voice: its ports are open only while somebody talks."""
    open_ports = {(socket.protocol, socket.port) for socket in reached}
    missing: dict[tuple[Protocol, int], list[str]] = {}
    for flow in plan.flows:
        key = (flow.protocol, flow.first_port)
        if host.name in flow.targets and flow.first_port == flow.last_port and key not in open_ports:
            missing.setdefault(key, []).append(flow.why)
    for (protocol, port), reasons in sorted(missing.items()):
        yield Finding(
            Part.HOSTS,
            host.name,
            f"listens on {protocol} {port} ({'; '.join(dict.fromkeys(reasons))})",
            "nothing listens there",
            f"make deploy ENV={plan.name}",
        )


def _inside(address: str) -> bool:
    """Whether only the host itself can reach the address."""
    plain, _, interface = address.strip("[]").partition("%")
    if interface == "lo":
        return True
    # A star is every address of the host.
    return plain != "*" and ip_address(plain).is_loopback
