"""What is built has a test beside it, and every test is run."""

from __future__ import annotations

import ast
import tomllib

import pytest
from _pytest.outcomes import Skipped

from tests import optional
from tests.repository import tree

# Modules that another test shows, because they only act together with others.
TESTED_ELSEWHERE = {
    "ansible_plugins": "tests/repository/test_shipped.py",
    "deploy": "tests/drills/test_deploy.py",
    "errors": "tests/unit/test_cli.py",
}

# Folders that `seatworks verify` runs against a deployment, beside those of pyproject.toml.
AGAINST_A_DEPLOYMENT = ("tests/infra", "tests/calls")

# The one place that may leave a test out: for a tool that it names, and that no user must have.
OPTIONAL = "tests/optional.py"


def modules():
    package = tree.ROOT / "seatworks"
    for path in sorted(package.iterdir()):
        if path.suffix == ".py" and path.stem != "__init__":
            yield path.stem
        elif (path / "__init__.py").is_file():
            yield path.name


@pytest.mark.parametrize("role", tree.ROLES)
def test_each_role_has_a_test_and_says_what_it_does(role):
    assert (tree.ROOT / "tests" / "infra" / f"test_{role}.py").is_file()
    readme = tree.ROOT / "roles" / role / "README.md"
    assert readme.is_file()
    assert readme.read_text(encoding="utf-8").startswith(f"# {role}\n")


@pytest.mark.parametrize("module", tuple(modules()))
def test_each_module_has_a_unit_test(module):
    assert (tree.ROOT / TESTED_ELSEWHERE.get(module, f"tests/unit/test_{module}.py")).is_file()


def test_every_test_is_collected():
    settings = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = (*settings["tool"]["pytest"]["ini_options"]["testpaths"], *AGAINST_A_DEPLOYMENT)
    for path in tree.files():
        name = tree.short(path)
        if not name.startswith("tests/") or path.suffix != ".py":
            continue
        if "\ndef test_" in path.read_text(encoding="utf-8"):
            assert path.name.startswith("test_"), f"pytest does not collect {name}"
            assert name.startswith(tuple(f"{folder}/" for folder in folders)), f"no command runs {name}"


def leaves_out(node):
    """Whether this is `pytest.skip(...)`, `pytest.mark.xfail` or their like."""
    if not isinstance(node, ast.Attribute) or node.attr not in ("skip", "skipif", "xfail", "importorskip"):
        return False
    return ast.unparse(node.value) in ("pytest", "pytest.mark")


def test_no_test_is_skipped_or_expected_to_fail():
    for path in tree.files():
        if tree.short(path).startswith("tests/") and path.suffix == ".py":
            found = [node.lineno for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if leaves_out(node)]
            assert len(found) == (tree.short(path) == OPTIONAL), f"{tree.short(path)}: {found}"


def test_a_test_is_left_out_for_want_of_a_named_tool_only(monkeypatch):
    assert set(optional.TOOLS) == {"nft", "postgres", "prowler", "pulumi", "terraform"}
    with pytest.raises(Skipped, match="terraform is not installed: not shown here that"):
        optional.needs("terraform", there=False)
    monkeypatch.setenv("SEATWORKS_TOOLS", "pulumi terraform")
    with pytest.raises(pytest.fail.Exception, match="terraform is not installed"):
        optional.needs("terraform", there=False)
