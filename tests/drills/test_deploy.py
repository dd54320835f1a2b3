"""The hybrid example from nothing to proved calls: cut off on the way, run again, met with trouble, taken away."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

import pytest

from lab import leftovers
from seatworks.environment import Environment
from seatworks.plan.model import Target
from tests.conftest import ROOT
from tests.drills.conftest import (
    DEPLOY_LIMIT_S,
    Ended,
    killed_in,
    lab,
    on,
    report_folder,
    results_of,
    seatworks,
    unchanged,
)

pytestmark = pytest.mark.lab
ENV = "hybrid"


@pytest.fixture(scope="module")
def first() -> Iterator[Ended]:
    """The first deploy that is allowed to end, after one that was killed while roles worked on hosts."""
    assert seatworks("destroy", ENV).code == 0
    killed_in(ENV, "hosts", after_s=15)
    yield seatworks("deploy", ENV)
    assert seatworks("destroy", ENV).code == 0
    assert leftovers(ENV) == []


def test_a_deploy_that_was_killed_while_it_configured_hosts_converges_to_proved_calls(first: Ended) -> None:
    assert first.code == 0, first.output[-6000:]
    found = results_of(ENV)
    assert found.accepted
    assert {phase.name for phase in found.phases} >= {"preflight", "plan", "cloud", "boot", "hosts", "checks", "calls"}
    assert all((report_folder(ENV) / name).is_file() for name in ("report.html", "report.json", "junit.xml"))


def test_a_second_deploy_changes_nothing(first: Ended) -> None:
    assert first.code == 0, "the first deploy failed"
    assert unchanged(ENV, seatworks("deploy", ENV))


def test_a_preview_shows_no_change_and_whoever_deploys_meanwhile_is_told_who_holds_the_lock(first: Ended) -> None:
    assert first.code == 0, "the first deploy failed"
    with subprocess.Popen(
        [ROOT / ".venv" / "bin" / "seatworks", "preview", ENV],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as holder:
        while not any(f"process {holder.pid}" in lock.read_text() for lock in (ROOT / "build" / ENV).rglob("lock")):
            assert holder.poll() is None
            time.sleep(0.05)
        second = seatworks("deploy", ENV)
        shown, _ = holder.communicate(timeout=DEPLOY_LIMIT_S)
    assert second.code == 3
    assert f"is held by `seatworks preview`, process {holder.pid}" in second.output
    assert holder.returncode == 0, shown[-4000:]
    assert "hosts: nothing would change" in shown


def differences() -> tuple[int, set[tuple[str, str, str]]]:
    """The exit code of `seatworks drift`, and where, what was wanted and what was found."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "seatworks", "drift", ENV, "--json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEPLOY_LIMIT_S,
        check=False,
    )
    assert done.stdout, done.stderr[-4000:]
    found = json.loads(done.stdout)["findings"]
    return done.returncode, {(each["place"], each["wanted"], each["found"]) for each in found}


@pytest.mark.slow
def test_drift_finds_what_was_done_by_hand_and_nothing_once_it_is_undone(first: Ended) -> None:
    assert first.code == 0, "the first deploy failed"
    server = "systemd-run --quiet --unit=byhand python3 -m http.server 8099"
    assert on(ENV, "cloud-edge1", "systemctl stop kamailio").code == 0
    file = "/etc/asterisk/asterisk.conf"
    assert on(ENV, "call1", f"{server} && cp -p {file} /root/kept && echo '; by hand' >> {file}").code == 0
    assert on(ENV, "db2", "systemd-run --quiet --unit=broken false").code == 0
    try:
        code, found = differences()
    finally:
        assert on(ENV, "cloud-edge1", "systemctl start kamailio").code == 0
        assert on(ENV, "call1", f"systemctl stop byhand && cp -p /root/kept {file} && rm /root/kept").code == 0
        assert on(ENV, "db2", "systemctl reset-failed broken").code == 0
    assert code == 6
    assert {
        ("cloud-edge1", "listens on tcp 5061 (phones that come over the Internet, TLS)", "nothing listens there"),
        ("cloud-edge1", "kamailio: run | Start the proxy", "it is otherwise"),
        ("call1", "listens only on ports that a flow names", "python3 listens on tcp 8099"),
        ("call1", "asterisk: configure | Write the files that are the same everywhere", "it is otherwise"),
        ("db2", "broken.service runs", "it has failed"),
    } <= found
    assert {place for place, _, _ in found} == {"cloud-edge1", "call1", "db2"}
    assert differences() == (0, set())


