"""What a call leaves behind: its call detail row, its recording, and the lines of the journals about it."""

from __future__ import annotations

import datetime
import io
import json
import re
import shlex
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyrage

from seatworks.causes import spoken
from seatworks.plan.model import Plan
from tests import databases
from tests.calls import usage
from tests.calls.office import Keys
from tests.calls.phones import wait_until
from tests.calls.usage import Used
from tests.conftest import standing

Every = Callable[[str], Any]
Row = dict[str, Any]

SPOOL = "/var/spool/asterisk/monitor"
STORE = "/srv/recordings"
SERVICE = "PGSERVICEFILE=/etc/seatworks/call-detail.conf psql service=call_detail"
DETAIL_S = 10.0
RECORDING_S = 60.0


class Trail:
    """Reads the traces of calls from the hosts of one environment."""

    def __init__(self, plan: Plan, every: Every, ssh_config: Path, folder: Path) -> None:
        self._plan = plan
        self._every = every
        self._ssh_config = ssh_config
        self._folder = folder

    def sql(self, query: str) -> str:
        """What the primary database answers."""
        for host in self._plan.running("database"):
            # The cloud runs the database: it is asked as call servers reach it.
            return str(self._every(host.name).check_output(f"{SERVICE} -v ON_ERROR_STOP=1 -Atc {shlex.quote(query)}"))
        there = self._every(databases.primary(self._plan, self._every).name)
        return str(
            there.check_output(f"runuser -u postgres -- psql -d seatworks -v ON_ERROR_STOP=1 -Atc {shlex.quote(query)}")
        )

    def rows(self, caller: str, within_s: float = DETAIL_S) -> list[Row]:
        """The call detail rows of a caller (digits only); waits until a first one is there."""
        query = (
            f"select row_to_json(d) from call_detail d where caller like '%{int(caller)}' order by started_at, sequence"  # noqa: S608 - a number
        )
        lines = wait_until(lambda: self.sql(query).splitlines(), within_s)
        return [json.loads(line) for line in lines]

    def rows_like(self, pattern: str, count: int) -> list[Row]:
        """The call detail rows of callers whose number ends like a pattern of SQL; waits until `count` are there."""
        query = f"select row_to_json(d) from call_detail d where caller like '%{pattern}'"  # noqa: S608 - ours

        def look() -> list[str] | None:
            lines = self.sql(query).splitlines()
            return lines if len(lines) >= count else None

        lines = wait_until(look, DETAIL_S * 3) or self.sql(query).splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_recordings(self, linkedids: set[str], since: float, within_s: float) -> dict[str, tuple[str, str]]:
        """Store and path of these calls' recordings; those that do not come in time are left out."""
        wait_until(lambda: linkedids <= set(self.kept_since(since)), within_s, every_s=2.0)
        return {name: place for name, place in self.kept_since(since).items() if name in linkedids}

    def answered_row(self, caller: str) -> Row:
        """The one row that tells of an agent's answer."""
        rows = self.rows(caller)
        answered = [row for row in rows if row["disposition"] == "ANSWERED" and row["seat"]]
        assert len(answered) == 1, (
            f"{len(answered)} answered call detail rows for {caller} where one is due\n"
            + "\n".join(spoken(row) for row in rows)
        )
        return answered[0]

    def recording_path(self, linkedid: str, within_s: float = RECORDING_S) -> tuple[str, str]:
        """The store and the path on it where a call's recording is kept; waits for it. Empty when there is none."""
        name = shlex.quote(f"{linkedid}.wav.age")

        def look() -> tuple[str, str] | None:
            for store in self._plan.group("record"):
                found = self._every(store.name).check_output(
                    f"find {STORE} -path '*/incoming' -prune -o -name {name} -print"
                )
                if found:
                    return store.name, str(found).splitlines()[0]
            return None

        found = wait_until(look, within_s, every_s=1.0)
        return found if found else ("", "")

    def fetch(self, store: str, path: str) -> bytes:
        """Copy a recording, still encrypted, to build/<env>/<target>/recordings/."""
        done = subprocess.run(
            ["ssh", "-F", str(self._ssh_config), store, f"cat {shlex.quote(path)}"],
            check=True,
            capture_output=True,
            timeout=60,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / Path(path).name).write_bytes(done.stdout)
        return done.stdout

    def kept_since(self, start: float) -> dict[str, tuple[str, str]]:
        """Store and path of every recording kept since a moment, by linkedid."""
        found = {}
        for store in self._plan.group("record"):
            command = f"find {STORE} -path '*/incoming' -prune -o -name '*.wav.age' -newermt @{int(start)} -print"
            for path in str(self._every(store.name).check_output(command)).splitlines():
                found[Path(path).name.removesuffix(".wav.age")] = (store.name, path)
        return found

    def fetch_many(self, store: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Recordings, still encrypted, by linkedid; read only, nothing is written."""
        done = subprocess.run(
            ["ssh", "-F", str(self._ssh_config), store, "tar --create --absolute-names --files-from=- --file=-"],
            input="\n".join(paths).encode(),
            check=True,
            capture_output=True,
            timeout=120,
        )
        found = {}
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content:
                    found[Path(member.name).name.removesuffix(".wav.age")] = content.read()
        return found

    def left_in_spool(self, linkedid: str) -> list[str]:
        """Files about a call that still lie on call servers."""
        command = f"find {SPOOL} -name {shlex.quote(f'*{linkedid}*')}"
        found = ((host.name, self._every(host.name).check_output(command)) for host in standing(self._plan, "asterisk"))
        return [f"{name}:{line}" for name, lines in found for line in str(lines).splitlines()]

    def used(self) -> dict[str, Used]:
        """What every server that stands has used of its processors so far."""
        names = [host.name for host in self._plan.standing]
        with ThreadPoolExecutor() as pool:
            printed = pool.map(lambda name: str(self._every(name).run(usage.COMMAND).stdout), names)
            return {name: usage.read(text) for name, text in zip(names, printed, strict=True)}

    def reachable_seats(self, server: str) -> set[str]:
        """The seats that a call server would ring: one of their contacts is available."""
        listed = str(self._every(server).check_output("asterisk -rx 'pjsip show contacts'"))
        return set(re.findall(r"^\s*Contact:\s+(\w+)/.*\sAvail\s", listed, re.MULTILINE))

    def reachable(self, server: str, seat: str) -> bool:
        """Whether a call server would ring a seat."""
        return seat in self.reachable_seats(server)

    def journal(self, words: Sequence[str], since: float) -> str:
        """Lines of edges and call servers since a moment: those with one of the words, and all warnings of Asterisk."""
        start = shlex.quote(f"@{int(since)}")
        pattern = "|".join(["WARNING", "ERROR", *words])
        parts = []
        for role, unit in (("kamailio", "kamailio"), ("rtpengine", "rtpengine-daemon"), ("asterisk", "asterisk")):
            for host in standing(self._plan, role):
                # grep ends with 1 when nothing matches, which is an answer.
                command = (
                    f"journalctl -q -u {unit} --since {start} -o cat | grep -E {shlex.quote(pattern)} | tail -n 15"
                )
                lines = self._every(host.name).run(command).stdout.strip()
                if lines:
                    parts.append(f"--- {host.name}: journal of {unit}\n{lines}")
        return "\n".join(parts)


def opened(sealed: bytes, keys: Keys) -> bytes:
    """A recording as the auditor gets it. Raises pyrage.DecryptError for anybody else."""
    return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(keys.identity)]))


def moment(text: str) -> float:
    """Seconds of a timestamp as PostgreSQL writes it into JSON."""
    return datetime.datetime.fromisoformat(text).timestamp()
