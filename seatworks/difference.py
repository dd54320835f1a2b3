"""What it takes to get from one plan to another: every part that differs, and what data/changes.yml says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seatworks import changes
from seatworks.cost.model import Bill
from seatworks.plan.model import Host, Peak, Plan, Vpn
from seatworks.tables import table

# Parts of a host that have a kind of their own; whatever else differs is `host_duty`.
_MOVES = ("site", "network", "address")
_LINK = ("link_address",)
_SIZES = ("vcpus", "memory_gib", "disk_gb", "instance_type")
# Lists of which a line names this many entries.
_NAMED = 8
# Of a field whose values are longer, in characters, it says only that they are others.
_WIDE = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `kind` is an area of data/changes.yml, or `also` for what it does not name."""

    kind: str
    what: str
    way: str
    stops: str
    seconds: int


def difference(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Every change from `old` to `new`, servers first. Empty for equal plans, and for no others."""
    parts = [
        change
        for field in dataclasses.fields(Plan)
        if field.name != "hosts" and getattr(old, field.name) != getattr(new, field.name)
        for change in _TOLD.get(field.name, _part)(field.name, old, new)
    ]
    return (*_hosts(old, new), *parts)


def features(plan: Plan) -> tuple[str, ...]:
    """What the plan's edition holds, as keys of data/features.yml."""
    return tuple(table("editions")[plan.edition]["features"])


def _change(kind: str, what: str) -> Change:
    area = changes.areas()[kind]
    stops = area.stops["en"] + (f"; way round: {area.way_round['en']}" if area.way_round else "")
    return Change(kind, what, area.said(), stops, area.seconds)


def _named(field: str, what: str) -> Change:
    """The change of a part of the plan, as the table has it."""
    area = changes.of_plan(field)
    if area is None:
        return Change("also", f"also differs: {what}", "", "not known", 0)
    return _change(area.name, what)


def _part(name: str, old: Plan, new: Plan) -> Iterator[Change]:
    """A part in the words of its own fields. One of which the table names fields is told field by field."""
    was, now = getattr(old, name), getattr(new, name)
    title = name.replace("_", " ")
    if any(key.startswith(f"{name}.") for key in table("changes")["plan"]):
        for field in dataclasses.fields(was):
            if (before := getattr(was, field.name)) != (after := getattr(now, field.name)):
                what = f"{title}: {field.name.replace('_', ' ')} {_text(before)} to {_text(after)}"
                yield _named(f"{name}.{field.name}", what)
        return
    yield _named(name, f"{title}: {said(was, now)}")


def said(was: Any, now: Any) -> str:
    """How two values that are not equal differ: by the names of their entries, by their fields, or as they are."""
    if isinstance(was, tuple) and isinstance(now, tuple):
        return _lists(was, now)
    if dataclasses.is_dataclass(was) and type(was) is type(now):
        return _fields(was, now)
    return f"{_text(was)} to {_text(now)}"


def _lists(was: tuple[Any, ...], now: tuple[Any, ...]) -> str:
    before, after = _entries(was), _entries(now)
    parts = [
        f"{word} {_few(names)}"
        for word, names in (
            ("added", [name for name in after if name not in before]),
            ("removed", [name for name in before if name not in after]),
        )
        if names
    ]
    other = [f"{name}: {said(value, after[name])}" for name, value in before.items() if value != after.get(name, value)]
    more = [f"and {len(other) - _NAMED} more"] if len(other) > _NAMED else []
    return "; ".join([*parts, *other[:_NAMED], *more]) or "another order"


def _entries(entries: tuple[Any, ...]) -> dict[str, Any]:
    """Entries by what they are called; a name that comes again is numbered."""
    found: dict[str, Any] = {}
    for entry in entries:
        name = called = _called(entry)
        number = 2
        while called in found:
            called, number = f"{name} ({number})", number + 1
        found[called] = entry
    return found


def _called(entry: Any) -> str:
    """The name of an entry: what it is called, or what it is."""
    if not dataclasses.is_dataclass(entry):
        return _text(entry)
    if isinstance(entry, Peak):
        return f"{entry.begins} to {entry.ends}"
    if isinstance(entry, Vpn):
        return f"vpn of {entry.site} and {entry.cloud} by {entry.router}"
    fields = [field.name for field in dataclasses.fields(entry)]
    name = next((each for each in ("name", "number", "first") if each in fields), fields[0])
    return " ".join(str(getattr(entry, each)) for each in (name, "protocol", "first_port") if each in fields)


def _fields(was: Any, now: Any) -> str:
    parts = []
    for field in dataclasses.fields(was):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if before != after:
            how = f"{_text(before)} to {_text(after)}"
            parts.append(f"{field.name.replace('_', ' ')} {how if len(how) <= _WIDE else 'other'}")
    return ", ".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(_text(each) for each in value) or "nothing"
    if dataclasses.is_dataclass(value):
        return _called(value)
    return "nothing" if value is None else str(value)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if names[_NAMED:] else "")


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
        yield from _host(host, after[name])
    if old.hosts != new.hosts and before == after:
        yield _change("host_duty", "hosts: another order, by which the first of a pair is chosen")


