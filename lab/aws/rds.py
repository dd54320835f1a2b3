"""Databases: identifiers and secrets of their own, figures that are asked back, refusals of the real service.

The emulator gives every instance the same resource identifier, draws the name of its secret from the system and gives
all the same password; it forgets what Performance Insights was told, knows no versions and no authorities.
"""

from __future__ import annotations

import datetime
import json
import string
from collections.abc import Callable
from typing import Any

from lab.aws._wrap import wrap

_LETTERS = string.ascii_uppercase + "234567"
# The newest minor version of each major one (https://www.postgresql.org/docs/release/, of 2025-08-14).
VERSIONS = {"13": "13.22", "14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6"}
# The authority that RDS signs with unless another is asked for; it is valid for 40 years.
_AUTHORITY = {
    "CertificateIdentifier": "rds-ca-rsa2048-g1",
    "CertificateType": "CA",
    "ValidFrom": datetime.datetime(2021, 5, 25, tzinfo=datetime.UTC),
    "ValidTill": datetime.datetime(2061, 5, 25, tzinfo=datetime.UTC),
    "CustomerOverride": False,
}
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
        _offers(models, responses)


def _offers(models: Any, responses: Any) -> None:
    """Versions that may be asked for, of which a major one stands for its newest, and the authorities that sign."""

    from moto.utilities.utils import get_partition

    def described(self: Any) -> Any:
        versions = [version for version in VERSIONS.values() if version == self.params.get("EngineVersion", version)]
        entry = {"Engine": "postgres", "DBEngineDescription": "PostgreSQL", "Status": "available"}
        found = [
            {**entry, "EngineVersion": version, "DBParameterGroupFamily": f"postgres{version.partition('.')[0]}"}
            for version in versions
            if self.params.get("Engine", "postgres") == "postgres"
        ]
        return responses.ActionResult({"DBEngineVersions": found})

    def signed(self: Any) -> Any:
        asked = self.params.get("CertificateIdentifier") or _AUTHORITY["CertificateIdentifier"]
        if asked != _AUTHORITY["CertificateIdentifier"]:
            raise models.RDSClientError("CertificateNotFound", f"Certificate {asked} not found.")
        arn = f"arn:{get_partition(self.region)}:rds:{self.region}::cert:{asked}"
        return responses.ActionResult({"Certificates": [{**_AUTHORITY, "CertificateArn": arn}]})

    def newest(self: Any, value: str) -> None:
        self._engine_version = VERSIONS.get(value, value) if self.engine == "postgres" else value

    responses.RDSResponse.describe_db_engine_versions = described
    responses.RDSResponse.describe_certificates = signed
    plain = models.DBInstance.engine_version
    models.DBInstance.engine_version = property(plain.fget, newest)


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

    def rotating(original: Callable[..., Any]) -> Any:
        def create(self: Any, kms_key_id: Any) -> Any:
            made = original(self, kms_key_id)
            # RDS changes the password by itself, every week unless told otherwise.
            made.rotation_requested = made.rotation_enabled = True
            made.auto_rotate_after_days = 7
            return made

        return create

    wrap(secret, "_create_secret", rotating)
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
