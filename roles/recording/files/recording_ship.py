#!/usr/bin/python3
"""Encrypt finished conversations and send them to the store.

Asterisk moves a finished conversation into the spool in one step. Here it is encrypted for the auditor, put
safely on disk, and only then the plain file goes. The encrypted one goes after the store has taken it. Each step may be
repeated: killed at any moment, this program loses nothing, sends nothing again that the store took, and goes on with a
file where it was cut off.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

SETTINGS = Path("/etc/recording")
LOOK_AGAIN_S = 1.0
RETRY_S = 5.0
# Connecting, and each order that carries no recording.
ANSWER_S = 60.0

RATE_HZ, CHANNELS, SAMPLE_BYTES = 8000, 2, 2
# A recording has the time that it needs at a quarter of the rate at which one conversation is recorded. A line that is
# thinner than that does not carry recordings.
LEAST_BYTES_S = RATE_HZ * CHANNELS * SAMPLE_BYTES / 4

# -B: the store answers each block. At the least rate that is every 4 s, and ssh takes the line for dead after 30.
SFTP = ["/usr/bin/sftp", "-q", "-B", "32768", "-F", str(SETTINGS / "ssh_config"), "-b", "-", "store"]
# sftp says nothing when an order has succeeded: the answer to this one, which does nothing, shows that it did.
NOTHING, ANSWER = "lpwd", "Local working directory"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.raw")

log = logging.getLogger("recording-ship")


def wav_header(size: int) -> bytes:
    """The header of a WAV file whose samples are `size` bytes: the seat left, the caller right."""
    frame = CHANNELS * SAMPLE_BYTES
    form = struct.pack("<HHIIHH", 1, CHANNELS, RATE_HZ, RATE_HZ * frame, frame, 8 * SAMPLE_BYTES)
    return (
        b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", size)
    )  # fmt: skip


def seal(raw: Path, outbox: Path, recipient: Path) -> None:
    """Encrypt one conversation into the outbox; the plain file goes when the encrypted one is on the disk."""
    sealed = outbox / f"{raw.stem}.wav.age"
    size = raw.stat().st_size
    # No audio: the caller left before a seat answered.
    if size and not sealed.exists():
        part = sealed.with_suffix(".part")
        with part.open("wb") as target, raw.open("rb") as source:
            command = ["/usr/bin/age", "-R", str(recipient)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=target) as age:  # noqa: S603 - our own arguments
                assert age.stdin is not None  # noqa: S101 - PIPE was asked for
                age.stdin.write(wav_header(size))
                shutil.copyfileobj(source, age.stdin)
            if age.returncode:
                raise OSError(f"age ended with {age.returncode}")
            os.fsync(target.fileno())
        part.rename(sealed)
        folder = os.open(outbox, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    raw.unlink()


def seal_all(spool: Path, outbox: Path, recipient: Path) -> None:
    """Encrypt what is finished, one after the other. What cannot be encrypted now waits."""
    # iterdir, as glob would pass over a folder it may not read in silence.
    for raw in sorted(path for path in spool.iterdir() if path.suffix == ".raw"):
        if not NAME.fullmatch(raw.name):
            log.error("%r is not the name of a recording; left alone", raw.name)
            continue
        try:
            seal(raw, outbox, recipient)
        except OSError as wrong:
            log.error("%s stays plain in memory: %s", raw.name, wrong)
            return


class Store:
    """One connection to the store: orders of sftp, each waited for. Every method raises OSError when it is not done."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._said = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the connection
        self._sftp = subprocess.Popen(  # noqa: S603 - our own arguments
            SFTP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sftp.kill()
        self._sftp.communicate()
        self._errors.close()

    def tell(self, order: str, limit_s: float = ANSWER_S) -> list[str]:
        """Give an order; what it prints. An order with `-` before it may fail."""
        assert self._sftp.stdin is not None  # noqa: S101 - PIPE was asked for
        # When it has ended already, what it complained about is told below.
        with contextlib.suppress(BrokenPipeError):
            self._sftp.stdin.write(f"{order}\n{NOTHING}\n".encode())
            self._sftp.stdin.flush()
        until = time.monotonic() + limit_s
        printed = []
        while not (line := self._line(until)).startswith(ANSWER):
            if not line.startswith("sftp> "):
                printed.append(line)
        return printed

    def _line(self, until: float) -> str:
        """The next line that sftp prints."""
        assert self._sftp.stdout is not None  # noqa: S101 - PIPE was asked for
        while b"\n" not in self._said:
            if self._stop.is_set():
                raise OSError("told to stop")
            if time.monotonic() > until:
                raise OSError("no end in time")
            if select.select([self._sftp.stdout], [], [], LOOK_AGAIN_S)[0]:
                more = os.read(self._sftp.stdout.fileno(), 65536)
                if not more:
                    raise OSError(self._why())
                self._said += more
        line, _, self._said = self._said.partition(b"\n")
        return line.decode(errors="replace")

    def _why(self) -> str:
        """The last thing that sftp complained about before it ended."""
        code = self._sftp.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), f"sftp ended with {code}")

    def size(self, name: str) -> int | None:
        """Bytes of a file among those that arrived; None without one."""
        # Mode, links, owner, group, size: of the one file, which the store tells where it lists none.
        return next((int(line.split()[4]) for line in self.tell(f"-ls -ln {name}")), None)


