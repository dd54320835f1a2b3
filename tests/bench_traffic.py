"""Times the traffic engine against three packages of the same purpose, in the same run, and checks that they agree.

    pip install -e ".[bench]"
    python -m tests.bench_traffic

Each figure is the best of several runs. A package that is absent, has no such function, or fails, says so.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from seatworks import traffic

PACKAGES = ("call_center_tools", "pyworkforce", "pyqueueing")
REPEATS = 5
SHORTEST_S = 0.01
H_S, SHARE, WITHIN_S = 180.0, 0.8, 20.0

Question = Callable[[], Any]


def best_s(asks: dict[str, Question]) -> dict[str, float]:
    """Seconds of one call of each: the best of several runs, each long enough for the clock.

    They take turns, so that a busy computer is busy for all of them.
    """
    best, times = dict[str, float](), dict[str, int]()
    for name, ask in asks.items():
        started = time.perf_counter()
        ask()
        best[name] = time.perf_counter() - started
        times[name] = max(1, int(SHORTEST_S / best[name]))
    for _ in range(REPEATS):
        for name, ask in asks.items():
            started = time.perf_counter()
            for _ in range(times[name]):
                ask()
            best[name] = min(best[name], (time.perf_counter() - started) / times[name])
    return best


def installed() -> dict[str, ModuleType]:
    """The packages that are here. The others are named with the way to get them."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.import_module(name)
        except ImportError as error:
            sys.stdout.write(f'{name}: not installed ({error}): pip install -e ".[bench]"\n')
    return found


def waiting(servers: int, erlangs: float, packages: dict[str, ModuleType]) -> dict[str, Question]:
    """One Erlang C probability."""
    asks: dict[str, Question] = {"seatworks": lambda: traffic.erlang_c(servers, erlangs)}
    if tools := packages.get("call_center_tools"):
        asks["call_center_tools"] = lambda: tools.erlang_c(erlangs, servers)
    if workforce := packages.get("pyworkforce"):
        queue = workforce.ErlangC(transactions=erlangs, aht=1, interval=1, asa=1)
        asks["pyworkforce"] = lambda: queue.waiting_probability(servers)
    if queueing := packages.get("pyqueueing"):
        asks["pyqueueing"] = lambda: queueing.ErlangC(erlangs, 1.0, servers).prob_wait()
    return asks


def agents(erlangs: float, packages: dict[str, ModuleType]) -> dict[str, Question]:
    """The fewest agents for 80 % in 20 s at 180 s a call."""
    asks: dict[str, Question] = {"seatworks": lambda: traffic.agents_for(erlangs, H_S, SHARE, WITHIN_S)}
    if tools := packages.get("call_center_tools"):
        # An occupancy of exactly 1 makes it divide by zero when the load is whole.
        asks["call_center_tools"] = lambda: (
            tools.calc_staffing(
                erlangs * 3600 / H_S,
                H_S,
                max_occupancy=0.999999,
                target_answer_time=WITHIN_S,
                target_service_level=SHARE,
            ).agents
        )
    if workforce := packages.get("pyworkforce"):
        queue = workforce.ErlangC(transactions=erlangs, aht=H_S, interval=H_S, asa=WITHIN_S)
        asks["pyworkforce"] = lambda: queue.required_positions(SHARE)["raw_positions"]
    if queueing := packages.get("pyqueueing"):
        asks["pyqueueing"] = lambda: queueing.ErlangC(erlangs / H_S, 1 / H_S).required_servers(
            target_service_level=(WITHIN_S, SHARE)
        )
    return asks


def channels(erlangs: float, packages: dict[str, ModuleType]) -> dict[str, Question]:
    """The fewest channels that lose 1 % at most. Only one of the packages answers this."""
    asks: dict[str, Question] = {"seatworks": lambda: traffic.channels_for(erlangs, 0.01)}
    if queueing := packages.get("pyqueueing"):
        asks["pyqueueing"] = lambda: queueing.ErlangB(erlangs, 1.0, 1).required_servers(0.01)
    return asks


def shown(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def row(title: str, asks: dict[str, Question]) -> str:
    """Time every package on one question: our time, theirs, and ours over the best of them."""
    answers, failed = dict[str, float](), dict[str, str]()
    for name, ask in asks.items():
        try:
            answers[name] = ask()
        except (ArithmeticError, RuntimeError, ValueError) as error:
            failed[name] = type(error).__name__
    seconds = best_s({name: asks[name] for name in answers})
    ours = answers["seatworks"]
    cells = []
    for name in ("seatworks", *PACKAGES):
        if name in answers:
            agrees = abs(answers[name] - ours) <= 1e-6 * abs(ours)
            cells.append(shown(seconds[name]) + ("" if agrees else f" ({answers[name]:.6g}?)"))
        else:
            cells.append(failed.get(name, "-"))
    others = [seconds[name] for name in PACKAGES if name in seconds]
    ratio = seconds["seatworks"] / min(others) if others else None
    cells.append("-" if ratio is None else f"{ratio:.2f}" if ratio > 0.1 else f"1/{1 / ratio:.0f}")
    return f"{title:<26}" + "".join(f"{cell:>20}" for cell in cells) + "\n"


def main() -> None:
    """Print the table."""
    packages = installed()
    heads = ("seatworks", *PACKAGES, "ours / best of them")
    sys.stdout.write(f"{'':<26}" + "".join(f"{head:>20}" for head in heads) + "\n")
    for servers, erlangs in ((14, 10.0), (100, 90.0), (1_000, 970.0), (100_000, 99_700.0), (1_000_000, 999_000.0)):
        sys.stdout.write(row(f"Erlang C, {servers:,} servers", waiting(servers, erlangs, packages)))
    for load in (10.0, 10_000.0, 100_000.0):
        sys.stdout.write(row(f"agents, {load:,.0f} erlangs", agents(load, packages)))
    for load in (10.0, 708.0, 100_000.0):
        sys.stdout.write(row(f"channels, {load:,.0f} erlangs", channels(load, packages)))


if __name__ == "__main__":
    main()
