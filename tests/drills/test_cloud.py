"""The cloud example: deployed to proved calls; then a peak begins, and ends, while people call."""

from __future__ import annotations

import base64
import contextlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import testinfra

from lab import leftovers
from seatworks import secrets
from seatworks.environment import Environment
from seatworks.plan.model import Host, Plan
from seatworks.plan.peak import BUNDLE_KEY, group_name
from stacks.components.agent import AGENT_UNIT
from stacks.publish import publish
from tests.calls.crowd import Crowd
from tests.calls.office import Keys, Office
from tests.calls.phones import Standin
from tests.calls.trail import Trail, moment
from tests.conftest import ROOT
from tests.drills.cloudside import ADDRESS, INTERFACES, CloudSide, begin, cloud_side
from tests.drills.conftest import DEPLOY_LIMIT_S, Ended, killed_in, lab, on, results_of, seatworks, unchanged

pytestmark = [pytest.mark.lab, pytest.mark.slow]
ENV = "cloud"
READY_S, DRAINED_S = 300, 120
# Each of two edges gives one of any eight calls to the peak's server, at least.
CALLS, HOLD_S = 32, 15
# When half of the calls have come in, the peak is over.
OVER_S = 5


@pytest.fixture(scope="module")
def deployed() -> Iterator[Ended]:
    """The first deploy that is allowed to end, after two that were killed in the middle of a phase."""
    assert seatworks("destroy", ENV).code == 0
    killed_in(ENV, "cloud", after_s=2)
    killed_in(ENV, "boot", after_s=1)
    yield seatworks("deploy", ENV)
    taken = seatworks("destroy", ENV)
    assert taken.code == 0, taken.output
    assert leftovers(ENV) == []


def test_a_deploy_that_was_killed_in_cloud_and_boot_converges_to_proved_calls(deployed: Ended) -> None:
    assert deployed.code == 0, deployed.output[-6000:]
    assert results_of(ENV).accepted


def test_a_second_deploy_changes_nothing(deployed: Ended) -> None:
    assert deployed.code == 0, "the deploy failed"
    assert unchanged(ENV, seatworks("deploy", ENV))


