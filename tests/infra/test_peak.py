"""A server of a peak takes calls only while it is open, and has the rights of its duty."""

from __future__ import annotations

import json
from typing import Any

from seatworks.inputs import ADMISSION
from seatworks.plan.model import Host, Plan
from seatworks.plan.peak import DRAINED, READY, group_name


def test_the_duty_runs_and_starts_at_boot(host: Any) -> None:
    service = host.service("peak-duty")
    assert service.is_running
    assert service.is_enabled


def test_it_knows_its_group_and_where_auto_scaling_waits(host: Any, member: Host, plan: Plan) -> None:
    found = json.loads(host.check_output("cat /etc/seatworks/peak.json"))
    assert found == {
        "group": group_name(plan.name, member.name),
        "region": plan.region,
        "ready_hook": READY,
        "drained_hook": DRAINED,
        "admission": ADMISSION,
    }


def test_it_is_open_and_asterisk_sees_that(host: Any) -> None:
    assert host.file(ADMISSION).exists
    shown = host.check_output("asterisk -rx 'dialplan show from-edge'")
    assert f"STAT(e,{ADMISSION})" in shown
    assert "]?open" in shown
    assert host.run(f"runuser -u asterisk -- test -e {ADMISSION}").rc == 0


def test_it_keeps_no_right_but_to_look(host: Any) -> None:
    shown = host.check_output("systemctl show peak-duty --property=CapabilityBoundingSet,NoNewPrivileges,ProtectSystem")
    assert set(shown.splitlines()) == {
        "CapabilityBoundingSet=cap_dac_override cap_setgid cap_setuid",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
    }
