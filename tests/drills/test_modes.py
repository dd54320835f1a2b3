"""The other two shipped examples deploy the same way; on one of them a host then configures itself from the bundle."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab import leftovers, processes
from seatworks.environment import Environment
from stacks.components.firstboot import UNIT, FirstBoot, user_data
from stacks.engine.serve import CREDENTIALS
from tests.conftest import ROOT
from tests.drills import door
from tests.drills.conftest import Ended, on, results_of, seatworks

pytestmark = pytest.mark.lab
HOST, REGION = "call1", "cn-north-1"
FILE = "/etc/asterisk/queues.conf"


@pytest.fixture(scope="module")
def example(request: pytest.FixtureRequest) -> Iterator[tuple[str, Ended]]:
    """An example and how its deploy ended; afterwards nothing of it is left."""
    env = request.param
    try:
        yield env, seatworks("deploy", env)
    finally:
        taken = seatworks("destroy", env)
    assert taken.code == 0, taken.output
    assert leftovers(env) == []


@pytest.mark.parametrize("example", ["onprem", "cloud"], indirect=True)
def test_the_example_deploys_to_proved_calls_and_leaves_nothing(example: tuple[str, Ended]) -> None:
    env, done = example
    assert done.code == 0, done.output[-6000:]
    assert results_of(env).accepted


def password() -> str:
    """The vault password of this computer."""
    program = ROOT / "seatworks" / "ansible_plugins" / "vault_password.py"
    return subprocess.run([sys.executable, program], capture_output=True, text=True, check=True).stdout


def inside(env: str, machine: str) -> list[str]:
    """What runs a command of this computer in a machine's network."""
    mark = f"--machine=sw-{env}-{machine}"
    (nspawn,) = (pid for pid, words in processes.everything() if words[0] == "systemd-nspawn" and mark in words)
    first = Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text(encoding="utf-8").split()[0]
    return ["nsenter", f"--net=/proc/{first}/ns/net"]


def put(env: str, path: str, content: bytes) -> None:
    """Write a file on the host."""
    config = Environment(env, ROOT).ssh_config
    command = f"mkdir -p $(dirname {path}) && base64 -d > {path}"
    subprocess.run(["ssh", "-F", config, HOST, command], input=base64.b64encode(content), timeout=120, check=True)


def applied(env: str) -> Ended:
    """Carry the bundle to the host and apply it, as a person of an air-gapped site does."""
    put(env, "/root/bundle.tar.gz", (ROOT / "build" / env / "bundle.tar.gz").read_bytes())
    done = subprocess.run(
        [
            *("ssh", "-F", Environment(env, ROOT).ssh_config, HOST),
            "mkdir /root/bundle && tar -xf /root/bundle.tar.gz -C /root/bundle && "
            f"/root/bundle/apply --host {HOST} --vault-password-file -",
        ],
        input=password(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout)


@pytest.mark.parametrize("example", ["cloud"], indirect=True)
def test_a_host_configures_itself_from_the_bundle_as_a_deploy_does(example: tuple[str, Ended]) -> None:
    """Carried by hand nothing differs; at a first boot it is fetched, again and again until it is there."""
    env, deployed = example
    assert deployed.code == 0, "the deploy failed"
    made = seatworks("bundle", env)
    assert made.code == 0, made.output
    told = FirstBoot(REGION, door.BUCKET, door.KEY, door.SECRET, sha256=made.output.split("sha256: ")[1].strip())
    with subprocess.Popen(
        [*inside(env, HOST), sys.executable, "-m", door.__name__, REGION, ROOT / "build" / env / "bundle.tar.gz"],
        cwd=ROOT,
        env={**os.environ, "PASSWORD": password()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as account:
        assert account.stdin
        assert account.stdout
        url = account.stdout.readline().strip()
        born = yaml.safe_load(user_data(told))
        for file in born["write_files"]:
            put(env, file["path"], file["content"].encode())
        settings = " ".join(f"{name}={value}" for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url}.items())
        put(env, f"/etc/systemd/system/{UNIT}.d/lab.conf", f"[Service]\nEnvironment={settings}\n".encode())
        for command in born["runcmd"]:
            assert on(env, HOST, " ".join(command)).code == 0

        by_hand = applied(env)
        assert by_hand.code == 0, by_hand.output[-4000:]
        assert re.search(rf"^{HOST} +: ok=\d\d +changed=0 ", by_hand.output, re.MULTILINE), by_hand.output[-1000:]
        assert f"{HOST}: configured\n" in by_hand.output

        missing = f"✗ s3://{door.BUCKET}/{door.KEY} cannot be used: An error occurred (NoSuchKey)"
        deadline = time.monotonic() + 120
        while missing not in (said := on(env, HOST, f"journalctl --unit {UNIT} --output cat").output):
            assert time.monotonic() < deadline, said
            time.sleep(1)
        account.stdin.write("\n")
        account.stdin.flush()
        assert account.stdout.readline() == "there\n"
        before = on(env, HOST, f"cat {FILE} && rm {FILE}").output
        started = on(env, HOST, f"systemctl restart {UNIT}")
        said = on(env, HOST, f"journalctl --unit {UNIT} --output cat").output
        assert started.code == 0, said[-4000:]
        account.stdin.close()
    assert f"{HOST}: configured\n" in said
    assert on(env, HOST, f"cat {FILE}").output == before
    # At the next boot it has nothing to do.
    assert on(env, HOST, f"systemctl stop {UNIT} && systemctl start {UNIT}").code == 0
    assert on(env, HOST, f"systemctl show --value --property ConditionResult {UNIT}").output == "no\n"
