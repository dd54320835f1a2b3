"""What taking a live deployment away means: what goes, what stays, and the words with which a person says so."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatworks import standing
from seatworks.environment import Environment
from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Plan, Site, Target


@dataclass(frozen=True, slots=True)
class Takeaway:
    """A live deployment before it is taken away. `word` is what must be typed; `lines` say what it means."""

    name: str
    word: str
    lines: tuple[str, ...]


def of(where: Environment, *, data: bool) -> Takeaway:
    """What to ask a person. Raises PreflightError when data shall go that no command of ours takes."""
    word = words(where.name, data=data)
    cloud = standing.cloud_may_stand(where)
    if data and not cloud:
        raise PreflightError(
            Problem(
                where.name,
                "keeps its data on the site's own servers, and nothing of theirs is ever deleted from here",
                "leave --data out; to delete recordings and rows, install those servers anew",
            )
        )
    head = f"live deployment {where.name}, {_when(where)}"
    return Takeaway(where.name, word, (head, *_table(where, cloud=cloud, data=data)))


def words(name: str, *, data: bool = False) -> str:
    """What a person types to take a live deployment away; the engine asks for the same words again."""
    return f"{name} with data" if data else name


def confirm(asked: Takeaway, typed: str | None) -> None:
    """Hold what was typed against the word. Raises PreflightError; nothing was touched."""
    if typed is None:
        raise PreflightError(
            Problem(
                asked.name, "is a live deployment, and nobody is here to be asked", f'give --confirm "{asked.word}"'
            )
        )
    if typed != asked.word:
        raise PreflightError(
            Problem(asked.name, f"was left as it is: {typed!r} was given", f"what takes it away is {asked.word!r}")
        )


def result(where: Environment, on_site: Sequence[str]) -> Iterator[str]:
    """What has become of a deployment that was taken away: what still stands is said, not taken for granted.

    `on_site` are the servers of `servers_on_site`, as they were before.
    """
    rest = left(where)
    if where.target is Target.LAB:
        yield f"{where.name}: the rehearsal is taken away"
    elif not rest and not on_site:
        yield f"{where.name}: the live deployment is taken away"
    else:
        yield f"{where.name}: what was to go of the live deployment is gone"
    yield from (f"  {line}" for line in rest)
    if on_site and where.target is Target.LIVE:
        yield f"  still running, as they were configured, with their data: {', '.join(on_site)}"
    for other in standing.recorded(where.name, where.root):
        if other.target is not where.target:
            what = "live deployment" if other.target is Target.LIVE else "rehearsal"
            yield f"  the {what} of {where.name} stands as before"


def left(where: Environment) -> tuple[str, ...]:
    """What a live deployment that was taken away has left in the account, a line each."""
    if where.target is Target.LAB or not standing.cloud_may_stand(where):
        return ()
    if not where.resources_file.is_file():
        return (f"what is left in the account is not recorded: look into stack {where.name}",)
    rest = standing.in_account(where)
    if not rest:
        return ()
    return (
        f"still in the account, and paid: {len(rest)} resources ({_kinds(rest)})",
        f"they go with: make destroy ENV={where.name} TARGET=live DATA=yes",
    )


def servers_on_site(where: Environment) -> list[str]:
    """Names of servers that run on, whatever is taken away."""
    return _hosts(where, Site.ONPREM)


def _table(where: Environment, *, cloud: bool, data: bool) -> Iterator[str]:
    outputs, plans = where.outputs(), _plans(where)
    resources = standing.in_account(where)
    if cloud:
        region = outputs.region or next((plan.region for plan in plans if plan.region), None)
        yield _row("account", _account(where, resources))
        yield _row("region", region or "not recorded")
        yield _row("stack", where.name)
        yield _row("in the cloud", ", ".join(_hosts(where, Site.CLOUD)) or "no servers")
        yield _row("resources", str(len(resources)) if resources else "not recorded: the last run was cut off")
    on_site = _hosts(where, Site.ONPREM)
    if on_site:
        yield _row("on site", ", ".join(on_site))
    kept = [entry for entry in resources if entry.get("protect")]
    if not cloud:
        yield _row("goes", f"what {where.build.relative_to(where.root)}/ says of the deployment, nothing else")
    elif data:
        yield _row(
            "goes", "everything of it in the account, with recordings, databases, logs and the keys that open them"
        )
    else:
        yield _row("goes", "everything of it in the account but its data")
        what = f"{len(kept)} resources: {_kinds(kept)}" if kept else "recordings, databases, logs and their keys"
        yield _row("stays", f"in the account, and paid: {what}")
    if on_site:
        yield _row("stays", "servers on site run on as they are configured, with their data")
    if where.vault.is_file():
        yield _row("stays", f"the secrets, in {where.vault.relative_to(where.root)}")


def _row(name: str, value: str) -> str:
    return f"  {name:<13} {value}"


def _plans(where: Environment) -> list[Plan]:
    return [plan for plan in (where.deployed(), where.attempted()) if plan is not None]


def _hosts(where: Environment, site: Site) -> list[str]:
    return list(dict.fromkeys(host.name for plan in _plans(where) for host in plan.servers if host.site is site))


def _when(where: Environment) -> str:
    if where.deployed_file.is_file():
        return f"deployed {_moment(where.deployed_file)}"
    if where.attempted_file.is_file():
        return f"begun {_moment(where.attempted_file)}, its deploy never reached the end"
    return "no record of a deploy"


def _moment(file: Path) -> str:
    moment = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M")


def _account(where: Environment, resources: list[dict[str, Any]]) -> str:
    """The number of the account, by the outputs or by an ARN: arn:aws:service:region:ACCOUNT:resource."""
    arns = (str((entry.get("outputs") or {}).get("arn") or "").split(":") for entry in resources)
    numbers = (parts[4] for parts in arns if len(parts) > 5 and parts[4].isdigit())
    return where.outputs().account or next(numbers, "") or "not recorded: that of your credentials"


def _kinds(resources: list[dict[str, Any]]) -> str:
    """The types of resources with their numbers, most first: `2 Bucket, 1 Key`."""
    counted = Counter(str(entry["type"]).rpartition(":")[2] for entry in resources)
    return ", ".join(f"{number} {kind}" for kind, number in counted.most_common())
