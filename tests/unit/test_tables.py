"""Shipped data is read whole: the quick readers find what the strict one finds, and no key stands twice."""

from __future__ import annotations

from pathlib import Path

import botocore.session
import pytest
from ruamel.yaml import YAML

from seatworks import tables
from tests.conftest import ROOT

DATA = ROOT / "seatworks" / "data"
FILES = sorted(path.relative_to(DATA).with_suffix("").as_posix() for path in DATA.rglob("*.yml"))


@pytest.mark.parametrize("name", FILES)
def test_both_readers_agree_and_no_key_stands_twice(name: str) -> None:
    # ruamel.yaml refuses a key that is given twice.
    strict = YAML(typ="base", pure=True).load((DATA / f"{name}.yml").read_text(encoding="utf-8"))
    assert tables.text_table(name) == strict
    assert set(tables.table(name)) == set(strict) if isinstance(strict, dict) else tables.table(name)


def test_an_amount_keeps_its_digits(tmp_path: Path) -> None:
    assert tables.as_text("a: 0.10\nb: 1e3\n") == {"a": "0.10", "b": "1e3"}
    assert tables.table("capacity")["headroom"]["value"] == 1.2
    with pytest.raises(FileNotFoundError):
        tables.table(tmp_path.name)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_regions_are_those_of_the_provider(partition: str) -> None:
    offered = botocore.session.get_session().get_available_regions("ec2", partition_name=partition)
    assert sorted(tables.table("cloud")["regions"][partition]) == sorted(offered)
