"""Contradictions: rules that compare one part of a specification with another, or with the law.

They also run on a specification with broken values, where a broken or missing value is None; a rule that needs it
says nothing then, the value itself has been reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seatworks.spec.addresses import addresses, entries, named, networks
from seatworks.spec.choices import Database, Mode, Platform, SeatSite, Target, TrunkKind
from seatworks.spec.link import link
from seatworks.spec.managed import managed
from seatworks.spec.model import Spec
from seatworks.spec.numbers import forms
from seatworks.spec.peak import peak
from seatworks.spec.read import Finding, Location
from seatworks.spec.words import nearest
from seatworks.tables import table

# Regions whose names begin like this are of a partition of their own.
_PARTITIONS = {"aws-cn": "cn-", "aws-us-gov": "us-gov-"}

Rule = Callable[[Spec], Iterator[Finding]]


def check(spec: Spec | None, folder: str | None) -> list[Finding]:
    """Every contradiction in `spec`. `folder` is the name of the folder that holds the file, if it must match."""
    if spec is None:
        return []
    found = [finding for rule in _RULES for finding in rule(spec)]
    if folder is not None and spec.name is not None and spec.name != folder:
        found.append(
            Finding(("name",), f"is {spec.name}, but the folder is called {folder}", "give both the same name")
        )
    return found


def _sections(spec: Spec) -> Iterator[Finding]:
    if spec.mode is None:
        return
    given: set[str] = spec.model_fields_set
    for section, modes in (("cloud", (Mode.CLOUD, Mode.HYBRID)), ("onprem", (Mode.ONPREM, Mode.HYBRID))):
        if spec.mode in modes and section not in given:
            modes_without = ", ".join(mode for mode in Mode if mode not in modes)
            yield Finding(
                ("mode",),
                f"is {spec.mode}, but there is no section `{section}`",
                f"add `{section}:`, or choose mode {modes_without}",
            )
        if spec.mode not in modes and getattr(spec, section) is not None:
            yield Finding(
                (section,), f"has no meaning in mode {spec.mode}", "remove the section, or choose mode hybrid"
            )
    if spec.mode == Mode.CLOUD and spec.gateways:
        yield Finding(("gateways",), "need a site, and mode cloud has none", "remove them, or choose mode hybrid")


def _seats(spec: Spec) -> Iterator[Finding]:
    if spec.seats is None:
        return
    counts = {"onprem": spec.seats.onprem, "cloud": spec.seats.cloud}
    if all(count == 0 for count in counts.values()):
        yield Finding(("seats",), "give 0 seats in total", "give the number of people who work at once")
    for mode, side in ((Mode.CLOUD, "onprem"), (Mode.ONPREM, "cloud")):
        if spec.mode == mode and counts[side]:
            yield Finding(
                ("seats", side),
                f"is {counts[side]}, but mode {mode} has no such side",
                "set it to 0, or choose mode hybrid",
            )


def _traffic(spec: Spec) -> Iterator[Finding]:
    if spec.traffic is None:
        return
    keys = spec.traffic.model_fields_set & {"busy_hour_calls", "peak_concurrent_calls"}
    if len(keys) == 2:
        yield Finding(
            ("traffic", "peak_concurrent_calls"),
            "and busy_hour_calls are both given",
            "keep one; the other follows from it",
        )
    if not keys:
        yield Finding(
            ("traffic",),
            "gives neither busy_hour_calls nor peak_concurrent_calls",
            "add `busy_hour_calls: 900`, or peak_concurrent_calls",
        )
    media = spec.traffic.media
    if media and media.encrypted is False and spec.protection_level == 3 and spec.mode in (Mode.CLOUD, Mode.HYBRID):
        yield Finding(
            ("traffic", "media", "encrypted"),
            "is false, but protection level 3 asks for secrecy on the Internet (GB/T 22239-2019 8.1.2.2 b)",
            "set it to true, or choose mode onprem",
        )


def _recording(spec: Spec) -> Iterator[Finding]:
    if spec.recording is None:
        return
    days, industry = spec.recording.retention_days, str(spec.industry)
    asked = table("law")["recording_retention_days"]
    asked = max(
        asked, table("law")["recording_retention_days_by_industry"].get(industry, asked), key=lambda rule: rule["value"]
    )
    if days is not None and days < asked["value"]:
        yield Finding(
            ("recording", "retention_days"),
            f"is {days}, the law asks for at least {asked['value']}",
            f"set it to {asked['value']} or more ({asked['source']})",
        )
    duty = table("law")["recording_required"].get(industry)
    if duty and spec.recording.share == 0:
        yield Finding(
            ("recording", "share"), f"is 0, but industry {industry} must record", f"set it to 1.0 ({duty['source']})"
        )


def _duplicates(spec: Spec) -> Iterator[Finding]:
    trunks, gateways = entries(spec.trunks), entries(spec.gateways)
    hosts = named(spec.onprem.hosts) if spec.onprem else []
    lists: list[tuple[Location, list[tuple[Location, Any]]]] = [
        (("name",), [(("trunks", n), x.name) for n, x in trunks]),
        (("name",), [(("gateways", n), x.name) for n, x in gateways]),
        (("address",), [(("trunks", n), x.address and f"{x.address}:{x.port}") for n, x in trunks]),
        (("address",), [(("gateways", n), x.address) for n, x in gateways]),
        ((), [(("onprem", "hosts", n), address) for n, address in hosts]),
    ]
    for key, places in lists:
        seen: dict[str, Location] = {}
        for location, value in places:
            if value is None:
                continue
            if str(value) in seen:
                first = seen[str(value)]
                other = f"{first[-2]}[{first[-1]}]" if isinstance(first[-1], int) else str(first[-1])
                yield Finding((*location, *key), f"is {value}, as in {other}", "give each its own")
            seen.setdefault(str(value), location)


def _numbers(spec: Spec) -> Iterator[Finding]:
    seen: dict[str, tuple[int, str]] = {}
    for n, number in entries(spec.service.numbers if spec.service else ()):
        if number.number is None:
            continue
        for form in forms(number.number, china=spec.in_china):
            if form in seen:
                first, written = seen[form]
                same = "" if written == number.number else f" ({written}): carriers write one number in many ways"
                yield Finding(
                    ("service", "numbers", n, "number"),
                    f"is {number.number}, as in numbers[{first}]{same}",
                    "give each its own",
                )
                break
        seen |= {form: (n, number.number) for form in forms(number.number, china=spec.in_china) if form not in seen}


def _trunks(spec: Spec) -> Iterator[Finding]:
    gateways = {gateway.name: gateway for _, gateway in entries(spec.gateways) if gateway.name}
    used: dict[str, int] = {}
    for n, trunk in entries(spec.trunks):
        given = trunk.model_fields_set
        if trunk.kind == TrunkKind.SIP:
            if "address" not in given:
                yield Finding(
                    ("trunks", n), "has kind sip and no address", "add `address: 198.51.100.10` (the carrier's)"
                )
            for key in sorted(given & {"spans", "gateway"}):
                yield Finding(("trunks", n, key), "belongs to kind e1, this trunk is sip", f"remove {key}")
        if trunk.kind == TrunkKind.E1:
            for key, example in (("spans", "spans: 2"), ("gateway", "gateway: gw1")):
                if key not in given:
                    yield Finding(("trunks", n), f"has kind e1 and no {key}", f"add `{example}`")
            for key in sorted(given & {"address", "channels"}):
                yield Finding(("trunks", n, key), "belongs to kind sip, this trunk is e1", f"remove {key}")
            if trunk.gateway and trunk.gateway not in gateways and None not in (spec.gateways or ()):
                remedy = nearest(trunk.gateway, gateways) or "describe it under `gateways:`"
                yield Finding(("trunks", n, "gateway"), f"is {trunk.gateway}, and there is no such gateway", remedy)
            if trunk.gateway in gateways and trunk.spans:
                used[trunk.gateway] = used.get(trunk.gateway, 0) + trunk.spans
                has = gateways[trunk.gateway].spans
                if has and used[trunk.gateway] > has:
                    yield Finding(
                        ("trunks", n, "spans"),
                        f"brings gateway {trunk.gateway} to {used[trunk.gateway]} spans, it has {has}",
                        "use fewer spans, or another gateway",
                    )


def _service(spec: Spec) -> Iterator[Finding]:
    service = spec.service
    if service is None:
        return
    queues, menus = service.queues or {}, service.menus or {}
    for n, number in entries(service.numbers):
        here: Location = ("service", "numbers", n)
        targets = number.model_fields_set & {"menu", "queue"}
        if len(targets) != 1:
            message = "leads to both a menu and a queue" if targets else "leads nowhere"
            yield Finding(here, message, "give it one: `menu: main` or `queue: support`")
        for key, known in (("menu", menus), ("queue", queues)):
            name = getattr(number, key)
            if name and name not in known:
                yield Finding((*here, key), f"is {name}, and there is no such {key}", nearest(name, known))
    for name, menu in named(service.menus):
        for digit, queue in named(menu.digits):
            if queue not in queues:
                yield Finding(
                    ("service", "menus", name, "digits", digit),
                    f"leads to {queue}, and there is no such queue",
                    nearest(queue, queues),
                )
        if menu.default and menu.default not in queues:
            yield Finding(
                ("service", "menus", name, "default"),
                f"is {menu.default}, and there is no such queue",
                nearest(menu.default, queues),
            )
    for name, queue in named(service.queues):
        yield from _queue_seats(spec, name, queue)


def _queue_seats(spec: Spec, name: str, queue: Any) -> Iterator[Finding]:
    sides = {Mode.CLOUD: {SeatSite.CLOUD}, Mode.ONPREM: {SeatSite.ONPREM}, Mode.HYBRID: set(SeatSite)}
    here: Location = ("service", "queues", name, "seats")
    wanted = [site for _, site in entries(queue.seats)]
    for n, site in entries(queue.seats):
        if spec.mode and site not in sides[spec.mode]:
            yield Finding(
                (*here, n),
                f"is {site}, and mode {spec.mode} has no such seats",
                f"choose {' or '.join(sorted(sides[spec.mode]))}, or mode hybrid",
            )
        if site in wanted[: wanted.index(site)] or (wanted.count(site) > 1 and n > wanted.index(site)):
            yield Finding((*here, n), f"is {site} a second time", "name each site once")
    seats = spec.seats
    if wanted and seats and None not in (seats.onprem, seats.cloud, seats.peak_extra) and spec.mode:
        counts = {SeatSite.ONPREM: seats.onprem, SeatSite.CLOUD: seats.cloud}
        counts[SeatSite.ONPREM if spec.mode == Mode.ONPREM else SeatSite.CLOUD] += seats.peak_extra
        possible = [site for site in wanted if site in sides[spec.mode]]
        if possible and not any(counts[site] for site in possible):
            yield Finding(
                here, f"are {', '.join(possible)}, and `seats` has none there", "add seats there, or name another site"
            )


def _cloud(spec: Spec) -> Iterator[Finding]:
    if spec.cloud is None or spec.cloud.region is None:
        return
    unknown = [*_region("region", spec.cloud.region), *_region("backup_region", spec.cloud.backup_region)]
    yield from unknown or _copies(spec.cloud.region, spec.cloud.backup_region)
    if not spec.cloud.zones:
        return
    zones = list(spec.cloud.zones)
    for n, zone in entries(zones):
        if zone[:-1] != spec.cloud.region:
            yield Finding(
                ("cloud", "zones", n), f"is {zone}, not a zone of {spec.cloud.region}", f"write {spec.cloud.region}a"
            )
        if zone in zones[:n]:
            yield Finding(("cloud", "zones", n), f"is {zone} a second time", "two zones fail apart only if they differ")


def _region(key: str, name: str | None) -> Iterator[Finding]:
    regions = table("cloud")["regions"]
    if name is None or any(name in known for known in regions.values() if isinstance(known, list)):
        return
    partition = next((each for each, prefix in _PARTITIONS.items() if name.startswith(prefix)), "aws")
    # Of the many of `aws` those of the same part of the world, where there are any.
    near = [each for each in regions[partition] if each.split("-")[0] == name.split("-")[0]] or regions[partition]
    yield Finding(("cloud", key), f"is {name}, which is no region of {partition}", f"known here: {', '.join(near)}")


def _copies(region: str, other: str | None) -> Iterator[Finding]:
    """A copy lies in another region of the same country, as near to a country as a region's name tells."""
    here = ("cloud", "backup_region")
    country = region.split("-")[0]
    if other == region:
        yield Finding(
            here, f"is {other}, where the originals are", "name another region of the country, or leave it out"
        )
    elif other and other.split("-")[0] != country:
        near = {"cn-north-1": "cn-northwest-1", "cn-northwest-1": "cn-north-1"}.get(
            region, f"one that begins with {country}-"
        )
        yield Finding(here, f"is {other}: data of {region} would leave its country", f"write {near}, or leave it out")
    elif other and other.startswith("us-gov-") != region.startswith("us-gov-"):
        yield Finding(here, f"is {other}, in another partition than {region}", "name a region of the same partition")


