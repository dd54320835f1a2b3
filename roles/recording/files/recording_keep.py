#!/usr/bin/python3
"""Keep recordings: check what arrived, file it by day, remove what is past its time.

A recording is filed under the day of its call, its checksum in that day's MANIFEST.sha256. Nothing that was
filed is ever overwritten, and nothing younger than 30 days is ever removed. Each step may be repeated after a crash.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import re
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

LOOK_AGAIN_S = 1.0
# The uploader writes the checksum first: if they still differ after this time, the file is damaged.
DAMAGED_AFTER_S = 600.0
LEAST_DAYS = 30
CHUNK_BYTES = 1 << 20

# <server>-<seconds since 1970>.<number>.wav.age, as call servers name their calls.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*-(\d{9,11})\.\d+\.wav\.age")
MANIFEST = "MANIFEST.sha256"

log = logging.getLogger("recording-keep")


def day_of(name: str) -> str:
    """The folder of a recording: the day (UTC) its call began."""
    found = NAME.fullmatch(name)
    if not found:
        raise ValueError(f"{name!r} is not the name of a recording")
    return datetime.datetime.fromtimestamp(int(found[1]), datetime.UTC).strftime("%Y/%m/%d")


def copy(source: Path, target: Path) -> str:
    """Copy onto the disk and return the checksum of what was read."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK_BYTES):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def enter(manifest: Path, line: str, *, look: bool) -> None:
    """Add a line to a manifest, on the disk; `look` first where a run that was cut off may have added it.

    Otherwise the manifest is not read: it has a line for each call of a day, and all were read for each of them.
    """
    with manifest.open("a+b") as file:
        _cut_back(file)
        entry = f"{line}\n".encode("ascii")
        file.seek(0)
        if look and entry in file:
            return
        # Mode a: wherever the reading stands, it goes to the end.
        file.write(entry)
        file.flush()
        os.fsync(file.fileno())


def _cut_back(file: BinaryIO) -> None:
    """Take away the half line that a power cut left at the end; whose it was has not been filed yet."""
    end = whole = file.seek(0, os.SEEK_END)
    while whole:
        file.seek(whole - 1)
        if file.read(1) == b"\n":
            break
        whole -= 1
    if whole != end:
        file.truncate(whole)


def file_away(arrived: Path, store: Path) -> None:
    """File one recording under its day. Raises ValueError when it is not what its checksum says."""
    note = Path(f"{arrived}.sha256")
    promised = note.read_text(encoding="ascii", errors="replace").partition(" ")[0]
    folder = store / day_of(arrived.name)
    folder.mkdir(parents=True, exist_ok=True)
    kept, part = folder / arrived.name, folder / f".{arrived.name}.part"
    cut_off = part.exists()
    # It may have its last mode already, in which nobody writes it.
    part.unlink(missing_ok=True)
    found = copy(arrived, part)
    if found != promised:
        part.unlink()
        raise ValueError("the checksum differs")
    if kept.exists():
        part.unlink()
        with kept.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != found:
                raise ValueError("another recording of that name is kept already")
    else:
        part.chmod(0o440)
        # The line first: what has its name is in the manifest.
        enter(folder / MANIFEST, f"{found}  {arrived.name}", look=cut_off)
        part.rename(kept)
    arrived.unlink()
    note.unlink()


def put_aside(arrived: Path, store: Path, why: str) -> None:
    """Keep what cannot be filed where a person finds it."""
    folder = store / "refused"
    folder.mkdir(exist_ok=True)
    for path in (arrived, Path(f"{arrived}.sha256")):
        if path.exists():
            path.rename(folder / f"{time.time_ns()}-{path.name}")
    log.error("%s put aside in %s: %s", arrived.name, folder, why)


def keep(store: Path, stop: threading.Event) -> None:
    """File what arrives until told to stop."""
    while not stop.is_set():
        # iterdir, as glob would pass over a folder it may not read in silence.
        for arrived in sorted(path for path in (store / "incoming").iterdir() if path.suffix == ".age"):
            try:
                file_away(arrived, store)
            except (ValueError, FileNotFoundError) as wrong:
                if time.time() - arrived.stat().st_mtime > DAMAGED_AFTER_S:
                    put_aside(arrived, store, str(wrong))
            except OSError as wrong:
                # A full disk: the recording stays where it arrived until there is room.
                log.error("%s is not filed yet: %s", arrived.name, wrong)
                stop.wait(10 * LOOK_AGAIN_S)
        stop.wait(LOOK_AGAIN_S)


def retain(store: Path, days: int, today: datetime.date) -> list[str]:
    """Remove the days that lie more than `days` back and return them. Refuses less than 30."""
    if days < LEAST_DAYS:
        raise ValueError(f"{days} days: recordings are kept {LEAST_DAYS} days at least")
    removed = []
    for folder in sorted(store.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]")):
        day = datetime.date(*(int(part) for part in folder.parts[-3:]))
        if (today - day).days <= days:
            continue
        files = sum(1 for _ in folder.glob("*.age"))
        shutil.rmtree(folder)
        removed.append(str(day))
        with (store / "destroyed.log").open("a", encoding="ascii") as record:
            record.write(f"{today} removed the {files} recordings of {day}, kept for {days} days\n")
        for parent in (folder.parent, folder.parent.parent):
            if not any(parent.iterdir()):
                parent.rmdir()
    return removed


def main() -> None:
    """`keep STORE` runs as a service; `retain STORE DAYS` runs once."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    duty, store = sys.argv[1], Path(sys.argv[2])
    if duty == "retain":
        for day in retain(store, int(sys.argv[3]), datetime.datetime.now(datetime.UTC).date()):
            log.info("removed the recordings of %s", day)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep(store, stop)


if __name__ == "__main__":
    main()
