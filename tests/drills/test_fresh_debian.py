"""On a fresh Debian computer, where systemd is process 1, the lab works as it does here."""

from __future__ import annotations

import tomllib

import pytest

from seatworks import plan as planning
from tests import lab_plan
from tests.computer import HOME, computer
from tests.conftest import ROOT

pytestmark = [pytest.mark.lab, pytest.mark.slow]

# The libraries that the lab imports; the rest of the project's are not needed to boot machines.
_LIBRARIES = ("jinja2", "pydantic", "pyyaml", "ruamel.yaml")


def _pinned() -> str:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return " ".join(each for each in settings["project"]["dependencies"] if each.startswith(_LIBRARIES))


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_machines_boot_as_units_of_systemd_and_leave_nothing(suite):
    plan = lab_plan.plan("fresh", hosts=lab_plan.THREE[:2], networks=(lab_plan.ONPREM,), trunks=())
    with computer(suite, f"fresh-{suite}", ROOT) as fresh:
        assert fresh.run("cat /proc/1/comm; test -d /run/systemd/system").stdout == "systemd\n"
        target = fresh.box.root / HOME.lstrip("/") / "build" / "fresh" / "lab"
        target.mkdir(parents=True)
        (target / "attempted.json").write_text(planning.dump(plan))

        # Debian's Python comes without venv; the first step of every command sees to that.
        fresh.run("python3 -c 'from seatworks import bootstrap; bootstrap.install_venv_module()'")
        fresh.run(f"python3 -m venv .venv && .venv/bin/pip install -q {_pinned()}")
        assert "systemd-container" in fresh.run(".venv/bin/python -m lab check --json || [ $? = 3 ]").stdout
        fresh.run(".venv/bin/python -m lab install")
        fresh.run(".venv/bin/python -m lab check")

        fresh.run(".venv/bin/python -m lab up fresh")
        units = fresh.run("systemctl list-units --no-legend --plain 'sw-fresh-*'").stdout
        assert units.count("running") == 3, units
        for machine in ("inner1", "inner2", "phones-internet"):
            assert fresh.run(f".venv/bin/python -m lab exec fresh {machine} hostname").stdout == f"{machine}\n"
        before = fresh.run(".venv/bin/python -m lab exec fresh inner1 cat /proc/1/stat").stdout.split()[21]
        fresh.run(".venv/bin/python -m lab exec fresh inner1 apt-get -q update")

        # A machine that reboots comes back; one whose power is cut is healed by `up`.
        fresh.run(".venv/bin/python -m lab exec fresh inner1 systemctl reboot; sleep 4")
        fresh.run(".venv/bin/python -m lab cut fresh inner2")
        fresh.run(".venv/bin/python -m lab up fresh")
        after = fresh.run(".venv/bin/python -m lab exec fresh inner1 cat /proc/1/stat").stdout.split()[21]
        assert after != before

        fresh.run(".venv/bin/python -m lab down fresh")
        left = fresh.run(".venv/bin/python -c 'import lab; print(lab.leftovers(\"fresh\"))'; ip netns")
        assert left.stdout == "[]\n"
