"""Nothing lies in the repository that does not belong there, and nothing hides a failure."""

from __future__ import annotations

import re

import pytest

from tests.repository import tree

MOST_LINES = 400
# Longer because they are lists, not prose or program.
LISTS = (".json", ".md", ".yml", ".svg", ".sum", ".po")
# Where the address of a package mirror may stand: the value that a user changes.
MIRRORS = re.compile(r"roles/\w+/defaults/main\.yml|lab/machines/\w+\.py|docs/.*|README.*|tests/.*")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}|AGE-SECRET-KEY-1[A-Z0-9]{20}|\bAKIA[A-Z0-9]{16}\b"
)
# Folders of the computers this was made on. Written so that this file does not hold what it forbids.
THIS_MACHINE = tuple(f"/{folder}/" for folder in ("work/main", "work/shared", "work/tmp"))
HIDES_FAILURE = re.compile(r"^\s*(ignore_errors:|ignore_unreachable:|failed_when: false\s*$)", re.MULTILINE)


def programs(*suffixes):
    return [path for path in tree.texts() if path.suffix in suffixes]


@pytest.mark.parametrize("path", tree.texts(), ids=tree.short)
def test_file_is_fit_to_keep(path):
    text = path.read_text(encoding="utf-8")
    assert not SECRET.search(text)
    assert not [word for word in THIS_MACHINE if word in text]
    assert not text or text.endswith("\n")
    if path.suffix not in LISTS:
        assert text.count("\n") <= MOST_LINES


def test_mirrors_are_named_where_they_are_changed():
    for path in tree.texts():
        if re.search(r"https?://(deb|security|snapshot|ftp|[\w.-]*mirror)[\w-]*\.", path.read_text(encoding="utf-8")):
            assert MIRRORS.fullmatch(tree.short(path)), tree.short(path)


def test_no_vault_is_shipped_by_accident():
    for path in tree.files():
        if path.name == "vault.yml":
            assert path.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT;"), tree.short(path)


def test_playbooks_hide_no_failure():
    for path in programs(".yml", ".yaml"):
        if tree.short(path).startswith(("roles/", "site.yml")):
            assert not HIDES_FAILURE.search(path.read_text(encoding="utf-8")), tree.short(path)


def test_scripts_hide_no_failure():
    for path in tree.texts():
        name = tree.short(path)
        if path.suffix in (".sh", ".j2", ".yml") or name in ("Makefile", ".ci/run"):
            assert not re.search(r"\|\|\s*(true|:)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE), name


def test_exceptions_are_named():
    for path in programs(".py"):
        assert not re.search(r"^\s*except\s*:", path.read_text(encoding="utf-8"), re.MULTILINE), tree.short(path)


def test_each_exception_to_a_lint_rule_is_explained():
    for path in programs(".py"):
        above = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.search(r"# noq[a](.*)$", line):
                named = re.match(r": [A-Z]+\d+(?:, [A-Z]+\d+)*( - \S)?", found.group(1))
                explained = named and (named.group(1) or above.lstrip().startswith("#"))
                assert explained, f"{tree.short(path)}: {line.strip()}"
            above = line


def test_lint_has_no_global_exceptions():
    settings = tree.load(tree.ROOT / ".ansible-lint")
    assert settings["profile"] == "production"
    assert settings["strict"] is True
    assert not {"skip_list", "warn_list"} & set(settings)
