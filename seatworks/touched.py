"""What a change touches: the roles whose inputs differ from those that a host was last given, and nothing is guessed.

A deploy that ended leaves a record (`Given`): digests of what every role on every host was given, of what the cloud is
made from, and of the toolkit itself. What is not provably equal to it is run. Each host keeps the word of the run that
it last came through, so a run from elsewhere, by hand, or cut off is noticed, and so is a machine that is new.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import secrets as random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from seatworks import environment, inventory, secrets
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.journal import Say
from seatworks.plan.model import Host, Plan
from seatworks.run import CommandError, run

# Parts of the plan that neither the cloud half nor the machines of a rehearsal read; tests/repository shows it.
NOT_OF_THE_CLOUD = (
    "availability", "carrier_codec", "edition", "industry", "menus", "numbers", "queues", "seat_blocks", "seat_codec",
    "sized", "working",
)  # fmt: skip
# The toolkit: with another one nothing is known to be equal.
_TOOLKIT = ("roles", "templates", "seatworks", "stacks", "lab", "site.yml", "ansible.cfg")
_VARIABLES = ("group_vars", "host_vars")
# Where site.yml puts its mark while it works, and the word of the run that came to its end; both are gone after a boot.
_ASK = "[ -e /run/seatworks-unfinished ] && echo unfinished; cat /run/seatworks-run 2>/dev/null || true"
_UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Given:
    """What a deploy gave, as digests: `roles` by host and role, an empty one is not known. `run` is its hosts' word."""

    run: str
    toolkit: str
    cloud: str
    roles: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Work:
    """What a deploy runs on the hosts: `roles` by host, `left` what it leaves out; `whole` is everything there is."""

    given: Given
    roles: dict[str, tuple[str, ...]]
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)
    whole: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Roles that run somewhere."""
        return tuple(sorted({role for roles in self.roles.values() for role in roles}))

    def arguments(self) -> list[str]:
        """Words for ansible-playbook. It takes hosts and roles apart, so it may do more than `roles`, never less."""
        words = ["--extra-vars", json.dumps({"seatworks_run": self.given.run})]
        return words if self.whole else [*words, "--limit", ",".join(self.roles), "--tags", ",".join(self.names)]

    def lines(self) -> Iterator[str]:
        """What runs and what does not, for people; nothing for a whole run."""
        if not self.whole:
            yield "touched: " + (_listed(self.roles) or "no host")
            yield "left out, as it was given the same last time: " + (_listed(self.left) or "nothing")


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a deploy is done. `why` says why all of it, and is empty where something may be left out."""

    why: str = ""
    before: Given | None = None
    cloud: bool = True
    machines: bool = True
    dialled: tuple[str, ...] = ()

    def work(self, plan: Plan, where: Environment) -> Work:
        """What runs on the hosts, asked when cloud and machines stand as planned."""
        if self.why or self.before is None:
            given = now(plan, where, random.token_hex(8))
            return Work(given, {name: tuple(roles) for name, roles in given.roles.items()})
        given = now(plan, where, self.before.run)
        said = _asked(plan.standing, where)
        chosen = differing(self.before, given, {name for name, word in said.items() if word != given.run})
        left = {
            name: tuple(role for role in roles if role not in chosen.get(name, ()))
            for name, roles in given.roles.items()
        }
        return Work(given, chosen, {name: roles for name, roles in left.items() if roles}, whole=False)

    def verification(self, work: Work) -> dict[str, tuple[str, ...]]:
        """Parts of the verification with their arguments: checks of the roles that ran, and the calls."""
        if work.whole:
            return {"checks": (), "calls": ()}
        parts: dict[str, tuple[str, ...]] = {"calls": ("--dial", self.dialled[0]) if self.dialled else ()}
        return {"checks": ("--roles", ",".join(work.names)), **parts} if work.roles else parts


def scope(plan: Plan, where: Environment, *, asked: bool, say: Say) -> Scope:
    """What may be left out, before anything is touched: nothing unless that was `asked` for. `say` tells why not."""
    found = _scope(plan, where) if asked else Scope("it was not asked for less")
    if asked and found.why:
        say(f"  everything is run: {found.why}")
    return found


def _scope(plan: Plan, where: Environment) -> Scope:
    before, deployed = last(where), where.deployed()
    if before is None or deployed is None:
        return Scope("no deploy that came to its end is on record here")
    if before.toolkit != _toolkit(where):
        return Scope("Seatworks, or a variable beside the specification, is not what it was at the last deploy")
    known = [host for host in plan.standing if host.name in before.roles]
    said = _asked(known, where)
    if unfinished := sorted(name for name, word in said.items() if word == _UNFINISHED):
        return Scope(f"a run was cut off on {', '.join(unfinished)}")
    cloud = before.cloud != _of_the_cloud(plan)
    return Scope("", before, cloud, cloud or None in said.values(), numbers(deployed, plan))


