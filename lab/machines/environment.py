"""Stand an environment up, heal it, show it, take it away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from lab.machines import access, checks, image, kernel, machine, mirror, network, relay, remains, starter
from lab.machines.files import locked, remove, write
from lab.machines.layout import Layout, Machine, Software, lay_out
from lab.machines.places import Places, Project
from lab.machines.progress import say
from seatworks import plan as planning
from seatworks.errors import HostsError, PreflightError, Problem, SeatworksError
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.run import CommandError, run

_BUSY = "another lab command works on this environment"
_SSH_LIMIT_S = 90
# A machine that ran already has had its time.
_SSH_LIMIT_RUNNING_S = 20
_Given = TypeVar("_Given")


def up(project: Project, *, bare: bool = False, peak: Sequence[str] = ()) -> None:
    """Make the environment what its plan says. What is right already is left alone.

    Servers of a peak stand only when they are named. Raises HostsError naming every machine that does not answer, with
    the end of its console.
    """
    places = Places(project.environment)
    if problems := checks.find(needs_mirror=False):
        raise PreflightError(*problems)
    with locked(places.lock, wait_s=5, busy=_BUSY):
        began = time.monotonic()
        _claim(project, places)
        plan = _plan(project)
        if unknown := sorted(set(peak) - {host.name for host in plan.peak_hosts}):
            raise SeatworksError.of(f"{project.environment} has no server of a peak named {', '.join(unknown)}")
        layout = lay_out(plan, _outputs(project), bare=bare, peak=peak)
        layers = {each.name: image.layer_for(each, project.root) for each in layout.machines}
        image.build(list(layers.values()))
        kernel.make_room()
        access.key(project)
        lost = network.apply(layout, places, mirror.port())
        relay.start(places)
        booted = _machines(layout, layers, lost, places, project)
        access.write_files(layout, places, project)
        _wait(layout, project, places, booted)
        took = time.monotonic() - began
        say(f"{len(layout.machines)} machines answer, {len(booted)} of them started now, after {took:.1f} s")


def down(environment: str) -> None:
    """Take the environment away, whatever state it is in. Raises HostsError when something stays."""
    places = Places(environment)
    with locked(places.lock, wait_s=5, busy=_BUSY):
        project = _owner(places)
        if project:
            access.close(places, project)
        how = starter.choose()
        _each(machine.names(places), lambda name: machine.destroy(name, places, how))
        for known in how.there(f"{places.namespace}-"):
            # It runs although nothing of it is on disk.
            how.cut(machine.box(known.removeprefix(f"{places.namespace}-"), places))
        relay.stop(places)
        remains.end_connections(places)
        network.remove(places)
        if project:
            access.forget(project)
        remove(places.run)
        remove(places.state)
        kernel.give_back()
        if left := remains.find(environment):
            raise HostsError(*(Problem(environment, f"still there: {each}", "end it, run again") for each in left))
        say(f"{environment} is gone")


def cut(environment: str, names: Sequence[str]) -> None:
    """Take the power of these machines away. `up` boots them again, with the disk they had."""
    places = Places(environment)
    how = starter.choose()
    for name in names:
        if name not in machine.names(places):
            raise SeatworksError.of(f"{environment} has no machine {name}")
        how.cut(machine.box(name, places))


def status(project: Project) -> dict[str, Any]:
    """What there is of the environment now."""
    places = Places(project.environment)
    owner, how = _owner(places), starter.choose()
    planned = lay_out(_plan(project), _outputs(project)).machines if project.plan.is_file() else ()
    segments = {each.name: each for each in planned}
    there = set(machine.names(places))
    rows = []
    for name in dict.fromkeys((*segments, *sorted(there))):
        box = machine.box(name, places)
        state = "absent" if name not in there else "runs" if how.runs(box) else "stopped"
        planned_as = segments.get(name)
        rows.append(
            {
                "name": name,
                "state": state,
                "address": str(planned_as.address) if planned_as else None,
                "network": planned_as.segment.name if planned_as else None,
                "bridge": planned_as.segment.bridge if planned_as else None,
                "stand_in": planned_as.software is Software.TOOLS if planned_as else None,
                "console": str(box.console),
            }
        )
    return {
        "environment": project.environment,
        # Whose machines these are; null when nothing stands.
        "project": str(owner.root) if owner else None,
        "namespace": places.namespace,
        "network": network.exists(places),
        "ssh_config": str(project.ssh_config),
        "machines": rows,
    }


def _plan(project: Project) -> Plan:
    if not project.plan.is_file():
        raise SeatworksError.of(
            "there is no such file", place=str(project.plan), remedy=f"run: make deploy ENV={project.environment}"
        )
    return planning.load(project.plan.read_text(encoding="utf-8"))


def _outputs(project: Project) -> CloudOutputs:
    if not project.outputs.is_file():
        return CloudOutputs()
    return planning.load_outputs(project.outputs.read_text(encoding="utf-8"))


def _claim(project: Project, places: Places) -> None:
    """One name, one environment on a computer: refuse the name of another project's."""
    owner = _owner(places)
    if owner and owner.root != project.root:
        raise PreflightError(
            Problem(
                project.environment,
                f"runs already on this computer, for the project in {owner.root}",
                f"take it away (python -m lab down {project.environment}) or choose another name",
            )
        )
    write(places.record, json.dumps({"root": str(project.root)}))
    places.state.chmod(0o700)


