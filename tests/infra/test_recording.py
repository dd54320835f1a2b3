"""Recordings leave the call servers encrypted, and the store keeps them for the auditor alone."""

from __future__ import annotations

import secrets
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyrage
import pytest

from seatworks.environment import Environment
from seatworks.plan.model import Host, Plan
from seatworks.secrets import Vault
from tests.conftest import Every, standing

SPOOL = "/var/spool/asterisk/monitor"
OUTBOX = "/var/lib/recording"
STORE = "/srv/recordings"
SFTP = "runuser -u recording -- sftp -q -F /etc/recording/ssh_config -b -"
ARRIVE_S = 40.0
SAMPLES_BYTES = 32000


@pytest.fixture(scope="module")
def store(plan: Plan, every: Every) -> Any:
    """The host that keeps recordings."""
    return every(plan.group("record")[0].name)


@pytest.fixture(scope="module")
def sender(plan: Plan, every: Every) -> Any:
    """A call server."""
    return every(standing(plan, "asterisk")[0].name)


@pytest.fixture(scope="module")
def sent(plan: Plan, every: Every, store: Any) -> Iterator[list[tuple[Any, str]]]:
    """One second of sound from every call server, as Asterisk hands it in: (server, name of the recording)."""
    servers = standing(plan, "asterisk")
    # Named as Asterisk names them: the moment and a number. Several test processes do this in the same second.
    number = secrets.randbelow(10**9)
    names = [(every(server.name), f"check{server.name}-{int(time.time())}.{number}") for server in servers]
    for host, name in names:
        spoken = f"{SPOOL}/active/{name}.raw"
        make = f"head -c {SAMPLES_BYTES} /dev/zero > {spoken} && mv {spoken} {SPOOL}/done/"
        host.check_output(f"runuser -u asterisk -- sh -c {shlex.quote(make)}")
    yield names
    for _, name in names:
        store.check_output(f"find {STORE} -name {name}.wav.age -delete")
        store.check_output(f"find {STORE} -name MANIFEST.sha256 -exec sed -i '/  {name}.wav.age$/d' {{}} +")


def _wait(look: Callable[[], Any], within_s: float) -> Any:
    until = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def _path(store: Any, name: str) -> str:
    search = f"find {STORE} -path '*/incoming' -prune -o -name {name}.wav.age -print"
    return str(_wait(lambda: store.check_output(search), ARRIVE_S))


def test_services_run_and_start_at_boot(host: Any, member: Host) -> None:
    keeping = ("recording-store", "recording-keep", "recording-retention.timer")
    for name in keeping if member.group == "record" else ("recording-ship",):
        assert host.service(name).is_running, name
        assert host.service(name).is_enabled, name


@pytest.mark.mlps("8.1.4.8 b")
def test_the_auditors_key_is_on_no_host(host: Any) -> None:
    places = "/etc /root /home /var/lib/recording /srv/recordings"
    # grep ends with 1 when it finds nothing, with 2 when a folder is missing and nothing was found.
    found = host.run(f"grep -rlF AGE-SECRET-KEY- {places}")
    assert found.stdout == ""


@pytest.mark.mlps("8.1.4.8 b")
def test_no_conversation_lies_plain_on_a_disk(plan: Plan, every: Every) -> None:
    for server in standing(plan, "asterisk"):
        host = every(server.name)
        assert host.check_output(f"findmnt -no FSTYPE -T {SPOOL}") == "tmpfs", server.name
        waiting = host.check_output(f"find {OUTBOX} -name '*.age' -exec head -qc 21 {{}} ';' -printf '\\n'").split()
        assert set(waiting) <= {"age-encryption.org/v1"}, server.name


@pytest.mark.mlps("8.1.4.8 b")
def test_a_conversation_arrives_encrypted_for_the_auditor(
    sent: list[tuple[Any, str]], store: Any, vault: Vault, where: Environment, plan: Plan
) -> None:
    for host, name in sent:
        path = _path(store, name)
        assert path, f"{name} did not arrive"
        assert not host.file(f"{SPOOL}/done/{name}.raw").exists, "the plain file stays on the call server"
        sealed = subprocess.run(
            ["ssh", "-F", str(where.ssh_config), plan.group("record")[0].name, f"cat {path}"],
            check=True,
            capture_output=True,
            timeout=60,
        ).stdout
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])
        plain = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(vault["vault_recording"]["identity"])])
        assert plain[:4] == b"RIFF"
        assert plain[44:] == bytes(SAMPLES_BYTES)


@pytest.mark.mlps("8.1.4.7 b")
def test_what_is_kept_is_what_was_sent(sent: list[tuple[Any, str]], store: Any) -> None:
    for _, name in sent:
        folder = _path(store, name).rpartition("/")[0]
        assert folder, f"{name} did not arrive"
        store.check_output(f"cd {folder} && grep {name} MANIFEST.sha256 | sha256sum --status -c -")


@pytest.mark.mlps("8.1.4.2 d")
def test_recordings_are_readable_by_nobody_else(store: Any) -> None:
    assert store.check_output(f"find {STORE} -perm /o+rwx") == ""
    assert store.run(f"runuser -u nobody -- ls {STORE}").rc != 0


def test_the_store_takes_the_upload_key_only(sender: Any, plan: Plan) -> None:
    address = plan.group("record")[0].address
    known = "-o BatchMode=yes -o HostKeyAlias=recording-store -o UserKnownHostsFile=/etc/recording/known_hosts"
    other = f"ssh -F none {known} -o IdentitiesOnly=yes -i /etc/ssh/ssh_host_ed25519_key -p {plan.ports.recording}"
    refused = sender.run(f"{other} recording-upload@{address} </dev/null || exit 7")
    assert refused.rc == 7
    assert "Permission denied" in refused.stderr


def test_the_upload_key_opens_no_shell(sender: Any) -> None:
    answer = sender.run("timeout 10 runuser -u recording -- ssh -F /etc/recording/ssh_config store id </dev/null")
    assert "uid=" not in answer.stdout


@pytest.mark.parametrize("order", ["ls", "get probe /tmp/probe", "mkdir folder", "rm probe"])
def test_the_upload_key_neither_lists_nor_reads_nor_removes(sender: Any, store: Any, order: str) -> None:
    try:
        answer = sender.run(f"printf 'put /etc/hostname probe\\n{order}\\n' | {SFTP} store")
    finally:
        store.check_output(f"rm -f {STORE}/incoming/probe")
    assert "Permission denied" in answer.stderr


def test_recordings_are_kept_for_the_days_of_the_plan(store: Any, plan: Plan) -> None:
    asked = store.check_output("systemctl show -p ExecStart recording-retention.service")
    assert f"retain {STORE} {plan.recording.retention_days} " in asked
    refused = store.run("/usr/local/sbin/recording-keep retain /nonexistent 29")
    assert refused.rc != 0
    assert "30 days at least" in refused.stderr
