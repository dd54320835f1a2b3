"""The specification of a deployment: one YAML file, read, checked and refused with every problem at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seatworks.errors import Problem, SpecError
from seatworks.spec import rules, words
from seatworks.spec.choices import (
    Database,
    Day,
    Direction,
    Edition,
    Industry,
    Link,
    Mode,
    Platform,
    SeatCodec,
    SeatSite,
    Strategy,
    Target,
    TrunkKind,
    Working,
)
from seatworks.spec.model import (
    Cloud,
    Gateway,
    Hours,
    Management,
    Media,
    Menu,
    Number,
    Onprem,
    Outbound,
    Queue,
    Recording,
    Seats,
    Service,
    ServiceLevel,
    Spec,
    Traffic,
    Trunk,
)
from seatworks.spec.read import Finding, Source, read

__all__ = [
    "Cloud",
    "Database",
    "Day",
    "Direction",
    "Edition",
    "Gateway",
    "Hours",
    "Industry",
    "Link",
    "Management",
    "Media",
    "Menu",
    "Mode",
    "Number",
    "Onprem",
    "Outbound",
    "Platform",
    "Queue",
    "Recording",
    "SeatCodec",
    "SeatSite",
    "Seats",
    "Service",
    "ServiceLevel",
    "Spec",
    "Strategy",
    "Target",
    "Traffic",
    "Trunk",
    "TrunkKind",
    "Working",
    "load",
    "schema",
    "schema_text",
]


def load(path: Path, target: str | None = None) -> Spec:
    """Read and check a specification. Raises SpecError with everything that is wrong with it.

    `target` (lab or live), when given, takes the place of what the file says.
    """
    source = read(path)
    if source.data is None:
        raise _refusal(path, source, source.findings)
    if target:
        source.data["target"] = target
    found = list(source.findings)
    spec: Spec | None = None
    try:
        spec = Spec.model_validate(source.data)
    except ValidationError as error:
        found += words.findings(error, source)
    folder = path.absolute().parent.name if path.name == "seatworks.yml" else None
    found += rules.check(words.salvage(Spec, source.data), folder)
    if spec is None or found:
        raise _refusal(path, source, found)
    return spec


def _refusal(path: Path, source: Source, found: list[Finding]) -> SpecError:
    """The findings as problems, in the order of the file."""
    try:
        shown = path.absolute().relative_to(Path.cwd()) if path.is_absolute() else path
    except ValueError:
        shown = path
    problems: dict[tuple[int, str, str], Problem] = {}
    for finding in found:
        line = finding.line or source.line(finding.location)
        key = _key(finding.location)
        place = f"{shown}:{line} {key}".rstrip()
        problems.setdefault((line, key, finding.message), Problem(place, finding.message, finding.remedy))
    return SpecError(*(problems[order] for order in sorted(problems)))


def _key(location: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{words.shown(step)}" for step in location)
    return text.removeprefix(".")


def schema() -> dict[str, Any]:
    """The JSON Schema that editors complete and check `seatworks.yml` with."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Spec.model_json_schema(),
    }


def schema_text() -> str:
    """`schema` as it stands in docs/seatworks.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
