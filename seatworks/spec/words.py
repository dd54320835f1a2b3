"""Says in the words of the field what the models refuse, and builds what can be built of a broken file.

The rules that compare one part with another run on that, so that a person sees every problem in one go.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from seatworks.spec.model import Part, Spec
from seatworks.spec.read import Finding, Location, Source
from seatworks.spec.scalars import FORMATS

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of ordinary size",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping (`key: value` lines)",
    "model_type": "a mapping (`key: value` lines)",
    "model_attributes_type": "a mapping (`key: value` lines)",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy naming the known word most like `word`, or all of them."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known here: {', '.join(words)}" if words else ""


def shown(value: Any) -> str:
    """A value as it may stand in a message: short, on one line."""
    text = " ".join(str(value).split()) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 40 else f"{text[:37]}..."


def findings(error: ValidationError, source: Source) -> list[Finding]:
    """What pydantic refused, in plain words, at the keys a person wrote."""
    return [_finding(detail, source) for detail in error.errors() if not _echo(detail)]


def _echo(detail: ErrorDetails) -> bool:
    """Whether this only follows from another error: a default not made, a list short because its entries are wrong."""
    if detail["type"] == "default_factory_not_called":
        return True
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _finding(detail: ErrorDetails, source: Source) -> Finding:
    location = tuple(step for step in detail["loc"] if step != "[key]")
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    info, model = _field(location)
    if kind == "missing":
        example = f"add `{location[-1]}: {info.examples[0]}`" if info and info.examples else ""
        return Finding(location, "is missing", example or f"add it: {info.description if info else ''}")
    if kind == "extra_forbidden":
        known = model.model_fields if model else ()
        return Finding(location, "is not a setting", nearest(str(location[-1]), known))
    if value is None:
        return Finding(location, "has no value", f"give {info.description}" if info and info.description else "")
    said = shown(value)
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return Finding(location, f"is {said}, must be {words} {_figure(context[key])}", _unit(location))
    if kind in {"enum", "literal_error"}:
        choices = re.findall(r"[\w.-]+", str(context["expected"]).replace(" or ", " "))
        return Finding(location, f"is {said}, must be one of {', '.join(choices)}", _close(said, choices))
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        raw = source.raw.get(location, said)
        made = "a number of it, and no text" if raw == said else f"the number {said} of {raw}"
        return Finding(
            location,
            f"is without quotes: YAML made {made}",
            f'put it in quotes: {location[-1] if isinstance(location[-1], str) else "-"}: "{raw}"',
        )
    if kind == "string_pattern_mismatch":
        return Finding(location, f"is {said!r}, must be {FORMATS.get(str(context['pattern']), 'text of another form')}")
    if kind == "written":
        return Finding(location, f"is {said}, which {detail['msg']}", context["remedy"])
    if kind in {"too_short", "too_long"}:
        least = kind == "too_short"
        count = context["min_length" if least else "max_length"]
        what = f"give {info.description}" if info and info.description else ""
        return Finding(
            location, f"has {context['actual_length']}, needs {'at least' if least else 'at most'} {count}", what
        )
    if kind in _KINDS:
        said = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else said
        example = f"for example {info.examples[0]}" if info and info.examples else ""
        return Finding(location, f"is {said}, must be {_KINDS[kind]}", example)
    return Finding(location, f"is {said}, which is not usable", detail["msg"])


def _figure(value: float) -> str:
    return f"{int(value) if value == int(value) else value:,}"


def _close(word: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def _unit(location: Location) -> str:
    key = str(location[-1])
    if key.endswith("_s"):
        return "the unit is seconds"
    if key == "share" or key in {"blocking", "shrinkage"}:
        return "a share is written as 0.8, not 80"
    return "99.9 to 99.99 percent are offered" if key == "availability" else ""


def _bare(annotation: Any) -> Any:
    """The type inside Annotated[...] and `... | None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in {Union, types.UnionType}:
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation


def _field(location: Location) -> tuple[FieldInfo | None, type[Part] | None]:
    """The field at a location, and the model that holds the last step."""
    current: Any = Spec
    info: FieldInfo | None = None
    model: type[Part] | None = None
    for step in location:
        current = _bare(current)
        if isinstance(current, type) and issubclass(current, Part):
            model, info = current, current.model_fields.get(str(step))
            if info is None:
                break
            current = info.annotation
        else:
            arguments = get_args(current)
            current = arguments[-1 if get_origin(current) is dict else 0] if arguments else None
    return info, model


def salvage(model: type[Part], data: Any) -> Any:
    """An instance of `model` with every value that is right, None where one is wrong or missing.

    Broken entries of lists and mappings become None, so that the places of the others stay true.
    """
    if not isinstance(data, dict):
        return None
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name in data:
            values[name] = _salvaged(info.annotation, info, data[name])
        elif info.is_required() or info.default_factory_takes_validated_data:
            values[name] = None
        else:
            values[name] = info.get_default(call_default_factory=True)
    # A key without a value counts as not given.
    given = {name for name in values if data.get(name) is not None}
    return model.model_construct(_fields_set=given, **values)


def _salvaged(annotation: Any, info: FieldInfo | None, data: Any) -> Any:
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, Part):
        return salvage(bare, data)
    arguments = get_args(bare)
    if get_origin(bare) is tuple:
        return tuple(_salvaged(arguments[0], None, item) for item in data) if isinstance(data, list) else None
    if get_origin(bare) is dict:
        return (
            {key: _salvaged(arguments[1], None, item) for key, item in data.items()} if isinstance(data, dict) else None
        )
    asked: Any = Annotated[annotation, *info.metadata] if info and info.metadata else annotation
    try:
        return TypeAdapter(asked).validate_python(data)
    except ValidationError:
        return None
