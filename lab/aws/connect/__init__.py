"""Amazon Connect beyond its bare instance: hours, queues, profiles, users, flows, numbers and where recordings go.

The emulator's own service knows instances alone. Requests come in by the same router, members are read and checked by
the service's model (botocore), identifiers are drawn from the emulator's own random numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lab.aws.connect import instance, people, phone_numbers, routing
from lab.aws.connect.model import arguments
from lab.aws.connect.store import Params, Store

_ANY = "{0}/(?P<anything>.+)$"


def extend() -> None:
    """Add the calls to the emulator's service; a second time does nothing."""
    from moto.connect import responses, urls

    if _ANY in urls.url_paths:
        return
    urls.url_paths[_ANY] = responses.ConnectResponse.dispatch
    for table in (instance.CALLS, routing.CALLS, people.CALLS, phone_numbers.CALLS):
        for operation, act in table.items():
            setattr(responses.ConnectResponse, _snake(operation), _method(operation, act))


def _method(operation: str, act: Callable[[Store, Params], Params | None]) -> Callable[[Any], str]:
    def respond(response: Any) -> str:
        return json.dumps(act(Store.of(response.connect_backend), arguments(response, operation)) or {})

    return respond


def _snake(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
