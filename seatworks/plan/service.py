"""What callers of our own servers meet: numbers and menus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu: which digit leads to which queue; `default` takes callers who press nothing valid."""

    name: str
    prompts: tuple[str, ...]
    digits: tuple[tuple[str, str], ...]
    default: str
    wait_s: int


@dataclass(frozen=True, slots=True)
class Number:
    """A dialled number, the menu or queue it leads to, and the call servers that serve it in order.

    `forms` are the ways in which a carrier may write it, `number` as the specification does among them.
    """

    number: str
    menu: str | None
    queue: str | None
    home: str
    second: str | None
    forms: tuple[str, ...] = ()