def hand_over(path: Path, store: Store) -> None:
    """Bring a recording to the store, then remove it here. Raises OSError when the store does not take it.

    First its checksum, then the file under another name and onto the store's disk (-f), then its own name. NAME.handed
    stands here from before that last step: when nothing of the file is to be seen there any more, it was taken.
    """
    name = path.name
    note, handed = Path(f"{path}.sha256"), Path(f"{path}.handed")
    begun = note.exists()
    if not (begun and _taken(name, store, handed=handed.exists())):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        note.write_text(f"{digest}  {name}\n", encoding="ascii")
        size, there = path.stat().st_size, (store.size(f"{name}.part") if begun else None) or 0
        if there != size:
            handed.unlink(missing_ok=True)
            store.tell(f"put -f {note} {note.name}")
            order, rest = ("reput", size - there) if 0 < there < size else ("put", size)
            store.tell(f"{order} -f {path} {name}.part", ANSWER_S + rest / LEAST_BYTES_S)
            handed.touch()
        store.tell(f"rename {name}.part {name}")
    for left in (path, note, handed):
        left.unlink(missing_ok=True)


def _taken(name: str, store: Store, *, handed: bool) -> bool:
    """Whether the store has taken a file, as far as can be known after a kill: filed with its checksum, or about to."""
    return handed and (
        store.size(name) is not None or (store.size(f"{name}.part"), store.size(f"{name}.sha256")) == (None, None)
    )


def deliver(outbox: Path, stop: threading.Event) -> None:
    """Send until told to stop. While the store is away, encrypted files wait in the outbox."""
    for left in (*outbox.glob("*.wav.age.sha256"), *outbox.glob("*.wav.age.handed")):
        if not left.with_suffix("").exists():
            left.unlink()
    away = False
    failed: Counter[str] = Counter()
    while not stop.is_set():
        # What failed waits behind the others: one file does not hold up all.
        waiting = sorted(outbox.glob("*.wav.age"), key=lambda path: (failed[path.name], path.name))
        if not waiting:
            failed.clear()
            stop.wait(LOOK_AGAIN_S)
            continue
        try:
            send(waiting, stop)
        except OSError as wrong:
            if stop.is_set():
                return
            if not away:
                log.error("the store takes no recordings, they wait encrypted in %s: %s", outbox, wrong)
            away = True
            failed[next((path.name for path in waiting if path.exists()), "")] += 1
            stop.wait(RETRY_S)
        else:
            if away:
                log.warning("the store is back")
            away = False


def send(files: Sequence[Path], stop: threading.Event) -> None:
    """Hand files over, one after the other, in one connection. Raises OSError at the first that is not taken."""
    with Store(stop) as store:
        for path in files:
            hand_over(path, store)


def work(spool: Path, outbox: Path, stop: threading.Event) -> None:
    """Encrypt until told to stop, and send meanwhile: a file that takes long does not leave others plain."""
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliver, outbox, stop)
        try:
            while not stop.is_set() and not sending.done():
                seal_all(spool, outbox, SETTINGS / "recipient")
                stop.wait(LOOK_AGAIN_S)
        finally:
            stop.set()
        sending.result()


def main() -> None:
    """Run as a service; the arguments are the spool and the outbox."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(Path(sys.argv[1]), Path(sys.argv[2]), stop)


if __name__ == "__main__":
    main()
