"""The plan on the terminal: what `make plan` prints."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from seatworks.plan.model import Plan


def plan_table(plan: Plan) -> Group:
    """Hosts, figures and conversations of a plan, to print with rich."""
    region = f", {plan.region}" if plan.region else ""
    head = Text.assemble(
        (plan.name, "bold"),
        f"  {plan.mode}{region}, target {plan.target}, {len(plan.seats)} seats, "
        f"{plan.availability:g} %, protection level {plan.protection_level}",
    )
    return Group(head, _figures(plan), _hosts(plan), _flows(plan))


def _figures(plan: Plan) -> Table:
    table = _table("Sized", "", "")
    figures = plan.sized
    for name, value in (
        ("agents at the busy hour", f"{figures.agents}"),
        ("calls at once", f"{figures.concurrent_calls}"),
        ("trunk channels", f"{figures.trunk_channels} (or {figures.e1_spans} E1)"),
        ("recording disk", f"{figures.recording_disk_gb} GB for {plan.recording.retention_days} days"),
        ("bandwidth of the site", f"{figures.site_bandwidth_kbps} kbit/s"),
        (
            "bandwidth of the link",
            f"{figures.link_bandwidth_kbps} kbit/s" if figures.link_bandwidth_kbps else "no link",
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
        table.add_row(
            Text(host.name, "bold"),
            str(host.site),
            host.network,
            f"{host.address}" + (" +public" if host.public else ""),
            f"{size} {host.instance_type or ''}".rstrip(),
            roles,
        )
    table.caption = "every host also runs: baseline firewall"
    table.caption_justify = "left"
    return table


def _flows(plan: Plan) -> Table:
    table = _table("Permitted conversations", "from", "to", "ports", "why")
    for flow in plan.flows:
        span = f"{flow.first_port}" if flow.first_port == flow.last_port else f"{flow.first_port}-{flow.last_port}"
        targets = "every host" if len(flow.targets) == len(plan.hosts) else " ".join(flow.targets)
        table.add_row(" ".join(flow.sources), targets, f"{flow.protocol} {span}", flow.why)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, header_style="dim")
    return table
