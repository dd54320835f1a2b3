"""The names under which a stack knows its resources stay: a renamed one would be made anew in every real account.

`urns/<example>.txt` has them, without stack and project; of the examples with a managed database, with a peak and with
a VPN only what the plain ones lack. Where a change is meant, change the file in the same commit, and say in
UPGRADING.md what it replaces.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sites import Deployed

FILES = Path(__file__).with_name("urns")


def known(*names: str) -> set[str]:
    """The names in the files of these examples."""
    return {line for name in names for line in (FILES / f"{name}.txt").read_text(encoding="utf-8").splitlines()}


@pytest.mark.parametrize(
    ("example", "plain"),
    [("hybrid", ""), ("cloud", ""), ("joined_in_china", "hybrid"), ("managed", "cloud"), ("peak", "cloud")],
)
def test_every_resource_has_the_name_it_had(example: str, plain: str, request: pytest.FixtureRequest) -> None:
    site: Deployed = request.getfixturevalue(example)
    found = {resource["urn"].split("::", 2)[2] for resource in site.resources}
    assert found - known(*filter(None, (example, plain))) == set()
    assert known(example) - found == set()
