"""Call detail reaches the database once, whatever happens in between."""

from __future__ import annotations

import importlib.util
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "roles" / "asterisk" / "files" / "call_detail.py"
LINE = (
    "call1-1795419101.0,call1-1795419101.0,call1,2026-11-23T07:31:41.750Z,2026-11-23T07:31:44.129Z,"
    "2026-11-23T07:31:52.273Z,13800138000,01012345678,1,support,1001,call1-1795419101.0,end\n"
)


class Database:
    """Stands in for a connection: keeps rows by key, refuses what it is told to."""

    def __init__(self, psycopg: Any) -> None:
        self.rows: dict[str, tuple[object, ...]] = {}
        self.away = False
        self.refused = ""
        self.psycopg = psycopg

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.rows)
        try:
            yield
        except Exception:
            self.rows = before
            raise

    @contextmanager
    def cursor(self) -> Iterator[Database]:
        yield self

    def executemany(self, _query: str, rows: list[tuple[object, ...]]) -> None:
        for row in rows:
            if self.away:
                raise self.psycopg.OperationalError("gone")
            if row[0] == self.refused:
                raise self.psycopg.DataError("refused")
            self.rows.setdefault(str(row[1]), row)


@pytest.fixture
def detail(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program. Its database library belongs to the hosts and is not needed here."""
    errors: dict[str, Any] = {"Error": type("Error", (Exception,), {}), "Connection": Database}
    for name in ("OperationalError", "DataError", "IntegrityError"):
        errors[name] = type(name, (errors["Error"],), {})
    monkeypatch.setitem(sys.modules, "psycopg", types.SimpleNamespace(**errors))
    spec = importlib.util.spec_from_file_location("call_detail", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "call_detail", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def database(detail: Any) -> Database:
    return Database(detail.psycopg)


def test_an_answered_call_becomes_one_row(detail: Any) -> None:
    call = detail.parse(LINE)
    assert (call.disposition, call.seat, call.menu_digit, call.queue) == ("ANSWERED", "1001", "1", "support")
    assert (call.duration_s, call.talk_s) == (11, 8)
    assert call.recording == "call1-1795419101.0.wav"


def test_a_call_without_an_answer_is_abandoned_and_has_no_recording(detail: Any) -> None:
    call = detail.parse(LINE.replace("2026-11-23T07:31:44.129Z", ""))
    assert (call.disposition, call.seat, call.talk_s, call.recording) == ("ABANDONED", "", 0, "")


def test_a_row_has_a_value_for_every_column_of_the_insert(detail: Any) -> None:
    assert len(detail.parse(LINE).row()) == detail.INSERT.count("%s")


@pytest.mark.parametrize(
    "line",
    [
        "",
        LINE[:40],
        LINE.replace(",end", ""),
        LINE + LINE,
        LINE.replace("call1-1795419101.0", ""),
        LINE.replace("2026", "x"),
    ],
    ids=["empty", "cut off", "without its end", "two lines", "without a name", "no time"],
)
def test_a_line_that_is_not_whole_is_no_call(detail: Any, line: str) -> None:
    with pytest.raises(detail.DamagedError):
        detail.parse(line)


def test_a_file_goes_when_its_row_is_there(detail: Any, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINE, encoding="utf-8")
    detail.move(database, detail.collect(tmp_path, 0))
    assert len(database.rows) == 1
    assert not list(tmp_path.iterdir())


def test_a_row_that_was_written_before_a_kill_is_not_written_twice(
    detail: Any, database: Database, tmp_path: Path
) -> None:
    for _ in range(2):
        (tmp_path / "a.csv").write_text(LINE, encoding="utf-8")
        detail.move(database, detail.collect(tmp_path, 0))
    assert len(database.rows) == 1


def test_files_stay_while_the_database_is_away(detail: Any, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINE, encoding="utf-8")
    database.away = True
    with pytest.raises(detail.psycopg.OperationalError):
        detail.move(database, detail.collect(tmp_path, 0))
    assert (tmp_path / "a.csv").exists()


def test_a_row_the_database_refuses_does_not_stop_the_others(detail: Any, database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINE, encoding="utf-8")
    (tmp_path / "b.csv").write_text(LINE.replace("1795419101.0", "1795419102.1"), encoding="utf-8")
    database.refused = "call1-1795419101.0"
    detail.move(database, detail.collect(tmp_path, 0))
    assert list(database.rows) == ["call1-1795419102.1"]
    assert [path.name for path in (tmp_path / "damaged").iterdir()] == ["a.csv"]


def test_a_half_written_file_waits_and_is_put_aside_when_it_stays_so(detail: Any, tmp_path: Path) -> None:
    half = tmp_path / "a.csv"
    half.write_text(LINE[:50], encoding="utf-8")
    os.utime(half, (1000, 1000))
    assert detail.collect(tmp_path, 1030) == {}
    assert half.exists()
    assert detail.collect(tmp_path, 1100) == {}
    assert (tmp_path / "damaged" / "a.csv").exists()
