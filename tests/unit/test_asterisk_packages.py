"""Asterisk's packages are taken from those only who hold the key that the site was told of."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import jinja2
import yaml

from lab.machines.asterisk_packages import SIGN
from seatworks import inventory
from seatworks.plan.model import CloudOutputs, Plan
from tests.conftest import ROOT
from tests.examples import live_plan_of, plan_of

PACKAGES = """\
Package: seatworks-toy
Version: 1
Architecture: all
Maintainer: nobody
Filename: toy.deb
Size: 3
SHA256: {}
Description: a package that is only listed
""".format(hashlib.sha256(b"toy").hexdigest())


def told(plan: Plan) -> dict[str, Any]:
    """What role asterisk reads on a call server."""
    defaults = yaml.safe_load((ROOT / "roles/asterisk/defaults/main.yml").read_text("utf-8"))
    return {**defaults, **inventory.build(plan, CloudOutputs(), Path("/x/ssh/config")).hosts["call1"]}


def source(**variables: Any) -> str:
    """The file for apt, as Ansible writes it."""
    made = jinja2.Environment(  # noqa: S701 - text for apt
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return made.get_template("asterisk/asterisk.sources.j2").render(variables)


def signed(folder: Path, home: Path, packages: str = PACKAGES) -> str:
    """Make a repository as `make packages` does; its public key."""
    folder.mkdir(exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    content = packages.encode()
    (folder / "Packages").write_bytes(content)
    lines = (
        "Date: Thu, 01 Jan 2026 00:00:00 UTC",
        "SHA256:",
        f" {hashlib.sha256(content).hexdigest()} {len(content)} Packages",
    )
    (folder / "Release").write_text("\n".join(lines) + "\n")
    try:
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", SIGN], cwd=folder, env={**os.environ, "GNUPGHOME": str(home)}, check=True
        )
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    return (folder / "seatworks-packages.asc").read_text()


def update(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Let apt read this source and no other, in a world of its own."""
    world = Path(tempfile.mkdtemp(dir=tmp_path))
    for name in ("parts", "lists/partial", "cache/archives/partial", "keys"):
        (world / name).mkdir(parents=True, exist_ok=True)
    (world / "parts" / "asterisk.sources").write_text(text)
    (world / "status").touch()
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": world / "parts",
        "Dir::Etc::Trusted": "/dev/null",
        "Dir::Etc::TrustedParts": world / "keys",
        "Dir::State": world,
        "Dir::State::Status": world / "status",
        "Dir::Cache": world / "cache",
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
    }
    words = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    return subprocess.run(
        ["apt-get", *words, "update"], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )


def test_a_real_site_takes_no_list_past_its_date_and_no_source_on_trust() -> None:
    for variables in ({}, {"asterisk_package_source": "site", "asterisk_site_key": "a key"}):
        text = source(**told(live_plan_of("cloud")) | variables)
        assert "Signed-By:" in text
        assert "Trusted" not in text
        assert "Check-Valid-Until" not in text
    rehearsed = source(**told(plan_of("cloud")))
    assert "Check-Valid-Until: no" in rehearsed
    assert "Trusted" not in rehearsed


def test_apt_takes_what_the_named_key_has_signed_and_nothing_else(tmp_path: Path) -> None:
    repository, home = tmp_path / "packages", tmp_path / "key"
    key = signed(repository, home)
    assert signed(repository, home) == key, "the key is made once"
    variables = told(live_plan_of("cloud")) | {
        "asterisk_package_source": "site",
        "asterisk_site_repository": f"file:{repository}",
    }
    own = source(**variables | {"asterisk_site_key": key})
    assert (done := update(tmp_path, own)).returncode == 0, done.stderr

    strange = signed(tmp_path / "strange", tmp_path / "other-key")
    refused = update(tmp_path, source(**variables | {"asterisk_site_key": strange}))
    assert refused.returncode != 0
    assert "NO_PUBKEY" in refused.stderr or "is not signed" in refused.stderr

    (repository / "Packages").write_text(PACKAGES.replace("Version: 1", "Version: 2"))
    assert update(tmp_path, own).returncode != 0, "a list that was changed afterwards"
