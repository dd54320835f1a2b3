"""Tools that a user's computer may lack: what each one proves, and how a test that needs one asks for it.

The only place in which a test is left out. Continuous integration names in SEATWORKS_TOOLS the tools that it must have:
there one that is missing is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

# What is not shown when the tool is not there.
TOOLS: Mapping[str, str] = {
    "nft": "that nftables takes the ruleset of every generated specification",
    "postgres": "that PostgreSQL takes the settings of every generated specification",
    "pulumi": "that the live engine and the program work under the real CLI (run `make pulumi-cli`)",
    "prowler": "that a scanner of others finds nothing in the site that is not excepted (run `make scan ENV=hybrid`)",
    "terraform": "that the real AWS provider accepts every resource (with the provider in a mirror folder)",
}

# Where providers lie that were put there for use without the Internet; the first is the user's own word.
MIRRORS = (
    os.environ.get("TF_PLUGIN_MIRROR", ""),
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/terraform/plugins",
    "/opt/tf-plugins",
)


def needs(tool: str, *, there: bool) -> None:
    """Leave the test out when an optional tool is not there, and say what is then not shown."""
    if there:
        return
    missing = f"{tool} is not installed: not shown here {TOOLS[tool]}"
    if tool in os.environ.get("SEATWORKS_TOOLS", "").split():
        pytest.fail(missing)
    pytest.skip(missing)


def terraform() -> tuple[str, Path]:
    """The program and the folder with its AWS provider."""
    program = shutil.which("terraform")
    mirror = next(_mirrors(), None)
    needs("terraform", there=program is not None and mirror is not None)
    assert program is not None
    assert mirror is not None
    return program, mirror


def _mirrors() -> Iterator[Path]:
    for name in filter(None, MIRRORS):
        folder = Path(name).expanduser()
        if any(folder.glob("registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws*")):
            yield folder
