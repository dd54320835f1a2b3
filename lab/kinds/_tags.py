"""Tags of the services that take a list of keys and values, read and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stacks.values import Properties


def tags_of(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a resource holds them, from a list of keys and values."""
    return {entry["Key"]: entry["Value"] for entry in entries}


def gone_tags(new: Properties, old: Properties) -> list[str]:
    """Names of the tags that a resource no longer has."""
    return sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
