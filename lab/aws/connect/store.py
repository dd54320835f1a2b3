"""What instances hold, and the five calls that are alike for all of it: create, describe, list, update, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.aws.connect.model import refused

Params = dict[str, Any]
# Says why a record cannot go, or nothing.
Use = Callable[["Store", Params], str]


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing that an instance holds.

    `id_key` and `arn_key` are how an answer to Create calls them, `told_id` and `told_arn` one to Describe (mostly
    alike). `label` is its name, which no other of the sort may bear. `path` stands in its ARN. Members in `hidden` are
    kept and told by calls of their own. `check` looks at a record before it is kept.
    """

    name: str
    path: str
    id_key: str
    arn_key: str
    told_id: str = "Id"
    told_arn: str = "Arn"
    label: str = "Name"
    hidden: tuple[str, ...] = ()
    start: Params = field(default_factory=dict)
    check: Callable[[Store, Params], None] | None = None
    used: Use | None = None


class Store:
    """Everything in the instances of one account and region."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self._things: dict[tuple[str, str], dict[str, Params]] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.numbers: dict[str, Params] = {}

    @classmethod
    def of(cls, backend: Any) -> Store:
        """The store of one of the emulator's backends; it goes with the backend when that is reset."""
        held = vars(backend)
        if "inside" not in held:
            held["inside"] = cls(backend)
        found: Store = held["inside"]
        return found

    def instance(self, given: str) -> Any:
        """The instance of that id or ARN. Raises ResourceNotFoundException."""
        id_ = given.rpartition("/")[2]
        if id_ not in self.backend.instances:
            raise refused("ResourceNotFoundException", f"no instance {id_}")
        return self.backend.instances[id_]

    def all(self, params: Params, sort: str) -> dict[str, Params]:
        """The records of one sort in the instance that a request names, by id."""
        return self._things.setdefault((self.instance(params["InstanceId"]).id, sort), {})

    def one(self, params: Params, sort: str, given: str) -> Params:
        """The record of that id or ARN. Raises ResourceNotFoundException."""
        found = self.all(params, sort).get(given.rpartition("/")[2])
        if found is None:
            raise refused("ResourceNotFoundException", f"no {sort} {given} in this instance")
        return found

    def forget(self, instance_id: str) -> None:
        """Take away everything that an instance holds, its numbers too."""
        self._things = {key: value for key, value in self._things.items() if key[0] != instance_id}
        self.attributes.pop(instance_id, None)
        self.numbers = {id_: each for id_, each in self.numbers.items() if each["instance"] != instance_id}

    def arn(self, path: str) -> str:
        """An ARN of this service."""
        from moto.utilities.utils import get_partition

        backend = self.backend
        return f"arn:{get_partition(backend.region_name)}:connect:{backend.region_name}:{backend.account_id}:{path}"

    def tag(self, arn: str, params: Params) -> None:
        """Keep the tags of a request."""
        if params.get("Tags"):
            self.backend.tag_resource(arn, params["Tags"])

    def tags(self, arn: str) -> Params:
        """The tags of an answer."""
        return {"Tags": self.backend.list_tags_for_resource(arn)}


def fresh() -> str:
    """A new identifier, from the emulator's random numbers."""
    from moto.moto_api._internal import mock_random

    return str(mock_random.uuid4())


def page(entries: list[Params], params: Params, key: str) -> Params:
    """Some entries of a list, and where the next request goes on."""
    first, most = int(params.get("NextToken") or 0), int(params.get("MaxResults") or 100)
    rest = {"NextToken": str(first + most)} if first + most < len(entries) else {}
    return {key: entries[first : first + most], **rest}


def create(sort: Sort) -> Callable[[Store, Params], Params]:
    """Keep a new record, unless one of the same name is there."""

    def act(store: Store, params: Params) -> Params:
        record = {key: value for key, value in params.items() if key not in {"InstanceId", "Tags"}}
        _unique(store, params, sort, record)
        record = {**sort.start, **record}
        if sort.check:
            sort.check(store, {**record, "InstanceId": params["InstanceId"]})
        id_ = fresh()
        arn = store.arn(f"instance/{store.instance(params['InstanceId']).id}/{sort.path}/{id_}")
        store.all(params, sort.name)[id_] = {**record, sort.told_id: id_, sort.told_arn: arn}
        store.tag(arn, params)
        return {sort.id_key: id_, sort.arn_key: arn}

    return act


def describe(sort: Sort, key: str) -> Callable[[Store, Params], Params]:
    """Tell a record."""

    def act(store: Store, params: Params) -> Params:
        record = store.one(params, sort.name, params[f"{sort.name}Id"])
        told = {name: value for name, value in record.items() if name not in sort.hidden}
        return {key: {**told, **store.tags(record[sort.told_arn])}}

    return act


def listing(sort: Sort, key: str, *more: tuple[str, str]) -> Callable[[Store, Params], Params]:
    """Tell all records in short; `more` are further members, as (in the list, in the record)."""

    def short(record: Params) -> Params:
        wanted = (("Id", sort.told_id), ("Arn", sort.told_arn), (_listed(sort), sort.label), *more)
        return {name: record[member] for name, member in wanted if member in record}

    def act(store: Store, params: Params) -> Params:
        return page([short(record) for record in store.all(params, sort.name).values()], params, key)

    return act


def update(sort: Sort, *members: str) -> Callable[[Store, Params], Params]:
    """Bring members of a record to the values of a request."""

    def act(store: Store, params: Params) -> Params:
        record = store.one(params, sort.name, params[f"{sort.name}Id"])
        changed = {name: params[name] for name in members if name in params}
        if sort.label in changed and changed[sort.label] != record[sort.label]:
            _unique(store, params, sort, changed)
        if sort.check:
            sort.check(store, {**record, **changed, "InstanceId": params["InstanceId"]})
        record.update(changed)
        return {}

    return act


def delete(sort: Sort) -> Callable[[Store, Params], Params]:
    """Forget a record that nothing uses."""

    def act(store: Store, params: Params) -> Params:
        record = store.one(params, sort.name, params[f"{sort.name}Id"])
        if sort.used and (why := sort.used(store, {**record, "InstanceId": params["InstanceId"]})):
            raise refused("ResourceInUseException", f"{sort.name} {record[sort.label]} is in use: {why}")
        del store.all(params, sort.name)[record[sort.told_id]]
        return {}

    return act


def holders(store: Store, params: Params, sort: str, holds: Callable[[Params], bool]) -> Iterator[str]:
    """Names of the records of a sort that hold something."""
    for record in store.all(params, sort).values():
        if holds(record):
            yield f"{sort} {record.get('Name') or record.get('Username')}"


def _listed(sort: Sort) -> str:
    return "Name" if sort.label == "SecurityProfileName" else sort.label


def _unique(store: Store, params: Params, sort: Sort, record: Params) -> None:
    name = record[sort.label]
    if any(other[sort.label] == name for other in store.all(params, sort.name).values()):
        raise refused("DuplicateResourceException", f"there is a {sort.name} {name} already")
