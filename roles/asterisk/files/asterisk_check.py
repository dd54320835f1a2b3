#!/usr/bin/python3
"""Have a spare Asterisk read the files of /etc/asterisk, and say what it would refuse.

It runs for a second or two in a network of its own, with folders of its own, and takes no call. The one that serves
goes on with what it has read: a file that is refused here never reaches it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES = Path("/etc/asterisk")
USER = "asterisk"
BOOT_S = 60
ASK_S = 10
# Who reads files: parser, objects, dial plan, queues. What else is said is about a network that has nobody in it.
READERS = (
    "app_queue.c", "cdr.c", "config.c", "config_options.c", "loader.c", "pbx.c", "pbx_config.c", "res_sorcery_config.c",
    "sorcery.c",
)  # fmt: skip
# The package's own, in every Asterisk of this version.
USUAL = ("users.conf is deprecated",)
INSIDE = 'ip link set lo up && ip address add "$1/32" dev lo && exec asterisk -f -U "$2" -G "$2" -C "$3"'


def settings(folder: Path) -> Path:
    """The main file of the spare one: all that it writes is below `folder`."""
    file = folder / "etc" / "asterisk.conf"
    places = {"etc": "etc", "run": "run", "db": "var", "spool": "var", "log": "var"}
    lines = [f"ast{name}dir => {folder / below}" for name, below in places.items()]
    own = (FILES / "asterisk.conf").read_text(encoding="utf-8")
    file.write_text("\n".join(["[directories]", *lines, "", own]), encoding="utf-8")
    return file


def ask(main_file: Path, command: str) -> str:
    """What the spare one answers; empty when it does not."""
    words = ["/usr/sbin/asterisk", "-C", str(main_file), "-rx", command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ASK_S, check=False)  # noqa: S603 - our own
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def refused(folder: Path) -> list[str]:
    """What is wrong, in Asterisk's words; the files lie below `folder`."""
    for name in ("etc", "run", "var"):
        (folder / name).mkdir()
    for file in FILES.glob("*.conf"):
        shutil.copy(file, folder / "etc")
    told = folder / "var" / "told"
    (folder / "etc" / "logger.conf").write_text("[general]\n[logfiles]\ntold => warning,error\n", encoding="utf-8")
    main_file = settings(folder)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, USER, USER)
    bound = re.search(r"^bind *= *([0-9.]+):", (FILES / "pjsip.conf").read_text(encoding="utf-8"), re.MULTILINE)
    given = [bound[1] if bound else "127.0.0.2", USER, str(main_file)]
    words = ["/usr/bin/unshare", "--net", "/bin/sh", "-c", INSIDE, "sh", *given]
    spare = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 - as above
    try:
        until = time.monotonic() + BOOT_S
        while "fully booted" not in ask(main_file, "core waitfullybooted"):
            if spare.poll() is not None or time.monotonic() > until:
                spare.kill()
                said = told.read_text(encoding="utf-8") if told.is_file() else ""
                return [*said.splitlines()[-10:], *spare.communicate()[1].splitlines()[-10:], "it does not start"]
            time.sleep(0.2)
        ask(main_file, "core stop now")
        spare.communicate(timeout=ASK_S)
    finally:
        spare.kill()
        spare.wait()
    lines = told.read_text(encoding="utf-8").splitlines()
    source = re.compile(r"(?:WARNING|ERROR)\[\d+\](?:\[\S+\])? (\S+):")
    found = [line for line in lines if (match := source.search(line)) and match[1] in READERS]
    return list(dict.fromkeys(line for line in found if not any(usual in line for usual in USUAL)))


def main() -> None:
    """Exit code 1 with each thing that Asterisk would not read."""
    with tempfile.TemporaryDirectory(prefix="asterisk-check-") as folder:
        wrong = refused(Path(folder))
    if wrong:
        sys.exit("\n".join(["Asterisk would not read its files; it goes on with what it has:", *wrong]))


if __name__ == "__main__":
    main()