def test_a_bundle_applied_by_hand_finds_nothing_to_change_on_a_deployed_host(deployed: Ended) -> None:
    assert deployed.code == 0, "the deploy failed"
    made = seatworks("bundle", ENV)
    assert made.code == 0, made.output
    where = Environment.find(ENV, ROOT)
    enter = ["ssh", "-F", str(where.ssh_config), "call1"]
    unpack = "mkdir /root/bundle && tar --extract --gzip --directory=/root/bundle"
    subprocess.run([*enter, unpack], input=(where.build / "bundle.tar.gz").read_bytes(), check=True, timeout=60)
    assert where.vault_password
    password = where.vault_password.read_bytes()
    apply = "/root/bundle/apply --host call1 --vault-password-file -"
    done = subprocess.run([*enter, apply], input=password, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rb"^call1 +: ok=\d\d +changed=0 ", done.stdout, re.MULTILINE), done.stdout[-1000:]


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak that has begun: the deployment, its one server of a peak, and the cloud around that."""

    where: Environment
    plan: Plan
    host: Host
    side: CloudSide


@pytest.fixture(scope="module")
def peak(deployed: Ended) -> Iterator[Peak]:
    assert deployed.code == 0, "the deploy failed"
    where = Environment.find(ENV, ROOT)
    plan = where.deployed()
    assert plan
    (host,) = plan.peak_hosts
    started = lab("up", ENV, "--peak", host.name)
    assert started.code == 0, started.output
    with cloud_side(where, group_name(plan.name, host.name)) as side:
        side.size(1)
        assert side.instance[1] == "Pending:Wait"
        born(where, host, side)
        # It is early: it tries again until the bundle is there.
        missing = f"journalctl -u seatworks-first-boot -o cat | grep -q '{BUNDLE_KEY} cannot be used: .*NoSuchKey'"
        assert on(ENV, host.name, f'timeout 120 sh -c "until {missing}; do sleep 1; done"').code == 0
        publish(side.account.client("s3"), plan, where)
        yield Peak(where, plan, host, side)
    gone = lab("up", ENV)
    assert gone.code == 0, gone.output


def born(where: Environment, host: Host, side: CloudSide) -> None:
    """The first boot of a machine: its image does what its user data says."""
    ec2 = side.account.client("ec2")
    attribute = ec2.describe_instance_attribute(InstanceId=side.instance[0], Attribute="userData")
    text = base64.b64decode(attribute["UserData"]["Value"]).decode()
    with tempfile.TemporaryDirectory() as folder:
        # The agent of Session Manager comes from AWS itself, which no machine of the lab reaches.
        commands = [command.replace(AGENT_UNIT, "") for command in begin(text, Path(folder))]
        for unit in ("seatworks-first-boot", "peak-duty"):
            setting = Path(folder) / "etc" / "systemd" / "system" / f"{unit}.service.d" / "lab.conf"
            setting.parent.mkdir(parents=True)
            endpoint = f"[Service]\nEnvironment=AWS_ENDPOINT_URL=http://{ADDRESS}:{INTERFACES}\n"
            setting.write_text(endpoint, encoding="utf-8")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, arcname=".", filter=_of_root)
    bring = ["ssh", "-F", where.ssh_config, host.name, "tar --extract --no-overwrite-dir --directory=/"]
    subprocess.run(bring, input=packed.getvalue(), check=True, timeout=60)
    for command in commands:
        done = on(ENV, host.name, command)
        assert done.code == 0, done.output


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    return entry


def wait_for(peak: Peak, state: str, limit_s: float) -> None:
    """Until the instance is in a state; `` is no instance."""
    until = time.monotonic() + limit_s
    while (found := peak.side.instance[1]) != state:
        journal = "journalctl --no-pager --lines 60 -u seatworks-first-boot -u peak-duty"
        assert time.monotonic() < until, f"{found}, not {state}\n{on(ENV, peak.host.name, journal).output}"
        time.sleep(1)


def test_a_server_of_the_peak_configures_itself_and_is_as_the_others_are(peak: Peak) -> None:
    wait_for(peak, "InService", READY_S)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/infra", "-q", "-n", "6", "-p", "no:cacheprovider"),
            *("--env", ENV, "--peak", peak.host.name),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEPLOY_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


@contextlib.contextmanager
def people(peak: Peak) -> Iterator[tuple[Office, Trail]]:
    """Callers and agents at the stand-ins."""
    vault = secrets.read(peak.where)
    keys = Keys(vault["vault_seat_passwords"], vault["vault_ca_certificate"], vault["vault_recording"]["identity"])
    with contextlib.ExitStack() as stack:
        open_: dict[str, Standin] = {}

        def machine(name: str) -> Standin:
            if name not in open_:
                open_[name] = Standin(name, ["ssh", "-F", str(peak.where.ssh_config), "-o", "BatchMode=yes", name])
                stack.callback(open_[name].close)
            return open_[name]

        def every(name: str) -> testinfra.host.Host:
            return testinfra.get_host(f"ssh://{name}?ssh_config={peak.where.ssh_config}")

        trail = Trail(peak.plan, every, peak.where.ssh_config, peak.where.build / "recordings")
        yield Office(peak.plan, peak.where.outputs(), keys, machine), trail


def test_a_peak_takes_calls_drains_and_leaves_and_no_call_is_lost(peak: Peak) -> None:
    wait_for(peak, "InService", READY_S)
    lasting = peak.plan.served_by(peak.plan.group("call")[0])
    seats = [*lasting[: CALLS + 4], *peak.plan.served_by(peak.host)[: CALLS // 4]]
    closed_at: list[float] = []

    def over() -> None:
        """The peak's last moment comes while people call."""
        time.sleep(OVER_S)
        peak.side.size(0)
        open_ = on(
            ENV, peak.host.name, "for n in $(seq 100); do test -e /run/peak/open || break; sleep 0.1; done; date +%s.%N"
        )
        closed_at.append(float(open_.output))

    with people(peak) as (office, trail):
        crowd = Crowd(office, CALLS, HOLD_S, seats, over)
        made = crowd.make(trail)
        assert made.failed == 0, made.story
        assert made.answered_callers == made.answered_seats == CALLS, made.story
        assert made.rows_right == CALLS
        assert made.recordings_right == CALLS
        rows = crowd.rows(trail)
    by_server = Counter(row["server"] for row in rows)
    assert set(by_server) == {"call1", peak.host.name}, by_server
    # Of 16 calls before the peak was over.
    extra = [row for row in rows if row["server"] == peak.host.name]
    assert 2 <= len(extra) <= CALLS // 4
    assert {row["seat"] for row in extra} <= {seat.user for seat in peak.plan.served_by(peak.host)}
    # Taken before it closed, and ended long after.
    assert all(moment(row["started_at"]) < closed_at[0] for row in extra), extra
    assert all(moment(row["ended_at"]) > closed_at[0] for row in extra), extra
    wait_for(peak, "", DRAINED_S)