def differing(before: Given, after: Given, strange: set[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Roles to be run, by host: those whose inputs differ, and all those of a host that is `strange`."""
    found = {}
    for name, roles in after.roles.items():
        old = {} if name in (strange or ()) else before.roles.get(name, {})
        if chosen := tuple(role for role, digest in roles.items() if not digest or old.get(role) != digest):
            found[name] = chosen
    return found


def numbers(before: Plan, after: Plan) -> tuple[str, ...]:
    """Numbers with a menu that lead to something new or other, in plan order. The first is the one called as proof."""
    old = {number: _behind(before, number) for number in (each.number for each in before.numbers)}
    new = {number: _behind(after, number) for number in (each.number for each in after.numbers)}
    return tuple(number for number, met in new.items() if met[1] and old.get(number) != met)


def now(plan: Plan, where: Environment, word: str) -> Given:
    """What a deploy of the plan gives, with secrets and cloud outputs as they are. Raises PreflightError."""
    vault = secrets.read(where)
    key = hashlib.sha256(str(vault.get("vault_ca_key", "")).encode()).digest()
    roles: dict[str, dict[str, str]] = {}
    built = inventory.build(plan, where.outputs(), where.ssh_config)
    for (host, role), variables in inventory.inputs(built).items():
        roles.setdefault(host, {})[role] = _digest(variables, vault, where, key)
    return Given(word, _toolkit(where), _of_the_cloud(plan), roles)


def last(where: Environment) -> Given | None:
    """What the last deploy gave; None when none came to its end, or another version wrote it."""
    try:
        return Given(**json.loads(where.given_file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def keep(given: Given, where: Environment) -> None:
    """Note what was given, when every host has become what the plan says."""
    environment.write(where.given_file, json.dumps(dataclasses.asdict(given), indent=1, sort_keys=True) + "\n")


def _behind(plan: Plan, number: str) -> tuple[Any, ...]:
    """What a caller of the number meets: the number itself, its menu, and the queues that it can lead to."""
    entry = next(each for each in plan.numbers if each.number == number)
    menus = [menu for menu in plan.menus if menu.name == entry.menu]
    led = {entry.queue, *(menu.default for menu in menus), *(queue for menu in menus for _, queue in menu.digits)}
    return entry, menus, [queue for queue in plan.queues if queue.name in led]


def _digest(variables: dict[str, Any], vault: secrets.Vault, where: Environment, key: bytes) -> str:
    """A digest of a role's inputs with the secrets that they refer to; empty for what only Ansible can look up."""
    text = json.dumps(variables, sort_keys=True)
    if "lookup(" in text:
        return ""
    # The key is in the vault: who has the record alone cannot try passwords against it.
    words = json.dumps([text, secrets.part(vault, variables, where)], sort_keys=True)
    return hmac.new(key, words.encode(), "sha256").hexdigest()


def _of_the_cloud(plan: Plan) -> str:
    document = json.loads(planning.dump(plan))
    wanted = {name: value for name, value in document.items() if name not in NOT_OF_THE_CLOUD}
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def _toolkit(where: Environment) -> str:
    """A digest of the programs, and of variables that people keep beside the specification."""
    beside = where.specification.parent
    found = hashlib.sha256(metadata.version("ansible-core").encode())
    for top in (*(where.root / name for name in _TOOLKIT), *(beside / name for name in _VARIABLES)):
        files = [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        for path in files:
            # The vault is encrypted anew at each change; its content is a part of what roles are given.
            if "__pycache__" not in path.parts and path != environment.live_vault(where.specification):
                found.update(f"{path.relative_to(where.root)} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return found.hexdigest()


def _asked(hosts: Sequence[Host], where: Environment) -> dict[str, str | None]:
    """The word that each host keeps, `unfinished` where a run was cut off; None from one that does not answer."""
    if not hosts:
        return {}
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        said = pool.map(lambda host: _word(host.name, where.ssh_config), hosts)
        return dict(zip((host.name for host in hosts), said, strict=True))


def _word(name: str, config: Path) -> str | None:
    try:
        said = run(["ssh", "-F", config, "-o", "BatchMode=yes", name, _ASK], timeout_s=30).stdout.split()
    except CommandError:
        return None
    return said[0] if said else ""


def _listed(roles: dict[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name} {' '.join(each)}" for name, each in sorted(roles.items()))
