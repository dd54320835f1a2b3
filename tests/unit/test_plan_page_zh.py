"""The plan's page in Chinese says everything in Chinese, whatever was asked for; citations and names stay."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own.

from __future__ import annotations

import dataclasses
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seatworks import availability, cost, decide, sizing
from seatworks.availability import Reach, Topology
from seatworks.cost.model import Band
from seatworks.decide import Found
from seatworks.environment import Environment
from seatworks.errors import SpecError
from seatworks.message import Message, named
from seatworks.names import part
from seatworks.report import plan_page
from seatworks.report.names import NAMES as CALLED
from seatworks.report.page import load_words
from seatworks.tables import text_table as data
from tests.conftest import ROOT
from tests.examples import NAMES
from tests.specs import environment, values
from tests.topologies import changed, topology
from tests.unit.test_plan_page import Texts

WORDS = load_words("zh")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Two words of a sentence in a row. A key, a path, a host or a unit is no word.
ENGLISH = re.compile(r"(?<![\w./-])[A-Za-z]{2,} [a-z]{2,}(?![\w./-])")
# Units that are written the same in both languages.
SYMBOLS = {"%", "GB", "GiB", "MB", "kB", "kWh", "kbit/s", "W"}
# Where a source is a citation alone.
CITATIONS = re.compile(r"RFC \d|HMAC-|innews/|ffgj\.com\.cn|jrhz\.info|9m8m\.com|cost\.yml|seatworks\.yml")
GATEWAY = [{"name": "gw1", "model": "MX100G", "address": "10.20.0.50", "spans": 4}]
E1 = {"name": "telecom", "kind": "e1", "spans": 2, "gateway": "gw1"}
SIP = {"name": "unicom", "kind": "sip", "address": "198.51.100.10", "port": 5060}
SALES = {"strategy": "leastrecent", "seats": ["onprem", "cloud"]}
VARIATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "four nines in the cloud": ("cloud", {"availability": 99.99}),
    "a database that the cloud runs": ("cloud", {"cloud__database": "managed"}),
    "four nines on site": ("onprem", {"availability": 99.95, "onprem__rooms": 2, "onprem__racks": 2}),
    "two racks": ("hybrid", {"onprem__racks": 2, "onprem__repair_contract": True, "onprem__links": 2}),
    "patience": ("hybrid", {"traffic__patience_s": 90, "traffic__shrinkage": 0.3}),
    "outbound": ("hybrid", {"traffic__direction": "outbound", "traffic__outbound": {"lines_per_agent": 2}}),
    "mixed": ("hybrid", {"traffic__direction": "mixed", "traffic__media__seats": "g722"}),
    "online trade": ("hybrid", {"industry": "ecommerce"}),
    "level 2": ("onprem", {"protection_level": 2, "seats__onprem": 40, "seats__peak_extra": 0}),
    "finance": ("cloud", {"industry": "finance"}),
    "spans": ("hybrid", {"trunks": [SIP, E1], "gateways": GATEWAY}),
    "spans alone": ("onprem", {"trunks": [E1, E1 | {"name": "other", "gateway": "gw2"}],
                               "gateways": [*GATEWAY, GATEWAY[0] | {"name": "gw2", "address": "10.20.0.51"}]}),
    "professional": ("hybrid", {"edition": "professional"}),
    "one place with seats outside": ("hybrid", {"working": "centralised"}),
    "homes without a seat outside": ("onprem", {"working": "distributed"}),
    "a small edition": ("hybrid", {"edition": "basic", "onprem__seats_network": "10.20.8.0/26"}),
    "too few seats": ("hybrid", {"seats__onprem": 40, "seats__peak_extra": 0}),
    "seats without headroom": ("hybrid", {"seats__onprem": 67, "seats__peak_extra": 0}),
    "calls at once": ("hybrid", {"traffic__busy_hour_calls": None, "traffic__peak_concurrent_calls": 80}),
    "many recordings": ("hybrid", {"recording__retention_days": 720}),
    "few channels": ("hybrid", {"trunks": [SIP | {"channels": 20}, SIP | {"name": "b", "address": "198.51.100.11",
                                                                          "channels": 20}]}),
    "a free number": ("hybrid", {"service__numbers": [{"number": "4001234567", "menu": "main"},
                                                      {"number": "01012345678", "menu": "main"}]}),
    "no seat on site": ("hybrid", {"seats__onprem": 0, "seats__cloud": 100, "onprem__links": 2}),
    "nothing recorded": ("hybrid", {"recording__share": 0.0}),
    "another region": ("cloud", {"cloud__region": "us-east-1", "traffic__busy_hour_calls": 30_000,
                                 "seats__cloud": 2000, "traffic__media__seats": "g722"}),
    "a VPN": ("hybrid", {"cloud__link": "vpn", "cloud__link_network": None, "cloud__region": "us-east-1"}),
    "a large hybrid": ("hybrid", {"traffic__busy_hour_calls": 30_000, "seats__onprem": 10, "seats__cloud": 2000,
                                  "onprem__network": "10.20.0.0/22"}),
}  # fmt: skip
CHOICES = {
    "dollars": cost.Choices(currency="USD"),
    "salaries": cost.Choices(salaries=True),
    "subscription": cost.Choices(licence=cost.Licence.SUBSCRIPTION),
    "phones on desks": cost.Choices(
        desk_phone_share=Decimal("0.5"), operation=Band(*map(Decimal, ("0.1", "0.2", "0.3")))
    ),
    "by feature": cost.Choices(licence=cost.Licence.PER_FEATURE),
}


def in_chinese(text: str) -> bool:
    """Whether a sentence has been translated whole."""
    said = WORDS.said(text)
    return bool(CHINESE.search(said)) and not ENGLISH.search(said)


def sources(found: Found) -> Iterator[str]:
    yield from (line.price.source for bill in found.comparison.bills for line in bill.lines if line.price)
    yield from (source for each in found.comparison.contradictions for _, source in each.says)
    yield from (each.source for each in decide.page(found).assumptions)


def sentences(found: Found) -> Iterator[str]:
    """Every free text of a page but its sources."""
    shown, comparison = decide.page(found), found.comparison
    yield from shown.notes
    yield from shown.availability.notes
    yield from (element.why for element in shown.availability.elements)
    yield from (line.why for bill in comparison.bills for line in bill.lines)
    yield from (each.what for each in shown.assumptions)
    for contradiction in comparison.contradictions:
        yield from (contradiction.what, contradiction.reading)
        yield from (claim for claim, _ in contradiction.says)
    for sensitivity in comparison.sensitivities:
        yield from (sensitivity.what, sensitivity.change)
    yield comparison.rate_note


def left_in_english(found: Found) -> set[str]:
    texts = {text for text in sentences(found) if not in_chinese(text)}
    texts |= {text for text in sources(found) if not in_chinese(text) and not CITATIONS.search(text)}
    units = {each.unit for each in decide.page(found).assumptions}
    units |= {line.price.unit for bill in found.comparison.bills for line in bill.lines if line.price}
    texts |= {unit for unit in units - SYMBOLS if not CHINESE.search(WORDS.name("unit", unit))}
    names = {element.name for element in found.plan.availability.elements}
    return texts | {name for name in names if not is_named(name)}


def is_named(element: str) -> bool:
    """Whether a part of the availability has a name of its own in Chinese."""
    return element in CALLED["box"] or bool(CHINESE.search(WORDS.said(part(element)))) or element == "Amazon Connect"


def english_on_the_page(found: Found) -> list[str]:
    texts = Texts(plan_page(decide.page(found), "zh")).found
    # A command stands in quotation marks.
    return [text for text in texts if ENGLISH.search(re.sub("“[^”]*”", "", text))]


@cache
def shipped(name: str) -> Found:
    return decide.decide(Environment.find(name, ROOT))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_example_is_all_chinese(name: str) -> None:
    assert left_in_english(shipped(name)) == set()
    assert english_on_the_page(shipped(name)) == []


@pytest.mark.parametrize("case", VARIATIONS)
def test_every_variation_is_all_chinese(case: str, tmp_path: Path) -> None:
    name, changes = VARIATIONS[case]
    found = decide.decide(environment(tmp_path, name, **changes))
    assert left_in_english(found) == set()
    assert english_on_the_page(found) == []


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("edition", ["standard", "professional"])
def test_every_way_to_pay_is_all_chinese(choice: str, edition: str, tmp_path: Path) -> None:
    found = decide.decide(environment(tmp_path, "cloud", edition=edition), CHOICES[choice])
    assert left_in_english(found) == set()
    assert english_on_the_page(found) == []


def unit_of(item: str) -> str:
    return next(unit for pattern, unit in data("price_items").items() if fnmatchcase(item, pattern))


@pytest.mark.parametrize("amount", ["0.001", "30", "90000"])
def test_a_complete_bill_compares_itself_in_chinese(amount: str, tmp_path: Path) -> None:
    where = environment(tmp_path, "cloud")
    lacking = {item for bill in decide.decide(where).comparison.bills for item in bill.missing}
    head = "currency: CNY\ndate: 2026-11-01\nsource: 供应商报价\nprices:\n"
    lines = [f"  {item}: {{unit: {unit_of(item)}, amount: {amount}}}\n" for item in sorted(lacking)]
    where.specification.with_name("prices.yml").write_text(head + "".join(lines), encoding="utf-8")
    found = decide.decide(where)
    assert not found.comparison.bill("cloud").missing
    assert any(each.what.startswith("the share of pay") for each in found.comparison.contradictions)
    assert left_in_english(found) == set()


def topologies() -> Iterator[Topology]:
    """One of each kind of weakness, alone and all together."""
    for mode in ("cloud", "onprem", "hybrid"):
        plain = topology(mode)
        weak = changed(plain, "call", needed=2, placed=1)
        bare = changed(plain, "edge", placed=1)
        yield from (plain, weak, bare, topology(mode, call=(9, 10)), changed(topology(mode, call=(4, 6)), "call",
                                                                             needed_at_peak=3))  # fmt: skip
        for parts, change in itertools.product(
            (plain, bare),
            (
                {"carriers": 1},
                {"carriers": 0},
                {"carriers": 3, "gateways": 1},
                {"carriers": 3, "gateways": 2},
                {"reach": Reach.BALANCER},
                {"reach": Reach.VIRTUAL},
                {"database_in_path": True, "recording_in_path": True},
                {"spare_parts": True},
                {"links": 2, "seats_on_site": 0},
                {"links": 1, "seats_on_site": 0, "seats_in_cloud": 40},
                {"links": 0, "seats_on_site": 0, "seats_in_cloud": 40},
                {"groups": tuple(dataclasses.replace(each, zones=1) for each in parts_of(mode))},
                {"groups": tuple(dataclasses.replace(each, zones=2, racks=2) for each in parts_of(mode))},
                {"groups": tuple(dataclasses.replace(each, zones=2, needed=2, placed=3) for each in parts_of(mode))},
            ),
        ):
            yield dataclasses.replace(parts, **change)


def parts_of(mode: str) -> tuple[availability.Group, ...]:
    return topology(mode).groups


def test_whatever_stands_is_assessed_in_chinese() -> None:
    for parts in topologies():
        for asked in (99.9, 99.99):
            found = availability.assess(asked, parts)
            said = {*found.notes, *(element.why for element in found.elements)}
            assert {text for text in said if not in_chinese(text)} == set()
            assert all(is_named(element.name) for element in found.elements)


def test_whatever_is_missing_is_said_in_chinese() -> None:
    seen = set()
    for parts in topologies():
        for asked in (99.9, 99.97, 99.999):
            lacking = availability.missing(asked, parts)
            seen |= {problem.message for problem in lacking}
            if lacking:
                assert in_chinese(decide.together(lacking)), lacking
            assert {text for each in lacking for text in (each.message, each.remedy) if not in_chinese(text)} == set()
    assert len(seen) > 15


def test_a_mode_that_cannot_be_planned_is_explained_in_chinese(tmp_path: Path) -> None:
    found = decide.decide(environment(tmp_path, "cloud", availability=99.99))
    (note,) = (note for note in found.notes if note.startswith("mode onprem could not be planned"))
    assert WORDS.said(note).startswith("本地部署无法规划：达不到 99.99%（")
    assert WORDS.said(note).count("→") == note.count("->")


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("onprem", {"onprem__network": "10.20.0.0/28"}, "addresses, 43 are needed -> give a network of at least /26"),
        (
            "cloud",
            {"cloud__network": "10.60.0.0/23", "traffic__busy_hour_calls": 300_000, "seats__cloud": 20_000},
            "servers in each zone -> give a larger network",
        ),
        (
            "onprem",
            {"onprem__hosts": {"edge9": "10.20.0.9"}},
            "edge9 is no server of this plan -> the servers of",
        ),
        (
            "onprem",
            {"target": "live", "onprem__hosts": {}, "management": {"networks": ["10.20.9.0/24"]}},
            "edge1 has no address -> add `edge1: <address>`",
        ),
    ],
)
def test_a_plan_that_is_refused_for_its_addresses_says_so_in_chinese(
    name: str, changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as refused:
        decide.decide(environment(tmp_path, name, **changes))
    reason = decide.together(refused.value.problems)
    assert said in reason
    assert in_chinese(reason)


def test_every_figure_unit_and_source_of_the_data_files_is_known() -> None:
    figures = [*availability.figures().values(), *cost.assumptions()]
    known = [(each.name, each.unit, each.source) for each in figures]
    known += [(each.what, each.unit, each.source) for each in sizing.Figures().assumptions()]
    for name, unit, source in known:
        assert CHINESE.search(WORDS.said(named("figure", name))), name
        assert unit in SYMBOLS or CHINESE.search(WORDS.name("unit", unit)), unit
        assert in_chinese(source) or CITATIONS.search(source), source


def test_every_published_contradiction_is_known() -> None:
    for entry in data("contradictions"):
        for text in (entry["what"], entry["reading"], *(claim for claim, _ in entry["says"])):
            assert in_chinese(text), text


def test_the_english_page_has_no_word_of_it() -> None:
    words = load_words("en")
    assert words.said("no contract covers it") == "no contract covers it"
    assert not [text for text in Texts(plan_page(decide.page(shipped("hybrid")), "en")).found if CHINESE.search(text)]


def test_a_hostile_source_is_no_template() -> None:
    evil = "{source} (2026-11-01) <script>{date}</script> (.*)"
    assert WORDS.said(Message(evil)) == evil
    source = Message("{source} ({date})", source=Message(evil), date="2026-11-23")
    assert (source, WORDS.said(source)) == (f"{evil} (2026-11-23)", f"{evil}（2026-11-23）")
    note = Message("1 USD = {rate} CNY ({date}; {source}). Amounts are not discounted.", rate=7, date=1, source=source)
    assert WORDS.said(note) == f"汇率：1 美元 = 7 元（1；{evil}（2026-11-23））。各项金额均未折现。"


def test_values_of_the_examples_are_what_the_variations_change() -> None:
    """A key that is gone would make a variation mean nothing."""
    for name, changes in VARIATIONS.values():
        assert values(name, **changes) != values(name)


@pytest.mark.parametrize(("page", "read"), [("", False), ("en", False), ("zh", True)])
def test_only_a_page_that_is_not_english_alone_reads_the_catalogue(page: str, read: bool) -> None:
    """The plan's JSON and the English page must not wait for what only the Chinese one needs."""
    program = (
        "import sys; from pathlib import Path; "
        "from seatworks import decide; from seatworks.environment import Environment;"
        "from seatworks.plan.model import Target;"
        f"found = decide.decide(Environment('hybrid', Target.LAB, Path({str(ROOT)!r})));"
        "document = decide.document(found);"
        f"import seatworks.report as report; {page!r} and report.plan_page(decide.page(found), {page!r});"
        "print('babel' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == str(read)
