"""One request after the other: the interface takes two a second and answers "slow down" to the rest."""

from __future__ import annotations

from typing import Any, TypeVar

import pulumi

Made = TypeVar("Made", bound=pulumi.Resource)


class Turns:
    """Resources of one instance, each waiting for the one before.

    Made side by side, a hundred users would be refused and tried again a thousand times; the provider repeats what was
    refused, more slowly each time, and gives up in the end. One after the other, making and reading back a resource
    takes about as long as the limit asks.
    """

    def __init__(self) -> None:
        self._last: pulumi.Resource | None = None

    def options(self, parent: pulumi.Resource, **more: Any) -> pulumi.ResourceOptions:
        """The options of the next resource."""
        waits = [self._last] if self._last is not None else []
        return pulumi.ResourceOptions(parent=parent, depends_on=waits, **more)

    def took(self, made: Made) -> Made:
        """The resource that was made in this turn."""
        self._last = made
        return made
