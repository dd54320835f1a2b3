"""The plan on the terminal: what `make plan` prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from seatworks.cost.model import Band, Bill, Comparison
from seatworks.custody import Item
from seatworks.difference import Change
from seatworks.drift import Finding, Part
from seatworks.plan.connect import Connect
from seatworks.plan.model import Plan
from seatworks.plan.planning_only import reasons


def plan_table(plan: Plan) -> Group:
    """Hosts, figures and conversations of a plan, to print with rich."""
    region = f", {plan.region}" if plan.region else ""
    head = Text.assemble(
        (plan.name, "bold"),
        f"  {plan.mode}{region}, target {plan.target}, {plan.seat_count()} seats, "
        f"{plan.availability.asked:g} %, protection level {plan.protection_level}",
    )
    if plan.connect is not None:
        return Group(head, _figures(plan), *_managed(plan, plan.connect), _planning_only(plan))
    return Group(head, _figures(plan), _hosts(plan), _flows(plan), _planning_only(plan))


def _figures(plan: Plan) -> Table:
    table = _table("Sized", "", "")
    figures = plan.sized
    for name, value in (
        ("agents at the busy hour", f"{figures.agents}, {figures.scheduled_staff} on the rota"),
        (
            "callers then meet",
            f"{figures.service_level:.0%} answered in time, {figures.mean_wait_s:.0f} s mean wait, "
            f"agents busy {figures.occupancy:.0%}",
        ),
        ("calls at once", f"{figures.concurrent_calls}, {figures.design_concurrent_calls} with headroom"),
        ("trunk channels", f"{figures.trunk_channels} (or {figures.e1_spans} E1)"),
        ("menu ports", f"{figures.menu_ports}"),
        ("recording disk", f"{figures.recording_disk_gb} GB for {plan.recording.retention_days} days"),
        ("database, logs", f"{figures.database_gb} GB, {figures.log_gb} GB"),
        ("bandwidth of the site", f"{figures.site_bandwidth_kbps} kbit/s"),
        (
            "bandwidth of the link",
            f"{figures.link_bandwidth_kbps} kbit/s" if figures.link_bandwidth_kbps else "no link",
        ),
        (
            "availability",
            f"{plan.availability.asked:g} % asked, {plan.availability.contract:.3f} % by contract, "
            f"{plan.availability.model:.3f} % by model",
        ),
    ):
        table.add_row(name, value)
    table.show_header = False
    return table


def _hosts(plan: Plan) -> Table:
    table = _table("Hosts", "host", "site", "network", "address", "size", "roles")
    for host in plan.hosts:
        size = f"{host.vcpus} vCPU {host.memory_gib} GiB {host.disk_gb} GB"
        roles = " ".join(role for role in host.roles if role not in ("baseline", "firewall"))
        if host.managed:
            roles = f"{roles} as a service of the cloud".lstrip()
        table.add_row(
            Text(host.name, "bold"),
            str(host.site),
            host.network,
            f"{host.address}" + (" +public" if host.public else "") + (" in peaks only" if host.peak else ""),
            f"{size} {host.instance_type or ''}".rstrip(),
            roles,
        )
    table.caption = "every host also runs: baseline firewall"
    table.caption_justify = "left"
    return table


def _managed(plan: Plan, asked: Connect) -> tuple[Table | Text, ...]:
    """A centre that the provider answers: numbers and flows instead of hosts and conversations."""
    numbers = _table("Numbers to claim", "number", "country", "kind", "answered by")
    for number in asked.numbers:
        numbers.add_row(Text(number.number, "bold"), number.country, number.kind, number.flow)
    flows = _table("Flows", "flow", "keys", "nothing pressed", "waits", "outside the hours")
    for flow in asked.flows:
        keys = ", ".join(f"{digit} {queue}" for digit, queue in flow.digits)
        closed = "reads a text, ends" if flow.checks_hours else "always open"
        flows.add_row(Text(flow.name, "bold"), keys, flow.default, f"{flow.wait_s} s" if flow.digits else "", closed)
    minutes = max(1, math.ceil(asked.minutes(plan.seat_count(), len(plan.queues))))
    pace = f"a first deploy takes about {minutes} min or more: {asked.request_rate:g} requests a second are allowed"
    return numbers, flows, Text(pace, style="dim")


def _flows(plan: Plan) -> Table:
    table = _table("Permitted conversations", "from", "to", "ports", "why")
    for flow in plan.flows:
        span = f"{flow.first_port}" if flow.first_port == flow.last_port else f"{flow.first_port}-{flow.last_port}"
        targets = "every host" if len(flow.targets) == len(plan.servers) else " ".join(flow.targets)
        table.add_row(" ".join(flow.sources), targets, f"{flow.protocol} {span}", flow.why)
    return table


def _planning_only(plan: Plan) -> Table | str:
    """Keys that the file gives and that set nothing on a host or in the cloud."""
    table = _table("Sizes and prices only", "key", "why")
    for key, why in reasons(plan.planning_only):
        table.add_row(Text(key, "bold"), why)
    return table if table.row_count else ""


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, header_style="dim")
    return table


def cost_table(comparison: Comparison) -> Group:
    """Three modes side by side, over 1, 3 and 5 years."""
    parts: list[Table | Text] = [bills_table({bill.mode: bill for bill in comparison.bills}, comparison.currency)]
    for bill in comparison.bills:
        if bill.missing:
            parts.append(Text(f"no price for {bill.mode}: {', '.join(bill.missing)}", style="dim"))
    month = comparison.break_even_month
    parts.append(
        Text(
            f"on-premises has cost less than the cloud after {month} months, by the prices known"
            if month
            else "on-premises does not become cheaper than the cloud within 60 months, by the prices known"
        )
    )
    return Group(*parts)


def bills_table(bills: Mapping[str, Bill], currency: str) -> Table:
    """Totals of bills by name; a sum with a price missing is a lower bound."""
    spans = ("1 year", "3 years", "5 years", "seat-month over 3 years")
    table = _table(f"Cost ({currency}; low - base - high)", "", *spans)
    for name, bill in bills.items():
        sums = [("" if total.complete else "at least ") + _band(total.total) for total in bill.totals]
        table.add_row(Text(name, "bold"), *sums, _band(bill.over(3).per_seat_month))
    return table


def _band(band: Band) -> str:
    return " - ".join(f"{amount:,.0f}" for amount in (band.low, band.base, band.high))


def difference_table(changes: Sequence[Change]) -> Table | Text:
    """Changes between two plans and what stops meanwhile."""
    if not changes:
        return Text("the plans are the same")
    table = _table("Changes", "", "what", "way", "stops meanwhile", "for")
    for each in changes:
        cells = (each.kind.replace("_", " "), each.what, each.way, each.stops)
        table.add_row(*map(Text, cells), f"{each.seconds} s" if each.seconds else "")
    return table


def drift_tables(findings: Sequence[Finding]) -> Group | Text:
    """A table for each part in which something differs."""
    titles = {
        Part.PLAN: "Plan: asked for, not deployed",
        Part.ACCOUNT: "Account: not as it was deployed",
        Part.HOSTS: "Hosts: not as they were deployed",
    }
    tables = []
    for part, title in titles.items():
        table = _table(title, "place", "the plan wants", "found", "remedy")
        for each in (each for each in findings if each.part is part):
            # Text: names and values are shown as they are, whatever brackets they hold.
            table.add_row(*(Text(cell) for cell in (each.place, each.wanted, each.found, each.remedy)))
        if table.row_count:
            tables.append(table)
    return Group(*tables) if tables else Text("nothing differs")


def custody_table(items: Sequence[Item]) -> Table:
    """What travels to another computer, and whether it is here."""
    table = _table("What the centre is run with", "", "lies in", "here", "is handed over as")
    for item in items:
        here = {True: "yes", False: "NO", None: "not known"}[item.here]
        table.add_row(Text(item.what, "bold"), Text(item.lies), here, Text(item.how))
    return table
