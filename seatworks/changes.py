"""What a change of a running centre does, and the page that says it: `data/changes.yml`, read and written out."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from seatworks.tables import table

# From the mildest; what a change of several areas comes to is the hardest of them.
UNSHOWN = "none"
WAYS = ("nothing", "reload", "drained restart", "new host", "refused")


@dataclass(frozen=True, slots=True)
class Area:
    """One thing that a change touches. `ways` are by role; `stops` meanwhile, for `seconds`; `drill` shows it."""

    name: str
    title: dict[str, str]
    ways: dict[str, str]
    stops: dict[str, str]
    seconds: int
    drill: str
    way_round: dict[str, str]

    @property
    def way(self) -> str:
        """The hardest of its ways."""
        return max(self.ways.values(), key=WAYS.index)

    def said(self, lang: str = "en") -> str:
        """Each way with its roles, the mildest first."""
        parts = []
        for way in sorted(set(self.ways.values()), key=WAYS.index):
            roles = [_word(role, lang) for role, each in self.ways.items() if each == way]
            parts.append(_word(way, lang) + ("" if self.ways == {"all": way} else f": {' '.join(roles)}"))
        return "; ".join(parts)


@functools.cache
def areas() -> dict[str, Area]:
    """Every area by name."""
    return {
        name: Area(
            name,
            entry["title"],
            entry["ways"],
            entry["stops"],
            int(entry["seconds"]),
            entry["drill"],
            entry.get("round", {}),
        )
        for name, entry in table("changes")["areas"].items()
    }


def of_key(key: str) -> tuple[Area, ...]:
    """What a key of seatworks.yml, written with dots (`service.menus.default`), can touch. Raises KeyError."""
    groups = table("changes")["groups"]
    names = [each for name in table("changes")["keys"][key] for each in groups.get(name, (name,))]
    return tuple(areas()[name] for name in names)


def of_plan(field: str) -> Area | None:
    """What tells the difference of a part of the plan (`recording.share`); None where the table does not name it."""
    name = table("changes")["plan"].get(field)
    return areas()[name] if name else None


def page(lang: str = "en") -> str:
    """docs/changes.md, or with `zh` its Chinese twin."""
    words: dict[str, str] = table("changes")["page"][lang]
    parts = [f"# {words['title']}", words["other"], words["head"], words["ways"]]
    parts += [f"## {words['keys']}", "\n".join([words["keys_row"], "|---|---|---|", *_keys(words, lang)])]
    parts += [f"## {words['areas']}", "\n".join([words["areas_row"], "|---|---|---|---|---|", *_areas(words, lang)])]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _word(name: str, lang: str) -> str:
    """A way, or what is not a role's name, in a language."""
    return str(table("changes")["page"]["names"].get(name, name)) if lang == "zh" else name


def _keys(words: dict[str, str], lang: str) -> Iterator[str]:
    groups = table("changes")["groups"]
    for key, names in table("changes")["keys"].items():
        own = [areas()[name] for name in names if name not in groups]
        way = _word(max((area.way for area in own), key=WAYS.index), lang)
        touched = [f"[{area.title[lang]}](#{area.name})" for area in own]
        if len(own) < len(names):
            touched.append(f"[{words['servers']}](#{groups['hosts'][0]})")
        yield f"| `{key}` | {way} | {', '.join(touched)} |"


def _areas(words: dict[str, str], lang: str) -> Iterator[str]:
    for area in areas().values():
        stops = area.stops[lang]
        if area.way_round:
            stops += f"<br>{words['round']}: {area.way_round[lang]}"
        seconds = f"{area.seconds} s" if area.seconds else ""
        drill = f"`{area.drill}`" if "/" in area.drill else f"{words['drill']} `{area.drill}`"
        drill = words["unshown"] if area.drill == UNSHOWN else drill
        cells = [f'<a id="{area.name}"></a>{area.title[lang]}', area.said(lang), stops, seconds, drill]
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |")


if __name__ == "__main__":
    # `make changes` writes the pages with it.
    sys.stdout.write(page(*sys.argv[1:]))
