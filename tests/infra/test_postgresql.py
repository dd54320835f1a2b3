"""The primary takes call detail from the call servers, over TLS and by password only; the standby has it at once."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import Any

import pytest

from seatworks.plan.model import CloudOutputs, Host, Plan
from seatworks.secrets import Vault
from tests import databases, handshake
from tests.conftest import Every, Evidence, standing

# Says hello in plain text, as a client without TLS does, and prints the server's answer.
PLAIN = """
import socket, struct, sys
words = b"user\\0" + sys.argv[3].encode() + b"\\0database\\0" + sys.argv[4].encode() + b"\\0\\0"
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as server:
    server.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
    print(server.recv(4096).decode(errors="replace").replace("\\0", " "))
"""
LAG_S = 5
DATABASE = "seatworks"


def ask(host: Any, statement: str, database: str = DATABASE) -> str:
    """The server's answer to its own administrator."""
    done = host.run(
        "runuser --user postgres -- psql --no-psqlrc --tuples-only --no-align --dbname=%s --command=%s",
        database,
        statement,
    )
    assert done.rc == 0, f"{done.stderr.strip()} (a former primary is made a standby by: make deploy REMAKE=<it>)"
    return str(done.stdout.rstrip("\n"))


def knock(host: Any, password: str, *, address: str, user: str, sslmode: str = "require", database: str) -> Any:
    """An attempt to log in from `host`. The password goes in by standard input of a shell, not by argument."""
    target = f"host={address} user={user} dbname={database} sslmode={sslmode} connect_timeout=5"
    if database == "replication":
        target = target.replace("dbname=replication", "dbname=postgres replication=true")
    statement = "IDENTIFY_SYSTEM" if "replication=true" in target else "SELECT 1"
    return host.run(
        "read -r PGPASSWORD <<'END'\n" + password + "\nEND\nexport PGPASSWORD\npsql --no-psqlrc -At -c %s -d %s",
        statement,
        target,
    )


@pytest.fixture
def primary(plan: Plan, every: Every) -> Host:
    """The host that is written to."""
    return databases.primary(plan, every)


@pytest.fixture
def standbys(plan: Plan, primary: Host) -> tuple[Host, ...]:
    """The hosts that follow it."""
    return tuple(host for host in plan.running("postgresql") if host.name != primary.name)


def test_runs_and_comes_back_at_boot(host: Any) -> None:
    assert host.service("postgresql@17-main").is_running
    assert host.service("postgresql").is_enabled


def test_listens_at_its_own_address_only(host: Any, member: Host, plan: Plan) -> None:
    assert host.socket(f"tcp://{member.address}:{plan.ports.postgresql}").is_listening
    assert not host.socket(f"tcp://0.0.0.0:{plan.ports.postgresql}").is_listening


