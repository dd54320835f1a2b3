"""Parts of the lab that need no machine: names, files, packages, image keys, SSH configuration, processes."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path

import pytest

from lab.machines import access, checks, image, mirror, processes, relay, wanted
from lab.machines.files import locked, write
from lab.machines.layout import lay_out
from lab.machines.places import Places, Project
from seatworks.errors import PreflightError, SeatworksError
from seatworks.plan.model import CloudOutputs
from tests import lab_plan
from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["", "Hybrid", "1st", "../etc", "a-b", "thirteenchars"])
def test_only_environment_names_become_names_of_the_computer(name):
    with pytest.raises(SeatworksError, match="no environment name"):
        Places(name)


def test_writing_says_whether_something_changed(tmp_path):
    path = tmp_path / "below" / "file"
    assert write(path, "one", mode=0o600)
    assert not write(path, "one", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lock_names_who_is_busy(tmp_path):
    with (
        locked(tmp_path / "lock", wait_s=0, busy="held"),
        pytest.raises(PreflightError, match="held"),
        locked(tmp_path / "lock", wait_s=0, busy="held"),
    ):
        raise AssertionError


def test_packages_are_those_the_roles_install():
    found = wanted.of_roles(("baseline", "firewall"), ROOT, mirror.DEFAULT)
    assert {"nftables", "chrony"} <= set(found.packages)


def test_sources_are_rendered_from_the_role_and_lead_to_the_asked_mirror():
    sources = dict(wanted.of_roles(("asterisk",), ROOT, "http://mirror.example/debian").sources)
    assert "URIs: http://mirror.example/debian" in sources["/etc/apt/sources.list.d/asterisk.sources"]


def test_a_role_that_does_not_exist_is_named():
    with pytest.raises(SeatworksError, match="nonsense: there is no such role"):
        wanted.of_roles(("nonsense",), ROOT, mirror.DEFAULT)


def test_machines_with_equal_roles_share_a_layer():
    hosts = (lab_plan.host("inner1", lab_plan.ONPREM, 11, "link"), lab_plan.host("inner2", lab_plan.ONPREM, 12, "link"))
    one, two = lay_out(lab_plan.plan(hosts=hosts), CloudOutputs()).machines[:2]
    assert image.layer_for(one, ROOT).folder == image.layer_for(two, ROOT).folder


def test_a_layer_is_another_when_its_packages_or_what_lies_below_change(monkeypatch):
    below = image.Layer("common", image.base(), ("nftables",))
    top = image.Layer("link", below, ("wireguard-tools",))
    others = [
        dataclasses.replace(top, packages=("wireguard-go",)),
        dataclasses.replace(top, below=dataclasses.replace(below, packages=("chrony",))),
        dataclasses.replace(top, sources=(("/etc/apt/preferences.d/x", "Package: x"),)),
    ]
    keys = {top.key, *(other.key for other in others)}
    monkeypatch.setenv("SEATWORKS_MIRROR", "http://mirror.example/debian")
    assert len({*keys, top.key}) == 5


def test_layers_nobody_asked_for_in_a_month_go_away(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    top = tmp_path / "seatworks" / "lab" / "layers"
    days = {"old-1": 31, "young-2": 29}
    for name, age in days.items():
        (top / name / "etc").mkdir(parents=True)
        (top / f".lock-{name}").touch()
        os.utime(top / f".lock-{name}", times=(0, time.time() - age * 24 * 3600))
    image.build([])
    assert sorted(path.name for path in top.iterdir()) == [".lock-young-2", "young-2"]


def test_a_mirror_must_be_reached_by_plain_http(monkeypatch):
    monkeypatch.setenv("SEATWORKS_MIRROR", "https://mirror.example/debian")
    with pytest.raises(SeatworksError, match="SEATWORKS_MIRROR"):
        mirror.url()


def test_debians_own_name_leads_to_the_mirror_as_well(monkeypatch):
    monkeypatch.setenv("SEATWORKS_MIRROR", "http://mirror.example:8080/debian")
    assert (mirror.names(), mirror.port()) == (("mirror.example", "deb.debian.org"), 8080)


def test_ssh_enters_the_environments_network():
    text = access.config({"call1": "10.20.0.21"}, Places("tiny"), Project(Path("/project"), "tiny"))
    assert "Host call1\n  HostName 10.20.0.21\n  HostKeyAlias call1\n" in text
    assert "  ProxyCommand nsenter --net=/run/netns/sw-tiny socat - TCP:%h:%p\n" in text
    assert "  StrictHostKeyChecking yes\n" in text


@pytest.mark.parametrize(
    ("proxy", "towards"),
    [
        ("", "TCP:mirror.example:80"),
        ("http://proxy.example:3128", "PROXY:proxy.example:mirror.example:80,proxyport=3128"),
        ("proxy.example:3128", "PROXY:proxy.example:mirror.example:80,proxyport=3128"),
    ],
)
def test_the_relay_leads_to_the_mirror_only(monkeypatch, tmp_path, proxy, towards):
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("SEATWORKS_MIRROR", "http://mirror.example/debian")
    assert relay.towards_mirror(tmp_path) == towards


def test_a_proxy_password_is_in_a_file_and_not_in_the_arguments(monkeypatch, tmp_path):
    monkeypatch.setenv("http_proxy", "http://user:s%40cret@proxy.example:3128")
    assert relay.towards_mirror(tmp_path).endswith(f",proxyauthfile={tmp_path}/proxy-login")
    assert (tmp_path / "proxy-login").read_text() == "user:s@cret"
    assert (tmp_path / "proxy-login").stat().st_mode & 0o777 == 0o600


def test_a_process_is_known_by_its_arguments_and_ends_when_asked(tmp_path):
    record = tmp_path / "process.json"
    args = [sys.executable, "-c", "import time; time.sleep(600)", str(tmp_path)]
    processes.start(args, record, tmp_path / "log")
    assert len(processes.running(record)) == 1
    assert processes.running(record, [*args, "more"]) == []
    processes.stop(record)
    assert not record.exists()


def test_missing_packages_are_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(checks, "PATH", "")
    problem = checks.find(needs_mirror=False)[0]
    assert problem.message == "lacks debootstrap, iproute2, nftables, openssh-client, socat, systemd-container"
    assert "python -m lab install" in problem.remedy
