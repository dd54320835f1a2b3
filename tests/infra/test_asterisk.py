"""Call servers answer, ring the seats of the plan, load nothing else, and bring call detail to the database."""

from __future__ import annotations

import re
import shlex
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan
from tests import databases
from tests.conftest import Every

FILES = Path(__file__).resolve().parents[2] / "roles" / "asterisk" / "files"
SPOOL = "/var/spool/call-detail"
MOVE_S = 20.0


def _ask(host: Any, command: str) -> str:
    """What Asterisk answers, without colours."""
    answer = str(host.check_output(f"asterisk -rx {shlex.quote(command)}"))
    return re.sub(r"\x1b\[[0-9;]*m", "", answer)


def _server(host: Any, column: str) -> set[str]:
    """A column of ps over the threads of the server itself; consoles of others have the same name."""
    process = int(host.check_output("systemctl show asterisk --property=MainPID --value"))
    return set(host.check_output(f"ps -L -o {column}= -p {process}").split())


def _wait(look: Callable[[], Any], within_s: float) -> Any:
    until = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def test_services_run_and_start_at_boot(host: Any) -> None:
    for name in ("asterisk", "call-detail"):
        assert host.service(name).is_running, name
        assert host.service(name).is_enabled, name


def test_asterisk_is_the_version_that_was_chosen(host: Any) -> None:
    assert _ask(host, "core show version").startswith("Asterisk 22.")


def test_asterisk_may_open_enough_files(host: Any) -> None:
    found = re.search(r"Maximum open file handles:\s+(\d+)", _ask(host, "core show settings"))
    assert found
    # The default of 1024 ends near 200 calls.
    assert int(found[1]) >= 20000


def test_conversations_have_the_memory_that_was_planned(host: Any, member: Host) -> None:
    shown = host.check_output(
        "findmnt --bytes --noheadings --output FSTYPE,SIZE --mountpoint /var/spool/asterisk/monitor"
    )
    assert shown.split() == ["tmpfs", str(member.room.conversations_mib * 2**20)]


@pytest.mark.mlps("8.1.4.4 a")
def test_asterisk_never_was_root(host: Any) -> None:
    started_by = host.check_output("systemctl show asterisk --property=User --value")
    assert (started_by, _server(host, "euser")) == ("asterisk", {"asterisk"})


def test_voice_is_handled_in_batches(host: Any, evidence: Callable[[str, object], None]) -> None:
    policies = _server(host, "cls")
    evidence("scheduling of Asterisk", ", ".join(sorted(policies)))
    assert policies == {"B"}


@pytest.mark.mlps("8.1.4.4 a")
def test_only_named_modules_are_loaded(host: Any) -> None:
    named = set(re.findall(r"^(?:load|require) = (\S+)", (FILES / "modules.conf").read_text(), re.MULTILINE))
    loaded = set(re.findall(r"^(\S+\.so)", _ask(host, "module show"), re.MULTILINE))
    assert loaded == named


@pytest.mark.mlps("8.1.4.4 b")
def test_asterisk_listens_for_sip_on_its_address_only(host: Any, member: Host, plan: Plan) -> None:
    assert "asterisk" not in host.check_output("ss -Hlntp"), "no manager, no web server"
    assert host.socket(f"udp://{member.address}:{plan.ports.sip}").is_listening
    assert not host.socket(f"udp://0.0.0.0:{plan.ports.sip}").is_listening


@pytest.mark.mlps("8.1.4.1 a")
def test_only_edges_may_send_calls(host: Any, plan: Plan) -> None:
    known = set(re.findall(r"Match:\s+([0-9.]+)", _ask(host, "pjsip show identifies")))
    assert known == {str(edge.address) for edge in plan.group("edge")}
    assert "anonymous" not in _ask(host, "pjsip show endpoints")


def test_every_seat_is_looked_for_at_every_edge(host: Any, member: Host, plan: Plan) -> None:
    found = set(re.findall(r"Contact:\s+\S+/sip:(\S+):\d+", _ask(host, "pjsip show contacts")))
    assert found == {f"{seat.user}@{edge.address}" for seat in plan.served_by(member) for edge in plan.group("edge")}


def test_contexts_and_numbers_are_those_of_the_plan_and_no_others(host: Any, plan: Plan) -> None:
    shown = _ask(host, "dialplan show")
    contexts = set(re.findall(r"^\[ Context '(\S+)' created by 'pbx_config' \]", shown, re.MULTILINE))
    served = {f"menu-{menu.name}" for menu in plan.menus} | {f"queue-{queue.name}" for queue in plan.queues}
    assert {name for name in contexts if name.startswith(("menu-", "queue-"))} == served
    numbers = set(re.findall(r"^\s+'(\+?\d+)' =>", _ask(host, "dialplan show from-edge"), re.MULTILINE))
    assert numbers == {form for number in plan.numbers for form in number.forms}


def test_queues_are_those_of_the_plan_and_no_others(host: Any, plan: Plan) -> None:
    shown = re.findall(r"^(\S+) +has \d+ calls", _ask(host, "queue show"), re.MULTILINE)
    assert set(shown) == {f"queue-{queue.name}" for queue in plan.queues}


def test_queues_have_the_seats_of_the_plan(host: Any, member: Host, plan: Plan) -> None:
    for queue in plan.queues:
        shown = _ask(host, f"queue show queue-{queue.name}")
        assert f"'{queue.strategy}' strategy" in shown
        assert set(re.findall(r"\(PJSIP/(\S+?)\)", shown)) == set(plan.members(queue, member)), queue.name


def test_every_number_leads_somewhere(host: Any, plan: Plan) -> None:
    for number in plan.numbers:
        shown = _ask(host, f"dialplan show {number.number}@from-edge")
        assert f"{'menu-' if number.menu else 'queue-'}{number.menu or number.queue}" in shown


def test_every_prompt_can_be_played(host: Any, plan: Plan) -> None:
    for prompt in {prompt for menu in plan.menus for prompt in menu.prompts}:
        there = host.run(f"ls /usr/share/asterisk/sounds/en/{prompt}.* /usr/share/asterisk/sounds/{prompt}.*").stdout
        assert there.strip(), f"{prompt} is no sound of this server"


@pytest.mark.mlps("8.1.4.3 a")
def test_a_line_of_call_detail_becomes_a_row(host: Any, member: Host, plan: Plan, every: Every) -> None:
    primary = every(databases.primary(plan, every).name)

    def sql(query: str) -> str:
        return str(primary.check_output(f"runuser -u postgres -- psql -d seatworks -Atc {shlex.quote(query)}"))

    name = f"check-{uuid.uuid4().hex}"
    line = f"{name},{name},{member.name},2026-01-01T00:00:00.000Z,,2026-01-01T00:00:09.600Z,1,2,,support,,,end"
    where = f"where uniqueid = '{name}'"  # our own name: letters, digits and hyphens
    host.check_output(f"runuser -u asterisk -- sh -c {shlex.quote(f'echo {line} > {SPOOL}/{name}.csv')}")
    try:
        row = _wait(lambda: sql(f"select server, duration_s, disposition from call_detail {where}"), MOVE_S)  # noqa: S608 - our own name
        assert row == f"{member.name}|10|ABANDONED"
        assert _wait(lambda: not host.file(f"{SPOOL}/{name}.csv").exists, MOVE_S), "its file stays in the spool"
    finally:
        sql(f"delete from call_detail {where}")  # noqa: S608 - our own name
