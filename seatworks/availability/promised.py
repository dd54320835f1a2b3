"""A service that the provider runs whole: nothing of its inside is known, so it counts as what is promised."""

from __future__ import annotations

from seatworks.availability.figures import figure
from seatworks.availability.said import nines
from seatworks.availability.topology import Availability, Element
from seatworks.message import Message


def promised(asked_percent: float, name: str, promise: str) -> Availability:
    """The availability of one service by its contract; `promise` names the figure of data/availability.yml."""
    share = figure(promise)
    why = Message("run by the provider in several zones; counts as what is promised")
    notes = (
        Message(
            "{name} promises {share} %; nothing is known of its inside, so the model is the promise. What is promised "
            "is paid back when missed, it is not what happens",
            name=name,
            share=nines(100 * share),
        ),
        Message(
            "lines to callers belong to the service; a seat's own line and computer (each loses one seat) are not "
            "counted"
        ),
    )
    element = Element(name, 1, 1, share, share, why)
    return Availability(float(asked_percent), 100 * share, 100 * share, (element,), notes)
