"""Price books say where every price comes from, override one another by item, and are refused in plain words."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatworks.cost import Band, Price, books
from seatworks.cost.figures import plain
from seatworks.errors import SpecError
from seatworks.tables import text_table as data

CASES = json.loads((Path(__file__).parent / "cases" / "cost_cases.json").read_text(encoding="utf-8"))
SHIPPED = books.load()
FILES = sorted(
    (file for file in resources.files("seatworks").joinpath("data/prices").iterdir()), key=lambda file: file.name
)


def cases(kind: str) -> list[dict[str, Any]]:
    return [case for case in CASES if case["kind"] == kind]


def own(folder: Path, text: str) -> Path:
    path = folder / books.OWN
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SpecError) as refused:
        books.load([own(folder, text)])
    return [str(problem) for problem in refused.value.problems]


def price(item: str) -> Price:
    found = SHIPPED.find(item)
    assert found is not None, item
    return found


# What is shipped


@pytest.mark.parametrize("line", SHIPPED.prices.values(), ids=lambda line: line.item)
def test_every_shipped_price_has_unit_currency_date_source_and_is_more_than_nothing(line: Price) -> None:
    assert line.unit
    assert line.currency in {"CNY", "USD"}
    assert line.source
    assert datetime.date(2017, 1, 1) <= line.date <= datetime.date(2026, 11, 25)
    assert 0 < line.amount.low <= line.amount.base <= line.amount.high


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_line_is_older_than_its_book_says_and_the_name_bears_its_date(file: Any) -> None:
    book = plain(file.read_text(encoding="utf-8"))
    assert file.name.endswith(f"-{book['date']}.yml")
    dates = [line.get("date", book["date"]) for line in book["prices"].values()]
    assert min(dates) >= book["since"]


def test_no_item_is_in_two_shipped_books() -> None:
    items = [item for file in FILES for item in plain(file.read_text(encoding="utf-8"))["prices"]]
    assert len(items) == len(set(items)) == len(SHIPPED.prices)


def test_every_price_of_the_reference_cases_is_in_a_book_with_its_currency_and_date() -> None:
    held = {(line.currency, line.amount.base, line.date.isoformat()) for line in SHIPPED.prices.values()}
    amounts = {(currency, amount) for currency, amount, _ in held}
    checked = 0
    for case in cases("unit_price"):
        asked = case["inputs"]
        key = (asked["currency"], Decimal(str(case["expected"])))
        dated = len(asked["date"]) == 10 and asked["date"][4] == "-" and "/" not in asked["date"]
        assert (*key, asked["date"]) in held if dated else key in amounts, asked
        checked += 1
    assert checked == 98


def test_an_instance_has_the_price_of_its_own_region() -> None:
    found = 0
    for case in cases("unit_price"):
        asked = case["inputs"]
        if asked["provider"] == "aws" and re.fullmatch(r"[a-z0-9]+\.[a-z0-9]+", asked["item"]):
            line = price(f"aws.{asked['region']}.ec2.{asked['item']}")
            assert (line.currency, line.amount.base) == (asked["currency"], Decimal(str(case["expected"])))
            found += 1
    assert found == 37


def test_every_published_range_in_yuan_is_in_a_book_and_no_reading_of_mere_words() -> None:
    bands = {(line.amount.low, line.amount.high) for line in SHIPPED.prices.values() if line.currency == "CNY"}
    for case in cases("cost_anchor"):
        wanted = tuple(Decimal(str(case["expected"][end])) for end in ("low", "high"))
        if case["inputs"]["unit"] == "ratio":
            continue
        assert (wanted in bands) is (case["provenance"] == "published"), case["inputs"]


@pytest.mark.parametrize(
    "item", ["line.e1", "line.sip_channel", "server.4c8g", "gateway.e1", "licence.ai", "aws.cn-north-1.ebs.gp3"]
)
def test_what_was_not_found_is_not_there(item: str) -> None:
    assert SHIPPED.find(item) is None


@pytest.mark.parametrize("case", cases("cost_calc"), ids=lambda case: str(case["inputs"]))
def test_reference_calculations_come_out(case: dict[str, Any]) -> None:
    asked, expected = case["inputs"], case["expected"]
    if "seats" in asked:
        item = {300: "trade", 80: "jrhz"}[asked["per_seat_month"][0]]
        cost = price(f"reference.cloud_seat.{item}").amount * Decimal(asked["seats"] * asked["months"])
        assert (cost.low, cost.high) == (expected["low"], expected["high"])
        return
    item, quantity = {"NLB": ("nlb", asked.get("hours")), "S3 standard": ("s3.standard", asked.get("gb"))}[
        asked["service"]
    ]
    cost = price(f"aws.us-east-1.{item}").amount * Decimal(quantity)
    assert abs(cost.base - Decimal(str(expected))) <= Decimal(str(case["tolerance"]["abs"]))


# A user's own book


def test_an_own_price_replaces_the_shipped_one_and_others_stay(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        "date: 2026-11-01\nsource: quotation 17\ncurrency: CNY\nprices:\n"
        "  endpoint.pc: {unit: seat, amount: 3999.90}\n"
        "  line.e1: {unit: span-month, low: 500, high: 700}\n"
        "  server.4c8g: {unit: server, low: 1, base: 2, high: 4, currency: USD, date: 2026-10-01, source: shop}\n",
    )
    book = books.load(books.own(tmp_path))
    assert book.find("endpoint.pc") == Price(
        "endpoint.pc",
        "seat",
        "CNY",
        Band(*[Decimal("3999.90")] * 3),
        datetime.date(2026, 11, 1),
        "quotation 17",
        path.name,
    )
    rent, server = book.find("line.e1"), book.find("server.4c8g")
    assert rent is not None
    assert rent.amount == Band(Decimal(500), Decimal(600), Decimal(700))
    assert server is not None
    assert (server.currency, server.source, server.amount.base) == ("USD", "shop", 2)
    assert book.find("endpoint.headset") == SHIPPED.find("endpoint.headset")
    assert books.load().find("line.e1") is None


def test_the_last_of_several_books_counts(tmp_path: Path) -> None:
    head = "date: 2026-11-01\nsource: me\ncurrency: CNY\nprices:\n  endpoint.pc: {unit: seat, amount: "
    paths = []
    for name, amount in (("a.yml", 1), ("b.yml", 2)):
        path = tmp_path / name
        path.write_text(f"{head}{amount}}}\n", encoding="utf-8")
        paths.append(path)
    found = books.load(paths).find("endpoint.pc")
    assert found is not None
    assert (found.amount.base, found.book) == (2, "b.yml")


def test_an_own_price_of_nothing_is_meant_so(tmp_path: Path) -> None:
    path = own(
        tmp_path, "date: 2026-11-01\nsource: in place\ncurrency: CNY\nprices: {endpoint.pc: {unit: seat, amount: 0}}"
    )
    found = books.load([path]).find("endpoint.pc")
    assert found is not None
    assert found.amount == Band(Decimal(0), Decimal(0), Decimal(0))


def test_five_mistakes_are_named_at_once_with_place_and_remedy(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        "date: 2026-11-01\nsource: me\ncurrency: CNY\nprices:\n"
        "  endpoint.pz: {unit: seat, amount: 1}\n"
        "  endpoint.headset: {unit: box, amount: 1}\n"
        "  line.e1: {unit: span-month, amount: 1.000 CNY}\n"
        "  line.sip_channel: {unit: channel-month, low: 9, high: 3}\n"
        "  gateway.e1: {unit: span, amount: 1, currency: EUR}\n"
        "  room.ups: {unit: unit, amount: 12}\n",
    )
    assert len(said) == 5
    place = str(tmp_path / books.OWN)
    assert all(line.startswith(f"{place} ") and " -> " in line for line in said)
    for line, item, word in zip(
        said,
        ("endpoint.pz", "endpoint.headset", "line.e1", "line.sip_channel", "gateway.e1"),
        ("did you mean endpoint.pc?", "`unit: seat`", "1.000 CNY", "rising order", "CNY or USD"),
        strict=True,
    ):
        assert line.startswith(f"{place} {item}:")
        assert word in line


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is empty"),
        ("prices: 3", "`prices:`"),
        ("- 1", "`prices:`"),
        ("prices: {a: [", "is not YAML"),
        ("prices: {}\nprices: {}", "is not YAML"),
        ("price: {}\nprices: {}", "did you mean prices?"),
        ("prices: {endpoint.pc: 3}", "is not a price"),
        ("prices: {endpoint.pc: {amount: 3}}", "has no unit"),
        ("prices: {endpoint.pc: {unit: seat, amount: 3}}", "has no currency"),
        ("currency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, amount: 3}}", "has no date"),
        ("currency: CNY\ndate: 2026-11-01\nprices: {endpoint.pc: {unit: seat, amount: 3}}", "has no source"),
        ("currency: CNY\nsource: me\ndate: yesterday\nprices: {endpoint.pc: {unit: seat, amount: 3}}", "yesterday"),
        ("since: 2026-12-01\ndate: 2026-11-01\ncurrency: CNY\nsource: me\n"
         "prices: {endpoint.pc: {unit: seat, amount: 3}}", "older than the book"),
        ("date: 2026-11-01\ncurrency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, amount: -3}}", "0 or more"),
        ("date: 2026-11-01\ncurrency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, amount: NaN}}", "0 or more"),
        ("date: 2026-11-01\ncurrency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, amount: 1, low: }}", "alone"),
        ("date: 2026-11-01\ncurrency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, low: 1}}", "complete price"),
        ("date: 2026-11-01\ncurrency: CNY\nsource: me\nprices: {endpoint.pc: {unit: seat, amout: 1}}", "mean amount?"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_own_words(tmp_path: Path, text: str, word: str) -> None:
    assert any(word in line for line in problems(tmp_path, text))


def test_a_file_that_is_not_text_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / books.OWN
    path.write_bytes("价格".encode("gbk"))
    for wanted, word in ((path, "UTF-8"), (tmp_path / "no.yml", "no such file")):
        with pytest.raises(SpecError, match=word):
            books.load([wanted])
    assert books.own(tmp_path / "nowhere") == ()


def _texts() -> Iterator[str]:
    yield from ("unit", "amount", "low", "base", "high", "currency", "date", "source", "since", "prices", "endpoint.pc")
    yield from ("seat", "CNY", "2026-11-01", "1", "-1", "9e99", "~", "1e-400", "{}", "[]", "line.e1")


@pytest.mark.lengthy
@settings(max_examples=150, deadline=None)
@given(st.recursive(st.sampled_from(list(_texts())), lambda inner: st.dictionaries(
    st.sampled_from(list(_texts())), inner, max_size=5) | st.lists(inner, max_size=2), max_leaves=14))  # fmt: skip
def test_no_book_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, tree: Any) -> None:
    path = own(tmp_path_factory.mktemp("book"), json.dumps(tree))
    try:
        read = books.load([path])
    except SpecError:
        return
    assert all(isinstance(line.amount.base, Decimal) for line in read.prices.values())


def test_every_item_that_a_book_may_hold_has_a_unit() -> None:
    assert all(isinstance(unit, str) and unit for unit in data("price_items").values())
