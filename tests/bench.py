"""`make bench`: each phase of a first and of a second deploy, in seconds and as a ratio.

The lab is destroyed before the first deploy; its cached base and packages stay, so the first is a warm one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def deploy(env: str) -> dict[str, float]:
    """Seconds of each phase of one deploy. Stops the benchmark when the deploy fails."""
    program = Path(sys.executable).with_name("seatworks")
    subprocess.run([program, "deploy", env], cwd=ROOT, check=True)
    report = json.loads((ROOT / "build" / env / "report.json").read_text(encoding="utf-8"))
    return {phase["name"]: phase["seconds"] for phase in report["results"]["phases"]}


def main(env: str) -> None:
    """Deploy twice and print the table."""
    subprocess.run([Path(sys.executable).with_name("seatworks"), "destroy", env], cwd=ROOT, check=True)
    first, second = deploy(env), deploy(env)
    sys.stdout.write(f"{'phase':<12}{'first s':>10}{'second s':>10}{'ratio':>8}\n")
    for name in (*first, "total"):
        one = sum(first.values()) if name == "total" else first[name]
        two = sum(second.values()) if name == "total" else second.get(name, 0.0)
        sys.stdout.write(f"{name:<12}{one:>10.1f}{two:>10.1f}{two / one if one else 0:>8.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1])
