"""A crowd: as many callers and seats at once as the deployment is sized for, played by SIPp with real media."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from seatworks import load
from seatworks.plan.model import Seat, Site
from tests.calls import audio
from tests.calls.figures import SAMPLES, Direction, LoadResult, final, percentile, processor
from tests.calls.office import Office
from tests.calls.pcap import Key, tone_capture
from tests.calls.phones import PhoneError, Standin
from tests.calls.seating import SCENARIOS, BaresipSeats, Seats, SippSeats, shares, sipp
from tests.calls.trail import Row, Trail, moment, opened

CALLERS = "callers-call-press-and-talk"
RAMP_S = 10
# After the last call was placed: menu, key, queue, answer.
SETTLE_S = 8
KEY_S = 2.0
MEDIA = (30000, 40000)
PACKETS_A_SECOND = 50
REACHABLE_S = 40.0
KEPT_S = 120.0

# Counts each packet of 20 ms of G.711 (190: as SRTP) and throws it away: SIPp would leave it to the kernel to refuse.
COUNTERS = """\
table inet seatworks_load {
  counter heard { }
  counter spoken { }
  chain input {
    type filter hook input priority -300
    udp length { 180, 190 } counter name heard drop
  }
  chain output {
    type filter hook output priority -300
    udp length { 180, 190 } counter name spoken
  }
}
"""


def _nothing() -> None:
    """What happens while calls come in, unless something is asked for."""


class Crowd:
    """N callers at the carrier and N seats, on site when there is one.

    `seats`: others than the first N. `meanwhile` is done while the calls come in, and ends before the last has come.
    """

    def __init__(
        self,
        office: Office,
        calls: int,
        hold_s: int,
        seats: Sequence[Seat] = (),
        meanwhile: Callable[[], None] = _nothing,
    ) -> None:
        self._office = office
        self._calls = calls
        self._hold_s = hold_s
        self._talk_ms = (RAMP_S + SETTLE_S + hold_s + 2) * 1000
        scenario = office.scenarios()[0]
        self._queue, self._digit = scenario.queue, scenario.digit
        self._seats = list(seats) or self._chosen()
        self._meanwhile = meanwhile
        self._prefix = f"0138{secrets.randbelow(1000):03d}"
        self._callers = office.machine("carrier")
        self._entries = office.plan.running("trunk")
        near = office.plan.running("kamailio", Site.ONPREM)
        self._phones: Seats
        if near:
            self._phones = SippSeats(office, self._seats, near)
        else:
            edges = office.plan.running("kamailio", Site.CLOUD)
            self._phones = BaresipSeats(office, self._seats, edges)

    def _chosen(self) -> list[Seat]:
        members = load.seats(self._office.plan)
        if len(members) < self._calls:
            raise PhoneError(f"queue {self._queue.name} has {len(members)} seats: give --calls {len(members)} or less")
        return list(members[: self._calls])

    def _prepare(self) -> None:
        """Scenarios, media, and who calls whom, onto both machines."""
        talk_s = self._talk_ms / 1000 + 5
        self._phones.prepare(talk_s)
        key = Key(self._digit, KEY_S) if self._digit else None
        self._callers.write("callers.pcap", tone_capture(audio.CALLER_TONES_HZ[0], talk_s, key))
        self._callers.write(f"{CALLERS}.xml", (SCENARIOS / f"{CALLERS}.xml").read_bytes())
        first = 0
        for part, calls in enumerate(shares(self._calls, len(self._entries))):
            numbers = [f"{self._prefix}{number:04d};" for number in range(first, first + calls)]
            self._callers.write(f"callers{part}.csv", "\n".join(["SEQUENTIAL", *numbers, ""]).encode())
            first += calls
        for machine in (self._callers, self._phones.machine):
            machine.do("run", args=["nft", "-f", "-"], text=COUNTERS)

    def _start(self, started: list[str]) -> None:
        """Seats begin to answer, then callers to call; `started` gets the names of the callers' processes."""
        limit_s = self._talk_ms / 1000 + RAMP_S + 30
        self._phones.answer(limit_s)
        for part, (edge, count) in enumerate(zip(self._entries, shares(self._calls, len(self._entries)), strict=True)):
            if not count:
                continue
            name = f"callers{part}"
            address = self._office.address(edge)
            port = self._office.plan.trunks[0].port + 2 * part
            rate = ["-m", str(count), "-l", str(count), "-r", str(count), "-rp", str(RAMP_S * 1000)]
            what = ["-inf", f"{name}.csv", "-key", "number", self._office.number.number, "-d", str(self._talk_ms)]
            bounds = ["-min_rtp_port", str(MEDIA[part % 2]), "-timeout", str(round(limit_s))]
            stats = ["-trace_stat", "-fd", "1", "-stf", f"{name}.stat", "-trace_rtt", "-rtt_freq", "1"]
            target = f"{address}:{self._office.plan.ports.sip}"
            args = sipp(self._callers, CALLERS, address, port, *rate, *what, *bounds, *stats, target)
            self._callers.do("start", name=name, args=args)
            started.append(name)

    def _counted(self) -> dict[str, int]:
        """Packets so far, spoken and heard by either side, both read at the same moment."""
        sides = {"callers": self._callers, "seats": self._phones.machine}
        with ThreadPoolExecutor() as pool:
            counted = dict(zip(sides, pool.map(counters, sides.values()), strict=True))
        return {f"{who} {name}": packets for who, found in counted.items() for name, packets in found.items()}

    def _setups(self) -> list[float]:
        """Milliseconds from INVITE to 200 of every call."""
        files = self._callers.do("run", args=["sh", "-c", f"cat {CALLERS}_*_rtt.csv"])
        lines = [line.split(";") for line in str(files).splitlines()]
        return [float(line[1]) for line in lines if len(line) >= 2 and line[0][:1].isdigit()]

    def make(self, trail: Trail) -> LoadResult:
        """All calls, from registering to reading what they left. Raises PhoneError when it cannot begin."""
        self._prepare()
        began_at = time.time()
        started: list[str] = []
        try:
            self._phones.register()
            self._wait_until_rung(trail)
            self._start(started)
            started_at = time.monotonic()
            self._meanwhile()
            time.sleep(started_at + RAMP_S + SETTLE_S - time.monotonic())
            before = trail.used()
            first, first_at, first_cpu = self._counted(), time.monotonic(), processor()
            time.sleep(self._hold_s)
            last, last_at, last_cpu = self._counted(), time.monotonic(), processor()
            after = trail.used()
            for name in started:
                self._callers.do("wait", self._talk_ms / 1000 + 60, name=name, limit_s=self._talk_ms / 1000 + 50)
            answered, together = self._phones.finish()
            self._phones.leave()
        except PhoneError:
            # Another crowd may follow: none of this one's phones stays.
            with contextlib.suppress(PhoneError):
                self._phones.finish()
                self._phones.leave()
            raise
        finally:
            for name in started:
                self._callers.do("stop", name=name)
            for machine in (self._callers, self._phones.machine):
                machine.do("run", args=["nft", "delete", "table", "inet", "seatworks_load"])
        passed = {name: last[name] - first[name] for name in last}
        due = round(self._calls * PACKETS_A_SECOND * (last_at - first_at))
        callers = [final(self._callers.read(f"{name}.stat").decode()) for name in started]
        setups = self._setups()
        rows, recorded = self._left_behind(trail, began_at)
        return LoadResult(
            calls=self._calls,
            hold_s=round(last_at - first_at, 1),
            placed=sum(part["placed"] for part in callers),
            failed=sum(part["FailedCall"] for part in callers),
            answered_callers=sum(part["SuccessfulCall"] for part in callers),
            answered_seats=answered,
            together=together,
            to_seats=Direction(due, passed["callers spoken"], passed["seats heard"]),
            to_callers=Direction(due, passed["seats spoken"], passed["callers heard"]),
            setup_p50_ms=percentile(setups, 0.5),
            setup_p95_ms=percentile(setups, 0.95),
            cpu_busy=round(1 - (last_cpu[1] - first_cpu[1]) / (last_cpu[0] - first_cpu[0]), 3),
            **rows,
            **recorded,
            story=self._story(started),
            used={name: used.since(before[name]) for name, used in after.items()},
        )

    def _wait_until_rung(self, trail: Trail) -> None:
        """Until the servers that ring them see all seats, so that the queues ring them all."""
        until = time.monotonic() + REACHABLE_S
        plan = self._office.plan
        for server in (plan.host(self._queue.home), *plan.peak_hosts):
            missing = {seat.user for seat in self._seats} & {seat.user for seat in plan.served_by(server)}
            while missing:
                missing -= trail.reachable_seats(server.name)
                if missing and time.monotonic() > until:
                    raise PhoneError(f"{server.name} does not see {len(missing)} seats, {min(missing)} among them")
                time.sleep(1)

    def rows(self, trail: Trail) -> list[Row]:
        """The call detail of these calls."""
        return trail.rows_like(f"{int(self._prefix)}____", self._calls)

    def _left_behind(self, trail: Trail, began_at: float) -> tuple[dict[str, int], dict[str, int]]:
        """Rows and recordings of these calls, and how many of them are right."""
        rows = self.rows(trail)
        answered = [row for row in rows if row["disposition"] == "ANSWERED" and row["seat"] and row["talk_s"]]
        seats = {seat.user for seat in self._seats}
        right = [row for row in answered if row["seat"] in seats and row["queue"] == self._queue.name]
        wanted = {row["linkedid"]: row for row in answered}
        kept = trail.wait_for_recordings(set(wanted), began_at, KEPT_S)
        sealed: dict[str, bytes] = {}
        for store in sorted({store for store, _ in kept.values()}):
            sealed |= trail.fetch_many(store, [path for there, path in kept.values() if there == store])
        lengths_right = voices = 0
        for count, (linkedid, content) in enumerate(sorted(sealed.items())):
            data = opened(content, self._office.keys)
            lengths_right += abs(audio.duration_s(data) - talk_s(wanted[linkedid])) <= 1.0
            voices += count < SAMPLES and both_voices(data)
        return (
            {"rows": len(answered), "rows_right": len(right)},
            {
                "recordings": len(sealed),
                "recordings_right": lengths_right,
                "recordings_with_both_voices": voices,
            },
        )

    def _story(self, started: list[str]) -> str:
        """What SIPp and baresip showed last, for a failed test."""
        shown = {name: self._callers.read(f"{name}.out").decode(errors="replace")[-2500:] for name in started}
        return "\n".join(f"--- {name}\n{text}" for name, text in {**shown, "seats": self._phones.story()}.items())


def counters(machine: Standin) -> dict[str, int]:
    """Packets that a stand-in's counters have seen, by name."""
    listed = machine.do("run", args=["nft", "-j", "list", "counters", "table", "inet", "seatworks_load"])
    found = [entry["counter"] for entry in json.loads(listed)["nftables"] if "counter" in entry]
    return {counter["name"]: counter["packets"] for counter in found}


def talk_s(row: Row) -> float:
    """Talk time of a row, exactly when its times are exact."""
    if row["answered_at"] and row["ended_at"]:
        return moment(row["ended_at"]) - moment(row["answered_at"])
    return float(row["talk_s"])


def both_voices(data: bytes) -> bool:
    """Whether the first ten seconds hold caller and agent."""
    sound = audio.read(data, 10.0)
    tones = (audio.CALLER_TONES_HZ[0], audio.AGENT_TONES_HZ[0])
    return all(audio.tone_s(sound, tone, audio.MIXED) >= 5.0 for tone in tones)
