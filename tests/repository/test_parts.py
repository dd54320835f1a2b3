"""`make test-all` runs every test, each in one part; `make test` leaves out what is marked slow and nothing else."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.repository import tree

PAGE = (tree.ROOT / "docs" / "tests.md").read_text(encoding="utf-8")


def made(*words):
    """The commands that Make would run."""
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *words],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(text):
    """The paths that each pytest of a dry run is given."""
    return [re.findall(r"\btests/\S+", line) for line in text.splitlines() if re.search(r"bin/pytest\b", line)]


def parts():
    (names,) = re.findall(r"^PARTS := (.+)$", (tree.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return names.split()


def runs(path, paths):
    return [given for given in paths if path == given or path.startswith(f"{given}/")]


@pytest.fixture(scope="module")
def whole():
    """The paths of all parts, as `make test-all` gives them to pytest, part by part."""
    return asked(made("test-all"))


def files():
    """Files with tests that need no deployment."""
    names = [tree.short(path) for path in tree.files()]
    found = [name for name in names if re.fullmatch(r"tests/.*/test_\w+\.py", name)]
    return [name for name in found if not name.startswith(("tests/infra/", "tests/calls/"))]


def test_each_file_belongs_to_one_part_and_each_part_is_run(whole):
    assert len(whole) == len(parts())
    for name in files():
        found = [paths for paths in whole if runs(name, paths)]
        assert len(found) == 1, f"{name} belongs to {len(found)} parts"


def test_make_test_runs_every_part_but_what_is_slow(whole):
    text = made("test")
    given = [path for paths in asked(text) for path in paths]
    assert sorted(given) == sorted(path for paths in whole for path in paths)
    assert text.count('-m "not slow"') == len(asked(text))
    assert "-m" not in re.findall(r"bin/pytest.*", made("test-all", f"PART={parts()[0]}"))[0]


def test_a_part_that_does_not_exist_is_refused_with_those_that_do():
    done = subprocess.run(
        ["make", "--dry-run", "test-all", "PART=tea"], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"PART is one of: {' '.join(parts())}" in done.stderr


def test_the_page_names_each_part():
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert rows == parts()


def test_continuous_integration_runs_make_test():
    assert re.search(r"^exec make test$", (tree.ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
