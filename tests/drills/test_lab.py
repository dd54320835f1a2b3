"""The lab stands machines up, heals what was killed, keeps environments apart, and leaves nothing behind."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab
from lab.machines import image, mirror, processes
from seatworks import plan as planning
from seatworks.plan.model import Plan
from tests import lab_plan
from tests.conftest import ROOT

pytestmark = pytest.mark.lab

# Long enough for the first run, which downloads and builds the image layers.
_LIMIT_S = 900
_BOOTED = "cut -d' ' -f22 /proc/1/stat; cat /etc/machine-id"


class Rehearsal:
    """A project of its own with the real roles, and one environment in it."""

    def __init__(self, root: Path, plan: Plan) -> None:
        self.name = plan.name
        self.root = root
        for room in ("roles", "templates"):
            if not (root / room).exists():
                (root / room).symlink_to(ROOT / room)
        self.write(plan)

    def write(self, plan: Plan) -> None:
        """Write the plan and what the cloud handed back."""
        build = self.root / "build" / self.name / "lab"
        build.mkdir(parents=True, exist_ok=True)
        (build / "attempted.json").write_text(planning.dump(plan))
        (build / "cloud.json").write_text(planning.dump_outputs(lab_plan.OUTPUTS))

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command of the lab as a person does."""
        return subprocess.Popen(
            [sys.executable, "-m", "lab", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def lab(self, *words: str) -> str:
        """Run a command of the lab to its end; what it said."""
        with self.start(*words) as started:
            said, _ = started.communicate(timeout=_LIMIT_S)
        assert started.returncode == 0, said
        return said

    def on(self, machine: str, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on a machine."""
        config = self.root / "build" / self.name / "lab" / "ssh" / "config"
        return subprocess.run(
            ["ssh", "-F", config, machine, command],
            # One that is cut off leaves its input without waiting, for whoever reads it next.
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def booted(self, machine: str) -> str:
        """Changes when the machine boots again or is made anew."""
        return self.on(machine, _BOOTED).stdout

    def watchers(self, machine: str) -> list[int]:
        """Processes outside the machine that keep it running."""
        mark = f"--machine=sw-{self.name}-{machine}"
        return [pid for pid, words in processes.everything() if mark in words]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Three machines of a plan and the stand-ins, running."""
    made = Rehearsal(tmp_path_factory.mktemp("tiny"), lab_plan.plan("drilltiny"))
    try:
        made.lab("up", made.name)
        yield made
    finally:
        made.lab("down", made.name)
        assert lab.leftovers(made.name) == []


def first_process(pid: int) -> int:
    """The child of systemd-nspawn: process 1 of the machine."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])


def environment_of(pid: int) -> list[str]:
    """Settings a process was started with; none when it has just ended."""
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


def test_every_machine_answers_by_its_own_name_and_key(tiny):
    keys = set()
    for machine in ("inner1", "inner2", "outer1", "carrier", "phones-onprem", "phones-internet"):
        found = tiny.on(machine, "hostname; cat /etc/ssh/ssh_host_ed25519_key.pub")
        assert found.stdout.startswith(f"{machine}\n"), found.stderr
        keys.add(found.stdout)
    assert len(keys) == 6


def test_a_second_up_leaves_what_is_right_alone(tiny):
    before = {name: tiny.booted(name) for name in ("inner1", "outer1", "carrier")}
    assert "0 of them started now" in tiny.lab("up", tiny.name)
    assert {name: tiny.booted(name) for name in before} == before


def test_packages_come_in_and_nothing_else_leads_out(tiny):
    assert tiny.on("inner1", "apt-get -q update").returncode == 0
    links = json.loads(subprocess.run(["ip", "-json", "-4", "address"], capture_output=True, check=True).stdout)
    computer = [each["local"] for link in links if link["ifname"] != "lo" for each in link["addr_info"]]
    for address in ("1.1.1.1", socket.gethostbyname(mirror.host()), *computer):
        for port in (22, 80, 443):
            tried = tiny.on("inner1", f"timeout 2 bash -c '</dev/tcp/{address}/{port}'")
            assert tried.returncode != 0, f"{address}:{port} can be reached from a machine"


def test_site_and_cloud_meet_only_by_public_address(tiny):
    def reaches(machine: str, address: str) -> bool:
        return tiny.on(machine, f"timeout 2 bash -c '</dev/tcp/{address}/22'").returncode == 0

    assert reaches("inner1", "192.0.2.57")
    assert reaches("phones-internet", "192.0.2.57")
    assert reaches("carrier", "10.20.0.11")
    assert not reaches("inner1", "10.60.0.11")
    assert not reaches("outer1", "10.20.0.11")
    assert not reaches("phones-internet", "10.20.0.11")
    # Whoever is met sees the public address.
    assert tiny.on("inner1", "ssh-keyscan -T 2 192.0.2.57").returncode == 0
    assert "192.0.2.10" in tiny.on("outer1", "journalctl -u ssh --no-pager").stdout


def test_a_machine_reboots_by_itself(tiny):
    before = tiny.booted("inner2")
    tiny.on("inner2", "systemctl reboot")
    deadline = time.monotonic() + 60
    while tiny.booted("inner2") in ("", before):
        assert time.monotonic() < deadline, "inner2 did not come back"
        time.sleep(0.5)


def test_up_heals_what_was_killed(tiny):
    identity = tiny.on("inner1", "cat /etc/machine-id").stdout
    untouched = tiny.booted("outer1")
    # Its watcher and systemd-nspawn: the machine itself goes on, without anybody who could stop it.
    for pid in tiny.watchers("inner1"):
        os.kill(pid, signal.SIGKILL)
    # Process 1 of the machine: a power cut.
    os.kill(first_process(max(tiny.watchers("inner2"))), signal.SIGKILL)
    said = tiny.lab("up", tiny.name)
    assert "2 of them started now" in said
    assert tiny.on("inner1", "cat /etc/machine-id").stdout == identity
    assert tiny.on("inner2", "true").returncode == 0
    assert tiny.booted("outer1") == untouched


def test_a_power_cut_leaves_a_machine_off_until_up(tiny):
    tiny.lab("cut", tiny.name, "inner1")
    status = json.loads(tiny.lab("status", tiny.name, "--json"))
    assert {row["name"]: row["state"] for row in status["machines"]}["inner1"] == "stopped"
    assert "1 of them started now" in tiny.lab("up", tiny.name)


def test_only_what_differs_in_the_plan_is_made_anew(tiny):
    kept, moved, carrier = (tiny.booted(name) for name in ("inner1", "inner2", "carrier"))
    hosts = (lab_plan.THREE[0], lab_plan.host("inner2", lab_plan.ONPREM, 13))
    tiny.write(lab_plan.plan(tiny.name, hosts=hosts))
    assert "1 of them started now" in tiny.lab("up", tiny.name)
    assert (tiny.booted("inner1"), tiny.booted("carrier")) == (kept, carrier)
    assert tiny.booted("inner2") != moved
    status = json.loads(tiny.lab("status", tiny.name, "--json"))
    assert "outer1" not in {row["name"] for row in status["machines"]}


def test_two_environments_with_the_same_addresses_run_side_by_side(tiny, tmp_path):
    other = Rehearsal(tmp_path, lab_plan.plan("drillother", hosts=lab_plan.THREE[:1]))
    try:
        other.lab("up", other.name)
        other.on("inner1", "touch /here")
        assert other.on("inner1", "test -e /here").returncode == 0
        assert tiny.on("inner1", "test -e /here").returncode == 1
    finally:
        other.lab("down", other.name)
    assert lab.leftovers(other.name) == []
    assert tiny.on("inner1", "true").returncode == 0


SLOW = pytest.mark.slow


@pytest.mark.parametrize("after_s", [0.9, pytest.param(1.4, marks=SLOW), 2.2, pytest.param(4, marks=SLOW)])
def test_an_up_killed_at_any_moment_is_completed_by_the_next(tmp_path, after_s):
    cut_short = Rehearsal(tmp_path, lab_plan.plan("drillcut", hosts=lab_plan.THREE[:1]))
    try:
        with cut_short.start("up", cut_short.name) as started:
            time.sleep(after_s)
            started.kill()
        cut_short.lab("up", cut_short.name)
        assert cut_short.on("inner1", "true").returncode == 0
    finally:
        cut_short.lab("down", cut_short.name)
    assert lab.leftovers(cut_short.name) == []


def test_another_projects_environment_of_that_name_is_left_alone(tiny, tmp_path):
    stranger = Rehearsal(tmp_path, dataclasses.replace(lab_plan.plan(), name=tiny.name))
    with stranger.start("up", tiny.name) as started:
        said, _ = started.communicate(timeout=60)
    assert started.returncode == 3
    assert f"for the project in {tiny.root}" in said


def test_an_image_build_that_was_killed_leaves_only_a_folder_for_the_next_to_clear():
    layer = image.Layer("drill", image.base(), ("tree",))
    again = "from lab.machines import image; image.build([image.Layer('drill', image.base(), ('tree',))])"
    try:
        with subprocess.Popen([sys.executable, "-c", again], cwd=ROOT, stderr=subprocess.DEVNULL) as building:
            fresh = layer.folder.parent / f".new-{layer.folder.name}"
            deadline = time.monotonic() + 60
            while not (fresh / "upper" / "usr" / "sbin" / "policy-rc.d").exists():
                assert time.monotonic() < deadline, "the build did not begin"
                time.sleep(0.02)
            building.kill()
        assert not layer.folder.exists()
        assert str(fresh) not in Path("/proc/self/mountinfo").read_text()
        deadline = time.monotonic() + 10
        while any(str(fresh) in word for pid, _ in processes.everything() for word in environment_of(pid)):
            assert time.monotonic() < deadline, "the build goes on without anybody who waits for it"
            time.sleep(0.1)
        image.build([layer])
        assert (layer.folder / "usr" / "bin" / "tree").exists()
        assert not fresh.exists()
    finally:
        shutil.rmtree(layer.folder, ignore_errors=True)
