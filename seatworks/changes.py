"""What a change of a running centre does, and the page that says it: `data/changes.yml`, read and written out."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from seatworks.tables import table

# From the mildest; what a change of several areas comes to is the hardest of them.
WAYS = ("nothing", "reload", "drained restart", "new host", "refused")
_ZH = {
    "nothing": "无操作", "reload": "重新加载", "drained restart": "排空后重启", "new host": "新主机", "refused": "拒绝",
    "all": "全部", "cloud": "云",
}  # fmt: skip
_WORDS = {
    "en": {
        "title": "What a change does",
        "other": "[中文](changes.zh-CN.md)",
        "head": (
            "What the roles and the cloud half do when a key of `seatworks.yml` changes on a running centre. Made from "
            "`seatworks/data/changes.yml` by `make changes`; `make diff` says the same of two plans."
        ),
        "ways": (
            "**nothing**: only figures and prices. **reload**: read again while calls go on. **drained restart**: no "
            "new calls, its calls end, it starts again; of a pair one after the other. **new host**: a server is made, "
            "configured and taken in. **refused**: not done, with the way round."
        ),
        "keys": "## By key",
        "keys_row": "| key | comes to | touches |",
        "areas": "## By what is touched",
        "areas_row": "| touched | by | stops meanwhile | for | shown by |",
        "round": "way round",
        "drill": "drill",
        "several": "up to ",
    },
    "zh": {
        "title": "改动的影响",
        "other": "[English](changes.md)",
        "head": (
            "在运行中的呼叫中心改动 `seatworks.yml` 的某个键时，各角色和云端会做什么。本页由 `make changes` 根据 "
            "`seatworks/data/changes.yml` 生成；`make diff` 对两个方案给出同样的说明。"
        ),
        "ways": (
            "**无操作**：只涉及测算与价格。**重新加载**：重新读取，通话不中断。**排空后重启**：不再接新通话，待其通话结束后重启；"
            "一对中的两台依次进行。**新主机**：新建、配置并投入使用。**拒绝**：不执行，并给出替代办法。"
        ),
        "keys": "## 按键",
        "keys_row": "| 键 | 最多需要 | 涉及 |",
        "areas": "## 按涉及的内容",
        "areas_row": "| 涉及 | 方式 | 期间停止 | 时长 | 演练 |",
        "round": "替代办法",
        "drill": "演练",
        "several": "",
    },
}


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
            roles = [_ZH.get(role, role) if lang == "zh" else role for role, each in self.ways.items() if each == way]
            word = _ZH[way] if lang == "zh" else way
            parts.append(word if self.ways == {"all": way} else f"{word}: {' '.join(roles)}")
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
    words = _WORDS[lang]
    parts = [f"# {words['title']}", words["other"], words["head"], words["ways"]]
    parts += [words["keys"], "\n".join([words["keys_row"], "|---|---|---|", *_keys(lang)])]
    parts += [words["areas"], "\n".join([words["areas_row"], "|---|---|---|---|---|", *_areas(lang)])]
    return "\n\n".join(parts) + "\n"


def _keys(lang: str) -> Iterator[str]:
    for key in table("changes")["keys"]:
        found = of_key(key)
        hardest = max((area.way for area in found), key=WAYS.index)
        several = _WORDS[lang]["several"] if len(found) > 1 else ""
        way = several + (_ZH[hardest] if lang == "zh" else hardest)
        touched = ", ".join(f"[{area.title[lang]}](#{area.name})" for area in found)
        yield f"| `{key}` | {way} | {touched} |"


def _areas(lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    for area in areas().values():
        stops = area.stops[lang]
        if area.way_round:
            stops += f"<br>{words['round']}: {area.way_round[lang]}"
        seconds = f"{area.seconds} s" if area.seconds else ""
        drill = f"`{area.drill}`" if "/" in area.drill else f"{words['drill']} `{area.drill}`"
        cells = [f'<a id="{area.name}"></a>{area.title[lang]}', area.said(lang), stops, seconds, drill]
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |")
