"""The rules for managed databases: each weakened property of the real stack is named, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.policy import rds
from stacks.policy.model import Resource
from stacks.policy.rules import RULES, violations
from tests.cloud.test_policy import Mistake, asked, changed, opened, recorded, without
from tests.sites import Deployed

TYPE, NAME = "rds/instance:Instance", "cloud-db1"


def weakened(**values: Any) -> Mistake:
    """The database with other properties."""
    return changed(TYPE, NAME, **values)


def parameter(name: str, value: str | None) -> Mistake:
    """One parameter with another value, or without one."""

    def mistake(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
        (group,) = [entry for entry in resources if entry.type == "aws:rds/parameterGroup:ParameterGroup"]
        others = [entry for entry in group.properties["parameters"] if entry["name"] != name]
        held = [*others, {"name": name, "value": value}] if value is not None else others
        return changed("rds/parameterGroup:ParameterGroup", "cloud-database", parameters=held)(resources)

    return mistake


MISTAKES: list[tuple[str, Mistake, str]] = [
    ("services-private", weakened(publiclyAccessible=True), "has a public address"),
    ("disks-encrypted", weakened(storageEncrypted=False), "not encrypted"),
    ("keys-named", weakened(kmsKeyId=None), "has no kmsKeyId"),
    ("databases-tls", parameter("rds.force_ssl", "0"), "rds.force_ssl=1"),
    ("databases-tls", parameter("rds.force_ssl", None), "rds.force_ssl=1"),
    ("databases-tls", parameter("ssl_min_protocol_version", "TLSv1"), "ssl_min_protocol_version=TLSv1.2"),
    ("databases-tls", parameter("rds.accepted_password_auth_method", "md5+scram"), "scram"),
    ("databases-kept", weakened(multiAz=False), "stands in one zone"),
    ("databases-kept", weakened(backupRetentionPeriod=7), "7 days, not 35"),
    ("databases-kept", weakened(backupRetentionPeriod=None), "0 days, not 35"),
    ("databases-kept", weakened(enabledCloudwatchLogsExports=["upgrade"]), "keeps its log"),
    ("databases-passwords", weakened(password="hunter2"), "somebody made up"),  # noqa: S106 - the mistake itself
    ("databases-passwords", weakened(manageMasterUserPassword=None), "somebody made up"),
    ("databases-passwords", weakened(masterUserSecretKmsKeyId=None), "common key"),
    ("planned-classes", weakened(instanceClass="db.r6i.4xlarge"), "(db.m6i.large)"),
    ("openings-by-group", opened("db", "tcp", 5432, 5432, "10.0.0.0/8"), "towards db1"),
    ("openings-by-group", opened("db", "tcp", 22, 22, "10.60.0.1/32"), "towards db1"),
    ("public-ports", opened("db", "tcp", 5432, 5432, "0.0.0.0/0"), "tcp 5432 from 0.0.0.0/0"),
    ("tagged", weakened(tagsAll={}, tags={}), "lacks the tags"),
    ("logs-kept", changed("cloudwatch/logGroup:LogGroup", "cloud-database-postgresql", retentionInDays=30), "30 days"),
]


def test_the_stack_itself_breaks_no_rule(managed: Deployed) -> None:
    assert violations(recorded(managed), asked(managed.plan)) == ()


@pytest.mark.parametrize(
    ("rule", "mistake", "words"), MISTAKES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_mistake_breaks_its_rule_and_no_other(managed: Deployed, rule: str, mistake: Mistake, words: str) -> None:
    found = violations(mistake(recorded(managed)), asked(managed.plan))
    assert {violation.rule.id for violation in found} == {rule}
    assert any(words in violation.message for violation in found)


def test_every_rule_about_databases_is_broken_by_one() -> None:
    own = {rule.id for rule in RULES if rule.check.__module__ == rds.__name__}
    assert own <= {rule for rule, _, _ in MISTAKES}


def test_a_database_without_parameters_of_ours_answers_in_plain_text(managed: Deployed) -> None:
    missing = without("rds/parameterGroup:ParameterGroup", "cloud-database")(recorded(managed))
    found = violations(missing, asked(managed.plan))
    assert {violation.rule.id for violation in found} == {"databases-tls"}


@pytest.mark.parametrize("values", [{"deletionProtection": False}, {"skipFinalSnapshot": True}])
def test_a_real_one_must_not_be_deleted_by_mistake(managed: Deployed, values: dict[str, Any]) -> None:
    careful = {"deletionProtection": True, "skipFinalSnapshot": False}
    (right,) = [e for e in weakened(**careful)(recorded(managed)) if e.name == NAME]
    (wrong,) = [e for e in weakened(**{**careful, **values})(recorded(managed)) if e.name == NAME]
    said = "can be deleted without a last copy"
    live = asked(managed.plan, keeps_data=True)
    assert said not in [violation.message for violation in violations([right], live)]
    assert said in [violation.message for violation in violations([wrong], live)]
