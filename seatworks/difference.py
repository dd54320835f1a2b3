"""What it takes to get from one plan to another: hosts, seats, lines, features; what stops on the way, for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seatworks.cost.model import Bill
from seatworks.plan.model import Host, Plan
from seatworks.tables import table


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `kind` is a key of data/changes.yml; `stops` says what stops meanwhile, for `seconds` each."""

    kind: str
    what: str
    stops: str
    seconds: int


def _change(kind: str, what: str) -> Change:
    entry = table("changes")[kind]
    return Change(kind, what, str(entry["stops"]), int(entry["seconds"]))


def difference(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Every change from `old` to `new`, what is added first. Empty for equal plans."""
    return (*_hosts(old, new), *_seats(old, new), *_service(old, new), *_requirements(old, new))


def features(plan: Plan) -> tuple[str, ...]:
    """What the plan's edition holds, as keys of data/features.yml."""
    return tuple(table("editions")[plan.edition]["features"])


def _shape(host: Host) -> str:
    return f"{host.vcpus} vCPU, {host.memory_gib} GiB, {host.disk_gb} GB"


def _hosts(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = {host.name: host for host in old.hosts}, {host.name: host for host in new.hosts}
    for name, host in after.items():
        if name not in before:
            yield _change("host_added", f"{name} ({host.site}, {_shape(host)})")
    for name, host in before.items():
        if name not in after:
            yield _change("host_removed", f"{name} ({host.site})")
            continue
        now = after[name]
        if (host.site, host.address) != (now.site, now.address):
            yield _change("host_moved", f"{name}: {host.site} {host.address} to {now.site} {now.address}")
        elif _shape(host) != _shape(now):
            yield _change("host_resized", f"{name}: {_shape(host)} to {_shape(now)}")


def _seats(old: Plan, new: Plan) -> Iterator[Change]:
    for site in sorted({block.site for block in (*old.seat_blocks, *new.seat_blocks)}):
        for peak in (False, True):
            before, after = old.seat_count(site, peak=peak), new.seat_count(site, peak=peak)
            if before != after:
                yield _change("seats_changed", f"{'peak ' if peak else ''}seats {site}: {before:,} to {after:,}")
    if old.peaks != new.peaks:
        was, now = ({f"{peak.begins} to {peak.ends}" for peak in plan.peaks} for plan in (old, new))
        yield _change("peaks_changed", f"peaks: {_sets(was, now)}")


def _service(old: Plan, new: Plan) -> Iterator[Change]:
    for what, was, now in (
        ("numbers", {n.number for n in old.numbers}, {n.number for n in new.numbers}),
        ("queues", {q.name for q in old.queues}, {q.name for q in new.queues}),
        ("menus", {m.name for m in old.menus}, {m.name for m in new.menus}),
    ):
        if was != now:
            yield _change("service_changed", f"{what}: {_sets(was, now)}")
    if (old.connect is None) != (new.connect is None):
        yield _change("platform_changed", "platform: " + " to ".join(_platform(plan) for plan in (old, new)))
    if _link(old) != _link(new):
        yield _change("link_changed", f"link: {_link(old)} to {_link(new)}")
    before, after = ({trunk.name: trunk for trunk in plan.trunks} for plan in (old, new))
    if before != after:
        resized = [
            f"{name} {before[name].channels} to {after[name].channels} channels"
            for name in sorted(set(before) & set(after))
            if before[name].channels != after[name].channels
        ]
        named = _sets(set(before), set(after))
        parts = [*([named] if named else []), *resized] or ["addresses"]
        yield _change("trunks_changed", "trunks: " + "; ".join(parts))


def _platform(plan: Plan) -> str:
    return "instances" if plan.connect is None else "connect"


def _link(plan: Plan) -> str:
    if plan.vpn:
        return f"vpn of {plan.vpn.site} and {plan.vpn.cloud} by {plan.vpn.router}"
    return f"wireguard in {plan.link_network}" if plan.link_network else "none"


def _sets(was: set[str], now: set[str]) -> str:
    parts = [f"added {', '.join(sorted(now - was))}"] if now - was else []
    return "; ".join([*parts, *([f"removed {', '.join(sorted(was - now))}"] if was - now else [])])


def _requirements(old: Plan, new: Plan) -> Iterator[Change]:
    if old.edition != new.edition:
        titles = table("features")
        gained = [titles[each]["title"] for each in features(new) if each not in features(old)]
        lost = [titles[each]["title"] for each in features(old) if each not in features(new)]
        parts = [f"{old.edition} to {new.edition}"]
        parts += [f"adds {', '.join(gained)}"] if gained else []
        parts += [f"loses {', '.join(lost)}"] if lost else []
        yield _change("edition_changed", "edition: " + "; ".join(parts))
    if old.protection_level != new.protection_level:
        yield _change("protection_changed", f"protection level {old.protection_level} to {new.protection_level}")


def document(changes: tuple[Change, ...], old: Bill, new: Bill) -> dict[str, Any]:
    """The difference as JSON: changes, and the base totals of both by years."""
    return {
        "changes": [
            {"kind": each.kind, "what": each.what, "stops": each.stops, "seconds": each.seconds} for each in changes
        ],
        "cost": {
            str(total.years): {
                "old": float(total.total.base),
                "new": float(new.over(total.years).total.base),
                "complete": total.complete and new.over(total.years).complete,
            }
            for total in old.totals
        },
    }
