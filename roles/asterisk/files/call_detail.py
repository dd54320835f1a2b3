#!/usr/bin/python3
"""Move call detail from the spool into the database.

Asterisk writes one small file for each call. A file is removed only after the database has committed its
row, and a row that is already there is left alone: killed at any moment, this program loses nothing and
writes nothing twice. While the database is away the files wait.
"""

from __future__ import annotations

import csv
import logging
import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

LOOK_AGAIN_S = 1.0
RETRY_S = 3.0
BATCH_ROWS = 500
# Asterisk writes a line in one go. One that is not whole after a minute was cut off by a crash.
DAMAGED_AFTER_S = 60.0

FIELDS = (
    "linkedid", "uniqueid", "server", "started_at", "answered_at", "ended_at",
    "caller", "called", "menu_digit", "queue", "seat", "recording", "end",
)  # fmt: skip

INSERT = """
    INSERT INTO call_detail (linkedid, uniqueid, server, sequence, started_at, answered_at, ended_at, caller, called,
                             menu_digit, queue, seat, duration_s, talk_s, disposition, recording)
    VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""

log = logging.getLogger("call-detail")


class DamagedError(ValueError):
    """A line that is not, or not yet, the detail of a call."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a row of the table, without `sequence`, in the order of INSERT."""

    linkedid: str
    uniqueid: str
    server: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    caller: str
    called: str
    menu_digit: str
    queue: str
    seat: str
    duration_s: int
    talk_s: int
    disposition: str
    recording: str

    def row(self) -> tuple[object, ...]:
        """The values for INSERT."""
        return tuple(getattr(self, name) for name in self.__slots__)


def parse(text: str) -> Call:
    """Read one line. A call is ANSWERED when a seat answered it, otherwise the caller left: ABANDONED."""
    lines = list(csv.reader(text.splitlines()))
    if len(lines) != 1 or len(lines[0]) != len(FIELDS) or lines[0][-1] != "end":
        raise DamagedError("the line is not whole")
    value = dict(zip(FIELDS, lines[0], strict=True))
    if not (value["linkedid"] and value["uniqueid"] and value["server"]):
        raise DamagedError("the call has no name")
    try:
        started, ended = datetime.fromisoformat(value["started_at"]), datetime.fromisoformat(value["ended_at"])
        answered = datetime.fromisoformat(value["answered_at"]) if value["answered_at"] else None
    except ValueError as wrong:
        raise DamagedError(str(wrong)) from wrong
    return Call(
        linkedid=value["linkedid"],
        uniqueid=value["uniqueid"],
        server=value["server"],
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        caller=value["caller"],
        called=value["called"],
        menu_digit=value["menu_digit"],
        queue=value["queue"],
        seat=value["seat"] if answered else "",
        duration_s=round((ended - started).total_seconds()),
        talk_s=round((ended - answered).total_seconds()) if answered else 0,
        disposition="ANSWERED" if answered else "ABANDONED",
        # A conversation is recorded while two speak; without an answer there is no file.
        recording=f"{value['recording']}.wav" if answered and value["recording"] else "",
    )


def collect(spool: Path, now: float) -> dict[Path, Call]:
    """The oldest whole files of the spool. Files cut off by a crash are put aside in `damaged`."""
    found: dict[Path, Call] = {}
    # iterdir, as glob would pass over a folder it may not read in silence.
    for path in sorted(path for path in spool.iterdir() if path.suffix == ".csv")[:BATCH_ROWS]:
        try:
            found[path] = parse(path.read_text(encoding="utf-8", errors="replace"))
        except DamagedError as wrong:
            if now - path.stat().st_mtime > DAMAGED_AFTER_S:
                put_aside(path, str(wrong))
    return found


def put_aside(path: Path, why: str) -> None:
    """Keep a file that cannot become a row where it stops no other."""
    folder = path.parent / "damaged"
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
    log.error("%s put aside in %s: %s", path.name, folder, why)


def insert(connection: psycopg.Connection, calls: Iterable[Call]) -> None:
    """Write the rows and commit."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(INSERT, [call.row() for call in calls])


def move(connection: psycopg.Connection, calls: dict[Path, Call]) -> None:
    """Bring calls into the database, then remove their files. A row the database refuses is put aside."""
    try:
        insert(connection, calls.values())
        moved = list(calls)
    except (psycopg.DataError, psycopg.IntegrityError):
        moved = []
        for path, call in calls.items():
            try:
                insert(connection, [call])
                moved.append(path)
            except (psycopg.DataError, psycopg.IntegrityError) as refused:
                put_aside(path, str(refused))
    for path in moved:
        path.unlink()


def work(spool: Path, stop: threading.Event) -> None:
    """Move what comes until told to stop. The connection is opened when there is something to move."""
    connection: psycopg.Connection | None = None
    away = False
    while not stop.is_set():
        calls = collect(spool, time.time())
        pause_s = 0.0 if len(calls) == BATCH_ROWS else LOOK_AGAIN_S
        if calls:
            try:
                connection = connection or psycopg.connect("")
                move(connection, calls)
                if away:
                    log.warning("the database is back")
                away = False
            except psycopg.Error as wrong:
                if not away:
                    log.error("the database takes no call detail, the spool keeps it: %s", wrong)
                away, pause_s = True, RETRY_S
                if connection:
                    connection.close()
                connection = None
        stop.wait(pause_s)
    if connection:
        connection.close()


def main() -> None:
    """Run as a service; the only argument is the spool."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(Path(sys.argv[1]), stop)


if __name__ == "__main__":
    main()
