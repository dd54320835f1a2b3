"""Rules on `cloud.platform`: what the provider's own contact centre cannot have, and what only it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatworks.spec.addresses import entries, named
from seatworks.spec.choices import Direction, Mode, Platform, Strategy
from seatworks.spec.model import Hours, Spec
from seatworks.spec.read import Finding, Location
from seatworks.tables import table

INSTANCES = "or choose cloud.platform: instances"


def managed(spec: Spec) -> Iterator[Finding]:
    """Everything about the platform. A rule on a value that is broken or missing says nothing."""
    if spec.cloud is None or spec.cloud.platform != Platform.CONNECT:
        # A broken specification may have no value here; without a cloud servers answer.
        if spec.cloud is None or spec.cloud.platform == Platform.INSTANCES:
            yield from _servers(spec)
        return
    yield from _place(spec)
    yield from _lines(spec)
    yield from _callers(spec)
    yield from _people(spec)


def _servers(spec: Spec) -> Iterator[Finding]:
    """Servers of ours need lines to carriers; what only the managed platform does is refused, not left out."""
    if spec.trunks == ():
        given = "trunks" in spec.model_fields_set
        yield Finding(
            ("trunks",),
            "has no entry, must have at least 1" if given else "is missing",
            "add `trunks: [{name: unicom, kind: sip, address: 198.51.100.10}]`",
        )
    service, remedy = spec.service, "remove it, or choose cloud.platform: connect"
    if service is None:
        return
    for key in ("hours", "language"):
        if key in service.model_fields_set:
            yield Finding(("service", key), "is for platform connect: our servers do not use it yet", remedy)
    for n, number in entries(service.numbers):
        for key in sorted(number.model_fields_set & {"country", "toll_free"}):
            yield Finding(
                ("service", "numbers", n, key), "is for platform connect: a carrier brings its own numbers", remedy
            )
    for name, menu in named(service.menus):
        if "text" in menu.model_fields_set:
            yield Finding(
                ("service", "menus", name, "text"),
                "is for platform connect: our servers play sounds",
                "name the sounds under `prompts`",
            )


def _place(spec: Spec) -> Iterator[Finding]:
    region, known = spec.cloud.region if spec.cloud else None, table("connect")["regions"]["value"]
    if region is not None and region not in known:
        china = "; in China it is not offered at all" if region.startswith("cn-") else ""
        yield Finding(
            ("cloud", "platform"),
            f"is connect, and Amazon Connect cannot be had in {region}{china}",
            f"choose cloud.platform: instances, or one of {', '.join(known)}",
        )
    if spec.mode == Mode.HYBRID:
        yield Finding(
            ("cloud", "platform"),
            "is connect, and Amazon Connect has no link to servers of a site",
            f"choose mode cloud, {INSTANCES}",
        )


def _lines(spec: Spec) -> Iterator[Finding]:
    for key in ("trunks", "gateways"):
        if getattr(spec, key):
            yield Finding(
                (key,),
                "have no meaning with platform connect: Amazon Connect takes no SIP trunk, its numbers are claimed or "
                "ported",
                f"remove them, {INSTANCES}",
            )
    for n, number in entries(spec.service.numbers if spec.service else ()):
        here: Location = ("service", "numbers", n)
        if number.number is not None and not number.number.startswith("+"):
            yield Finding(
                (*here, "number"),
                f"is {number.number}, and a claimed number is told from its country on",
                'write it with + and the country code, such as "+4930"; its beginning is enough',
            )
        if number.country is None and "country" not in number.model_fields_set:
            yield Finding(here, "has no country", "add `country: DE`: numbers are claimed by country")


def _callers(spec: Spec) -> Iterator[Finding]:
    service = spec.service
    if service is None:
        return
    if service.language is not None and service.language not in table("connect")["languages"]:
        yield Finding(
            ("service", "language"),
            f"is {service.language}, and there is no voice for it here",
            f"known here: {', '.join(table('connect')['languages'])}",
        )
    for name, menu in named(service.menus):
        here: Location = ("service", "menus", name)
        if menu.prompts:
            yield Finding(
                (*here, "prompts"),
                "are sounds of our servers, and platform connect reads text",
                'write what is said: `text: "For support press 1."`',
            )
        if "text" not in menu.model_fields_set:
            yield Finding(here, "has no text, and platform connect reads one", 'add `text: "For support press 1."`')
    for name, queue in named(service.queues):
        if queue.strategy not in (None, Strategy.LEASTRECENT):
            yield Finding(
                ("service", "queues", name, "strategy"),
                f"is {queue.strategy}, and Amazon Connect gives a call to who has been idle longest",
                f"set it to leastrecent, {INSTANCES}",
            )
    if service.hours is not None:
        yield from _hours(service.hours)


def _hours(hours: Hours) -> Iterator[Finding]:
    if hours.opens and hours.closes and hours.closes <= hours.opens:
        yield Finding(
            ("service", "hours", "closes"), f"is {hours.closes}, not after {hours.opens}", "let a day end on that day"
        )
    days = list(hours.days or ())
    for n, day in entries(days):
        if day in days[:n]:
            yield Finding(("service", "hours", "days", n), f"is {day} a second time", "name each day once")


def _people(spec: Spec) -> Iterator[Finding]:
    if spec.recording is not None and spec.recording.share not in (None, 0, 1):
        yield Finding(
            ("recording", "share"),
            f"is {spec.recording.share:g}, and with platform connect all calls are recorded or none",
            f"set it to 1.0 or 0, {INSTANCES}",
        )
    traffic: Any = spec.traffic
    if traffic is None:
        return
    if traffic.media is not None and traffic.media.encrypted is False:
        yield Finding(
            ("traffic", "media", "encrypted"),
            "is false, and Amazon Connect speaks with browsers encrypted only",
            f"set it to true, {INSTANCES}",
        )
    outbound = traffic.outbound
    if traffic.direction not in (None, Direction.INBOUND) and outbound and (outbound.lines_per_agent or 1) > 1:
        yield Finding(
            ("traffic", "outbound", "lines_per_agent"),
            f"is {outbound.lines_per_agent:g}, and no dialling campaign is provisioned with platform connect",
            f"set it to 1, {INSTANCES}",
        )