def _host(was: Host, now: Host) -> Iterator[Change]:
    """Each kind of change of one host; a server that moves has its new size at once."""
    differs = [field.name for field in dataclasses.fields(Host) if getattr(was, field.name) != getattr(now, field.name)]
    moved, resized = set(_MOVES) & set(differs), set(_SIZES) & set(differs)
    if moved:
        yield _change("host_moved", f"{was.name}: {_of(was, now, (*_MOVES, *_SIZES))}")
    elif resized:
        shapes = f"{_shape(was)} to {_shape(now)}" if _shape(was) != _shape(now) else _of(was, now, _SIZES)
        yield _change("host_resized", f"{was.name}: {shapes}")
    if "link_address" in differs:
        yield _change("link", f"{was.name}: {_of(was, now, _LINK)}")
    if rest := [name for name in differs if name not in (*_MOVES, *_SIZES, *_LINK)]:
        yield _change("host_duty", f"{was.name}: {_of(was, now, rest)}")


def _of(was: Host, now: Host, names: Sequence[str]) -> str:
    parts = [
        f"{name.replace('_', ' ')} {_text(getattr(was, name))} to {_text(getattr(now, name))}"
        for name in names
        if getattr(was, name) != getattr(now, name)
    ]
    return ", ".join(parts)


def _seats(name: str, old: Plan, new: Plan) -> Iterator[Change]:
    """Numbers of seats where these differ; otherwise which users they are."""
    found = []
    for site in sorted({block.site for block in (*old.seat_blocks, *new.seat_blocks)}):
        for peak in (False, True):
            before, after = old.seat_count(site, peak=peak), new.seat_count(site, peak=peak)
            if before != after:
                found.append(_named(name, f"{'peak ' if peak else ''}seats {site}: {before:,} to {after:,}"))
    yield from found or _part(name, old, new)


def _edition(name: str, old: Plan, new: Plan) -> Iterator[Change]:
    titles = table("features")
    gained = [titles[each]["title"] for each in features(new) if each not in features(old)]
    lost = [titles[each]["title"] for each in features(old) if each not in features(new)]
    parts = [f"{old.edition} to {new.edition}"]
    parts += [f"adds {', '.join(gained)}"] if gained else []
    parts += [f"loses {', '.join(lost)}"] if lost else []
    yield _named(name, "edition: " + "; ".join(parts))


def _connect(name: str, old: Plan, new: Plan) -> Iterator[Change]:
    """Who answers, or what Amazon Connect does where it answered before."""
    if (old.connect is None) is (new.connect is None):
        yield from _part(name, old, new)
    else:
        yield _change("platform", "platform: " + " to ".join(_platform(plan) for plan in (old, new)))


def _platform(plan: Plan) -> str:
    return "instances" if plan.connect is None else "connect"


_TOLD = {"seat_blocks": _seats, "edition": _edition, "connect": _connect}


def document(changes: tuple[Change, ...], old: Bill, new: Bill) -> dict[str, Any]:
    """The difference as JSON: changes, and the base totals of both by years."""
    return {
        "changes": [dataclasses.asdict(each) for each in changes],
        "cost": {
            str(total.years): {
                "old": float(total.total.base),
                "new": float(new.over(total.years).total.base),
                "complete": total.complete and new.over(total.years).complete,
            }
            for total in old.totals
        },
    }