def test_ansible_finds_the_hosts_by_itself(first: Ended) -> None:
    assert first.code == 0, "the first deploy failed"
    done = subprocess.run(
        [
            *(ROOT / ".venv" / "bin" / "ansible-playbook", "-i", "inventories/hybrid", "site.yml"),
            *("--limit", "db2", "--check"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=0" in done.stdout


@pytest.mark.slow
def test_a_host_that_does_not_answer_is_named(first: Ended) -> None:
    """A machine of the lab is met first by who boots it: the deploy ends there."""
    assert first.code == 0, "the first deploy failed"
    soon = "systemd-run --on-active=1 --timer-property=AccuracySec=100ms"
    assert on(ENV, "record1", f"{soon} nft insert rule inet seatworks input tcp dport 22 drop").code == 0
    time.sleep(3)
    try:
        met = seatworks("deploy", ENV)
    finally:
        assert lab("cut", ENV, "record1").code == 0
        assert lab("up", ENV).code == 0
    assert met.code == 5, met.output[-4000:]
    assert "record1: does not answer over SSH" in met.output
    assert "edge1: does not answer" not in met.output
    assert "Traceback" not in met.output


def test_a_deploy_with_the_secrets_of_another_vault_ends_before_it_changes_anything(first: Ended) -> None:
    """As from a checkout that lacks the vault: made anew, it would be another."""
    assert first.code == 0, "the first deploy failed"
    where = Environment(ENV, Target.LAB, ROOT)
    kept = {file: file.read_bytes() for file in (where.vault, where.build / "vault-password")}
    for file in kept:
        file.unlink()
    try:
        met = seatworks("deploy", ENV)
        assert not where.vault.exists()
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
            file.chmod(0o600)
    assert met.code == 3, met.output[-4000:]
    assert "call1 (10.20.0.21): has its secrets from another vault, and there is none here" in met.output
    assert "9 problems" in met.output
    assert "== hosts" not in met.output
    assert "Traceback" not in met.output


def test_hosts_that_cannot_be_configured_are_named_all_at_once_with_the_remedy(first: Ended) -> None:
    assert first.code == 0, "the first deploy failed"
    assert on(ENV, "call1", "mount -t tmpfs -o size=64m tmpfs /srv").code == 0
    assert on(ENV, "db2", "mv /usr/bin/python3 /usr/bin/python3.away").code == 0
    try:
        met = seatworks("deploy", ENV)
    finally:
        assert on(ENV, "call1", "umount /srv").code == 0
        assert on(ENV, "db2", "mv /usr/bin/python3.away /usr/bin/python3").code == 0
    assert met.code == 5, met.output[-4000:]
    assert "call1 (10.20.0.21): has 0.07 GB free on /srv" in met.output
    assert "db2 (10.20.0.32): has no Python interpreter" in met.output
    assert "2 problems" in met.output
    assert "Traceback" not in met.output


@pytest.mark.slow
def test_calls_at_once_keep_their_media_recordings_and_rows(first: Ended) -> None:
    """A number that two cores with other work carry; `make load` tries the sized one."""
    assert first.code == 0, "the first deploy failed"
    held = seatworks("load", ENV, "--calls", "20")
    assert held.code == 0, held.output[-6000:]