def _owner(places: Places) -> Project | None:
    if not places.record.is_file():
        return None
    found = json.loads(places.record.read_text(encoding="utf-8"))
    return Project(Path(found["root"]), places.environment)


def _machines(
    layout: Layout, layers: dict[str, image.Layer], lost: set[str], places: Places, project: Project
) -> list[str]:
    """Make and boot what is missing or different; the names of machines booted now."""
    how = starter.choose()
    wanted = {each.name: each for each in layout.machines}
    surplus = [name for name in machine.names(places) if name not in wanted]
    _each(surplus, lambda name: machine.destroy(name, places, how))

    def bring(each: Machine) -> str | None:
        layer = layers[each.name]
        box = machine.box(each.name, places, each.segment.bridge)
        if not machine.is_made(each, layer, places):
            machine.destroy(each.name, places, how)
            machine.make(each, layer, places)
        elif each.segment.bridge in lost or not how.runs(box):
            # Also what runs without anybody watching it: it could not be stopped.
            how.cut(box)
            machine.forget(box.name)
        machine.mount(box.folder, layer.stack())
        machine.authorise(each.name, places, project)
        if how.runs(box):
            return None
        how.boot(box)
        return each.name

    return [name for name in _each(layout.machines, bring) if name]


def _wait(layout: Layout, project: Project, places: Places, booted: Sequence[str]) -> None:
    """Wait until every machine answers on SSH. Raises HostsError."""
    began = time.monotonic()
    ask: list[str | Path] = ["ssh", "-F", project.ssh_config, "-o", "ControlPath=none", "-o", "ConnectTimeout=3"]

    def answers(each: Machine) -> Problem | None:
        limit_s = _SSH_LIMIT_S if each.name in booted else _SSH_LIMIT_RUNNING_S
        while True:
            try:
                run([*ask, each.name, "true"], timeout_s=10)
                return None
            except CommandError as wrong:
                if time.monotonic() - began > limit_s:
                    said = wrong.output.strip().splitlines()[-1:]
                    tail = machine.console_tail(each.name, places)
                    reason = f"does not answer over SSH after {limit_s} s: {''.join(said)}\n{tail}"
                    return Problem(each.name, reason, f"look into {machine.box(each.name, places).console}")
            time.sleep(0.3)

    if problems := [problem for problem in _each(layout.machines, answers) if problem]:
        raise HostsError(*problems)


def _each(things: Iterable[_Given], act: Callable[[_Given], Any]) -> list[Any]:
    """Do the same to all at once; the first error is raised after all have ended."""
    listed = list(things)
    if not listed:
        return []
    with ThreadPoolExecutor(max_workers=len(listed)) as pool:
        return list(pool.map(act, listed))
