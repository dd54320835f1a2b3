"""A site behind a router is told what the router must hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatworks import decide, spec
from seatworks.errors import SpecError
from tests.specs import environment

PRIVATE = {"onprem__public_address": "192.168.1.5"}


def notes(folder: Path, **changes: Any) -> list[str]:
    """What a decision says of the site's address."""
    return [note for note in decide.decide(environment(folder, "onprem", **changes)).notes if "must forward" in note]


def test_what_carriers_send_is_named_with_ports_and_edges(tmp_path: Path) -> None:
    (note,) = notes(tmp_path, **PRIVATE)
    assert note == (
        "onprem.public_address 192.168.1.5 is private: the router behind which the site stands must forward UDP 5060, "
        "UDP 30000-34999 from unicom 198.51.100.10, chinanet 198.51.100.20 to edge1 10.20.0.11 or edge2 10.20.0.12, "
        "and carriers call the router's address"
    )


def test_a_public_address_and_carriers_on_a_private_line_need_no_router(tmp_path: Path) -> None:
    assert notes(tmp_path) == []
    carriers = [
        {"name": f"c{n}", "kind": "sip", "address": f"172.20.{n}.10", "port": 5060, "channels": 240} for n in (1, 2)
    ]
    assert notes(tmp_path, **PRIVATE, trunks=carriers) == []


def test_a_link_needs_the_address_that_the_internet_sees(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="the cloud lets the link in from the site's address on the Internet") as caught:
        spec.load(environment(tmp_path, "hybrid", **PRIVATE).specification)
    (problem,) = caught.value.problems
    assert problem.place.endswith(" onprem.public_address")
    assert problem.remedy
