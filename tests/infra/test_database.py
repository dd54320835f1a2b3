"""A database that the cloud runs, as a call server meets it: verified TLS only, and the rights of a writer."""

from __future__ import annotations

from typing import Any

import pytest

from seatworks.plan.model import Host, Plan, Target
from seatworks.secrets import Vault

# The way that call detail takes.
SERVICE = "PGSERVICEFILE=/etc/seatworks/call-detail.conf psql --no-psqlrc -At"
READERS = "call_detail INSERT\ncall_detail SELECT"


def ask(host: Any, statement: str) -> str:
    """The database's answer to the user that writes call detail."""
    answer: str = host.check_output(f"{SERVICE} -d service=call_detail -c %s", statement)
    return answer


def attempt(host: Any, how: str, statement: str = "SELECT 1") -> Any:
    """An attempt with other settings of the connection."""
    return host.run(f"{SERVICE} -d %s -c %s", f"service=call_detail {how}", statement)


@pytest.mark.mlps("8.1.2.2 b")
def test_speaks_tls_of_today(host: Any) -> None:
    assert ask(host, "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()") in {
        "t|TLSv1.2",
        "t|TLSv1.3",
    }


@pytest.mark.mlps("8.1.2.2 b")
def test_is_refused_without_tls(host: Any) -> None:
    assert "no encryption" in attempt(host, "sslmode=disable").stderr


@pytest.mark.mlps("8.1.2.2 b")
def test_refuses_a_server_that_another_authority_vouches_for(host: Any) -> None:
    assert "certificate verify failed" in attempt(host, "sslrootcert=/etc/ssl/certs/ca-certificates.crt").stderr


@pytest.mark.mlps("8.1.2.2 b")
def test_refuses_a_server_of_another_name(host: Any, plan: Plan) -> None:
    if plan.target is Target.LAB:
        address = plan.group("db")[0].address
        refused = attempt(host, f"host=elsewhere.invalid hostaddr={address}")
        assert 'does not match host name "elsewhere.invalid"' in refused.stderr


@pytest.mark.mlps("8.1.4.1 a")
def test_is_refused_with_a_wrong_password(host: Any) -> None:
    assert "password authentication failed" in attempt(host, "password=wrong").stderr


@pytest.mark.mlps("8.1.4.2 d")
def test_may_add_and_read_call_detail_and_nothing_else(host: Any) -> None:
    rights = "SELECT table_name || ' ' || privilege_type FROM information_schema.table_privileges"
    assert ask(host, f"{rights} WHERE table_schema = 'public' ORDER BY 1") == READERS
    for statement in ("DELETE FROM call_detail", "UPDATE call_detail SET caller = ''", "CREATE TABLE x ()"):
        assert "permission denied" in attempt(host, "", statement).stderr, statement


@pytest.mark.mlps("8.1.4.2 a")
def test_its_master_does_not_rule_the_server(host: Any) -> None:
    flags = "SELECT rolsuper, rolreplication FROM pg_roles WHERE rolname = 'seatworks_master'"
    assert ask(host, flags) == "f|f"


def test_runs_with_the_parameters_of_the_plan(host: Any, plan: Plan) -> None:
    # The server hides settings of TLS from users; test_speaks_tls_of_today sees what they do.
    wanted = {name: value for name, value in plan.database.parameters if not name.startswith(("rds.", "ssl_"))}
    names = ", ".join(f"'{name}'" for name in wanted)
    # The names are those of our data.
    lines = ask(host, f"SELECT name, setting FROM pg_settings WHERE name IN ({names})").splitlines()  # noqa: S608 - ours
    found = dict(line.split("|") for line in lines)
    assert found == {name: "on" if value == "1" else value for name, value in wanted.items()}


def test_is_of_the_version_of_the_plan(host: Any, plan: Plan) -> None:
    assert ask(host, "SHOW server_version_num").startswith(str(plan.database.version))


@pytest.mark.mlps("8.1.4.8 b")
def test_nothing_of_the_master_stays_on_a_call_server(host: Any, member: Host, vault: Vault) -> None:
    assert member.group == "call"
    assert host.run("ls -d /run/seatworks-database-*").rc != 0
    password = vault["vault_database_passwords"].get("master")
    if password:
        searched = "grep -rlF -f /dev/stdin /etc /run /var/lib /root 2>/dev/null <<'END'\n" + password + "\nEND"
        assert host.run(searched).stdout == ""
