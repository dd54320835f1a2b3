"""Who runs PostgreSQL: hosts of ours, or the cloud as a service. Decided here, because it changes what there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from seatworks.message import Message
from seatworks.sizing.ledger import Ledger
from seatworks.sizing.servers import ServerGroup
from seatworks.spec import Database, Mode, Spec
from seatworks.tables import text_table

# The smallest current-generation type with the asked cores; memory decides between c, m and r. Families offered in
# every AWS region including the two in China (price file of 2024-11-06).
_SIZES = {2: "large", 4: "xlarge", 8: "2xlarge", 16: "4xlarge"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided, and why in one sentence."""

    managed: bool
    why: str


def instance_type(vcpus: int, memory_gib: int) -> str:
    """The type of machine that a group's server is in the cloud."""
    cores = next((cores for cores in _SIZES if cores >= vcpus), 16)
    ratio = memory_gib / cores
    family = "c6i" if ratio <= 2 else "m6i" if ratio <= 4 else "r6i"
    return f"{family}.{_SIZES[cores]}"


def price_item(region: str, class_: str) -> Message:
    """What price books call a managed database of that class (`db.m6i.large`) that stands in two zones."""
    return Message("aws.{region}.rds.{class_}.postgres.two_zones", region=region, class_=class_.removeprefix("db."))


def choose(spec: Spec, stored: ServerGroup | None, ledger: Ledger) -> Choice:
    """Whether the cloud runs the database. What the specification says wins; without a price nobody is led into it.

    `stored` is the group of database servers; None where the provider's own contact centre keeps the records.
    """
    if stored is None:
        return Choice(False, "the provider's contact centre keeps the records of contacts")
    found = _choice(spec, f"db.{instance_type(stored.vcpus, stored.memory_gib)}")
    ledger.note(
        "database_managed", int(found.managed), "1: managed, 0: instances", found.why,
        "seatworks/data/prices; docs/decisions/0020", mode=str(spec.mode),
        asked=str(spec.cloud.database) if spec.cloud and spec.cloud.database else "not said",
    )  # fmt: skip
    return found


def _choice(spec: Spec, class_: str) -> Choice:
    if spec.mode != Mode.CLOUD or spec.cloud is None:
        return Choice(False, "the servers of the site hold call detail")
    if spec.cloud.database is not None:
        return Choice(spec.cloud.database == Database.MANAGED, f"cloud.database is {spec.cloud.database}")
    item = price_item(spec.cloud.region, class_)
    if item in _priced():
        return Choice(True, f"the price book knows {item}, and the service keeps a copy in a second zone by itself")
    return Choice(False, f"the price book has no {item}: `cloud.database: managed` takes the service all the same")


@cache
def _priced() -> frozenset[str]:
    books = resources.files("seatworks").joinpath("data/prices")
    names = (path.name.removesuffix(".yml") for path in books.iterdir() if path.name.endswith(".yml"))
    return frozenset(item for name in names for item in text_table(f"prices/{name}")["prices"])
