"""Why a number of the plan is what it is: formula, inputs and source."""

from __future__ import annotations

import difflib
from typing import Any

from seatworks.errors import Problem, SeatworksError
from seatworks.sizing import Figure, Sizing


def explain(sizing: Sizing, name: str) -> Figure:
    """The figure of that name. Raises SeatworksError naming the nearest ones."""
    known = {figure.name: figure for figure in sizing.figures}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    remedy = f"did you mean {' or '.join(close)}?" if close else "run `seatworks explain ENV` for the list"
    raise SeatworksError(Problem(name, "is no figure of the sizing", remedy))


def amount(value: float | str) -> str:
    """A number as people read it: thousands separated, six digits that matter."""
    if isinstance(value, str):
        return value
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"


def text(sizing: Sizing, figure: Figure) -> str:
    """The figure in words, with the figures it is made from one level down."""
    known = {each.name: each for each in sizing.figures}
    lines = [
        f"{figure.name} = {amount(figure.value)} {figure.unit}",
        f"  formula  {figure.formula}",
    ]
    for name, value in figure.inputs:
        why = f"   ({known[name].formula})" if name in known and name != figure.name else ""
        lines.append(f"  {name} = {amount(value)}{why}")
    lines.append(f"  source   {figure.source}")
    return "\n".join(lines) + "\n"


def document(figure: Figure) -> dict[str, Any]:
    """The figure as JSON: name, value, unit, formula, inputs, source."""
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "formula": figure.formula,
        "inputs": dict(figure.inputs),
        "source": figure.source,
    }