def _database(spec: Spec) -> Iterator[Finding]:
    if spec.mode == Mode.HYBRID and spec.cloud is not None and spec.cloud.database == Database.MANAGED:
        yield Finding(
            ("cloud", "database"),
            "is managed, but in mode hybrid call detail stays on the site, where its servers are",
            "remove it, or choose mode cloud",
        )


def _live(spec: Spec) -> Iterator[Finding]:
    if spec.target != Target.LIVE:
        return
    # Without a site every server can be met through the cloud's own door, Session Manager.
    answered = spec.cloud is not None and spec.cloud.platform == Platform.CONNECT
    if spec.mode in (Mode.ONPREM, Mode.HYBRID) and not answered and "management" not in spec.model_fields_set:
        yield Finding(
            ("target",),
            "is live, and nobody may administer the servers",
            "add `management: {networks: [10.0.5.0/24]}` (who may use SSH)",
        )
    if spec.onprem is not None and "hosts" not in spec.onprem.model_fields_set:
        yield Finding(
            ("onprem",),
            "has no hosts, and target live needs the address of each server",
            "add `hosts: {edge1: 10.20.0.11, ...}`; `make plan` with target lab lists the names",
        )


_RULES: tuple[Rule, ...] = (
    _sections,
    _seats,
    _traffic,
    _recording,
    _duplicates,
    _numbers,
    _trunks,
    _service,
    networks,
    addresses,
    _cloud,
    _database,
    link,
    managed,
    peak,
    _live,
)
