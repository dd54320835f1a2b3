"""The SIP messages of a phone, read from its log."""

from __future__ import annotations

import re
from dataclasses import dataclass

# baresip's option -s writes each message between colour marks.
TRACE = re.compile(r"\x1b\[36;1m#\r?\n(\w+) (\S+) -> (\S+)\r?\n(.*?)\x1b\[;m", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message of a phone's trace."""

    transport: str
    source: str
    target: str
    text: str

    @property
    def first_line(self) -> str:
        """`INVITE sip:…` or `SIP/2.0 200 OK`."""
        return self.text.split("\n", 1)[0].strip()

    def header(self, name: str) -> str:
        """A header's value; empty when there is none."""
        found = re.search(rf"^{re.escape(name)}\s*:\s*(.*?)\s*$", self.text, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else ""

    @property
    def step(self) -> str:
        """One line of the ladder."""
        return f"{self.transport} {self.source} -> {self.target}  {self.first_line}  [{self.header('CSeq')}]"


def messages(log: str) -> list[Message]:
    """The messages of a log, in order."""
    return [Message(*parts) for parts in TRACE.findall(log)]


def remarks(log: str) -> list[str]:
    """The lines of a log that are no message."""
    return [line for line in TRACE.sub("", log).splitlines() if line.strip()]
