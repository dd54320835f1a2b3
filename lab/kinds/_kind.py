"""What a row of the table of kinds says: how one resource type is made and deleted, and what of it changes in place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from lab.aws.account import Account
from stacks.values import Properties

Create = Callable[[Account, Properties], tuple[str, Properties]]
Delete = Callable[[Account, str, Properties], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type. Properties `in_place` change without a new resource, all others need one.

    Nothing is changed in the account itself: it is made anew from the new properties (lab/cloud/engine.py). `named` is
    the property that gets a generated name when the program gives none. Types with `tags` carry the provider's default
    tags, and change them in place.
    """

    create: Create
    delete: Delete
    in_place: Collection[str] = ()
    named: str = ""
    tags: bool = False
    required: tuple[str, ...] = ()
    # Outputs that the lab chose among free ones; a resource made again is given them back.
    chosen: tuple[str, ...] = ()
