"""How real hosts are reached by SSH, as ssh itself reads our file."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

from seatworks import ssh
from seatworks.plan.model import CloudOutputs, Target
from tests.examples import live_plan_of, plan_of

OUTPUTS = CloudOutputs(public_addresses={"cloud-edge1": "52.80.0.1", "cloud-edge2": "52.80.0.2"})


def test_real_cloud_hosts_without_a_public_address_are_reached_through_an_edge() -> None:
    plan = dataclasses.replace(plan_of("cloud"), target=Target.LIVE)
    outputs = CloudOutputs(public_addresses={"edge1": "52.80.0.1", "edge2": "52.80.0.2"})
    config = ssh.config(plan, outputs, Path("/project/build/cloud/ssh/known_hosts"))
    db1 = config.split("Host db1\n")[1].split("Host ")[0]
    assert "HostName 10.60.8.31" in db1
    assert "ProxyJump edge1" in db1
    assert "HostName 52.80.0.1" in config
    assert "StrictHostKeyChecking no" not in config


def test_where_ssh_is_open_to_nobody_hosts_are_reached_through_session_manager() -> None:
    ids = {"edge1": "i-0123456789abcdef0", "call1": "i-0123456789abcdef1"}
    config = ssh.config(live_plan_of("cloud"), CloudOutputs(instance_ids=ids), Path("/x/known_hosts"))
    assert config.split("Host call1\n")[1].split("Host ")[0].splitlines() == [
        "  HostName i-0123456789abcdef1",
        "  ProxyCommand aws ssm start-session --region cn-north-1 --target %h --document-name AWS-StartSSHSession "
        "--parameters portNumber=%p",
        "  StrictHostKeyChecking accept-new",
        "  User admin",
    ]
    assert "  HostName i-0123456789abcdef0\n  ProxyCommand" in config
    assert "ProxyJump" not in config


def as_ssh_reads(config: str, host: str, folder: Path, own: str) -> dict[str, list[str]]:
    """What ssh makes of our file for a host, for a person whose own file says `own`."""
    mine = folder / "own"
    mine.write_text(own)
    file = folder / "config"
    # Only the place of the person's file is another: ssh takes ~ from the system, not from HOME.
    file.write_text(config.replace("Include ~/.ssh/config", f"Include {mine}"))
    said = subprocess.run(["ssh", "-G", "-F", file, host], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


def test_what_we_do_not_say_of_a_host_is_the_persons_own(tmp_path: Path) -> None:
    plan = dataclasses.replace(plan_of("hybrid"), target=Target.LIVE)
    own = (
        "Host call1\n  User alice\n  Port 2222\n  HostName 192.0.2.1\n"
        "Host *\n  User bob\n  IdentityFile /home/bob/key\n  IdentityAgent /run/agent\n  ConnectTimeout 99\n"
    )
    config = ssh.config(plan, OUTPUTS, tmp_path / "known_hosts", tmp_path / "deployment key")
    call1, edge1, outer = (as_ssh_reads(config, name, tmp_path, own) for name in ("call1", "edge1", "cloud-edge1"))
    # On site the person says who logs in, and how; the plan says where.
    assert (call1["user"], call1["port"], call1["hostname"]) == (["alice"], ["2222"], ["10.20.0.21"])
    assert edge1["user"] == ["bob"]
    # Images of the cloud have one user.
    assert outer["user"] == ["admin"]
    for found in (call1, edge1, outer):
        assert found["identityfile"] == [str(tmp_path / "deployment key"), "/home/bob/key"]
        assert found["identityagent"] == ["/run/agent"]
        assert found["connecttimeout"] == ["10"]
        assert found["userknownhostsfile"][0].startswith(str(tmp_path / "known_hosts"))


def test_a_person_without_a_file_of_their_own_needs_none(tmp_path: Path) -> None:
    config = ssh.config(plan_of("hybrid"), OUTPUTS, tmp_path / "known_hosts")
    assert "IdentityFile" not in config
    alone = as_ssh_reads(config.replace("/etc/ssh/ssh_config", "/nonexistent"), "call1", tmp_path, "")
    assert alone["hostname"] == ["10.20.0.21"]
