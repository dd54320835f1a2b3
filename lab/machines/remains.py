"""What is left of an environment: the question every `down` and every drill ends with."""

from __future__ import annotations

import signal
from pathlib import Path

from lab.machines import network, processes, starter
from lab.machines.places import NAMESPACES, Places


def find(environment: str) -> list[str]:
    """Everything of the environment that is still on this computer, one line each."""
    places = Places(environment)
    found = [f"machine {name}" for name in starter.choose().there(f"{places.namespace}-")]
    found += [f"network namespace {name}" for name in _names(NAMESPACES) if name == places.namespace]
    found += [f"mount {point}" for point in mounts(places)]
    found += [f"folder {folder}" for folder in (places.state, places.run) if folder.exists()]
    for pid, words in processes.everything():
        if any(_is_ours(word, places) for word in words):
            found.append(f"process {pid}: {' '.join(words)[:120]}")
    return found


def mounts(places: Places) -> list[str]:
    """Mount points below the environment's folders."""
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    tops = (f"{places.state}/", f"{places.run}/")
    return [point for point in (line.split()[4] for line in table) if point.startswith(tops)]


def end_connections(places: Places) -> None:
    """End what ssh started to enter the environment's network; its other end is gone."""
    if not network.exists(places):
        return
    here = places.namespace_file.stat().st_ino
    for pid, words in processes.everything():
        entered = words[:2] == ["socat", "-"] and len(words) == 3 and words[2].startswith("TCP:")
        if entered and processes.network_of(pid) == here:
            processes.send(pid, signal.SIGTERM)


def _is_ours(word: str, places: Places) -> bool:
    return word.startswith((f"{places.state}/", f"--directory={places.state}/", f"--machine={places.namespace}-")) or (
        f"{places.run}/packages" in word
    )


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
