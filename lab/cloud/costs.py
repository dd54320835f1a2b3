"""What a run of the stand-in engine would cost a month, from its records."""

from __future__ import annotations

from collections.abc import Iterable

from lab.cloud.state import Record
from seatworks.cost import books
from seatworks.environment import Environment
from stacks.cost.compare import Cost, Resource, compare


def of_records(before: Iterable[Record], after: Iterable[Record], where: Environment) -> Cost:
    """The cost of a run in the lab."""
    return compare(_recorded(before), _recorded(after), books.load(books.own(where.specification.parent)))


def _recorded(records: Iterable[Record]) -> list[Resource]:
    found = list(records)
    regions = {record.urn: str(record.inputs.get("region", "")) for record in found if record.is_provider}
    return [
        Resource(
            record.urn,
            record.type,
            regions.get(record.provider.rpartition("::")[0], ""),
            record.inputs,
            record.id,
            frozenset(record.needs()),
        )
        for record in found
        if record.in_account
    ]
