"""YAML text to plain values, with the line of every key. All that is wrong with the text is found here."""

from __future__ import annotations

import math
import re
import unicodedata
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

Location = tuple[str | int, ...]

# A specification of 2,000 seats with 200 queues has about 2,000 values and 60 kB.
LARGEST_FILE_BYTES = 512 * 1024
MOST_VALUES = 50_000
DEEPEST = 20

# A key and what a Chinese keyboard writes for the colon, or for the space behind it. Keys are Latin, texts need not be.
_COLON, _SPACE = "\N{FULLWIDTH COLON}", "\N{IDEOGRAPHIC SPACE}"
_WIDE = re.compile(rf"\s*(?:- )?[\"']?([a-z][a-z0-9_]*)[\"']?[ \t]*({_COLON}|:{_SPACE})")

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "\\t": ("a tab stands where YAML wants spaces", "indent with spaces"),
    "mapping values are not allowed": ("a colon too many, or a line indented differently from its neighbours", ""),
    "found another document": ("there is a second document (---) in the file", "keep one document per file"),
    "found undefined alias": ("an alias (*name) has no anchor (&name) before it", ""),
    "could not find expected ':'": ("a key without a colon", "write `key: value`"),
    "found unexpected end of stream": ("a quote is opened and never closed", ""),
    "<stream end>": ("a bracket or quote is opened and never closed", ""),
    "but found ','": ("a comma too many", ""),
    "expected <block end>": ("this line is indented differently from its neighbours", ""),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a key: which key, what, what to do. `line` is given where no key can be named."""

    location: Location
    message: str
    remedy: str = ""
    line: int = 0


@dataclass(slots=True)
class Source:
    """The values of a file, the line of each key, the raw text of each scalar, and what is wrong so far."""

    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    raw: dict[Location, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, location: Location) -> int:
        """The line of a key, or of the nearest key around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def refuse(self, message: str, remedy: str = "", *, location: Location = (), line: int = 0) -> None:
        """Note something wrong."""
        self.findings.append(Finding(location, message, remedy, line))


def read(path: Path) -> Source:
    """Read a file. `data` stays None when nothing useful could be read; `findings` then say why."""
    source = Source()
    try:
        if path.is_dir():
            source.refuse("is a folder, not a file", f"name the file: {path / 'seatworks.yml'}")
            return source
        if path.exists() and not path.is_file():
            # A pipe would never end, or never begin.
            source.refuse("is not an ordinary file", "name a text file")
            return source
        # At most one byte more than is allowed is read, so that a huge file does not fill the memory.
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        source.refuse("there is no such file", "check ENV=<name>; shipped examples: hybrid, onprem, cloud")
        return source
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        source.refuse(f"cannot be read: {reason}", "check the path and its permissions")
        return source
    if len(content) > LARGEST_FILE_BYTES:
        source.refuse(f"is larger than {LARGEST_FILE_BYTES // 1024} KiB", "a specification is a few pages of text")
        return source
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.refuse("is not UTF-8 text", "save the file as UTF-8 (not GBK, not UTF-16)", line=line)
        return source
    parse(text, source)
    return source


def parse(text: str, source: Source) -> None:
    """Fill `source` from YAML text."""
    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            # ruamel warns when an anchor's name is used twice, which YAML allows.
            warnings.simplefilter("ignore")
            root = yaml.compose(text)
    except MarkedYAMLError as error:
        if not _wide(text, source):
            _refuse_yaml(error, source, last_line=len(text.splitlines()))
        return
    except RecursionError:
        source.refuse("is nested too deeply", f"a specification has fewer than {DEEPEST} levels")
        return
    except (YAMLError, ValueError, LookupError, AssertionError, AttributeError, TypeError) as error:
        # ruamel raises these on text that no person writes: control characters, broken escapes, odd directives.
        bad = next((n for n, line in enumerate(text.splitlines(), 1) if not line.replace("\t", "").isprintable()), 1)
        source.refuse(f"is not YAML: {str(error).splitlines()[0] if str(error) else 'broken text'}", line=bad)
        return
    if root is None or (isinstance(root, ScalarNode) and root.tag == f"{_TAG}null"):
        source.refuse("is empty", "begin with a copy of inventories/hybrid/seatworks.yml")
    elif not isinstance(root, MappingNode) and not _wide(text, source):
        source.refuse("is not a list of settings", "write `key: value` lines, as inventories/hybrid/seatworks.yml does")
    elif isinstance(root, MappingNode):
        builder = _Builder(source)
        data = builder.value(root, ())
        source.data = None if builder.refused else data


