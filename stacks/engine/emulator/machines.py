"""EC2: the address of a machine that was terminated is free again.

The emulator keeps it, and refuses the machine that takes the other's place.
"""

from __future__ import annotations

import functools
from typing import Any


def extend() -> None:
    """Let a subnet have back the addresses of a terminated machine."""
    from moto.ec2.models.instances import Instance

    if hasattr(Instance, "seatworks_gives_back"):
        return
    setattr(Instance, "seatworks_gives_back", True)  # noqa: B010 - an attribute of ours on a class of theirs
    terminate = Instance.terminate

    @functools.wraps(terminate)
    def gives_back(self: Any) -> Any:
        state = terminate(self)
        if self.subnet_id:
            subnet = self.ec2_backend.get_subnet(self.subnet_id)
            for address in sorted(self._private_ips):
                subnet.del_subnet_ip(address)
        return state

    setattr(Instance, terminate.__name__, gives_back)
