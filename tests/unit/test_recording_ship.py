"""Recordings reach the store whatever happens on the way: each byte is sent once, and nothing goes before it is there.

The real sftp client speaks with a store of the test's own (tests/sftp_store.py) through the program's own orders.
"""

from __future__ import annotations

import hashlib
import logging
import shlex
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.test_recording import FILES, keeper, ship

ROOT = FILES.parents[2]
NAMES = [f"call1-{1795419101 + second}.{second}.wav.age" for second in range(2)]
# A block of sftp's and a bit.
SIZE = 50_000
DAY = "2026/11/23"

# The program as a process of its own, which the store can kill. Its orders, its words; only the way there is ours.
DRIVER = """\
import importlib.util, sys, threading
from pathlib import Path
spec = importlib.util.spec_from_file_location("ship", sys.argv[1])
ship = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ship)
ship.SFTP = sys.argv[3:]
ship.send(sorted(Path(sys.argv[2]).glob("*.wav.age")), threading.Event())
"""


class Line:
    """An outbox with recordings, a store, and the line between them."""

    def __init__(self, folder: Path, names: list[str] = NAMES) -> None:
        self.outbox, self.store, self.journal = folder / "outbox", folder / "store", folder / "journal"
        self.outbox.mkdir(parents=True)
        self.arrivals = self.store / "incoming"
        self.arrivals.mkdir(parents=True)
        self.journal.touch()
        self.content = {name: hashlib.shake_128(name.encode()).digest(SIZE) for name in names}
        for name, content in self.content.items():
            (self.outbox / name).write_bytes(content)

    def sftp(self, kill_at: int = 0) -> list[str]:
        server = [sys.executable, "-S", "-m", "tests.sftp_store", str(self.arrivals), str(self.journal), str(kill_at)]
        return ["/usr/bin/sftp", "-q", "-B", "32768", "-b", "-", "-D", shlex.join(server)]

    def run(self, kill_at: int = 0) -> int:
        """Send what waits, in a process of its own; how that ended."""
        command = [sys.executable, "-S", "-c", DRIVER, str(FILES / "recording_ship.py"), str(self.outbox)]
        return subprocess.run([*command, *self.sftp(kill_at)], cwd=ROOT, capture_output=True, timeout=60).returncode

    def keep(self) -> None:
        """The store files what has arrived."""
        for arrived in sorted(self.arrivals.glob("*.age")):
            keeper.file_away(arrived, self.store)

    def kept(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.store / DAY).glob("*.age")}

    def asked(self, kind: str) -> Counter[str]:
        """Bytes (of writes) or number (of others) of the store's requests, by file."""
        counted: Counter[str] = Counter()
        for line in self.journal.read_text(encoding="utf-8").splitlines():
            what, name, size = line.split()
            if what == kind:
                counted[name] += int(size) if kind == "write" else 1
        return counted

    def sent_once(self) -> None:
        """Each recording was kept, each byte of it was written once, and it got its name once."""
        assert self.kept() == self.content
        written = self.asked("write")
        assert {name: written[f"{name}.part"] for name in self.content} == dict.fromkeys(self.content, SIZE)
        assert self.asked("posix-rename") == Counter(f"{name}.part" for name in self.content)
        assert not list(self.outbox.iterdir())
        assert not list(self.arrivals.iterdir())


def test_recordings_are_taken_one_after_the_other_and_go_here_when_they_are(tmp_path: Path) -> None:
    line = Line(tmp_path)
    assert line.run() == 0
    line.keep()
    line.sent_once()


@pytest.mark.lengthy
def test_killed_at_any_request_nothing_is_lost_and_no_byte_is_sent_twice(tmp_path: Path) -> None:
    """The kill comes before each request of a whole run in turn; every other time the store files what it has."""
    whole = Line(tmp_path / "whole")
    assert whole.run() == 0
    requests = len(whole.journal.read_text(encoding="utf-8").splitlines())
    assert requests > 20
    for moment in range(1, requests + 1):
        line = Line(tmp_path / str(moment))
        assert line.run(kill_at=moment) == -signal.SIGKILL
        if moment % 2:
            line.keep()
        assert line.run() == 0, f"killed at request {moment}"
        line.keep()
        line.sent_once()


def test_a_kill_after_the_store_has_taken_a_file_sends_nothing_again(tmp_path: Path) -> None:
    """The last request is the rename: what is done of it, but not known here, is asked for."""
    line = Line(tmp_path, NAMES[:1])
    before = {path.name: path.read_bytes() for path in line.outbox.iterdir()}
    assert line.run() == 0
    for name, content in before.items():
        (line.outbox / name).write_bytes(content)
        (line.outbox / f"{name}.sha256").touch()
        (line.outbox / f"{name}.handed").touch()
    assert line.run() == 0
    line.keep()
    line.sent_once()


