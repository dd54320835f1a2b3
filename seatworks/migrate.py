"""Folders of earlier versions, which kept rehearsal and live site of an environment in one: moved once, by themselves.

Earlier versions wrote everything into build/<env>/; now each target has its own folder there. What lies there of both
cannot be told apart by a program: it is left as it is until a person says whose it is (`adopt`).
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from seatworks import lock
from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Target

# Whatever a deployment of an earlier version left beside the plan, in the order in which it is moved: what tells whose
# the folder is goes last, so that a move that was cut off is continued with the same answer.
_MADE = (
    "ansible", "recordings", "bundle.tar.gz*", "link.txt", "load.json", "cloud-checks.json", "cloud-error.log",
    "report.html", "report.json", "junit*.xml", "*.log",
    "ssh", "cloud.json", "resources.json", "cloud-state.key", "cloud-state.json", "deployed.json",
)  # fmt: skip
_OF_A_REHEARSAL = ("lab.log", "cloud-state.key", "cloud-state.json")
# Without one of these nothing was ever deployed from here.
_MARKS = ("deployed.json", "cloud-state.json", "cloud.json", "resources.json", "ssh")


def once(folder: Path) -> None:
    """Give the deployment in `folder` (build/<env>) the folder of its target, and say so in a line.

    Raises PreflightError when it holds files of both targets, or when somebody is at work there.
    """
    if not _is_flat(folder):
        return
    with lock.hold(folder, "migrate"):
        if _is_flat(folder):
            owner = _owner(folder)
            _move(folder, {owner: _there(folder)})
            sys.stderr.write(
                f"build/{folder.name}: moved to build/{folder.name}/{owner}/, each target has its folder\n"
            )


def adopt(folder: Path, owner: Target) -> tuple[str, ...]:
    """Give `owner` what cannot be told apart in `folder`; what can goes where it belongs. The names it got.

    Raises PreflightError when there is nothing of an earlier version.
    """
    if not _is_flat(folder):
        raise PreflightError(Problem(f"build/{folder.name}", "holds nothing of an earlier version", "nothing to do"))
    parts: dict[Target, list[Path]] = {Target.LAB: [], Target.LIVE: []}
    deployed = _target(folder / "deployed.json")
    for path in _there(folder):
        whose = Target.LAB if path.name in _OF_A_REHEARSAL else owner
        if path.name == "deployed.json" and deployed:
            whose = deployed
        parts[whose].append(path)
    _move(folder, parts)
    return tuple(path.name for path in parts[owner])


def _is_flat(folder: Path) -> bool:
    return any((folder / name).exists() for name in (*_MARKS, *map(_staged, Target)))


def _there(folder: Path) -> list[Path]:
    return [path for pattern in _MADE for path in sorted(folder.glob(pattern))]


def _staged(target: Target) -> str:
    """Where the files of a target are collected until all are there."""
    return f".{target}"


def _owner(folder: Path) -> Target:
    """Whose the files are. Raises PreflightError when they are of both, or of nobody known."""
    deployed, planned = _target(folder / "deployed.json"), _target(folder / "plan.json")
    begun = {target for target in Target if (folder / _staged(target)).is_dir()}
    if len(begun) == 1:
        return begun.pop()
    rehearsed = (folder / "cloud-state.json").is_file()
    known = {target for target in (deployed or planned, Target.LAB if rehearsed else None) if target}
    if deployed is Target.LAB and planned is Target.LIVE:
        # A live deploy may have begun here, and been killed.
        known.add(planned)
    if not begun and len(known) == 1:
        return known.pop()
    doubtful = ", ".join(path.name for path in _there(folder) if path.name not in (*_OF_A_REHEARSAL, "deployed.json"))
    raise PreflightError(
        Problem(
            f"build/{folder.name}",
            f"holds files of a rehearsal and of a live site, and {doubtful} may be of either",
            f"say whose these are: seatworks adopt {folder.name} --as live, or --as lab. The next deploy of the other "
            "writes its own anew",
        )
    )


def _target(file: Path) -> Target | None:
    return Target(json.loads(file.read_text(encoding="utf-8"))["target"]) if file.is_file() else None


def _move(folder: Path, parts: dict[Target, list[Path]]) -> None:
    if taken := [target for target in parts if (folder / str(target)).is_dir() and any((folder / target).iterdir())]:
        raise PreflightError(
            *(
                Problem(
                    f"build/{folder.name}",
                    f"holds a deployment of an earlier version beside that in {target}/",
                    "use one version: move one of the two away",
                )
                for target in taken
            )
        )
    # Before anything is moved: `deployed.json` goes last and is among the files that tell what stands.
    for target in parts:
        (folder / _staged(target)).mkdir(exist_ok=True)
    for target, paths in parts.items():
        for path in paths:
            path.rename(folder / _staged(target) / path.name)
        _complete(folder, target)
    for target in parts:
        (folder / _staged(target)).rename(folder / str(target))


def _complete(folder: Path, target: Target) -> None:
    """What a deployment has now and had not then: the plan that was begun with, own secrets of a rehearsal."""
    own = folder / _staged(target)
    if (own / "deployed.json").is_file():
        shutil.copy2(own / "deployed.json", own / "attempted.json")
    elif _stands(own) and _target(folder / "plan.json") is target:
        shutil.copy2(folder / "plan.json", own / "attempted.json")
    config = own / "ssh" / "config"
    if config.is_file():
        text = config.read_text(encoding="utf-8")
        moved = text.replace(f"{folder}/ssh/", f"{folder / str(target)}/ssh/")
        config.write_text(moved, encoding="utf-8")
    vault = folder.parents[1] / "inventories" / folder.name / "group_vars" / "all" / "vault.yml"
    if target is Target.LAB and (own / "attempted.json").is_file() and vault.is_file():
        # Its machines know these secrets. They stay what opens a live site, so this is a copy.
        shutil.copy2(vault, own / "vault.yml")


def _stands(own: Path) -> bool:
    resources = own / "resources.json"
    known = resources.is_file() and resources.read_text(encoding="utf-8").strip() not in ("", "[]")
    return known or any((own / name).exists() for name in ("cloud-state.json", "ssh"))
