#!/usr/bin/python3
"""Encrypt finished conversations and send them to the store.

Asterisk moves a finished conversation into the spool in one step. Here it is encrypted for the auditor, put
safely on disk, and only then the plain file goes. The encrypted one goes after the store has taken it. Each step may be
repeated: killed at any moment, this program loses nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

SETTINGS = Path("/etc/recording")
LOOK_AGAIN_S = 1.0
RETRY_S = 5.0
# One connection carries many files, but not so many that new conversations wait for long.
BATCH_FILES = 20
SEND_S = 300

RATE_HZ, CHANNELS, SAMPLE_BYTES = 8000, 2, 2
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


def orders(files: Sequence[Path]) -> str:
    """What sftp is told: under another name first, on the store's disk (-f), then renamed; the checksum before it."""
    lines = []
    for path in files:
        name = path.name
        lines += [
            f"put -f {path}.sha256 {name}.sha256",
            f"put -f {path} {name}.part",
            f"rename {name}.part {name}",
        ]
    return "\n".join([*lines, ""])


def send(files: Sequence[Path]) -> None:
    """Upload files with their checksums, then remove them here. Raises OSError when the store does not take them."""
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        Path(f"{path}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")
    command = ["/usr/bin/sftp", "-q", "-F", str(SETTINGS / "ssh_config"), "-b", "-", "store"]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, input=orders(files), capture_output=True, text=True, timeout=SEND_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise OSError(f"no end after {late.timeout:.0f} s") from late
    if done.returncode:
        raise OSError(done.stderr.strip() or f"sftp ended with {done.returncode}")
    for path in files:
        path.unlink()
        Path(f"{path}.sha256").unlink()


def work(spool: Path, outbox: Path, stop: threading.Event) -> None:
    """Encrypt and send until told to stop. While the store is away, encrypted files wait in the outbox."""
    away = False
    next_at = 0.0
    while not stop.is_set():
        seal_all(spool, outbox, SETTINGS / "recipient")
        waiting = sorted(outbox.glob("*.wav.age"))[:BATCH_FILES]
        if waiting and time.monotonic() >= next_at:
            try:
                send(waiting)
                if away:
                    log.warning("the store is back")
                away = False
                continue
            except OSError as wrong:
                if not away:
                    log.error("the store takes no recordings, they wait encrypted in %s: %s", outbox, wrong)
                away = True
                next_at = time.monotonic() + RETRY_S
        stop.wait(LOOK_AGAIN_S)


def main() -> None:
    """Run as a service; the arguments are the spool and the outbox."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(Path(sys.argv[1]), Path(sys.argv[2]), stop)


if __name__ == "__main__":
    main()