def _wide(text: str, source: Source) -> bool:
    """Refuse a key that is followed by a character of a Chinese keyboard: YAML itself complains lines later."""
    found = [(n, key) for n, line in enumerate(text.splitlines(), 1) if (key := _WIDE.match(line))]
    for line, key in found:
        wide, plain = (_COLON, ":") if key[2] == _COLON else (_SPACE, " ")
        source.refuse(
            f"is not YAML: `{wide}` ({unicodedata.name(wide).lower()}) follows `{key[1]}`: a letter to YAML",
            f"write `{plain}` as on an English keyboard",
            line=line,
        )
    return bool(found)


def _refuse_yaml(error: MarkedYAMLError, source: Source, *, last_line: int) -> None:
    problem = str(error.problem or error.context or "broken text")
    mark = error.problem_mark or error.context_mark
    # What is never closed is missed only behind the last line.
    line = max(1, min(mark.line + 1 if mark else 1, last_line))
    for sign, (message, remedy) in _PLAIN.items():
        if sign in problem:
            source.refuse(f"is not YAML: {message}", remedy, line=line)
            return
    source.refuse(f"is not YAML: {problem}", line=line)


class _Builder:
    """Turns nodes into values. Counts them, so that aliases of aliases cannot grow without end."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.refused = False

    def value(self, node: Node, location: Location) -> Any:
        self.count += 1
        if self.refused:
            return None
        if len(location) > DEEPEST or self.count > MOST_VALUES:
            self.refused = True
            self.source.refuse(
                "is nested too deeply" if len(location) > DEEPEST else f"has more than {MOST_VALUES:,} values",
                "look for an anchor (&name) that contains its own alias (*name)",
                location=location[:3],
            )
            return None
        self.source.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            self.source.raw[location] = node.value
            return self._scalar(node, location)
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        return [self.value(item, (*location, index)) for index, item in enumerate(node.value)]

    def _scalar(self, node: ScalarNode, location: Location) -> Any:
        tag, text = str(node.tag).removeprefix(_TAG), str(node.value)
        try:
            match tag:
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    # YAML 1.2: a leading zero means nothing; 0o and 0x are octal and hexadecimal.
                    digits = text.replace("_", "")
                    return int(digits, 0 if digits.lstrip("+-")[:2].lower() in {"0x", "0o", "0b"} else 10)
                case "float":
                    number = float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
                    return number if math.isfinite(number) else text
                case "str" | "timestamp":
                    return text
        except ValueError:
            return text
        self.source.refuse(f"has the tag {node.tag}, which means nothing here", "remove it", location=location)
        return text

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                line = key_node.start_mark.line + 1
                self.source.refuse("a key must be a word", "write `key: value`", location=location, line=line)
                continue
            # A key is text, so that 1: and "1": are the same digit.
            key = str(key_node.value)
            here = (*location, key)
            if str(key_node.tag) == f"{_TAG}merge":
                self._merge(value_node, location, merged)
                continue
            if key in values:
                line = key_node.start_mark.line + 1
                self.source.refuse(
                    f"is given twice (first on line {self.source.line(here)})", "keep one", location=here, line=line
                )
                continue
            self.source.lines[here] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, here)
        return {**merged, **values}

    def _merge(self, node: Node, location: Location, merged: dict[str, Any]) -> None:
        """`<<: *anchor`: keys of another mapping, unless given here."""
        for part in [node] if isinstance(node, MappingNode) else node.value:
            if not isinstance(part, MappingNode):
                self.source.refuse("<< must name a mapping", "write `<<: *anchor`", location=location)
                return
            values = self.value(part, location)
            for key in values or ():
                merged.setdefault(key, values[key])
