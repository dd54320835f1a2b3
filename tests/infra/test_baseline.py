"""Every host knows its name, its neighbours and its time servers, lets in keys only and keeps its logs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from seatworks.plan.model import Host, Plan, Target

SECONDS_PER_DAY = 86400
LOG_DAYS_BY_LAW = 180


def sshd(host: Any) -> dict[str, str]:
    """What the SSH server really applies."""
    lines = host.check_output("/usr/sbin/sshd -T").splitlines()
    return {key.lower(): value for key, _, value in (line.partition(" ") for line in lines)}


def test_runs_debian_13(host: Any) -> None:
    assert host.system_info.distribution == "debian"
    assert host.system_info.release.split(".")[0] == "13"


def test_carries_the_name_of_the_plan(host: Any, member: Host, plan: Plan) -> None:
    assert host.check_output("hostname") == member.name
    assert host.check_output("hostname --fqdn") == f"{member.name}.{plan.domain}"


def test_finds_every_host_of_the_plan_by_name(host: Any, plan: Plan) -> None:
    answer = host.check_output("getent ahostsv4 " + " ".join(each.name for each in plan.servers))
    found = {(name, address) for address, kind, name in _resolved(answer) if kind == "STREAM"}
    assert found >= {(f"{each.name}.{plan.domain}", str(each.address)) for each in plan.servers}


def _resolved(answer: str) -> list[tuple[str, str, str]]:
    """Lines of `getent ahostsv4`: address, socket type, canonical name (on the first line of each name only)."""
    return [(words[0], words[1], words[2]) for words in map(str.split, answer.splitlines()) if len(words) == 3]


def test_keeps_which_vault_its_secrets_are_from(host: Any, vault: dict[str, Any]) -> None:
    kept = host.file("/etc/seatworks/vault")
    # A host that only an earlier version has deployed keeps nothing yet.
    assert kept.exists == ("vault_identity" in vault)
    if kept.exists:
        assert kept.content_string == f"{vault['vault_identity']}\n"
        assert (kept.user, kept.mode) == ("root", 0o644)


@pytest.mark.mlps("8.1.5.4 b")
def test_takes_its_time_from_the_servers_of_the_plan(host: Any, plan: Plan) -> None:
    assert host.service("chrony").is_running
    assert host.service("chrony").is_enabled
    sources = host.check_output("chronyc -c -N sources -a").splitlines()
    assert {line.split(",")[2] for line in sources} == set(plan.time_servers)


def test_its_clock_agrees_with_the_controllers(host: Any, plan: Plan) -> None:
    before = time.time()
    there = float(host.check_output("date +%s.%N"))
    assert before - 0.5 <= there <= time.time() + 0.5
    if plan.target is Target.LIVE:
        # A rehearsal has no way to a time server and may not set the computer's clock.
        tracking = host.check_output("chronyc -c tracking").split(",")
        assert tracking[-1] == "Normal"
        assert abs(float(tracking[4])) < 0.1


def test_serves_no_time_to_others(host: Any) -> None:
    assert not host.socket("udp://0.0.0.0:123").is_listening
    assert not host.socket("udp://127.0.0.1:323").is_listening


@pytest.mark.mlps("8.1.4.1 c")
def test_accepts_keys_and_no_passwords(host: Any) -> None:
    applied = sshd(host)
    assert applied["authenticationmethods"] == "publickey"
    assert applied["passwordauthentication"] == "no"
    assert applied["kbdinteractiveauthentication"] == "no"
    assert applied["permitemptypasswords"] == "no"
    assert applied["permitrootlogin"] in ("prohibit-password", "without-password")


@pytest.mark.mlps("8.1.4.1 c")
def test_offers_a_stranger_nothing_but_keys(host: Any) -> None:
    # BatchMode and no key: the server names the methods it would take.
    refused = host.run(
        "! ssh -o BatchMode=yes -o PubkeyAuthentication=no -o StrictHostKeyChecking=no"
        " -o UserKnownHostsFile=/dev/null nobody@127.0.0.1 true"
    )
    assert refused.rc == 0
    assert "Permission denied (publickey)." in refused.stderr


@pytest.mark.mlps("8.1.4.1 b")
def test_ends_sessions_that_fail_or_idle(host: Any) -> None:
    applied = sshd(host)
    assert int(applied["maxauthtries"]) <= 4
    assert int(applied["logingracetime"]) <= 60
    assert 0 < int(applied["clientaliveinterval"]) * int(applied["clientalivecountmax"]) <= 600


def test_forwards_nothing_through_ssh(host: Any) -> None:
    applied = sshd(host)
    for key in ("allowtcpforwarding", "allowagentforwarding", "x11forwarding", "permittunnel", "gatewayports"):
        assert applied[key] == "no", key


@pytest.mark.mlps("8.1.4.3 a")
def test_records_which_key_logged_in(host: Any) -> None:
    # The connection of this test is a login, or shares one.
    logins = host.check_output("journalctl --unit ssh --grep 'Accepted publickey for' --output cat --lines 1")
    assert "SHA256:" in logins


@pytest.mark.mlps("8.1.4.3 c")
def test_keeps_the_journal_on_disk_for_as_long_as_the_law_asks(host: Any) -> None:
    assert "/var/log/journal/" in host.check_output("journalctl --header --system")
    settings = host.check_output("systemd-analyze cat-config systemd/journald.conf").splitlines()
    applied = dict(line.split("=", 1) for line in settings if "=" in line and not line.startswith("#"))
    assert applied["Storage"] == "persistent"
    seconds = host.check_output(f"systemd-analyze timespan {applied['MaxRetentionSec']}")
    microseconds = next(line for line in seconds.splitlines() if "s:" in line and "Original" not in line).split()[-1]
    assert int(microseconds) >= LOG_DAYS_BY_LAW * SECONDS_PER_DAY * 1_000_000


@pytest.mark.mlps("8.1.4.4 e")
def test_installs_security_updates_by_itself(host: Any) -> None:
    settings = host.check_output("apt-config dump")
    assert 'APT::Periodic::Unattended-Upgrade "1"' in settings
    assert "label=Debian-Security" in settings
    assert host.service("apt-daily-upgrade.timer").is_enabled


@pytest.mark.parametrize(
    "key",
    [
        "net.ipv4.conf.all.accept_redirects",
        "net.ipv4.conf.all.send_redirects",
        "net.ipv4.conf.all.accept_source_route",
    ],
)
def test_lets_nobody_redirect_its_packets(host: Any, key: str) -> None:
    assert host.check_output(f"sysctl -n {key}") == "0"


def test_holds_the_certificate_authority_of_the_deployment(host: Any) -> None:
    described = host.check_output("openssl x509 -in /etc/seatworks/ca.pem -noout -text")
    assert "CA:TRUE" in described


def test_has_no_failed_unit(host: Any) -> None:
    failed = host.check_output("systemctl --failed --plain --no-legend").split("\n")
    # Needs the kernel's audit interface, which a container is refused.
    assert [line.split()[0] for line in failed if line and not line.startswith("audit-rules.service")] == []


@pytest.mark.mlps("8.1.4.3 c")
def test_the_journal_may_take_the_disk_that_was_planned(host: Any, member: Host) -> None:
    # The daemon says at each start what it goes by.
    said = "journalctl JOURNAL_NAME='System Journal' --output=cat --output-fields=MAX_USE --no-pager"
    assert int(host.check_output(said).splitlines()[-1]) == member.room.journal_gib * 2**30
