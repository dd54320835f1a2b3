"""Which address each server gets: a place that does not move when other groups grow."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

# The first address of each group inside its subnet, with room for ten; those beyond lie interleaved from OVERFLOW on,
# so that no group's growth moves a server of another.
FIRST_ADDRESS = {"edge": 11, "cloud-edge": 11, "call": 21, "db": 31, "record": 41, "peak": 51}
OVERFLOW = 61
_TENS = 10
_RANKS = {group: rank for rank, group in enumerate(FIRST_ADDRESS)}
# Subnets of the cloud network: the first size that holds the servers is taken; below a /24 is for small networks.
CLOUD_PREFIXES = (24, 22, 20, 18, 25, 26)


def place(group: str, index: int) -> int:
    """The place inside its subnet of the group's server number `index` (from 0) there."""
    if index < _TENS:
        return FIRST_ADDRESS[group] + index
    return OVERFLOW + (index - _TENS) * len(_RANKS) + _RANKS[group]


def addresses_needed(counts: Mapping[str, int]) -> int:
    """Addresses that a subnet must have for so many servers of each group, its own and its last included."""
    return max((place(group, count - 1) for group, count in counts.items() if count), default=1) + 2


def address(group: str, index: int, subnet: IPv4Network) -> IPv4Address:
    """The address of the group's server number `index` in that subnet. Raises IndexError when it is too small."""
    return subnet[place(group, index)]


def cloud_subnets(network: IPv4Network, needed: int, count: int) -> list[IPv4Network] | None:
    """The first `count` subnets of the cloud network that hold `needed` addresses each; None when it has none."""
    for prefix in CLOUD_PREFIXES:
        if prefix >= network.prefixlen and 1 << (32 - prefix) >= needed and 1 << (prefix - network.prefixlen) >= count:
            found = network.subnets(new_prefix=prefix)
            return [next(found) for _ in range(count)]
    return None
