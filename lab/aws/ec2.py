"""EC2: addresses belong to one at a time, and are free again when their machine is terminated.

The emulator keeps the address of a terminated machine, gives that of a network interface away a second time, and lets
two machines have one interface. It takes what a machine is told later for base64, though it has decoded that itself.
"""

from __future__ import annotations

import base64
import copy
from typing import Any

from lab.aws._wrap import wrap


def extend() -> None:
    """Add it, once in a process."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses import instances

    if hasattr(Instance, "seatworks_gives_back"):
        return
    setattr(Instance, "seatworks_gives_back", True)  # noqa: B010 - an attribute of ours on a class of theirs
    wrap(Instance, "terminate", _gives_back)
    wrap(Instance, "attach_eni", _has_alone)
    wrap(NetworkInterfaceBackend, "create_network_interface", _takes_address)
    wrap(NetworkInterfaceBackend, "delete_network_interface", _frees_address)
    wrap(instances, "parse_user_data", _told)


def _told(plain: Any) -> Any:
    def parse_user_data(value: Any) -> Any:
        # Bytes have been decoded on their way in.
        return plain(base64.b64encode(value).decode() if isinstance(value, bytes) else value)

    return parse_user_data


def _gives_back(plain: Any) -> Any:
    def terminate(self: Any) -> Any:
        state = plain(self)
        if self.subnet_id:
            subnet = self.ec2_backend.get_subnet(self.subnet_id)
            for address in sorted(self._private_ips):
                subnet.del_subnet_ip(address)
        for index, card in list(self.nics.items()):
            if _stands(card):
                # The machine is told of for a while, as it was; its interface is another's now.
                self.nics[index] = copy.copy(card)
                card.instance = card.attachment_id = card.attach_time = None
                card.status = "available"
        return state

    return terminate


def _has_alone(plain: Any) -> Any:
    def attach_eni(self: Any, eni: Any, device_index: int) -> Any:
        if eni.instance is not None and eni.instance is not self:
            raise _in_use(eni.id)
        return plain(self, eni, device_index)

    return attach_eni


def _takes_address(plain: Any) -> Any:
    def create_network_interface(self: Any, subnet: Any, private_ip_address: Any, *args: Any, **more: Any) -> Any:
        # Only a request gives this; machines and endpoints make theirs without it, and machines have taken the address.
        asked = "secondary_ips_count" in more
        if asked and private_ip_address:
            if private_ip_address in subnet._subnet_ips:
                raise _refusal("InvalidIPAddress.InUse", f"Address {private_ip_address} is in use.")
            subnet.request_ip(private_ip_address, instance=None)
        card = plain(self, subnet, private_ip_address, *args, **more)
        card.seatworks_stands = asked
        return card

    return create_network_interface


def _frees_address(plain: Any) -> Any:
    def delete_network_interface(self: Any, eni_id: str) -> Any:
        card = self.enis.get(eni_id)
        if card is not None and _stands(card):
            if card.instance is not None:
                raise _in_use(eni_id)
            card.subnet.del_subnet_ip(card.private_ip_address)
        return plain(self, eni_id)

    return delete_network_interface


def _stands(card: Any) -> bool:
    """Whether an interface was made for itself, and so outlives machines."""
    return bool(getattr(card, "seatworks_stands", False))


def _in_use(id_: str) -> Exception:
    return _refusal("InvalidNetworkInterface.InUse", f"Interface: [{id_}] in use.")


def _refusal(code: str, message: str) -> Exception:
    from moto.ec2.exceptions import EC2ClientError

    return EC2ClientError(code, message)
