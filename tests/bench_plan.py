"""`make bench-plan`: the whole command `seatworks plan --json`, for 100 seats and for 100,000, as ratios."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.specs import environment

RUNS = 7


def seconds(folder: Path) -> float:
    """One run of the command, as a process."""
    began = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("seatworks"), "plan", "onprem", "--json"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def main() -> None:
    """Measure both in turn and print medians."""
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name) / "small", Path(name) / "large"
        environment(small, "onprem", seats__onprem=100)
        environment(
            large,
            "onprem",
            seats__onprem=100_000,
            traffic__busy_hour_calls=1_300_000,
            onprem__network="10.0.0.0/12",
            onprem__seats_network="10.32.0.0/12",
        )
        pairs = [(seconds(small), seconds(large)) for _ in range(RUNS)]
    few, many = (statistics.median(side) for side in zip(*pairs, strict=True))
    sys.stdout.write(f"seatworks plan --json, 100 seats      {few:.2f} s\n")
    sys.stdout.write(f"seatworks plan --json, 100,000 seats  {many:.2f} s   ratio {many / few:.2f}\n")


if __name__ == "__main__":
    main()
