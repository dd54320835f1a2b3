"""`make bench`: each phase of a deploy, in seconds: the first and the second one, or cold and warm on a fresh Debian.

`make bench` destroys the lab before the first deploy; its cached base and packages stay. `make bench ON=bookworm` (or
`trixie`) boots a fresh Debian with git, make and python3 and nothing else, twice: cold, with every download, and warm,
with the base that this computer has in its cache. `setup` is what comes before the first phase: `.venv/`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from tests.computer import HOME, computer

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 3600
# On a plain disk of the fresh computer, and empty: overlayfs cannot lie on the overlay that its root is.
COLD = "XDG_CACHE_HOME=/var/lib/seatworks/cache "


def phases(report: Path) -> dict[str, float]:
    """Seconds of each phase as the deploy itself wrote them down."""
    document = json.loads(report.read_text(encoding="utf-8"))
    return {phase["name"]: phase["seconds"] for phase in document["results"]["phases"]}


def here(env: str) -> dict[str, float]:
    """One deploy on this computer. Stops the benchmark when the deploy fails."""
    began = time.monotonic()
    subprocess.run([Path(sys.executable).with_name("seatworks"), "deploy", env], cwd=ROOT, check=True)
    return phases(ROOT / "build" / env / "lab" / "report.json") | {"wall": time.monotonic() - began}


def fresh(env: str, suite: str, *, cold: bool) -> dict[str, float]:
    """`make deploy` on a fresh Debian. Raises CommandError when it fails there."""
    with computer(suite, f"bench-{suite}", ROOT) as box:
        began = time.monotonic()
        box.run(f"{COLD if cold else ''}make deploy ENV={env}", timeout_s=LIMIT_S)
        wall = time.monotonic() - began
        found = phases(box.box.root / HOME.lstrip("/") / "build" / env / "lab" / "report.json")
        # Checks and calls run at the same time.
        together = sum(found.values()) - min(found["checks"], found["calls"])
        box.run(f"{COLD if cold else ''}make destroy ENV={env}", timeout_s=LIMIT_S)
    return {"setup": wall - together} | found | {"wall": wall}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("env")
    parser.add_argument("--on", choices=("bookworm", "trixie"))
    given = parser.parse_args()
    if given.on:
        names, one, two = ("cold", "warm"), *(fresh(given.env, given.on, cold=cold) for cold in (True, False))
    else:
        subprocess.run([Path(sys.executable).with_name("seatworks"), "destroy", given.env], cwd=ROOT, check=True)
        names, one, two = ("first", "second"), here(given.env), here(given.env)
    sys.stdout.write(f"{'phase':<12}{names[0] + ' s':>10}{names[1] + ' s':>10}{'ratio':>8}\n")
    for name, seconds in one.items():
        ratio = two[name] / seconds if seconds else 0
        sys.stdout.write(f"{name:<12}{seconds:>10.1f}{two[name]:>10.1f}{ratio:>8.2f}\n")


if __name__ == "__main__":
    main()
