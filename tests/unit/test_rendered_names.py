"""Whatever people call a queue, a menu, a trunk or a gateway: no name meets a word of the programs or of the plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from seatworks.plan.model import Plan
from tests.rendering import rendered, sections
from tests.specs import environment

# Words that Asterisk, Kamailio, the plan or our own templates use for something else.
WORDS = (
    "general", "default", "common", "globals", "leg", "system", "edge", "internal", "seat", "reachable", "s", "h", "i",
    "from-edge", "call-start", "call-end", "record", "seat-answers", "internet", "management", "onprem-public",
    "seats-onprem", "edge1", "call1", "link", "onprem-seats", "edge-to-call", "unknown", "none", "true", "null", "on",
)  # fmt: skip


def called(folder: Path, word: str, **more: Any) -> Plan:
    """The hybrid example with everything that has a name called `word`."""
    queue = {"strategy": "leastrecent", "seats": ["onprem", "cloud"]}
    menu = {"prompts": ["hello"], "digits": {"1": word, "#": "other"}, "default": word, "wait_s": 5}
    return environment(
        folder,
        service={
            "numbers": [{"number": "01012345678", "menu": word}, {"number": "01012345679", "queue": word}],
            "menus": {word: menu},
            "queues": {word: queue, "other": queue},
        },
        trunks=[
            {"name": word, "kind": "sip", "address": "198.51.100.10"},
            {"name": "other", "kind": "e1", "spans": 2, "gateway": word},
        ],
        gateways=[{"name": word, "model": "MX100G", "address": "10.20.0.50", "spans": 4}],
        **more,
    ).plan()


@pytest.mark.parametrize("word", WORDS)
def test_a_queue_is_its_own_section_whatever_it_is_called(tmp_path: Path, word: str) -> None:
    plan = called(tmp_path, word)
    queues = list(sections(rendered(plan, "call1", "asterisk/queues.conf.j2")))
    assert sorted(name for name, _ in queues) == sorted(["", "general", "common", "queue-other", f"queue-{word}"])
    for name, lines in queues[3:]:
        assert sum(line.startswith("member = ") for line in lines) == len(plan.seats), name
    assert queues[1][1] == ["autofill = yes", "shared_lastcall = yes"]


@pytest.mark.parametrize("word", WORDS)
def test_the_dial_plan_has_each_context_once_and_leads_to_the_section_of_the_queue(tmp_path: Path, word: str) -> None:
    contexts = list(sections(rendered(called(tmp_path, word), "call1", "asterisk/extensions.conf.j2")))
    assert {name: count for name, count in Counter(name for name, _ in contexts).items() if count > 1} == {}
    found = dict(contexts)
    # The row of the call keeps the name that people gave.
    assert f"exten = s,1,Set(CALL_QUEUE={word})" in found[f"queue-{word}"]
    assert any(line.startswith(f" same = n,Queue(queue-{word},") for line in found[f"queue-{word}"])
    assert f" same = n,Goto(menu-{word},s,1)" in found["from-edge"]


@pytest.mark.parametrize("word", WORDS)
def test_the_firewall_opens_for_a_trunk_its_own_address_and_for_the_others_theirs(tmp_path: Path, word: str) -> None:
    plan, plain = called(tmp_path / "a", word), called(tmp_path / "b", "unicom")
    for host in ("edge1", "call1", "db1", "cloud-edge1"):
        opened, expected = (
            sorted(
                (str(flow.protocol), flow.first_port, flow.last_port, str(cidr))
                for flow in each.flows_to(host)
                for cidr in each.source_cidrs(flow)
            )
            for each in (plan, plain)
        )
        assert opened == expected
    assert len({flow.name for flow in plan.flows}) == len(plan.flows)
    assert len({peer.name for peer in plan.peers} | {host.name for host in plan.hosts}) == len(plan.peers) + len(
        plan.hosts
    )


def test_a_key_of_hash_is_read_as_any_other(tmp_path: Path) -> None:
    menu = dict(sections(rendered(called(tmp_path, "main"), "call1", "asterisk/extensions.conf.j2")))["menu-main"]
    # Read(variable,sounds,most keys,options,tries,seconds): t alone leaves no key that ends the input.
    assert menu[0] == "exten = s,1,Read(CHOICE,hello,1,t,1,5)"
    assert menu[1] == " same = n,Set(CALL_DIGIT=${FILTER(0-9*#,${CHOICE})})"
    assert ' same = n,GotoIf($["${CALL_DIGIT}" = "#"]?queue-other,s,1)' in menu
    assert menu[-1] == " same = n,Goto(queue-main,s,1)"
