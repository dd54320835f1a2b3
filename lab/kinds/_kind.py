"""What a row of the table of kinds says: how one resource type is made, read, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.aws.account import Account
from stacks.values import Properties

Create = Callable[[Account, Properties], tuple[str, Properties]]
Delete = Callable[[Account, str, Properties], None]
# What the account holds of a resource now: account, id, the properties known of it (none for one from elsewhere).
# None when it is not there; a property that is None is not set.
Read = Callable[[Account, str, Properties], Properties | None]
# Brings a property of an existing resource to its new value: account, id, new inputs, old outputs.
Change = Callable[[Account, str, Properties, Properties], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type. Properties in `changes` change in place, all others need a new resource.

    `named` is the property that gets a generated name when the program gives none. Types with `tags`, which is how
    theirs are changed, carry the provider's default tags. `defaults` says what a property is when the program does
    not give it (None: not set); one that is neither given nor there is left to the account. `untold` are properties
    that AWS keeps to itself or does not know of.
    """

    create: Create
    delete: Delete
    read: Read
    changes: Mapping[str, Change] = field(default_factory=dict)
    named: str = ""
    tags: Change | None = None
    required: tuple[str, ...] = ()
    # Outputs that the lab chose among free ones; a resource made again is given them back.
    chosen: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
