"""The plan as a JSON document: what the cloud stack, the lab and the tests read."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from seatworks.errors import SeatworksError
from seatworks.plan.model import CloudOutputs, Plan

_PLAN = TypeAdapter(Plan)
_OUTPUTS = TypeAdapter(CloudOutputs)


def dump(plan: Plan) -> str:
    """The plan as JSON with sorted keys: equal plans give equal bytes."""
    return _text(_PLAN.dump_python(plan, mode="json"))


def load(text: str) -> Plan:
    """The plan from what `dump` wrote. Raises SeatworksError when the text is of another version."""
    try:
        return _PLAN.validate_json(text)
    except ValidationError as wrong:
        raise SeatworksError.of(
            f"plan.json does not fit this version of Seatworks ({wrong.error_count()} differences)",
            remedy="run `make plan` for this environment again",
        ) from None


def dump_outputs(outputs: CloudOutputs) -> str:
    """Cloud outputs as JSON with sorted keys."""
    return _text(_OUTPUTS.dump_python(outputs, mode="json"))


def load_outputs(text: str) -> CloudOutputs:
    """Cloud outputs from what `dump_outputs` wrote."""
    try:
        return _OUTPUTS.validate_json(text)
    except ValidationError:
        raise SeatworksError.of(
            "cloud.json does not fit this version of Seatworks",
            remedy="run `make deploy` for this environment again",
        ) from None


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
