"""A message is its English text for everybody, and keeps what a translation needs."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import pytest
from pydantic import TypeAdapter

from seatworks.message import Message, joined, named

CHINESE = {
    ("{share:.0%} of {place}", ""): "{place}的 {share:.0%}",
    ("call", "part"): "呼叫服务器",
    ("call", ""): "通话",
    ("{first}, {rest}", ""): "{first}、{rest}",
}


def find(msgid: str, context: str) -> str:
    return CHINESE.get((msgid, context), msgid)


@dataclasses.dataclass(frozen=True)
class Said:
    why: Message


SHARE = Message("{share:.0%} of {place}", share=0.256, place=named("part", "call"))


def test_it_is_its_english_text() -> None:
    assert SHARE == "26% of call"
    assert f"{SHARE}." == "26% of call."
    assert json.dumps({"why": SHARE, SHARE: 1}) == '{"why": "26% of call", "26% of call": 1}'


def test_values_stand_where_the_other_language_has_them_and_are_translated_themselves() -> None:
    assert SHARE.translated(find) == "呼叫服务器的 26%"


def test_a_context_tells_equal_words_apart() -> None:
    assert [each.translated(find) for each in (Message("call"), named("part", "call"))] == ["通话", "呼叫服务器"]


@pytest.mark.parametrize("parts", [[], ["a"], ["a", "b"], ["a", named("part", "call"), "b"]])
def test_texts_in_a_row_are_joined_as_the_language_does_it(parts: list[str]) -> None:
    whole = joined("{first}, {rest}", parts)
    assert whole == ", ".join(parts)
    assert whole.translated(find) == "、".join(CHINESE.get((part, "part"), part) for part in parts)


@pytest.mark.parametrize("evil", ["{share}", "{0}", "{", "}{", "{share.__class__}", "%(x)s", "%s", "\\", ""])
def test_a_hostile_text_is_no_template(evil: str) -> None:
    assert Message(evil) == Message(evil).translated(find) == evil
    assert Message("{share:.0%} of {place}", share=1, place=evil).translated(find) == f"{evil}的 100%"
    assert joined("{first}, {rest}", [evil, evil]).translated(find) == f"{evil}、{evil}"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - made here
@pytest.mark.parametrize("message", [SHARE, named("part", "call"), Message("{"), joined("{first}, {rest}", ["{", "b"])])
def test_a_copy_can_still_be_translated(message: Message, again: Any) -> None:
    assert again(message) == message
    assert again(message).translated(find) == message.translated(find)
    assert dataclasses.asdict(Said(message))["why"].translated(find) == message.translated(find)


def test_a_document_holds_the_text_which_is_an_id_when_it_is_read() -> None:
    kind = TypeAdapter(Said)
    assert kind.dump_python(Said(SHARE), mode="json") == {"why": "26% of call"}
    assert type(kind.dump_python(Said(SHARE), mode="json")["why"]) is str
    read = kind.validate_json('{"why": "call"}')
    assert read.why.translated(find) == "通话"


def test_a_value_that_is_forgotten_is_an_error() -> None:
    with pytest.raises(KeyError):
        Message("{share:.0%} of {place}", share=1)
