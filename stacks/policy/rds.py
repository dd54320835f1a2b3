"""Databases that the cloud runs: spoken with over TLS, kept twice and in copies, with a password nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stacks.policy.model import Asked, Finding, Resource, entries, given, holds, of
from stacks.values import UNKNOWN

INSTANCE = "rds/instance:Instance"
_GROUP = "rds/parameterGroup:ParameterGroup"
# What must hold even where the plan has no managed database and therefore no parameters.
_LEAST = {"rds.force_ssl": "1", "ssl_min_protocol_version": "TLSv1.2", "rds.accepted_password_auth_method": "scram"}
_PASSWORDS = ("password", "passwordWo")


def tls_only(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Databases that answer in plain text, or with a TLS older than 1.2, or that take MD5 passwords."""
    planned = dict(asked.plan.database.parameters)
    wanted = {name: planned.get(name, value) for name, value in _LEAST.items()}
    groups = list(of(resources, _GROUP))
    for group in groups:
        if group.at("parameters") is UNKNOWN:
            continue
        held = {entry.get("name"): entry.get("value") for entry in entries(group.at("parameters"))}
        lacking = [f"{name}={value}" for name, value in wanted.items() if not holds(held.get(name), value)]
        if lacking:
            yield Finding(group, f"lacks {', '.join(lacking)}", "take the parameters from the plan's database")
    for database in of(resources, INSTANCE):
        if not any(database.refers("parameterGroupName", group) for group in groups):
            yield Finding(
                database, "answers in plain text", "give it a ParameterGroup of the deployment with rds.force_ssl=1"
            )


def kept(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Databases in one zone, with fewer days of backups than the plan says, or that keep their logs to themselves."""
    days = max(asked.plan.database.backup_days, 1)
    for database in of(resources, INSTANCE):
        if not holds(database.at("multiAz"), True):
            yield Finding(database, "stands in one zone", "set multi_az to true")
        backups = database.at("backupRetentionPeriod")
        if backups is not UNKNOWN and int(backups or 0) < days:
            yield Finding(
                database,
                f"can be brought back to {int(backups or 0)} days, not {days}",
                "take backup_retention_period from the plan's database",
            )
        logs = database.at("enabledCloudwatchLogsExports")
        if logs is not UNKNOWN and "postgresql" not in (logs or ()):
            yield Finding(database, "keeps its log to itself", "export postgresql to CloudWatch Logs")


def passwords_unknown(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Databases whose master's password stands in the program, and so in the state of the stack."""
    for database in of(resources, INSTANCE):
        managed = holds(database.at("manageMasterUserPassword"), True)
        if not managed or any(database.at(name) is not None for name in _PASSWORDS):
            yield Finding(
                database,
                "has a master's password that somebody made up",
                "set manage_master_user_password to true and give no password: the service makes and renews it",
            )
        elif not given(database.at("masterUserSecretKmsKeyId")):
            yield Finding(
                database, "keeps its master's password under a common key", "name a key of the deployment for it"
            )


def planned_classes(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Databases of a class that the plan did not size."""
    right = {host.instance_type for host in asked.plan.hosts if host.managed}
    for database in of(resources, INSTANCE):
        found = database.at("instanceClass")
        if not holds(found, *right):
            sized = ", ".join(sorted(map(str, right))) or "no managed database"
            yield Finding(
                database, f"is a {found}, which is not what the plan sized ({sized})", "take the plan's class"
            )
