"""Members of a request by the service's model: where each comes from, and whether its value is one that it allows."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote


def arguments(response: Any, operation: str) -> dict[str, Any]:
    """The members of a request, checked. Raises the service's InvalidParameterException."""
    from moto.core.utils import get_service_model

    shape = get_service_model("connect").operation_model(operation).input_shape
    body = json.loads(response.body) if response.body else {}
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        where, called = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri":
            found[name] = unquote(response.uri_match[called])
        elif where == "querystring":
            values = response.querystring.get(called)
            if values:
                found[name] = values if member.type_name == "list" else values[0]
        elif called in body:
            found[name] = body[called]
    for name in shape.required_members:
        if name not in found:
            raise refused("InvalidParameterException", f"{name} is missing")
    for name, value in found.items():
        _check(shape.members[name], value, name)
    return found


def refused(name: str, message: str, **more: Any) -> Exception:
    """An error of the service by its name, with the status that the model gives it."""
    from moto.core.exceptions import JsonRESTError
    from moto.core.utils import get_service_model

    shape = get_service_model("connect").shape_for(name)
    error = JsonRESTError(name, message)
    error.code = shape.metadata["error"]["httpStatusCode"]
    error.description = json.dumps({"__type": name, "Message": message, "message": message, **more})
    return error


def _check(shape: Any, value: Any, place: str) -> None:
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                raise refused("InvalidParameterException", f"{place}.{name} is missing")
        for name, part in value.items():
            if name in shape.members:
                _check(shape.members[name], part, f"{place}.{name}")
    elif shape.type_name == "list":
        for number, part in enumerate(value):
            _check(shape.member, part, f"{place}[{number}]")
        _limits(shape, len(value), place, "entries")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            raise refused("InvalidParameterException", f"{place} is {value}, must be one of {', '.join(shape.enum)}")
        _limits(shape, len(value), place, "characters")
    elif shape.type_name in {"integer", "long"}:
        _limits(shape, int(value), place, "")


def _limits(shape: Any, size: int, place: str, of: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        what = f"has {size} {of}" if of else f"is {size}"
        raise refused("InvalidParameterException", f"{place} {what}, allowed are {least or 0} to {most or 'any'}")