def test_a_store_that_lost_what_was_half_there_gets_all_of_it(tmp_path: Path) -> None:
    line = Line(tmp_path, NAMES[:1])
    # Killed before the rename: the file is on the store's disk, and marked here.
    whole = Line(tmp_path / "whole", NAMES[:1])
    assert whole.run() == 0
    kinds = [entry.split()[0] for entry in whole.journal.read_text(encoding="utf-8").splitlines()]
    assert line.run(kill_at=kinds.index("posix-rename") + 1) == -signal.SIGKILL
    assert (line.outbox / f"{NAMES[0]}.handed").exists()
    (line.arrivals / f"{NAMES[0]}.part").unlink()
    assert line.run() == 0
    line.keep()
    assert line.kept() == line.content


def test_a_checksum_that_a_power_cut_left_empty_is_written_anew(tmp_path: Path) -> None:
    line = Line(tmp_path, NAMES[:1])
    (line.outbox / f"{NAMES[0]}.sha256").touch()
    assert line.run() == 0
    line.keep()
    line.sent_once()


def test_a_recording_has_its_own_time_by_its_size(tmp_path: Path) -> None:
    asked: dict[str, float] = {}

    class Told:
        def tell(self, order: str, limit_s: float = ship.ANSWER_S) -> list[str]:
            asked[order.split()[0]] = limit_s
            return []

    path = tmp_path / NAMES[0]
    path.write_bytes(bytes(ship.RATE_HZ * 4 * 1800))
    ship.hand_over(path, Told())
    # Half an hour of conversation has two hours.
    assert asked == {"put": ship.ANSWER_S + 7200, "rename": ship.ANSWER_S}
    assert not path.exists()


def test_a_store_that_does_not_answer_is_left_after_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship, "SFTP", ["/bin/sleep", "60"])
    with ship.Store(threading.Event()) as store, pytest.raises(OSError, match="no end in time"):
        store.tell("lpwd", limit_s=0)


def test_who_is_told_to_stop_does_not_wait_for_a_long_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship, "SFTP", ["/bin/sleep", "60"])
    stop = threading.Event()
    stop.set()
    with ship.Store(stop) as store, pytest.raises(OSError, match="told to stop"):
        store.tell("lpwd")


def test_what_the_store_says_when_it_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(tmp_path)
    monkeypatch.setattr(ship, "SFTP", line.sftp())
    monkeypatch.chdir(ROOT)
    with ship.Store(threading.Event()) as store, pytest.raises(OSError, match="Permission denied"):
        store.tell("mkdir folder")


def test_a_file_that_is_refused_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(tmp_path)
    monkeypatch.setattr(ship, "SFTP", line.sftp())
    monkeypatch.setattr(ship, "RETRY_S", 0)
    monkeypatch.chdir(ROOT)
    # A link that leads nowhere, where the first is to be written: the store cannot open it.
    (line.arrivals / f"{NAMES[0]}.part").symlink_to("/nonexistent/file")
    stop = threading.Event()
    real = ship.send
    tries = []

    def send(files: list[Path], told: threading.Event) -> None:
        tries.append([path.name for path in files])
        if len(tries) == 3:
            stop.set()
            return
        real(files, told)

    monkeypatch.setattr(ship, "send", send)
    with caplog.at_level(logging.ERROR):
        ship.deliver(line.outbox, stop)
    assert tries == [NAMES, NAMES[::-1], NAMES[:1]]
    assert len(caplog.records) == 1
    line.keep()
    assert set(line.kept()) == {NAMES[1]}


def test_a_file_that_takes_long_leaves_no_other_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Encrypting goes on while a file is sent; a sender that breaks ends the program, which is then started anew."""
    stop, sealed = threading.Event(), threading.Event()

    def deliver(_outbox: Path, _stop: threading.Event) -> None:
        assert sealed.wait(30)
        raise RuntimeError("broken")

    monkeypatch.setattr(ship, "deliver", deliver)
    monkeypatch.setattr(ship, "seal_all", lambda *_: sealed.set())
    with pytest.raises(RuntimeError, match="broken"):
        ship.work(tmp_path, tmp_path, stop)


def test_leftovers_of_recordings_that_are_gone_go_too(tmp_path: Path) -> None:
    for name in ("a.wav.age.sha256", "a.wav.age.handed", "b.wav.age.sha256", "b.wav.age"):
        (tmp_path / name).touch()
    stop = threading.Event()
    stop.set()
    ship.deliver(tmp_path, stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.wav.age", "b.wav.age.sha256"]
