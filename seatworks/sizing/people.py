"""The agents of the busy hour, and what callers then meet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks import traffic
from seatworks.sizing.figures import Figures, up
from seatworks.sizing.ledger import Ledger
from seatworks.spec import Direction, Spec
from seatworks.tables import table


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the busy hour by who begins them: `offered` by callers; `contacts` that agents reach by `dials`."""

    offered: float
    accepted: float
    contacts: float
    dials: float


@dataclass(frozen=True, slots=True)
class People:
    """Agents at work in the busy hour. Without inbound calls the service level is 1 and nobody waits."""

    inbound: int
    outbound: int
    agents: int
    scheduled: int
    erlangs: float
    service_level: float
    occupancy: float
    mean_wait_s: float


def calls(spec: Spec, ledger: Ledger) -> Calls:
    """Calls of the busy hour. From calls at once by Little's law: calls = concurrent x 3600 / holding time."""
    asked = spec.traffic
    if asked.busy_hour_calls is not None:
        busy = ledger.note("busy_hour_calls", float(asked.busy_hour_calls), "calls/h", "as asked", "seatworks.yml")
    else:
        at_once = asked.peak_concurrent_calls or 0
        busy = ledger.note(
            "busy_hour_calls",
            at_once * 3600 / (asked.ivr_s + asked.talk_s),
            "calls/h",
            "peak_concurrent_calls x 3600 / (ivr_s + talk_s)",
            "Little's law",
            peak_concurrent_calls=at_once,
            ivr_s=asked.ivr_s,
            talk_s=asked.talk_s,
        )
    factor = peak_factor(spec)
    peak = ledger.note(
        "peak_calls",
        busy * factor,
        "calls/h",
        "busy_hour_calls x peak_factor",
        str(table("industries")[str(spec.industry)]["source"]) if asked.peak_factor is None else "seatworks.yml",
        busy_hour_calls=busy,
        peak_factor=factor,
    )
    share = outbound_share(spec)
    offered = ledger.note(
        "offered_calls", peak * (1 - share), "calls/h", "peak_calls x (1 - outbound share)", "seatworks.yml",
        peak_calls=peak, outbound_share=share,
    )  # fmt: skip
    accepted = ledger.note(
        "accepted_calls",
        offered * (1 - asked.blocking),
        "calls/h",
        "offered_calls x (1 - blocking): a blocked call meets neither menu nor agent",
        "Cisco Unified CCE SRND, basic example",
        offered_calls=offered,
        blocking=float(asked.blocking),
    )
    contacts = ledger.note(
        "outbound_contacts", peak * share, "calls/h", "peak_calls x outbound share", "seatworks.yml",
        peak_calls=peak, outbound_share=share,
    )  # fmt: skip
    dials = ledger.note(
        "outbound_dials", contacts / asked.outbound.answer_rate, "calls/h", "outbound_contacts / answer_rate",
        "seatworks.yml", outbound_contacts=contacts, answer_rate=float(asked.outbound.answer_rate),
    )  # fmt: skip
    return Calls(offered, accepted, contacts, dials)


def peak_factor(spec: Spec) -> float:
    """How much higher the heaviest hour is than the one given: as asked, else as the industry has it."""
    if spec.traffic.peak_factor is not None:
        return float(spec.traffic.peak_factor)
    return float(table("industries")[str(spec.industry)]["peak_factor"])


def outbound_share(spec: Spec) -> float:
    """Share of the calls that agents begin."""
    match spec.traffic.direction:
        case Direction.INBOUND:
            return 0.0
        case Direction.OUTBOUND:
            return 1.0
        case _:
            return float(spec.traffic.outbound.share)


