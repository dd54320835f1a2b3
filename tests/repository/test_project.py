"""What every project of this kind has is here, and its settings name things that exist."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.repository import tree

SETTINGS = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINKED = ("LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "UPGRADING.md")


def text(name):
    return (tree.ROOT / name).read_text(encoding="utf-8")


def test_paths_of_tests_exist_and_hold_tests():
    paths = SETTINGS["tool"]["pytest"]["ini_options"]["testpaths"]
    assert paths
    for path in paths:
        assert list((tree.ROOT / path).rglob("test_*.py")), path


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readmes_link_licence_rules_and_history(readme):
    links = re.findall(r"\]\(([^)\s#]+)", text(readme))
    assert set(LINKED) <= set(links)


def test_the_licence_is_the_one_that_settings_and_roles_name():
    metas = [tree.load(tree.ROOT / "roles" / role / "meta" / "main.yml") for role in tree.ROLES]
    assert {meta["galaxy_info"]["license"] for meta in metas} == {SETTINGS["project"]["license"]} == {"Apache-2.0"}
    assert SETTINGS["project"]["license-files"] == ["LICENSE"]
    lines = [line.strip() for line in text("LICENSE").splitlines() if line.strip()]
    assert lines[:2] == ["Apache License", "Version 2.0, January 2004"]
    assert "END OF TERMS AND CONDITIONS" in lines


def test_the_changelog_starts_with_what_comes_and_dates_each_release():
    sections = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    released = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}", section) for section in sections[1:]]
    assert sections[0] == "[Unreleased]"
    assert all(released), sections
    assert SETTINGS["project"]["version"] in [found.group(1) for found in released if found]


def test_the_changelog_groups_changes_as_readers_expect():
    groups = re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert set(groups) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
