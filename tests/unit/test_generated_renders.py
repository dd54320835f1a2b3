"""Whatever specification is accepted renders for every host, and real parsers take what was rendered.

nftables and PostgreSQL read their files here, where their programs are. Those of Kamailio, Asterisk and sshd are
asked by the roles themselves, on hosts, before a file takes its place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from seatworks.errors import SpecError
from seatworks.plan.model import Host, Plan
from tests.optional import needs
from tests.rendering import TEMPLATES, rendered, sections
from tests.specs import environment, written
from tests.unit.test_generated_specs import specifications

# SEATWORKS_EXAMPLES=300 tries more, for some minutes.
EXAMPLES = int(os.environ.get("SEATWORKS_EXAMPLES", "25"))
NFT, POSTGRES = shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin:/bin"), shutil.which("postgres")
_NAMES = st.from_regex(r"\A[a-z][a-z0-9_-]{0,29}\Z") | st.sampled_from(["general", "common", "globals", "internet"])
_KEYS = st.sampled_from("0123456789*#")


@st.composite
def named(draw: st.DrawFn) -> dict[str, Any]:
    """A generated specification whose queues, menus and trunks have generated names, keys and numbers."""
    values = draw(specifications())
    queues, menus = (draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)) for _ in "qm")
    seats = next(iter(values["service"]["queues"].values()))["seats"]
    strategies = st.sampled_from(["ringall", "leastrecent", "fewestcalls", "random", "rrmemory"])
    any_queue = st.sampled_from(queues)
    numbers = draw(st.lists(st.integers(10**9, 10**10 - 1), min_size=1, max_size=4, unique=True))
    values["service"] = {
        "queues": {name: {"strategy": draw(strategies), "seats": seats} for name in queues},
        "menus": {
            name: {"prompts": ["hello"], "digits": draw(st.dictionaries(_KEYS, any_queue)), "default": draw(any_queue)}
            for name in menus
        },
        "numbers": [
            {"number": f"{draw(st.sampled_from(['', '0', '+49']))}{number}", "menu": draw(st.sampled_from(menus))}
            for number in numbers
        ],
    }
    for trunk, name in zip(values["trunks"], draw(st.lists(_NAMES, min_size=9, max_size=9, unique=True)), strict=False):
        trunk["name"] = name
    return values


TABLES = ("seats", "numbers", "peers")


def files(plan: Plan, host: Host) -> dict[str, str]:
    """Every template of every role of a host, rendered."""
    digests = [(seat.user, "0" * 32) for seat in plan.seats]
    peers = [(str(each.address), "edge") for each in plan.group("edge")]
    # What Ansible computes.
    versions = dict.fromkeys((*(f"__kamailio_{each}_version" for each in TABLES), "__trunk_version"), "0" * 40)
    versions |= {"__postgresql_slot": "standby", "__postgresql_conninfo": "host=10.0.0.1 user=replication"}
    return {
        name: rendered(plan, host.name, name, __kamailio_digests=digests, __kamailio_peers=peers, **versions)
        for role in host.roles
        for path in sorted((TEMPLATES / role).glob("*.j2"))
        for name in [f"{role}/{path.name}"]
    }


def sound(plan: Plan, host: Host, found: Mapping[str, str]) -> None:
    """What must hold of files whose own programs are not here."""
    for name in ("asterisk/queues.conf.j2", "asterisk/extensions.conf.j2"):
        named = [section for section, _ in sections(found.get(name, ""))]
        assert len(set(named)) == len(named), name
    if "asterisk" in host.roles:
        contexts = dict(sections(found["asterisk/extensions.conf.j2"]))
        taken = [line.split(" ")[2].split(",")[0] for line in contexts["from-edge"] if line.startswith("exten = ")]
        assert sorted(taken) == sorted(form for number in plan.numbers for form in number.forms)
    if "kamailio" in host.roles:
        # A table of text: every line has as many columns as the head has.
        for table in ("kamailio/numbers.j2", "kamailio/seats.j2"):
            head, *lines = found[table].splitlines()
            assert {line.count(":") for line in lines} <= {len(head.split()) - 1}
        assert found["kamailio/kamailio.cfg.j2"].count("{") == found["kamailio/kamailio.cfg.j2"].count("}")


def nftables(text: str, folder: Path) -> None:
    """nft reads the ruleset and changes nothing."""
    assert NFT
    file = folder / "nftables.conf"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([NFT, "-c", "-f", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def postgresql(text: str, folder: Path) -> None:
    """PostgreSQL reads the settings and says one of them."""
    assert POSTGRES
    (folder / "postgresql.conf").write_text(text, encoding="utf-8")
    asked = [POSTGRES, "-C", "max_connections", "-D", folder]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


PARSERS = {
    "firewall/nftables.conf.j2": (nftables, NFT),
    "postgresql/seatworks.conf.j2": (postgresql, POSTGRES),
}


def proved(plan: Plan, folder: Path) -> int:
    """Render everything for one host of each group; how many files a real parser read."""
    read = 0
    for host in {each.group: each for each in plan.servers}.values():
        found = files(plan, host)
        sound(plan, host, found)
        for name, (parse, program) in PARSERS.items():
            if program and name in found:
                parse(found[name], folder)
                read += 1
        for text in found.values():
            assert "{{" not in text.replace("{{ vault_", "").replace("{{ lookup(", "")
    return read


@pytest.mark.lengthy
@settings(
    deadline=None,
    max_examples=EXAMPLES,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
@given(given_values=named())
def test_what_is_accepted_renders_and_is_read(tmp_path_factory: Any, given_values: dict[str, Any]) -> None:
    folder = tmp_path_factory.getbasetemp() / "rendered"
    where = written(folder, given_values)
    plan = None
    # What is refused is looked at in test_generated_specs.py, and does not count here.
    with contextlib.suppress(SpecError):
        plan = where.plan()
    assume(plan)
    assert plan
    event(f"accepted, {plan.mode}")
    proved(plan, folder)


@pytest.mark.parametrize("name", ["hybrid", "onprem", "cloud"])
def test_an_example_renders_and_what_can_be_read_here_is_read(tmp_path: Path, name: str) -> None:
    plan = environment(tmp_path, name).plan()
    groups = {host.group: host for host in plan.servers}.values()
    wanted = (NFT is not None) * len(groups) + (POSTGRES is not None) * sum("postgresql" in h.roles for h in groups)
    assert proved(plan, tmp_path) == wanted


def test_a_ruleset_that_nft_cannot_read_is_seen(tmp_path: Path) -> None:
    needs("nft", there=NFT is not None)
    with pytest.raises(AssertionError, match="Error"):
        nftables("table inet x {\n chain y {\n tcp dport 70000 accept\n }\n}\n", tmp_path)


def test_settings_that_postgresql_cannot_read_are_seen(tmp_path: Path) -> None:
    needs("postgres", there=POSTGRES is not None)
    with pytest.raises(AssertionError, match="max_connection"):
        postgresql("max_connections = 'many'\n", tmp_path)
