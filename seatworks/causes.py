"""Why a check did not pass, in words: what pytest wrote about it is for those who write tests.

A test says what is wrong as the first line of its exception. `look at: …` in a line of its own says where to go on;
what follows is what was seen (messages of phones, lines of journals). All else that pytest adds is Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What pytest puts around the exception of a fixture, and the exception's type before its text.
_STAGE = re.compile(r'failed on (?:setup|teardown) with "(.*)"\Z', re.DOTALL)
_TYPE = re.compile(r"(?:\w+\.)*(\w*(?:Error|Exception|Expired|Failed|Exit|Interrupt|Warning|Refused))(?::\s|\Z)")
# Exceptions whose text a test wrote for people. Any other says that the check itself broke.
_TOLD = ("AssertionError", "PhoneError", "Failed", "SeatworksError", "VerifyError", "HostsError", "UsageError")
LOOK_AT = "look at: "
"""How a test begins the line that says where to go on."""

# testinfra's own words for a command that ended otherwise than it should.
_COMMAND = re.compile(
    r"""Unexpected exit code (?P<code>-?\d+) for CommandResult\(.*?command=(?P<command>b?(?:'.*?'|".*?")), """
    r"""_stdout=.*_stderr=(?P<stderr>b?(?:'.*'|".*"))""",
    re.DOTALL,
)
_LITERAL = re.compile(r"""\{['"].*\}|\[['"({].*\]|\(['"].*\)|\[\]|\{\}|set\(\)""")
_RAW = re.compile(r"""<[\w.]+ [^>]*>|\bobject at 0x|[\[{(]b?['"]|\b[A-Z]\w+\(\w+=""")


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong, in one line (empty when nobody said it in words), where to look, and what was seen."""

    line: str
    look_at: str = ""
    seen: str = ""

    @property
    def text(self) -> str:
        """What is wrong, then what was seen."""
        return "\n".join(filter(None, (self.line, self.seen)))


def of(message: str) -> Cause:
    """The cause in what pytest wrote as the message of a failure: an exception with its type, or a bare comparison."""
    text = message.strip()
    if stage := _STAGE.match(text):
        text = stage[1]
    if found := _TYPE.match(text):
        text = text[found.end() :]
        if found[1] not in _TOLD:
            return Cause(f"the check itself broke ({found[1]})")
    if command := _COMMAND.search(text):
        return _command(command)
    lines = text.splitlines()
    # pytest's explanation of an assertion follows the words of the test: `assert …`, then `+  where …`.
    end = next((n for n, line in enumerate(lines) if line.startswith("assert ")), len(lines))
    told = [line for line in lines[:end] if not line.startswith(LOOK_AT)]
    look_at = next((line.removeprefix(LOOK_AT) for line in lines[:end] if line.startswith(LOOK_AT)), "")
    line = plain(told[0]) if told else ""
    return Cause(line, look_at, "\n".join(plain(each, otherwise="…") for each in told[1:]).strip())


def _command(found: re.Match[str]) -> Cause:
    """A command on a host, how it ended and the last thing it complained about."""
    command, complaint = (_literal(found[name]).strip() for name in ("command", "stderr"))
    line = f"“{command.splitlines()[0] if command else ''}” ended with {found['code']}"
    last = complaint.splitlines()[-1] if complaint else ""
    return Cause(f"{line}: {last}" if last else line, "", complaint if complaint != last else "")


def _literal(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def plain(line: str, otherwise: str = "") -> str:
    """A line without Python in it: values in words, or `otherwise` where there is no saying what was meant."""
    said = _LITERAL.sub(_in_words, line)
    return otherwise if _RAW.search(said) else said


def _in_words(found: re.Match[str]) -> str:
    try:
        return spoken(ast.literal_eval(found[0]))
    except (ValueError, SyntaxError):
        return found[0]


def spoken(value: Any) -> str:
    """A value as people write it: `menu digit 1, queue sales`, `1001, 1002`, `none`."""
    if isinstance(value, Mapping):
        pairs = (f"{str(key).replace('_', ' ')} {spoken(each)}" for key, each in value.items())
        return ", ".join(pairs) or "none"
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(map(spoken, value)) if isinstance(value, set | frozenset) else map(spoken, value)
        return ", ".join(parts) or "none"
    return "none" if value is None or value == "" else str(value)
