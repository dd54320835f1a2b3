"""The Debian mirror: the only place outside this computer that the lab speaks with."""

from __future__ import annotations

import os
import urllib.error
import urllib.parse
import urllib.request

from seatworks.errors import SeatworksError

DEFAULT = "http://deb.debian.org/debian"


def url() -> str:
    """Address of the mirror: SEATWORKS_MIRROR, else Debian's own. Raises SeatworksError unless it is plain HTTP."""
    asked = os.environ.get("SEATWORKS_MIRROR", DEFAULT).rstrip("/")
    if urllib.parse.urlsplit(asked).scheme != "http" or not urllib.parse.urlsplit(asked).hostname:
        raise SeatworksError.of(
            f"is {asked!r}", place="SEATWORKS_MIRROR", remedy="give an http:// address; packages are signed"
        )
    return asked


def host() -> str:
    """Name of the mirror."""
    return str(urllib.parse.urlsplit(url()).hostname)


def port() -> int:
    """Port of the mirror, on both sides of the relay."""
    return urllib.parse.urlsplit(url()).port or 80


def names() -> tuple[str, ...]:
    """Names that lead machines to the mirror; roles may ask for Debian's own."""
    return tuple(dict.fromkeys((host(), str(urllib.parse.urlsplit(DEFAULT).hostname))))


def answers(address: str) -> bool:
    """Whether a file of the mirror can be had now."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=10) as reply:  # noqa: S310 - http only, checked in url()
            return bool(reply.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def security_url(suite: str) -> str | None:
    """The mirror's security archive, if it has one beside the main archive."""
    if not url().endswith("/debian"):
        return None
    beside = f"{url()}-security"
    return beside if answers(f"{beside}/dists/{suite}-security/InRelease") else None
