"""Sentences of others in Chinese: whole ones, ones with places, and several in a row; a hostile text does no harm."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own.

from __future__ import annotations

import re
import time
from string import Formatter

import pytest

from seatworks.report.page import load_words
from seatworks.report.phrases import Phrases

NAMES = {"edge": "边界接入", "call": "呼叫服务器"}
PHRASES = Phrases.of(
    {
        "{count:number} of {total:number} servers stand": "共 {total} 台，在用 {count} 台",
        "{name:word} is weak": "{name}薄弱",
        "edge is weak": "边界接入是短板",
        "{name:word} is very weak": "{name}非常薄弱",
        "mode fails: {reason}": "无法规划：{reason}",
        "{problem} -> {remedy}": "{problem} → {remedy}",
        "add one; it is cheap": "增加一台，成本不高",
        "no contract": "无合同",
        "{item:word}: {sum:number} CNY": "{item}：{sum} 元",
        "{source} ({date:date})": "{source}（{date}）",
        "{share:number} busy": "占用率 {share}",
    },
    NAMES.get,
)


def test_places_are_filled_in_the_order_of_the_chinese() -> None:
    assert PHRASES.find("2 of 1,300 servers stand") == "共 1,300 台，在用 2 台"


def test_a_whole_sentence_comes_before_a_template() -> None:
    assert PHRASES.find("edge is weak") == "边界接入是短板"
    assert PHRASES.find("call is weak") == "呼叫服务器薄弱"


def test_the_template_with_more_words_of_its_own_comes_first() -> None:
    assert PHRASES.find("call is very weak") == "呼叫服务器非常薄弱"


def test_what_fills_a_place_is_translated_where_it_is_known() -> None:
    assert PHRASES.find("mode fails: no contract") == "无法规划：无合同"
    assert PHRASES.find("mode fails: edge, call") == "无法规划：边界接入、呼叫服务器"
    assert PHRASES.find("mode fails: edge and of call") == "无法规划：边界接入、呼叫服务器"
    assert PHRASES.find("mode fails: edge, gremlins") == "无法规划：edge, gremlins"


def test_sentences_with_semicolons_between_are_translated_one_by_one_or_not_at_all() -> None:
    assert PHRASES.find("no contract; call is weak; no contract") == "无合同；呼叫服务器薄弱；无合同"
    assert PHRASES.find("no contract; something else") is None


def test_several_problems_keep_their_remedies() -> None:
    said = "mode fails: edge is weak -> add one; it is cheap; call is weak -> no contract"
    assert PHRASES.find(said) == "无法规划：边界接入是短板 → 增加一台，成本不高；呼叫服务器薄弱 → 无合同"


def test_a_number_is_no_word_and_a_percentage_is_written_the_chinese_way() -> None:
    assert PHRASES.find("99.9 % busy") == "占用率 99.9%"
    assert PHRASES.find("all busy") is None
    assert PHRASES.find("a: 5 CNY") == "a：5 元"
    assert PHRASES.find("a b: 5 CNY") is None


def test_a_match_is_of_the_whole_text() -> None:
    assert PHRASES.find("2 of 3 servers stand.") is None
    assert PHRASES.find("see: 2 of 3 servers stand") is None
    assert PHRASES.find("") is None


@pytest.mark.parametrize(
    "evil", ["{total}", "{0}", "{", "}{", "{count.__class__}", r"\1", r"\g<name>", "(.*)+$", "%s", "a\nb", "[", "\\"]
)
def test_a_hostile_value_stays_as_it_is(evil: str) -> None:
    assert PHRASES.find(f"mode fails: {evil}") == f"无法规划：{evil}"
    assert PHRASES.find(evil) is None


@pytest.mark.parametrize("part", ["no contract; ", "a -> ", "x is weak; ", "mode fails: ", "( (2026-01", "1 of "])
def test_a_hostile_text_of_any_length_is_done_with_quickly(part: str) -> None:
    real = load_words("zh")
    for phrases in (PHRASES, real.phrases):
        for count in (300, 4000 // len(part), 100_000):
            begin = time.process_time()
            phrases.find(part * count)
            assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("{a}", "{b}"),
        ("{a:money}", "{a}"),
        ("{}", "{}"),
        ("{a} {a}", "{a}"),
        ("{a.b}", "甲"),
        ("{", "甲"),
        ("{a", "{a}"),
    ],
)
def test_a_template_that_cannot_be_filled_is_an_error(english: str, chinese: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Phrases.of({english: chinese})


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_no_number_of_a_shipped_template_is_left_out() -> None:
    for english, chinese in load_words("zh").sentences.items():
        assert places(english) - {"region"} <= places(chinese), english


def test_chinese_is_written_with_its_own_punctuation_and_a_space_beside_latin_letters() -> None:
    for english, chinese in load_words("zh").sentences.items():
        plain = re.sub(r"`[^`]*`", "", chinese)
        assert not re.search(r"[\u4e00-\u9fff][,;:()]|[,;()][\u4e00-\u9fff]", plain), english
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", plain), english
