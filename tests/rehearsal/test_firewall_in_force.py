"""What is in force in a kernel is told from what is asked for, rule by rule: in a network of the test's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import jinja2
import pytest

from seatworks import inventory
from seatworks.plan.model import CloudOutputs
from tests.conftest import ROOT
from tests.examples import plan_of

PROGRAM = ROOT / "roles" / "firewall" / "files" / "in_force.sh"
# Whoever is not root is root in a name space of its own; the kernel's ruleset there is a real one.
ALONE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--net", "--", "bash", "-eu", "-c"]


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """The ruleset of an edge as the role writes it, confirmed, on a host whose service nftables is as it should be."""
    built = inventory.build(plan_of("hybrid"), CloudOutputs(), tmp_path / "a" / "b" / "c" / "config")
    files = jinja2.FileSystemLoader(ROOT / "templates")
    templates = jinja2.Environment(loader=files, trim_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    text = templates.get_template("firewall/nftables.conf.j2").render(
        firewall_rules=built.hosts["edge1"]["firewall_rules"], firewall_log_per_second=5
    )
    file = tmp_path / "asked.conf"
    file.write_text(text)
    (tmp_path / "boot.conf").write_text(text)
    service = tmp_path / "systemctl"
    service.write_text("#!/bin/sh\nexit 0\n")
    service.chmod(0o755)
    return file


def differs(asked: Path, by_hand: str = "", *, loaded: bool = True) -> list[str]:
    """What the program says after somebody changed the ruleset in force by hand."""
    script = f'{"nft --file $1" if loaded else ""}\n{by_hand}\nbash "$3" "$1" "$2"'
    words = ["differs", str(asked), str(asked.with_name("boot.conf")), str(PROGRAM)]
    path = f"{asked.parent}:{os.environ['PATH']}:/usr/sbin"
    done = subprocess.run(
        [*ALONE, script, *words], env={"PATH": path}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_a_ruleset_that_is_as_asked_for_says_nothing_whatever_it_has_counted(asked: Path) -> None:
    assert differs(asked) == []
    # Ping over the loopback: counters, limits and connections have been in use.
    used = "ip link set lo up; for i in 1 2 3; do echo > /dev/udp/127.0.0.1/9; done"
    assert differs(asked, used) == []


@pytest.mark.parametrize(
    ("by_hand", "told"),
    [
        ("nft add rule inet seatworks input tcp dport 8080 accept", "< \t\ttcp dport 8080 accept"),
        ("nft insert rule inet seatworks forward accept", "< \t\taccept"),
        ("nft flush chain inet seatworks forward", '> \t\tcounter comment "dropped"'),
        (
            "nft 'chain inet seatworks input { policy accept; }'",
            "< \t\ttype filter hook input priority filter; policy accept;",
        ),
        ("nft add set inet seatworks mine '{ type ipv4_addr; }'", "< \tset mine {"),
        ("nft add table inet seatworks '{ flags dormant; }'", "< \tflags dormant"),
        ("nft delete table inet seatworks", "< no table inet seatworks"),
    ],
)
def test_what_somebody_changed_by_hand_is_told(asked: Path, by_hand: str, told: str) -> None:
    said = differs(asked, by_hand)
    assert said[0].startswith("changed by hand")
    assert told in said


def test_loading_what_is_asked_for_again_puts_it_right(asked: Path) -> None:
    by_hand = "nft add rule inet seatworks input tcp dport 8080 accept; nft delete chain inet seatworks output"
    assert differs(asked, by_hand)
    assert differs(asked, f"{by_hand}; nft --file $1") == []


def test_what_the_plan_changed_is_not_taken_for_the_work_of_a_hand(asked: Path) -> None:
    text = asked.read_text()
    asked.write_text(text.replace("dport 22 ", "dport 2222 "))
    assert asked.read_text() != text
    # In force is what was confirmed.
    confirmed = asked.with_name("boot.conf")
    assert differs(asked, f"nft --file {confirmed}") == [f"{confirmed} is not the ruleset asked for"]
    # Debian's own, before the first run.
    confirmed.write_text("flush ruleset\ntable inet filter {\n}\n")
    assert differs(asked, loaded=False) == [f"{confirmed} is not the ruleset asked for"]


def test_a_ruleset_that_is_not_loaded_at_boot_is_told(asked: Path) -> None:
    asked.with_name("systemctl").write_text("#!/bin/sh\nexit 3\n")
    assert differs(asked) == [
        "it is not loaded at boot: service nftables is not enabled",
        "service nftables is not active",
    ]


def test_a_host_that_has_no_ruleset_yet_is_no_error(asked: Path) -> None:
    asked.unlink()
    assert differs(asked, loaded=False) == ["no ruleset was asked for yet"]
