"""One number, however it is written: the forms in which carriers send a number that the specification gives once.

In China (ITU-T E.164, national numbering plan of country code 86) an area code has a 0 in front within the country and
none after +86. Mobile numbers, 400 and 800 numbers and those of 95 and 96 never have one. Of other countries only the
international forms are known, and a number without its country is known as it is written.
"""

from __future__ import annotations

import re

CHINA = "86"
# Numbers without an area code: mobile, 400 and 800, and 95 or 96 with what follows.
_WHOLE = re.compile(r"1[3-9][0-9]{9}|[48]00[0-9]{7}|9[56][0-9]{3,6}")
# 10 and 2x are area codes of two digits with numbers of eight, all others of three with seven or eight.
_AREA = re.compile(r"(10|2[0-9])[0-9]{8}|[3-9][0-9]{2}[0-9]{7,8}")


def forms(number: str, *, china: bool) -> tuple[str, ...]:
    """Every form of a number, the given one first. `china`: a number without its country is one of China."""
    plain = f"+{number[2:]}" if number.startswith("00") else number
    own = _national(plain.removeprefix("+"), abroad=plain.startswith("+")) if china or _of_china(plain) else None
    every = [number]
    if own is not None:
        every += [own if _WHOLE.fullmatch(own) else f"0{own}", f"{CHINA}{own}", f"+{CHINA}{own}", f"00{CHINA}{own}"]
    elif plain.startswith("+"):
        every += [plain, plain[1:], f"00{plain[1:]}"]
    return tuple(dict.fromkeys(every))


def _of_china(plain: str) -> bool:
    return plain.startswith(f"+{CHINA}")


def _national(digits: str, *, abroad: bool) -> str | None:
    """The number as it follows +86; None where it is none of China, or lacks its area code."""
    if digits.startswith(CHINA) and _known(digits[2:]):
        return digits[2:]
    if abroad:
        return None
    if digits.startswith("0"):
        return digits[1:] if _AREA.fullmatch(digits[1:]) and not _WHOLE.fullmatch(digits[1:]) else None
    return digits if _WHOLE.fullmatch(digits) else None


def _known(digits: str) -> bool:
    return bool(_WHOLE.fullmatch(digits) or _AREA.fullmatch(digits))
