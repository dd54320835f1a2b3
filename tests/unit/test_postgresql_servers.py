"""Which database server is the primary: found by asking, never two of them, and no data goes without a word."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import types
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "roles" / "postgresql" / "files" / "servers.py"
PRIMARY = {"state": "primary", "timeline": 2, "said": ""}
STANDBY = {"state": "standby", "timeline": 1, "said": ""}
SILENT = {"state": "silent", "said": "Connection refused"}
CLOSED = {"state": "closed", "said": "FATAL: password authentication failed"}


@pytest.fixture
def servers() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("postgresql_servers", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def question(name: str, holds: str, *, started: bool, remake: str = "") -> dict[str, Any]:
    known = [{"name": "db1", "address": "127.0.0.1"}, {"name": "db2", "address": "127.0.0.1"}]
    way = {"port": 9, "password": "secret", "passfile": "/nowhere", "authority": "/nowhere"}
    return {"name": name, "holds": holds, "started": started, "remake": remake, "servers": known, **way}


@pytest.mark.parametrize(
    ("name", "holds", "other", "started", "remake", "duty", "copies", "said"),
    [
        # The first deploy: nobody has data. The first in the plan becomes the primary, when all have had their say.
        ("db1", "new", SILENT, False, "", "undecided", False, ""),
        ("db1", "new", SILENT, True, "", "primary", False, ""),
        ("db2", "new", SILENT, True, "", "standby", True, ""),
        ("db2", "new", PRIMARY, False, "", "standby", True, ""),
        # A pair that runs, and one that was stopped.
        ("db1", "primary", STANDBY, True, "", "primary", False, ""),
        ("db2", "following", PRIMARY, True, "", "standby", False, ""),
        ("db1", "data", SILENT, False, "", "primary", False, ""),
        ("db2", "following", SILENT, False, "", "standby", False, ""),
        # db2 was promoted: whoever the plan names first.
        ("db2", "primary", SILENT, True, "", "primary", False, "db1 does not follow db2: Connection refused"),
        ("db2", "data", SILENT, False, "", "primary", False, ""),
        ("db1", "data", PRIMARY, False, "", "former", False, "REMAKE=db1"),
        ("db1", "former", PRIMARY, False, "", "former", False, "db2 is the primary now"),
        ("db1", "former", SILENT, False, "", "former", False, "no server answers as the primary"),
        # A host that was replaced.
        ("db1", "new", PRIMARY, True, "", "standby", True, ""),
        ("db1", "following", PRIMARY, True, "", "standby", False, ""),
        # Nobody is the primary.
        ("db2", "following", SILENT, True, "", "standby", False, "pg_promote"),
        # On an explicit word.
        ("db1", "data", PRIMARY, False, "db1", "standby", True, ""),
        ("db1", "former", PRIMARY, True, "db1", "standby", True, ""),
        ("db1", "primary", PRIMARY, False, "db1", "standby", True, ""),
        ("db2", "primary", PRIMARY, False, "db1", "primary", False, ""),
        ("db2", "primary", SILENT, True, "db1", "primary", False, ""),
    ],
)
def test_a_server_finds_out_what_it_is(
    servers: types.ModuleType,
    name: str,
    holds: str,
    other: dict[str, Any],
    started: bool,
    remake: str,
    duty: str,
    copies: bool,
    said: str,
) -> None:
    others = {"db2" if name == "db1" else "db1": other}
    answer = servers.decide(question(name, holds, started=started, remake=remake), others)
    assert answer["refused"] == ""
    assert (answer["duty"], answer["copies"]) == (duty, copies)
    assert said in " ".join(answer["told"])
    assert bool(answer["told"]) == bool(said)


@pytest.mark.parametrize(
    ("holds", "other", "started", "remake", "why"),
    [
        ("primary", PRIMARY, False, "", r"two primaries.*db1, db2 \(timeline 2\).*REMAKE"),
        # Both were stopped, and a run has started both.
        ("data", PRIMARY, True, "", "two primaries"),
        ("data", CLOSED, False, "", "db1 holds data and is stopped.*password authentication failed"),
        # An empty one must not become the primary beside one that has the data.
        ("new", STANDBY, True, "", "db1 is empty, db2 holds the data.*pg_promote"),
        # The last data would go.
        ("primary", SILENT, False, "db1", "no other server is the primary: nothing was touched"),
        ("data", STANDBY, False, "db1", "no other server is the primary: nothing was touched"),
    ],
)
def test_what_could_make_two_primaries_or_lose_data_is_refused(
    servers: types.ModuleType, holds: str, other: dict[str, Any], started: bool, remake: str, why: str
) -> None:
    answer = servers.decide(question("db1", holds, started=started, remake=remake), {"db2": other})
    assert re.search(why, answer["refused"])


@pytest.mark.parametrize("remade", ["db1", ""])
def test_of_two_servers_never_both_are_started_as_primaries(servers: types.ModuleType, remade: str) -> None:
    """Every pair of states, as the two see each other: at most one goes on as the primary."""
    seen = {"new": SILENT, "following": STANDBY, "data": SILENT, "primary": PRIMARY, "former": SILENT}
    for one, other in ((a, b) for a in seen for b in seen):
        answers = [
            servers.decide(question("db1", one, started=False, remake=remade), {"db2": seen[other]}),
            servers.decide(question("db2", other, started=False, remake=remade), {"db1": seen[one]}),
        ]
        both = all(answer["duty"] == "primary" and not answer["refused"] for answer in answers)
        # Two stopped servers with data do not see each other; the second question finds both and refuses.
        assert both == ((one, other) == ("data", "data") and not remade), (one, other)


@pytest.mark.parametrize(
    ("code", "out", "err", "state"),
    [
        (0, "off\n7|3|0/1|\n", "", "primary"),
        (0, "on\n7|3|0/1|\n", "", "standby"),
        (2, "", "psql: error: connection to server at x failed: FATAL:  no pg_hba.conf entry", "closed"),
        (2, "", "psql: error: connection to server at x failed: Connection refused\n\tIs the server running", "silent"),
        (2, "", "", "silent"),
    ],
)
def test_what_a_server_says_is_read_and_the_password_is_in_no_argument(
    servers: types.ModuleType, monkeypatch: pytest.MonkeyPatch, code: int, out: str, err: str, state: str
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **how: Any) -> Any:
        assert how["env"].keys() & {"PGPASSWORD", "PGPASSFILE"}
        commands.append(command)
        return types.SimpleNamespace(returncode=code, stdout=out, stderr=err)

    monkeypatch.setattr(servers.subprocess, "run", run)
    found = servers.ask({"address": "127.0.0.1"}, question("db1", "new", started=False))
    assert found["state"] == state
    assert found.get("timeline", 3) == 3
    assert "psql: error" not in found["said"]
    assert "secret" not in str(commands)


def test_the_program_speaks_json_and_a_server_that_is_not_there_is_silent() -> None:
    asked = json.dumps(question("db1", "new", started=True))
    done = subprocess.run([sys.executable, SCRIPT], input=asked, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["duty"] == "primary"
    assert "secret" not in done.stdout + done.stderr
