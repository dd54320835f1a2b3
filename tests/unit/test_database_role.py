"""What role database runs on a call server: psql and libpq are told the way in files, never in arguments."""

from __future__ import annotations

import importlib.util
import io
import json
import shlex
import sys
import types
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "roles" / "database" / "files" / "apply.py"
WORK = {
    "host": "db.example",
    "port": 5433,
    "authority": "PEM",
    "name": "seatworks",
    "master": "keeper",
    "password": "s3:cret\\",
    "users": {"asterisk": "pass'word"},
    "statements": "users;",
    "tables": "tables;",
}


class RefusedError(Exception):
    """Stands in for psycopg.OperationalError."""


class Server:
    """Stands in for psql and for psycopg: remembers how it was called."""

    def __init__(self, knows: set[str]) -> None:
        self.knows = knows
        self.commands: list[list[str]] = []
        self.files: dict[str, str] = {}
        self.statements: list[str] = []
        self.trouble = "password authentication failed for user"

    def run(self, command: list[str], **how: Any) -> Any:
        self.commands.append(command)
        way = dict(word.split("=", 1) for word in shlex.split(command[-1].removeprefix("--dbname=")))
        for file in (way["passfile"], way["sslrootcert"]):
            self.files[Path(file).name] = Path(file).read_text()
        assert Path(way["passfile"]).stat().st_mode & 0o777 == 0o600
        assert (way["port"], way["sslmode"]) == ("5433", "verify-full")
        return types.SimpleNamespace(
            returncode=0, stdout="CREATE ROLE\n" if how["input"] == "users;" else "", stderr=""
        )

    def connect(self, conninfo: str) -> Server:
        user = dict(word.split("=", 1) for word in shlex.split(conninfo))["user"]
        if user not in self.knows:
            raise RefusedError(self.trouble)
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """As a connection has it."""

    @property
    def pgconn(self) -> Any:
        return types.SimpleNamespace(encrypt_password=lambda *_: b"SCRAM-SHA-256$verifier")

    def execute(self, statement: str) -> None:
        self.statements.append(statement)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the program against a server; what it prints."""

    def start(server: Server) -> str:
        found = importlib.util.spec_from_file_location("apply", SCRIPT)
        assert found
        assert found.loader
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        quoted = types.SimpleNamespace(SQL=lambda text: text, Identifier=str, Literal=repr)
        psycopg = types.SimpleNamespace(OperationalError=RefusedError, connect=server.connect, sql=quoted)
        monkeypatch.setitem(sys.modules, "psycopg", psycopg)
        monkeypatch.setattr(module.subprocess, "run", server.run)
        monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
        made = module.tempfile.TemporaryDirectory
        monkeypatch.setattr(module.tempfile, "TemporaryDirectory", lambda **_: made(dir=tmp_path))
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(WORK)))
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        module.main()
        assert list(tmp_path.iterdir()) == []
        return out.getvalue()

    return start


def test_no_password_is_in_an_argument_and_files_are_gone_at_the_end(run: Any) -> None:
    server = Server({"asterisk"})
    run(server)
    assert len(server.commands) == 2
    text = str(server.commands)
    assert "s3" not in text
    assert "pass'word" not in text
    assert server.files["passwords"] == "*:*:*:keeper:s3\\:cret\\\\\n*:*:*:asterisk:pass'word\n"
    assert server.files["authority.pem"] == "PEM"


def test_only_what_changed_is_said(run: Any) -> None:
    assert run(Server({"asterisk"})) == "CREATE ROLE\n"


def test_a_user_who_cannot_log_in_gets_a_verifier_and_no_password(run: Any) -> None:
    server = Server({"keeper"})
    assert run(server) == "CREATE ROLE\npassword of asterisk\n"
    assert server.statements == ["ALTER ROLE asterisk PASSWORD 'SCRAM-SHA-256$verifier'"]


def test_another_trouble_than_a_wrong_password_changes_nothing(run: Any) -> None:
    server = Server({"keeper"})
    server.trouble = "certificate verify failed"
    with pytest.raises(SystemExit, match="asterisk cannot log in: certificate verify failed"):
        run(server)
    assert server.statements == []
