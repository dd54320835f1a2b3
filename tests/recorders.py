"""Programs that stand where the rooms stand (`python -m stacks`, `python -m lab`), for tests of what the CLI does.

They are started as processes, as the real ones are, and take things away that really are there: files below
`world/<target>/` of the project. What is missing afterwards was taken by a command line, not by a test.
"""

from __future__ import annotations

import functools
import json
import os
import pty
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from seatworks import cli
from seatworks import plan as planning
from seatworks.environment import Environment, write
from seatworks.plan.model import Plan, Target

_ROOM = '''
"""Does what it is told to `world/` and writes what the real room writes."""
import json, pathlib, sys
room, words = {room!r}, sys.argv[1:]
command, name = words[0], words[1] if len(words) > 1 else ""
target = {target!r}
world, build = pathlib.Path("world", target), pathlib.Path("build", name, target)
with open("commands.log", "a") as log:
    print(room, *words, file=log)
if command == "status":
    print(json.dumps({{"project": str(pathlib.Path.cwd()) if (world / "machines").exists() else None}}))
if command == "down":
    (world / "machines").unlink(missing_ok=True)
if command == "destroy":
    (world / "cloud").unlink(missing_ok=True)
    if target == "lab" or "--data" in words:
        (world / "data").unlink(missing_ok=True)
    (build / "cloud-state.json").unlink(missing_ok=True)
    left = [{{"type": "aws:s3/bucket:Bucket", "name": "recordings", "custom": True, "protect": True}}]
    (build / "resources.json").write_text(json.dumps(left if (world / "data").exists() else []))
hosts = json.loads((build / "attempted.json").read_text())["hosts"] if command == "up" and room != "lab" else []
if any(host["site"] == "cloud" for host in hosts):
    world.mkdir(parents=True, exist_ok=True)
    (world / "cloud").touch()
'''


def rooms(root: Path) -> None:
    """Put the programs into the project at `root`: Python finds them there before the real ones."""
    for room, target in (("stacks", "live"), ("lab", "lab"), ("lab/cloud", "lab")):
        folder = root / room
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "__main__.py").write_text(_ROOM.format(room=room.replace("/", "."), target=target))


def stand(plan: Plan, root: Path, *, finished: bool = True) -> Environment:
    """Let a deployment of a plan stand, with data; unless it is `finished`, its deploy was killed half way."""
    where = Environment(plan.name, plan.target, root)
    write(where.attempted_file, _text(plan))
    if finished:
        write(where.deployed_file, _text(plan))
        resources = [
            _resource("aws:ec2/vpc:Vpc", "net", protect=False),
            _resource("aws:s3/bucket:Bucket", "recordings", protect=True),
        ]
        write(where.resources_file, json.dumps(resources))
    world = root / "world" / str(plan.target)
    world.mkdir(parents=True, exist_ok=True)
    things = ("cloud", "data", "machines") if plan.target is Target.LAB else ("cloud", "data")
    for thing in things:
        (world / thing).touch()
    return where


@functools.cache
def _text(plan: Plan) -> str:
    return planning.dump(plan)


def _resource(type_: str, name: str, *, protect: bool) -> dict[str, object]:
    arn = f"arn:aws-cn:x:cn-north-1:123456789012:{name}"
    return {"type": type_, "name": name, "custom": True, "protect": protect, "outputs": {"arn": arn}}


def there(root: Path) -> set[str]:
    """What is there: `live/data`, for example."""
    return {path.relative_to(root / "world").as_posix() for path in (root / "world").glob("*/*")}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and all that it said."""

    code: int
    said: str


def type_in(
    root: Path,
    words: Collection[str],
    answer: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Ended:
    """Run `seatworks` in the project, before a terminal on which `answer` is typed; None: without a terminal."""
    monkeypatch.chdir(root)
    capfd.readouterr()
    if answer is None:
        ends = [os.open(os.devnull, os.O_RDONLY)]
    else:
        ends = list(reversed(pty.openpty()))
        os.write(ends[1], f"{answer}\n".encode())
    try:
        with monkeypatch.context() as patch, os.fdopen(os.dup(ends[0])) as stdin:
            patch.setattr(sys, "stdin", stdin)
            with pytest.raises(SystemExit) as ended:
                cli.app(list(words))
    finally:
        for end in ends:
            os.close(end)
    said = capfd.readouterr()
    return Ended(int(ended.value.code or 0), said.out + said.err)
