#!/usr/bin/python3
"""Make the running Kamailio hold what its files say, and say what it did not hold.

Asked is the program's memory. Each table ends with a row `@`, the version of the whole: a proxy that holds the version
of the file holds the file, since a table is exchanged slot by slot after all of it was read. Calls and registrations go
on. Prints one line for each thing that was (with --check: would be) read again; nothing when all is held.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("/etc/kamailio")
# What the seats' table was when the last registrations were looked at. Gone at a boot, as the registrations are.
SEEN = Path("/run/kamailio-load")
CONTROL = "unix:/run/kamailio/kamailio_ctl"
ASK_S = 30
VERSION = "@"
# The list of targets is not read twice within five seconds (dispatcher's reload_delta).
RELOAD_S = 15
# db_text reads a file whose time is newer, in whole seconds, than that of its copy. A clock that went back, or a second
# change in the same second, is met by a later time; the last of these steps is half a year.
STEPS_S = (0, *(2**n for n in range(25)))


class Refused(Exception):
    """Kamailio does not do what it is asked, in its words."""


def ask(*words: str) -> str:
    """The answer to one command. Raises Refused."""
    done = subprocess.run(  # noqa: S603 - our own words
        ["/usr/sbin/kamcmd", "-s", CONTROL, *words], capture_output=True, text=True, timeout=ASK_S, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode != 0 or said.startswith("error:"):
        raise Refused(f"{' '.join(words)}: {said.strip()}")
    return done.stdout


def rows(path: Path) -> dict[str, str]:
    """Key and value of a table's file."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    fields = (re.split(r"(?<!\\):", line) for line in lines if line)
    return {field[1].replace("\\:", ":"): field[4] for field in fields}


def held(name: str) -> str | None:
    """The version of a table that the proxy holds; None for a table that has none."""
    try:
        found = re.search(r"value: (\S+)", ask("htable.get", name, VERSION))
    except Refused:
        return None
    return found[1] if found else None


def stale_tables() -> list[Path]:
    """Files of tables that the proxy reads and does not hold. Raises Refused."""
    known = set(re.findall(r"name: (\S+)", ask("htable.listTables")))
    files = sorted(path for path in (FOLDER / "tables").iterdir() if path.name in known)
    return [path for path in files if held(path.name) != rows(path).get(VERSION)]


def load_table(path: Path) -> None:
    """Raises Refused when the proxy does not hold the file afterwards; it then goes on with what it held."""
    wanted, read_at = rows(path).get(VERSION), path.stat().st_mtime
    for step in STEPS_S:
        if step:
            os.utime(path, (read_at + step, read_at + step))
        ask("htable.reload", path.name)
        if held(path.name) == wanted:
            return
    raise Refused(f"htable.reload {path.name}: answers, and holds version {held(path.name)} instead of {wanted}")


TARGET = re.compile(r"(\d+) (sip:\S+) \d+ (\d+) (\S+)")
Target = tuple[str, str, str, str]
"""Set, URI, priority and attributes of a call server or registrar."""


def listed_targets() -> set[Target]:
    """Those of the file. Raises Refused when it has a line that is none."""
    lines = (FOLDER / "dispatcher.list").read_text(encoding="utf-8").splitlines()
    found = set()
    for line in lines:
        if line and not line.startswith("#"):
            if not (match := TARGET.fullmatch(line)):
                raise Refused(f"dispatcher.list: no target: {line}")
            found.add((match[1], match[2], match[3], match[4]))
    return found


def held_targets() -> dict[Target, str]:
    """Those that the proxy holds, with their state. Raises Refused."""
    found: dict[Target, str] = {}
    set_ = ""
    for block in re.split(r"(?=\bID: |\bURI: )", ask("dispatcher.list")):
        if match := re.match(r"ID: (\d+)", block):
            set_ = match[1]
        elif match := re.match(r"URI: (\S+)", block):
            said = dict(re.findall(r"(FLAGS|PRIORITY|BODY): (\S+)", block))
            found[set_, match[1], said["PRIORITY"], said.get("BODY", "")] = said["FLAGS"]
    return found


def load_targets() -> None:
    """Read the list again. A target that was out stays out until it answers. Raises Refused."""
    out = {(set_, uri) for (set_, uri, *_), state in held_targets().items() if state.startswith("I")}
    until = time.monotonic() + RELOAD_S
    while True:
        try:
            ask("dispatcher.reload")
            break
        except Refused as refused:
            if "Ongoing reload" not in str(refused) or time.monotonic() > until:
                raise
            time.sleep(1)
    now = held_targets()
    for set_, uri, *_ in now:
        if (set_, uri) in out:
            ask("dispatcher.set_state", "ip", set_, uri)
    if set(now) != listed_targets():
        raise Refused("dispatcher.reload: answers, and holds other targets than the file")


def pings() -> tuple[set[str], dict[str, str]]:
    """Carriers that the file has pinged, and those that the proxy pings, with who asked for it. Raises Refused."""
    file = FOLDER / "trunks.cfg"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    wanted = set(re.findall(r'"destination", "([^"]+)"', text))
    if "keepalive.list" not in ask("system.listMethods"):
        return set(), {}
    shown = ask("keepalive.list")
    return wanted, dict(zip(re.findall(r"uri: (\S+)", shown), re.findall(r"owner: (\S+)", shown), strict=True))


def load_pings() -> None:
    """Raises Refused."""
    wanted, there = pings()
    for uri in sorted(wanted - set(there)):
        ask("keepalive.add", uri, "_params")
    for uri in sorted(set(there) - wanted):
        ask("keepalive.del", uri, there[uri])


def gone_seats() -> list[str]:
    """Seats that were taken out or have another password since their registrations were looked at last."""
    seen = SEEN / "seats"
    if not seen.is_file():
        return []
    now = rows(FOLDER / "tables" / "seats")
    return [user for user, digest in rows(seen).items() if user != VERSION and now.get(user) != digest]


def end_registrations(users: list[str]) -> None:
    """Where these seats were is forgotten, here and at the siblings. One that may come registers again."""
    for user in users:
        try:
            ask("ul.rm", "location", f"s:{user}")
        except Refused as refused:
            # It was not registered.
            if "not found" not in str(refused).lower():
                raise


def remember_seats() -> None:
    """What registrations are compared with next time."""
    table = FOLDER / "tables" / "seats"
    if not table.is_file():
        return
    SEEN.mkdir(mode=0o700, exist_ok=True)
    new = SEEN / "seats.new"
    new.touch(mode=0o600)
    new.write_bytes(table.read_bytes())
    new.replace(SEEN / "seats")


def work(*, check: bool) -> Iterator[str]:
    """What is read again. Raises Refused."""
    for path in stale_tables():
        if not check:
            load_table(path)
        yield f"table {path.name}"
    if set(held_targets()) != listed_targets():
        if not check:
            load_targets()
        yield "call servers"
    wanted, there = pings()
    if wanted != set(there):
        if not check:
            load_pings()
        yield "carriers that are pinged"
    if gone := gone_seats():
        if not check:
            end_registrations(gone)
        yield f"registrations of {len(gone)} seats"
    if not check:
        remember_seats()


def main() -> None:
    """Exit code 1 with what Kamailio said, when it does not hold its files in the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="say what would be read again, and read nothing")
    try:
        for line in work(check=parser.parse_args().check):
            sys.stdout.write(f"{line}\n")
    except (Refused, subprocess.TimeoutExpired) as wrong:
        sys.exit(f"kamailio-load: {wrong}")


if __name__ == "__main__":
    main()
