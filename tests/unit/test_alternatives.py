"""The same centre in three modes: nobody is lost on the way, and each mode can be planned."""

from __future__ import annotations

import pytest

from seatworks import plan as planning
from seatworks import sizing
from seatworks.alternatives import alternatives
from seatworks.plan.model import Site
from tests.examples import NAMES, spec_of


@pytest.mark.parametrize("name", NAMES)
def test_every_mode_has_all_seats_and_the_same_calls(name: str) -> None:
    spec = spec_of(name)
    found = alternatives(spec)
    assert set(found) == {"cloud", "onprem", "hybrid"}
    assert found[name] is spec
    sized = {mode: sizing.size(other) for mode, other in found.items()}
    assert len({each.agents for each in sized.values()}) == 1
    assert len({each.trunk_channels for each in sized.values()}) == 1
    plans = {mode: planning.build(other, sized[mode]) for mode, other in found.items()}
    assert {plan.seat_count() for plan in plans.values()} == {plans[name].seat_count()}
    assert plans["cloud"].seat_count(Site.ONPREM) == plans["onprem"].seat_count(Site.CLOUD) == 0
    assert {host.site for host in plans["hybrid"].hosts} == {Site.ONPREM, Site.CLOUD}


def test_spans_become_sip_where_there_is_no_site() -> None:
    spec = spec_of("onprem")
    e1 = spec.trunks[0].model_copy(update={"kind": "e1", "spans": 2, "gateway": "gw1", "address": None})
    given = spec.model_copy(update={"trunks": (e1, spec.trunks[1])})
    cloud = alternatives(given)["cloud"]
    assert {trunk.kind for trunk in cloud.trunks} == {"sip"}
    assert len({trunk.address for trunk in cloud.trunks}) == 2