def test_has_the_memory_and_disk_that_were_planned(host: Any, member: Host) -> None:
    names = ("shared_buffers", "effective_cache_size", "max_slot_wal_keep_size")
    shown = [int(ask(host, f"SELECT pg_size_bytes(current_setting('{name}'))")) for name in names]
    assert shown == [member.memory_gib * 2**28, member.memory_gib * 3 * 2**28, member.disk_gb // 5 * 2**30]


def test_reads_every_line_of_who_may_connect(host: Any) -> None:
    assert ask(host, "SELECT string_agg(error, ', ') FROM pg_hba_file_rules WHERE error IS NOT NULL") == ""


def test_exactly_one_is_written_to(host: Any, member: Host, primary: Host) -> None:
    assert ask(host, "SELECT pg_is_in_recovery()") == ("f" if member.name == primary.name else "t")


def test_every_standby_streams_with_small_lag(
    host: Any, member: Host, primary: Host, standbys: tuple[Host, ...]
) -> None:
    if member.name == primary.name:
        streaming = ask(host, "SELECT client_addr FROM pg_stat_replication WHERE state = 'streaming'").split()
        assert sorted(streaming) == sorted(str(each.address) for each in standbys)
        slots = ask(host, "SELECT slot_name FROM pg_replication_slots WHERE active").split()
        assert sorted(slots) == sorted("standby_" + str(each.address).replace(".", "_") for each in standbys)
    else:
        behind = ask(host, "SELECT coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), -1)")
        assert 0 <= int(behind) < 1024 * 1024


def test_a_row_written_on_the_primary_appears_here(primary: Host, host: Any, every: Every) -> None:
    written = every(primary.name)
    mark = f"test-{uuid.uuid4()}"
    # The mark is ours: nothing foreign gets into these statements.
    insert = f"INSERT INTO call_detail (server, uniqueid, sequence) VALUES ('test', '{mark}', 0)"  # noqa: S608 - ours
    count = f"SELECT count(*) FROM call_detail WHERE uniqueid = '{mark}'"  # noqa: S608 - ours
    delete = f"DELETE FROM call_detail WHERE uniqueid = '{mark}'"  # noqa: S608 - ours
    ask(written, insert)
    try:
        until = time.monotonic() + LAG_S
        while ask(host, count) != "1":
            assert time.monotonic() < until, f"the row is not here after {LAG_S} s"
    finally:
        ask(written, delete)


@pytest.mark.mlps("8.1.2.2 b")
def test_a_call_server_without_tls_is_refused(plan: Plan, member: Host, every: Every) -> None:
    for client in standing(plan, "asterisk"):
        answer = every(client.name).check_output(
            "python3 -c %s %s %s asterisk %s", PLAIN, str(member.address), str(plan.ports.postgresql), DATABASE
        )
        assert answer.startswith("E"), answer
        assert "no encryption" in answer, answer


@pytest.mark.mlps("8.1.2.2 b")
def test_a_call_server_is_shown_the_certificate_that_it_should_have_with_time_left(
    plan: Plan, member: Host, every: Every, outputs: CloudOutputs, vault: Vault, evidence: Evidence
) -> None:
    shown = handshake.of_postgresql(every(standing(plan, "asterisk")[0].name), member, plan)
    evidence("certificate_days_left", handshake.days_left(shown, member, plan, outputs, vault))


@pytest.mark.mlps("8.1.4.1 a")
def test_a_wrong_password_is_refused_and_the_right_one_accepted(
    member: Host, primary: Host, standbys: tuple[Host, ...], every: Every, vault: Vault
) -> None:
    # Database hosts hold the client program, and replication is what they may do on each other.
    for here, there in itertools.permutations((primary, *standbys), 2):
        if there.name != member.name:
            continue
        client = every(here.name)
        target = {"address": str(there.address), "user": "replication", "database": "replication"}
        right = knock(client, vault["vault_database_passwords"]["replication"], **target)
        assert right.rc == 0, right.stderr
        wrong = knock(client, "wrong", **target)
        assert "password authentication failed" in wrong.stderr
        plain = knock(client, "wrong", sslmode="disable", **target)
        assert "no encryption" in plain.stderr


@pytest.mark.mlps("8.1.4.2 a")
def test_networks_that_are_not_named_are_refused_even_with_the_right_password(
    member: Host, primary: Host, standbys: tuple[Host, ...], every: Every, vault: Vault
) -> None:
    for here, there in itertools.permutations((primary, *standbys), 2):
        if there.name != member.name:
            continue
        refused = knock(
            every(here.name),
            vault["vault_database_passwords"]["asterisk"],
            address=str(there.address),
            user="asterisk",
            database=DATABASE,
        )
        assert "no pg_hba.conf entry" in refused.stderr


@pytest.mark.mlps("8.1.4.2 d")
def test_call_servers_may_add_and_read_call_detail_and_nothing_else(host: Any) -> None:
    rights = ask(
        host,
        "SELECT table_name || ' ' || privilege_type FROM information_schema.table_privileges"
        " WHERE grantee IN ('asterisk', 'call_detail_writer', 'PUBLIC') AND table_schema = 'public' ORDER BY 1",
    )
    assert rights.splitlines() == ["call_detail INSERT", "call_detail SELECT"]
    flags = ask(
        host, "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = 'asterisk'"
    )
    assert flags == "f|f|f|f"
    assert ask(host, "SELECT has_schema_privilege('asterisk', 'public', 'CREATE')") == "f"


@pytest.mark.mlps("8.1.4.8 b")
def test_keeps_no_password_that_can_be_read(host: Any) -> None:
    kept = ask(host, "SELECT DISTINCT left(rolpassword, 14) FROM pg_authid WHERE rolpassword IS NOT NULL")
    assert kept == "SCRAM-SHA-256$"
