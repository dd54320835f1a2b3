"""The bundle holds what its hosts need, says the same as a deploy, is the same each time, and keeps the secrets."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatworks import apply, bundle, inventory, secrets, wheels
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import PreflightError, SpecError
from seatworks.plan.model import CloudOutputs, Target
from tests.conftest import ROOT
from tests.examples import managed_plan_of, plan_of

# Files beside the roles that are nobody else's business.
PERSONAL = ("roles/kamailio/.key.swp", "roles/asterisk/__pycache__/x.pyc", "templates/notes.txt", ".pulumi/state")
# What the site has set beside its specification.
BESIDE = "inventories/hybrid"
SET_BESIDE = {
    f"{BESIDE}/group_vars/asterisk.yml": """\
asterisk_site_repository: http://packages.site/debian
own: "{{ vault_certificates['record1'].certificate | trim }}"
""",
    f"{BESIDE}/host_vars/call1.yml": "baseline_timezone: Asia/Urumqi\n",
    f"{BESIDE}/host_vars/call2/more.yml": 'own: "{{ vault_recording.upload_public }}"\n',
    f"{BESIDE}/prices.yml": "{}\n",
}
OUTPUTS = CloudOutputs(public_addresses={"cloud-edge1": "52.80.0.1", "cloud-edge2": "52.80.0.2"})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project with secrets of its own, and one wheel instead of those of the index."""
    root = tmp_path_factory.mktemp("project")
    for name in ("roles", "templates", "seatworks/ansible_plugins"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("ansible.cfg", "site.yml", "inventories/hybrid/seatworks.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in PERSONAL:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("mine")
    for name, text in SET_BESIDE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    wheel = root / "cache" / "pip-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"a wheel")
    with pytest.MonkeyPatch.context() as patch:
        # There already: this computer may have vaults, for which none may be made.
        (root / "password").write_text("of the tests\n")
        (root / "password").chmod(0o600)
        patch.setenv("SEATWORKS_VAULT_PASSWORD_FILE", str(root / "password"))
        patch.delenv("ANSIBLE_CONFIG", raising=False)
        patch.setattr(wheels, "ensure", lambda: [wheel])
        yield root


@pytest.fixture(scope="module")
def where(project: Path) -> Environment:
    """The hybrid example, its cloud part deployed."""
    found = Environment("hybrid", Target.LAB, project)
    found.build.mkdir(parents=True)
    found.outputs_file.write_text(planning.dump_outputs(OUTPUTS))
    return found


@dataclasses.dataclass(frozen=True)
class Made:
    """A bundle for all hosts of the hybrid example, and where it was unpacked."""

    bundle: bundle.Bundle
    folder: Path
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def made(where: Environment, tmp_path_factory: pytest.TempPathFactory) -> Made:
    done = bundle.write(plan_of("hybrid"), where)
    folder = tmp_path_factory.mktemp("unpacked")
    return Made(done, folder, unpacked(done, folder))


@pytest.fixture(scope="module")
def vault(made: Made, where: Environment) -> secrets.Vault:
    """The secrets of the hybrid example, which were made with its bundle. Read only."""
    del made
    return secrets.read(where)


def unpacked(made: bundle.Bundle, folder: Path) -> dict[str, bytes]:
    """The files of a bundle, unpacked as a host does."""
    subprocess.run(["tar", "--extract", "--file", made.path, "--directory", folder], check=True)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leaves(value: Any) -> Iterator[str]:
    """Every string of the vault, those of several lines by line."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from leaves(each)
    else:
        yield from (line for line in str(value).splitlines() if not line.startswith("-----"))


def betrayed(vault: Mapping[str, Any], files: Mapping[str, bytes]) -> set[str]:
    """Files in which a value of the vault stands."""
    values = [value.encode() for value in leaves(vault)]
    return {name for name, content in files.items() if any(value in content for value in values)}


@pytest.mark.lengthy
def test_no_value_of_the_vault_is_in_any_file(made: Made, vault: secrets.Vault, where: Environment) -> None:
    assert len(list(leaves(vault))) > 100
    assert betrayed(vault, made.files) == set()
    assert where.vault_password
    password = where.vault_password.read_bytes().strip()
    assert not [name for name, content in made.files.items() if password in content]
    # The same look finds one that is there.
    spilt = next(iter(vault["vault_seat_passwords"].values()))
    assert betrayed(vault, made.files | {"spilt": f"a {spilt}".encode()}) == {"spilt"}


def opened(text: str, where: Environment) -> dict[str, Any]:
    """The secrets of a bundle."""
    program = Path(sys.executable).with_name("ansible-vault")
    env = {**os.environ, "ANSIBLE_VAULT_PASSWORD_FILE": str(where.vault_password)}
    done = subprocess.run(
        [program, "decrypt"], input=text.encode(), cwd=where.root, env=env, capture_output=True, check=True
    )
    found = yaml.safe_load(done.stdout)
    assert isinstance(found, dict)
    return found


def test_hosts_get_the_secrets_that_they_need_and_no_others(
    made: Made, vault: secrets.Vault, where: Environment
) -> None:
    plan = plan_of("hybrid")
    two = inventory.local(plan, OUTPUTS, [plan.host("call1"), plan.host("cloud-edge1")])
    found = opened(secrets.sealed_part(vault, two.hosts, where), where)
    assert set(found) == {
        *(
            "vault_identity",
            "vault_ca_certificate",
            "vault_certificates",
            "vault_database_passwords",
            "vault_link_keys",
        ),
        "vault_recording",
    }
    assert set(found["vault_recording"]) == {"recipient", "upload_private", "host_public"}
    assert found["vault_certificates"] == {"cloud-edge1": vault["vault_certificates"]["cloud-edge1"]}
    assert found["vault_link_keys"]["cloud-edge1"] == {"private": vault["vault_link_keys"]["cloud-edge1"]["private"]}
    assert set(found["vault_link_keys"]["edge1"]) == {"public"}
    assert set(found["vault_database_passwords"]) == {"asterisk"}

    every = opened(made.files[apply.VAULT].decode(), where)
    assert every["vault_seat_passwords"] == vault["vault_seat_passwords"]
    # Who deploys has these, and nobody else.
    assert "vault_ca_key" not in every
    assert "identity" not in every["vault_recording"]


def test_a_secret_that_nobody_has_is_named(vault: secrets.Vault, where: Environment) -> None:
    with pytest.raises(PreflightError, match=r"build/hybrid/lab/vault.yml: has no vault_tea\['green'\].cup, which a "):
        secrets.sealed_part(vault, ["{{ vault_tea['green'].cup }}"], where)


def test_two_sets_of_secrets_never_share_a_salt(vault: secrets.Vault, where: Environment) -> None:
    def salt(text: str) -> str:
        return bytes.fromhex("".join(text.splitlines()[1:])).split(b"\n")[0].decode()

    hosts = inventory.local(plan_of("hybrid"), OUTPUTS, plan_of("hybrid").servers).hosts
    first = secrets.sealed_part(vault, hosts, where)
    assert first == secrets.sealed_part(vault, hosts, where)
    passwords = vault["vault_database_passwords"] | {"asterisk": "another"}
    other = secrets.Vault(vault | {"vault_database_passwords": passwords})
    assert salt(secrets.sealed_part(other, hosts, where)) != salt(first)


def test_the_same_input_gives_the_same_bytes(made: Made, where: Environment) -> None:
    kept = made.bundle.path.read_bytes()
    for path in (where.root / "roles").rglob("*"):
        os.utime(path, (1, 1))
    (where.root / "site.yml").chmod(0o600)
    assert bundle.write(plan_of("hybrid"), where) == made.bundle
    assert made.bundle.path.read_bytes() == kept
    assert hashlib.sha256(kept).hexdigest() == made.bundle.sha256
    assert made.bundle.size == len(kept)
    beside = made.bundle.path.with_name("bundle.tar.gz.sha256")
    subprocess.run(["sha256sum", "--check", "--quiet", beside], cwd=beside.parent, check=True)


def test_the_archive_is_sorted_owned_by_root_and_without_a_date(made: Made) -> None:
    with tarfile.open(made.bundle.path) as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(member.uid, member.gid, member.mtime, member.type) for member in members} == {(0, 0, 0, tarfile.REGTYPE)}
    assert {member.name for member in members if member.mode == 0o755} == {"apply"}
    assert {member.mode for member in members} == {0o755, 0o644}


def test_the_manifest_names_every_other_file_by_its_sum_and_every_host_by_its_address(made: Made) -> None:
    manifest = json.loads(made.files[apply.MANIFEST])
    others = {name: content for name, content in made.files.items() if name != apply.MANIFEST}
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in others.items()}
    assert manifest["hosts"] == {host.name: str(host.address) for host in plan_of("hybrid").servers}
    assert tuple(manifest["hosts"]) == made.bundle.hosts
    assert apply.intact(made.folder) == manifest


def test_what_is_of_the_person_who_deploys_stays_there(made: Made) -> None:
    assert {name.split("/")[0] for name in made.files} == {
        *("ansible.cfg", "apply", "inventory", "manifest.json", "roles", "site.yml", "templates", "wheels")
    }
    assert not [name for name, content in made.files.items() if content == b"mine"]
    assert not [name for name in made.files if name.startswith(("templates/report", "templates/init"))]


def variables(where: Environment, source: Path, **settings: str) -> dict[str, dict[str, Any]]:
    """What Ansible itself knows of each host, without what only says how to get there or what is secret."""
    program = Path(sys.executable).with_name("ansible-inventory")
    done = subprocess.run(
        [program, "--inventory", source, "--list"],
        cwd=where.root,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(where.vault_password),
            **settings,
        },
        capture_output=True,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return {
        host: {name: plain(value) for name, value in given.items() if not name.startswith(("ansible_", "vault_"))}
        for host, given in found.items()
    }


def plain(value: Any) -> Any:
    """A value without Ansible's mark that it is no template."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe", {key: plain(each) for key, each in value.items()})
    return [plain(each) for each in value] if isinstance(value, list) else value


@pytest.mark.lengthy
def test_a_host_is_told_the_same_as_by_a_deploy(made: Made, where: Environment) -> None:
    carried = variables(where, made.folder / "inventory" / "hosts.yml", ANSIBLE_INVENTORY_ENABLED="yaml")
    assert carried["call1"]["asterisk_domain"] == "hybrid.internal"
    assert carried["call1"]["asterisk_site_repository"] == "http://packages.site/debian"
    assert carried["call1"]["baseline_timezone"] == "Asia/Urumqi"
    assert carried == variables(where, where.specification.parent)


@pytest.mark.lengthy
def test_what_people_wrote_is_never_taken_for_a_template(where: Environment, tmp_path: Path) -> None:
    plan = plan_of("hybrid")
    menu = dataclasses.replace(plan.menus[0], prompts=("{{ 7 * 7 }}", "hello"))
    done = bundle.write(dataclasses.replace(plan, menus=(menu,)), where, ["call1"])
    unpacked(done, tmp_path)
    shown = ["{{ asterisk_menus[0].prompts[0] }}", "{{ vault_ca_certificate[:10] }}"]
    program = Path(sys.executable).with_name("ansible")
    said = subprocess.run(
        [
            *(program, "--inventory", tmp_path / "inventory" / "hosts.yml", "call1"),
            *("-m", "ansible.builtin.debug", "-a", json.dumps({"msg": shown})),
        ],
        cwd=where.root,
        env={
            **os.environ,
            "ANSIBLE_INVENTORY_ENABLED": "yaml",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(where.vault_password),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout.partition("=>")[2])["msg"] == ["{{ 7 * 7 }}", "-----BEGIN"]
    assert done.hosts == ("call1",)
    assert sorted(path.name for path in (tmp_path / "inventory").rglob("*.yml")) == [
        *("asterisk.yml", "call1.yml", "hosts.yml", "vault.yml")
    ]
    # A file beside the specification asks for this one.
    assert set(opened((tmp_path / apply.VAULT).read_text(), where)["vault_certificates"]) == {"record1"}


@pytest.mark.lengthy
def test_a_managed_database_is_no_host_and_its_master_stays_with_who_deploys(project: Path, tmp_path: Path) -> None:
    plan, where = managed_plan_of(target=Target.LIVE), Environment("managed", Target.LIVE, project)
    where.build.mkdir(parents=True)
    where.authority_file.write_text("an authority")
    where.outputs_file.write_text(planning.dump_outputs(CloudOutputs(database_endpoint="db.internal")))
    files = unpacked(bundle.write(plan, where), tmp_path)
    assert files[f"files/{inventory.AUTHORITY}"] == b"an authority"
    text = files["inventory/hosts.yml"].decode()
    assert "lookup(''ansible.builtin.file'', ''database-authority.pem'')" in text
    assert "database_master" not in text
    assert not set(json.loads(files[apply.MANIFEST])["hosts"]) & {host.name for host in plan.hosts if host.managed}


def test_hosts_that_are_not_in_the_plan_are_named_all_at_once(where: Environment) -> None:
    with pytest.raises(SpecError) as refused:
        bundle.write(plan_of("hybrid"), where, ["call1", "call7", "tea1"])
    assert [problem.place for problem in refused.value.problems] == ["call7", "tea1"]
    assert "its hosts: edge1, edge2" in str(refused.value)


def test_addresses_that_the_cloud_has_not_given_yet_are_asked_for(project: Path) -> None:
    with pytest.raises(PreflightError, match=r"build/new/lab/cloud.json: is missing.* make deploy ENV=new"):
        bundle.write(plan_of("hybrid"), Environment("new", Target.LAB, project))
    assert not (project / "build" / "new").exists()


def test_a_site_on_premises_needs_no_deploy_first(project: Path) -> None:
    done = bundle.write(plan_of("onprem"), Environment("onprem", Target.LAB, project))
    assert done.hosts == tuple(host.name for host in plan_of("onprem").servers)


def test_a_centre_without_hosts_has_no_bundle(where: Environment) -> None:
    with pytest.raises(SpecError, match="hybrid: has no hosts of its own"):
        bundle.write(dataclasses.replace(plan_of("hybrid"), hosts=()), where)
