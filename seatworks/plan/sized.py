"""What the plan keeps of the sizing, for readers that know nothing of traffic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sized:
    """The figures of `sizing` that a reader of the plan needs beside the hosts.

    Calls are per busy hour; `offered_erlangs` is the load on agents (talk and wrap-up), `trunk_erlangs` on lines (menu,
    waiting, talk). Shares are 0 to 1. `*_per_month` are what is paid by use.
    """

    offered_calls: float
    accepted_calls: float
    offered_erlangs: float
    trunk_erlangs: float
    agents: int
    scheduled_staff: int
    service_level: float
    occupancy: float
    mean_wait_s: float
    concurrent_calls: int
    design_concurrent_calls: int
    trunk_channels: int
    e1_spans: int
    menu_ports: int
    recording_disk_gb: int
    database_gb: int
    log_gb: int
    site_bandwidth_kbps: int
    link_bandwidth_kbps: int
    inbound_minutes_per_month: float
    outbound_minutes_per_month: float
