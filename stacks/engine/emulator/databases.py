"""Databases: identifiers and secrets of their own, figures that are asked back, refusals of the real service.

The emulator gives every instance the same resource identifier, draws the name of its secret from the system and gives
all the same password; it forgets what Performance Insights was told.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from typing import Any

from stacks.engine.emulator.wrapped import wrap

_LETTERS = string.ascii_uppercase + "234567"
# Settings that the emulator takes and forgets: member of the request (as it spells it), and of the answer.
_FORGOTTEN = {
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
}


def extend() -> None:
    """Add it, once in a process."""
    from moto.rds import models, responses

    if not hasattr(models.DBInstance, "seatworks_host"):
        setattr(models.DBInstance, "seatworks_host", "")  # noqa: B010 - an attribute of ours on a class of theirs
        _own_identity(models)
        _remembers(models)
        _refuses(models)
        _resets(models, responses)


def _resets(models: Any, responses: Any) -> None:
    """ResetDBParameterGroup: parameters go back to what the service has of itself."""

    def reset(self: Any) -> Any:
        name = self.params["DBParameterGroupName"]
        if name not in self.backend.db_parameter_groups:
            raise models.DBParameterGroupNotFoundError(name)
        group = self.backend.db_parameter_groups[name]
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for entry in self.params.get("Parameters") or []:
            group.parameters.pop(entry["ParameterName"], None)
        return responses.ActionResult(group)

    responses.RDSResponse.reset_db_parameter_group = reset


def _own_identity(models: Any) -> None:
    def drawn(letters: str, count: int) -> str:
        return "".join(models.random.choice(letters) for _ in range(count))

    def made(original: Callable[..., None]) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            self.dbi_resource_id = f"db-{drawn(_LETTERS, 26)}"
            self.seatworks_host = drawn(string.ascii_lowercase + string.digits, 12)

        return init

    def address(self: Any) -> str:
        # Made with the group's own endpoint; in China it is spelt in another order.
        if self.region.startswith("cn-"):
            return f"{self.db_instance_identifier}.{self.seatworks_host}.rds.{self.region}.amazonaws.com.cn"
        return f"{self.db_instance_identifier}.{self.seatworks_host}.{self.region}.rds.amazonaws.com"

    wrap(models.DBInstance, "__init__", made)
    models.DBInstance.address = property(address)
    secret = models.MasterUserSecret
    secret._generate_secret_name = lambda self: f"rds!{self.resource.resource_type}-{models.random.uuid4()}"
    secret._generate_secret_string = lambda self: json.dumps(
        {"username": self.resource.master_username, "password": drawn(string.ascii_letters + string.digits, 28)}
    )


def _remembers(models: Any) -> None:
    def keep(database: Any, asked: dict[str, Any]) -> None:
        for told, kept in _FORGOTTEN.items():
            if asked.get(told) is not None:
                setattr(database, kept, asked[told])

    def made(original: Callable[..., None]) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            self.performance_insights_enabled = False
            keep(self, kwargs)

        return init

    def updated(original: Callable[..., None]) -> Any:
        def update(self: Any, **kwargs: Any) -> None:
            original(self, **kwargs)
            keep(self, kwargs)

        return update

    wrap(models.DBInstance, "__init__", made)
    wrap(models.DBInstance, "update", updated)


def _refuses(models: Any) -> None:
    refusal = models.RDSClientError

    def two_zones(original: Callable[..., Any]) -> Any:
        def create(self: Any, name: str, description: str, subnets: list[Any], tags: Any) -> Any:
            if len({subnet.availability_zone for subnet in subnets}) < 2:
                raise refusal("DBSubnetGroupDoesNotCoverEnoughAZs", "The subnets must lie in two zones at least.")
            return original(self, name, description, subnets, tags)

        return create

    def used(code: str, of: Callable[[Any], str]) -> Any:
        def make(original: Callable[..., Any]) -> Any:
            def delete(self: Any, name: str) -> Any:
                if any(of(database) == name for database in self.databases.values()):
                    raise refusal(code, f"{name} is in use by an instance.")
                return original(self, name)

            return delete

        return make

    def last_copy(original: Callable[..., Any]) -> Any:
        def delete(self: Any, db_instance_identifier: str, **how: Any) -> Any:
            if not how.get("skip_final_snapshot") and not how.get("final_db_snapshot_identifier"):
                raise models.InvalidParameterCombination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
                )
            return original(self, db_instance_identifier, **how)

        return delete

    def grows(original: Callable[..., Any]) -> Any:
        def modify(self: Any, name: str, asked: dict[str, Any]) -> Any:
            (database,) = self.describe_db_instances(name)
            size = asked.get("allocated_storage")
            if size is not None and size < database.allocated_storage:
                raise models.InvalidParameterCombination("Invalid storage size for engine: it cannot be reduced.")
            return original(self, name, asked)

        return modify

    backend = models.RDSBackend
    wrap(backend, "create_subnet_group", two_zones)
    wrap(
        backend,
        "delete_subnet_group",
        used("InvalidDBSubnetGroupStateFault", lambda database: database.db_subnet_group.name),
    )
    wrap(
        backend,
        "delete_db_parameter_group",
        used("InvalidDBParameterGroupState", lambda database: database.db_parameter_group_name),
    )
    wrap(backend, "delete_db_instance", last_copy)
    wrap(backend, "modify_db_instance", grows)
