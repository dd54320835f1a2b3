"""A service that the provider runs whole: nothing of its inside is known, so it counts as what is promised."""

from __future__ import annotations

from seatworks.availability.assess import percent
from seatworks.availability.figures import figure
from seatworks.availability.topology import Availability, Element


def promised(asked_percent: float, name: str, promise: str) -> Availability:
    """The availability of one service by its contract; `promise` names the figure of data/availability.yml."""
    share = figure(promise)
    element = Element(name, 1, 1, share, share, "run by the provider in several zones; counts as what is promised")
    notes = (
        f"{name} promises {percent(100 * share)}; nothing is known of its inside, so the model is the promise. What is "
        "promised is paid back when missed, it is not what happens",
        "lines to callers belong to the service; a seat's own line and computer (each loses one seat) are not counted",
    )
    return Availability(float(asked_percent), 100 * share, 100 * share, (element,), notes)
