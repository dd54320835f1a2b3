"""The single values that a specification may contain, and what is said of one that is none of them."""

from __future__ import annotations

import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError


def _address(value: Any) -> Any:
    try:
        return IPv4Address(value) if isinstance(value, str) else value + ""
    except (TypeError, ValueError):
        raise PydanticCustomError(
            "written", "is not an IPv4 address", {"remedy": "write four numbers, such as 192.0.2.10"}
        ) from None


def _network(value: Any) -> Any:
    try:
        if not isinstance(value, str) or "/" not in value:
            raise ValueError("no prefix length")
        loose = IPv4Network(value, strict=False)
    except ValueError:
        raise PydanticCustomError(
            "written", "is not an IPv4 network", {"remedy": "write address/length, such as 10.20.0.0/24"}
        ) from None
    if loose.network_address != IPv4Address(value.split("/")[0]):
        raise PydanticCustomError(
            "written", "is an address inside a network, not a network", {"remedy": f"write {loose}"}
        )
    return loose


def _host(value: Any) -> Any:
    # Names are one in any case (RFC 4343).
    return value.lower() if isinstance(value, str) else value


def _date(value: Any) -> Any:
    if type(value) is datetime.date:
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError(
            "written", "is no day of the calendar", {"remedy": "write year-month-day, such as 2027-01-25"}
        ) from None


# What each pattern below asks for, in words; error messages take them from here.
FORMATS = {
    r"^[a-z][a-z0-9]{0,11}$": "1 to 12 lower-case letters and digits, beginning with a letter",
    r"^[a-z][a-z0-9_-]{0,29}$": "up to 30 lower-case letters, digits, - and _, beginning with a letter",
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$": "a host name in lower case",
    r"^[0-9*#]$": "one key of a telephone: 0 to 9, * or #",
    r"^[A-Za-z0-9][A-Za-z0-9_/-]*$": "the name of a sound, without its ending",
    r"^\+?[0-9]{3,15}$": "3 to 15 digits, with + in front if international",
    r"^[a-z]{2}(-[a-z]+)+-[0-9]$": "a region such as cn-north-1",
    r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$": "a zone such as cn-north-1a",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": 'a time in quotes, such as "08:30"',
    r"^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$": "a time zone such as Asia/Shanghai, or UTC",
    r"^[A-Z]{2}$": "two capital letters, such as DE",
    r"^[a-z]{2}-[A-Z]{2}$": "a language such as en-US",
}
(
    _NAME, _WORD, _HOST, _DIGIT, _PROMPT, _NUMBER, _REGION, _ZONE, _TIME, _TIME_ZONE, _COUNTRY, _LANGUAGE,
) = FORMATS  # fmt: skip


def _text(pattern: str) -> StringConstraints:
    return StringConstraints(strict=True, pattern=pattern)


# bool is an int to Python and "80" would be read as 80: neither is what a person means.
Whole = Annotated[int, Field(strict=True)]
Decimal = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Flag = Annotated[bool, Field(strict=True)]
Port = Annotated[Whole, Field(ge=1, le=65535)]
Address = Annotated[IPv4Address, BeforeValidator(_address)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]
Date = Annotated[datetime.date, BeforeValidator(_date)]
Word = Annotated[str, _text(_WORD)]
HostName = Annotated[str, _text(_HOST)]
AnyHost = Annotated[HostName, BeforeValidator(_host)]
Digit = Annotated[str, _text(_DIGIT)]
Prompt = Annotated[str, _text(_PROMPT)]
Zone = Annotated[str, _text(_ZONE)]
Time = Annotated[str, _text(_TIME)]
Spoken = Annotated[str, Field(strict=True, min_length=1, max_length=1024)]
Named = Annotated[str, _text(_NAME)]
Dialled = Annotated[str, _text(_NUMBER)]
Region = Annotated[str, _text(_REGION)]
TimeZone = Annotated[str, _text(_TIME_ZONE)]
Country = Annotated[str, _text(_COUNTRY)]
Language = Annotated[str, _text(_LANGUAGE)]