def people(spec: Spec, met: Calls, figures: Figures, ledger: Ledger) -> People:
    """Agents: Erlang A when patience is given, else C, for who waits; load over occupancy for who is called.

    An agent is held for talk and wrap-up. The two groups are added: agents who do both would need a little less.
    """
    asked = spec.traffic
    aht_s = asked.talk_s + asked.wrap_up_s
    erlangs = ledger.note(
        "inbound_erlangs", met.accepted * aht_s / 3600, "erlangs", "accepted_calls x (talk_s + wrap_up_s) / 3600",
        accepted_calls=met.accepted, talk_s=asked.talk_s, wrap_up_s=asked.wrap_up_s,
    )  # fmt: skip
    inbound, share, wait_s = _inbound(spec, erlangs, aht_s, ledger)
    reached = ledger.note(
        "outbound_erlangs", met.contacts * aht_s / 3600, "erlangs", "outbound_contacts x (talk_s + wrap_up_s) / 3600",
        outbound_contacts=met.contacts, talk_s=asked.talk_s, wrap_up_s=asked.wrap_up_s,
    )  # fmt: skip
    outbound = ledger.note(
        "outbound_agents", up(reached / figures("max_occupancy")), "agents", "ceil(outbound_erlangs / max_occupancy)",
        figures.source("max_occupancy"), outbound_erlangs=reached, max_occupancy=figures("max_occupancy"),
    )  # fmt: skip
    agents = ledger.note(
        "agents", max(1, inbound + outbound), "agents", "inbound_agents + outbound_agents, at least 1",
        inbound_agents=inbound, outbound_agents=outbound,
    )  # fmt: skip
    scheduled = ledger.note(
        "scheduled_staff", traffic.scheduled(agents, float(asked.shrinkage)), "people",
        "ceil(agents / (1 - shrinkage))", "practice of the field: always rounded up",
        agents=agents, shrinkage=float(asked.shrinkage),
    )  # fmt: skip
    total = ledger.note("offered_erlangs", erlangs + reached, "erlangs", "inbound_erlangs + outbound_erlangs",
        inbound_erlangs=erlangs, outbound_erlangs=reached)  # fmt: skip
    busy = ledger.note("occupancy", total / agents, "share", "offered_erlangs / agents",
        offered_erlangs=total, agents=agents)  # fmt: skip
    return People(inbound, outbound, agents, scheduled, total, share, busy, wait_s)


def _inbound(spec: Spec, erlangs: float, aht_s: int, ledger: Ledger) -> tuple[int, float, float]:
    """Agents for callers who wait, the share answered in time, and the mean wait in seconds."""
    asked = spec.traffic
    share, within_s = float(asked.service_level.share), float(asked.service_level.within_s)
    inputs: dict[str, float | str] = {"inbound_erlangs": erlangs, "share": share, "within_s": within_s, "aht_s": aht_s}
    if erlangs == 0:
        agents, met, wait_s, law = 0, 1.0, 0.0, "no callers"
    elif asked.patience_s is not None:
        patience_s = float(asked.patience_s)
        inputs["patience_s"] = patience_s
        per_s = erlangs / aht_s
        agents = traffic.agents_for_with_patience(erlangs, aht_s, share=share, within_s=within_s, patience_s=patience_s)
        found = traffic.erlang_a(per_s, aht_s, agents, patience_s, within_s)
        met, wait_s, law = found.served_within_of_offered, found.mean_wait_s, "Erlang A (M/M/N+M)"
    else:
        agents = traffic.agents_for(erlangs, aht_s, share, within_s)
        met = traffic.service_level(erlangs, agents, aht_s, within_s)
        wait_s = traffic.average_speed_of_answer_s(erlangs, agents, aht_s)
        law = "Erlang C (M/M/N)"
    formula = "the fewest agents with service level >= share"
    ledger.note("inbound_agents", agents, "agents", formula, law, **inputs)
    ledger.note("service_level", met, "share", "share of offered calls answered within within_s", law, **inputs)
    ledger.note("mean_wait_s", wait_s, "s", "mean wait of all callers", law, **inputs)
    return agents, met, wait_s if math.isfinite(wait_s) else within_s
