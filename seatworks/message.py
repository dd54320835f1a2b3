"""What the planner says to people: a message id with its values, which is its English text at the same time.

The id is the English sentence with places in it, as gettext has it. Everybody who knows nothing of languages (screen,
JSON, tests) reads the text; a page looks the id up in the catalogue of its language and fills the same values in
(seatworks/report/words.py). `marked`, `named` and `joined` are read by the tool that collects ids, as `Message` is:
their first arguments are literals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Message(str):
    """English text that knows its id, its values and, where one word means several things, its context.

    Places are those of `str.format`, with a format where a number needs one: `Message("{share:.0%} of {seats} seats",
    share=0.5, seats=40)`. A value that is a message is translated too. Without values the id is the text, and braces in
    it are braces: words of a user's own file are never a template.
    """

    __slots__ = ("context", "msgid", "values")

    msgid: str
    context: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, /, **values: Any) -> Self:
        made = super().__new__(cls, msgid.format_map(values) if values else msgid)
        made.msgid, made.context, made.values = msgid, "", values
        return made

    def translated(self, find: Callable[[str, str], str]) -> str:
        """The text in another language; `find` gives the sentence of an id and a context, or the id itself."""
        found = find(self.msgid, self.context)
        if not self.values:
            return found
        return found.format_map(
            {name: each.translated(find) if isinstance(each, Message) else each for name, each in self.values.items()}
        )

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.msgid,), self.values

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In a document it is its text; read back, the text is the id."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(
            cls, handler(str), serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def marked(msgid: str) -> str:
    """An id that becomes a message elsewhere."""
    return msgid


def named(context: str, msgid: str) -> Message:
    """A word whose translation depends on what it is the name of."""
    made = Message(msgid)
    made.context = context
    return made


def joined(pair: str, parts: Sequence[str]) -> Message:
    """Several texts in a row; `pair` says how one stands before the rest: `{first}, {rest}`. Empty without any.

    A pair that is `named` keeps its context.
    """
    *others, last = parts or ("",)
    whole = last if isinstance(last, Message) else Message(last)
    for part in reversed(others):
        whole = Message(pair, first=part, rest=whole)
        whole.context = pair.context if isinstance(pair, Message) else ""
    return whole
