"""Figures are written as people of the language write them, and never nicer than they are."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from seatworks.cost.model import Band
from seatworks.report.formats import Formats
from seatworks.report.words import Words

ENGLISH, CHINESE = Formats(Words.load("en")), Formats(Words.load("zh"))


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        ("0", "¥0", "0 元"),
        ("412.4", "¥412", "412 元"),
        ("9999", "¥9,999", "9,999 元"),
        ("45600", "¥46 k", "4.56 万元"),
        ("999600", "¥1.00 M", "100.0 万元"),
        ("1234000", "¥1.23 M", "123.4 万元"),
        ("12345678", "¥12.3 M", "1,235 万元"),
        ("123456789", "¥123 M", "1.23 亿元"),
        ("4200000000", "¥4.20 bn", "42.0 亿元"),
        ("-1234000", "\N{MINUS SIGN}¥1.23 M", "\N{MINUS SIGN}123.4 万元"),
    ],
)
def test_money_is_short(amount, english, chinese):
    assert plain(ENGLISH.money(Decimal(amount))) == english
    assert plain(CHINESE.money(Decimal(amount))) == chinese


def test_exact_money_has_separators_and_small_prices_keep_their_decimals():
    assert ENGLISH.exact(Decimal("1234567.5")) == "¥1,234,568"
    assert plain(CHINESE.exact(Decimal("1234000"))) == "1,234,000 元"
    assert ENGLISH.price(Decimal("0.0525"), "USD") == "$0.0525"
    assert plain(CHINESE.price(Decimal("1.01321"), "USD")) == "1.01321 美元"
    assert plain(ENGLISH.price(Decimal("20"), "HKD")) == "HKD 20"


def test_ticks_have_no_trailing_zeros():
    assert plain(ENGLISH.money(Decimal(2000000), fixed=False)) == "¥2 M"
    assert plain(CHINESE.money(Decimal(2000000), fixed=False)) == "200 万元"


def test_a_span_names_low_and_high():
    band = Band(Decimal(1100000), Decimal(1200000), Decimal(1400000))
    assert plain(ENGLISH.span(band)) == "¥1.10 M to ¥1.40 M"
    assert plain(CHINESE.span(band)) == "110.0 万元至 140.0 万元"


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0 %"), (1, "100 %"), (0.8312, "83.1 %"), (0.8, "80 %"), (0.00843, "0.84 %"), (0.9996, "99.96 %"),
     (0.99999, "99.999 %"), (1e-30, "< 0.000001 %")],
)  # fmt: skip
def test_a_share_has_the_digits_that_matter_and_is_100_only_when_it_is(part, text):
    assert plain(ENGLISH.share(part)) == text
    assert plain(CHINESE.share(part)) == text.replace(" %", "%")


@pytest.mark.parametrize(
    ("percent", "text"),
    [(99.9, "99.9 %"), (99.98213, "99.982 %"), (99.8996, "99.89 %"), (99.999996, "99.999996 %"), (100, "100 %")],
)
def test_availability_is_never_rounded_up(percent, text):
    assert plain(ENGLISH.availability(percent)) == text


@pytest.mark.parametrize(
    ("percent", "text"), [(99.9, "8.8 h"), (99.99, "53 min"), (99.9999, "32 s"), (0, "8,760 h"), (100, "0 s")]
)
def test_downtime_is_of_a_year(percent, text):
    assert plain(ENGLISH.downtime(percent)) == text


def test_what_never_ends_is_said_so():
    assert ENGLISH.seconds(math.inf) == "without end"
    assert CHINESE.count(math.inf) == "无限"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1234567, "1,234,567"), (8.0, "8"), (75.075, "75.08"), (679536.4, "679,536"), (0.00012, "0.00012")],
)
def test_counts_have_separators_and_few_decimals(number, text):
    assert ENGLISH.count(number) == text


def test_a_unit_stands_apart_but_for_a_chinese_percent_or_parenthesis():
    assert [ENGLISH.with_unit("8", unit) for unit in ("h", "%", "")] == ["8 h", "8 %", "8"]
    assert [CHINESE.with_unit("8", unit) for unit in ("小时", "%", "")] == ["8 小时", "8%", "8"]
    assert CHINESE.with_unit("0.85", "\N{FULLWIDTH LEFT PARENTHESIS}比例") == "0.85\N{FULLWIDTH LEFT PARENTHESIS}比例"
