"""One step installs what the roles of a host name; a role without its packages says so, and a check run ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from seatworks import inventory, packages, preflight
from seatworks.environment import Environment
from seatworks.errors import PreflightError, SeatworksError
from seatworks.plan.model import CloudOutputs, Target
from tests.conftest import ROOT
from tests.examples import live_plan_of, plan_of

WITHOUT_PACKAGES = {"packages", "trunk"}


def test_every_role_names_what_it_installs() -> None:
    roles = {path.name for path in packages.ROLES.iterdir() if path.is_dir()}
    assert {role for role in roles if not packages.of_roles((role,))} == WITHOUT_PACKAGES


def test_no_role_asks_for_a_package_by_itself() -> None:
    asking = {path for path in packages.ROLES.rglob("*.yml") if "ansible.builtin.apt:" in path.read_text("utf-8")}
    assert asking == {packages.ROLES / "packages" / "tasks" / "install.yml"}


@pytest.mark.parametrize("role", sorted({path.name for path in packages.ROLES.iterdir()} - WITHOUT_PACKAGES))
def test_a_role_looks_first_whether_its_packages_are_there(role: str) -> None:
    first = yaml.safe_load((packages.ROLES / role / "tasks" / "main.yml").read_text("utf-8"))[0]
    assert first["ansible.builtin.import_tasks"] == "../../packages/tasks/needed.yml"
    assert first["vars"] == {"packages_needed": "{{ __" + role + "_packages }}"}


def test_a_host_is_told_the_packages_of_all_its_roles() -> None:
    plan = plan_of("hybrid")
    built = inventory.build(plan, CloudOutputs(), Path("/x/ssh/config"))
    told = set(built.hosts["call1"]["packages_names"])
    assert {"asterisk", "age", "chrony", "nftables"} <= told
    assert "kamailio" not in told


def test_a_role_that_does_not_exist_is_named() -> None:
    with pytest.raises(SeatworksError, match="nonsense: there is no such role"):
        packages.of_roles(("baseline", "nonsense"))


def played(
    tmp_path: Path, roles: list[dict[str, str]], there: str, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run roles on a host on which `there` is all that is installed."""
    if not (tmp_path / "templates").exists():
        (tmp_path / "templates").symlink_to(ROOT / "templates")
    program = tmp_path / "dpkg-query"
    program.write_text(f"#!/bin/sh\nprintf '{there}'\n")
    program.chmod(0o755)
    tasks = [{"ansible.builtin.import_role": role} for role in roles]
    told = {
        "packages_names": ["chrony", "nftables"],
        "firewall_rules": [],
        "ansible_python_interpreter": sys.executable,
        **variables,
    }
    book = tmp_path / "book.yml"
    book.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": told, "tasks": tasks}]))
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    program = Path(sys.executable).parent / "ansible-playbook"
    return subprocess.run(
        [program, "--inventory", "localhost,", "--connection", "local", *options, book],
        cwd=tmp_path,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.lengthy
def test_a_check_run_says_what_is_missing_and_leaves_the_role_out(tmp_path: Path) -> None:
    roles = [{"name": "packages", "tasks_from": "install"}, {"name": "firewall"}]
    done = played(tmp_path, roles, "installed chrony\\nconfig-files nftables\\n", "--check")
    assert done.returncode == 0, done.stdout
    assert "a run installs nftables" in done.stdout
    assert "Write the ruleset" not in done.stdout
    assert "changed=1 " in done.stdout
    done = played(tmp_path, roles, "installed chrony\\ninstalled nftables\\n", "--check")
    assert "a run installs" not in done.stdout
    assert "Write the ruleset" in done.stdout, "with its packages the role is looked at"


def test_a_role_used_alone_names_the_packages_that_it_lacks(tmp_path: Path) -> None:
    done = played(tmp_path, [{"name": "firewall"}], "installed chrony\\n")
    assert done.returncode == 2
    said = " ".join(done.stdout.split())
    assert "role firewall needs nftables, not installed on localhost; site.yml installs" in said
    assert "changed=0 " in said


@pytest.mark.lengthy
def test_the_role_refuses_a_repository_that_nobody_could_verify(tmp_path: Path) -> None:
    sources = [{"name": "asterisk", "tasks_from": "sources"}]
    done = played(tmp_path, sources, "", asterisk_package_source="site")
    assert done.returncode == 2
    assert "asterisk_site_repository is empty" in done.stdout
    assert "asterisk_site_key holds no public key" in done.stdout
    assert "changed=0 " in done.stdout
    done = played(tmp_path, sources, "", asterisk_package_source="Site")
    assert "asterisk_package_source is Site: write forky or site" in done.stdout
    own = {
        "asterisk_package_source": "site",
        "asterisk_site_repository": "http://packages.site/",
        "asterisk_site_key": KEY,
    }
    done = played(tmp_path, sources, "", "--check", **own)
    assert done.returncode == 0, done.stdout


KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n"
BLOCK = "asterisk_site_key: |\n" + "".join(f"  {line}\n" for line in KEY.splitlines())
REPOSITORY = "asterisk_site_repository: http://packages.site/\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, []),
        ({"group_vars/all.yml": "asterisk_package_source: forky\n"}, []),
        ({"group_vars/all.yml": "asterisk_package_source: site\n" + REPOSITORY + BLOCK}, []),
        ({"group_vars/asterisk/a.yml": "asterisk_package_source: site\n" + REPOSITORY, "host_vars/call1": BLOCK}, []),
        (
            {"group_vars/asterisk.yml": "# ours\nasterisk_package_source: site\n"},
            [
                "group_vars/asterisk.yml:2: asterisk_package_source is site, and asterisk_site_repository is not given",
                "group_vars/asterisk.yml:2: asterisk_package_source is site, and asterisk_site_key is not given",
            ],
        ),
        (
            {"group_vars/all.yml": "asterisk_package_source: site\nasterisk_site_key: 4F2A\n" + REPOSITORY},
            ["group_vars/all.yml:2: asterisk_site_key is no public key"],
        ),
        (
            {"group_vars/all.yml": "asterisk_package_source: Site\n", "group_vars/x.yml": "a: [\n"},
            ["group_vars/x.yml: is no YAML", "group_vars/all.yml:1: asterisk_package_source is 'Site'"],
        ),
        (
            {
                "group_vars/all.yml": "asterisk_package_source: site\n",
                "group_vars/asterisk.yml": "$ANSIBLE_VAULT;1.1\n",
            },
            [],
        ),
        (
            {"group_vars/all.yml": "asterisk_package_source: site\n" + REPOSITORY + "asterisk_site_key: '{{ key }}'\n"},
            [],
        ),
    ],
)
def test_a_repository_of_the_sites_own_comes_with_its_key(
    tmp_path: Path, files: dict[str, str], said: list[str]
) -> None:
    where = Environment("onprem", Target.LIVE, tmp_path)
    folder = where.specification.parent
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = [str(problem).removeprefix(f"{folder}/") for problem in packages.problems(folder)]
    assert [bool(text.startswith(start)) for text, start in zip(found, said, strict=True)] == [True] * len(said)


def test_a_deploy_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    where = Environment("cloud", Target.LIVE, tmp_path)
    chosen = where.specification.parent / "group_vars" / "all.yml"
    chosen.parent.mkdir(parents=True)
    chosen.write_text("asterisk_package_source: site\n")
    with pytest.raises(PreflightError) as refused:
        preflight.check(live_plan_of("cloud"), where)
    assert [problem.place for problem in refused.value.problems].count(f"{chosen}:1") == 2
