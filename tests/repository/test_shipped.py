"""The shipped examples load, Ansible reads them by itself, and editors complete them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seatworks import spec
from seatworks.environment import Environment
from tests.repository import tree


@pytest.mark.parametrize("name", tree.ENVIRONMENTS)
class TestEnvironment:
    """One shipped environment."""

    def test_is_named_like_its_folder(self, name):
        assert Environment.find(name, tree.ROOT).spec().name == name

    def test_plans_to_the_same_bytes(self, name):
        from seatworks import plan

        where = Environment.find(name, tree.ROOT)
        assert plan.dump(where.plan()) == plan.dump(where.plan())

    def test_tells_editors_its_schema(self, name):
        path = tree.ROOT / "inventories" / name / "seatworks.yml"
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../../docs/seatworks.schema.json"

    @pytest.mark.lengthy
    def test_is_read_by_ansible(self, name):
        program = Path(sys.executable).with_name("ansible-inventory")
        listed = subprocess.run(
            [program, "-i", f"inventories/{name}", "--list"],
            cwd=tree.ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert listed.returncode == 0, listed.stderr
        hosts = json.loads(listed.stdout)["_meta"]["hostvars"]
        assert set(hosts) == {host.name for host in Environment.find(name, tree.ROOT).plan().standing}


def test_the_three_modes_are_shipped():
    assert {Environment.find(name, tree.ROOT).plan().mode for name in tree.ENVIRONMENTS} == {
        "cloud",
        "onprem",
        "hybrid",
    }


def test_the_schema_in_docs_is_the_schema():
    written = json.loads((tree.ROOT / "docs" / "seatworks.schema.json").read_text(encoding="utf-8"))
    assert written == spec.schema()
