"""Secrets of a cloud site: in the account under their own key, and readable nowhere else."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from lab.cloud import engine
from lab.cloud.engine import opened
from stacks.components.place import Place
from stacks.components.secrets import Secrets, SecretsArgs, Stored
from stacks.program import report
from tests.sites import Trial

WORD = "correct-horse-battery"


def program(word: str = WORD) -> None:
    """One stored secret, and a role's right to it."""
    account = aws.get_caller_identity_output().account_id
    place = Place("hybrid", "cn-north-1", account, keeps_data=False)
    found = Secrets("hybrid", SecretsArgs(place, {"vault": Stored("Opens the vault", pulumi.Output.secret(word))}))
    pulumi.export("rights", pulumi.Output.json_dumps(list(found.may_read("vault"))))


def test_a_secret_is_stored_under_its_own_key_for_this_account_alone(trial: Trial) -> None:
    _, state = trial.run(program)
    with opened(state, lambda _state: None) as (account, steps):
        secrets = account.client("secretsmanager")
        assert secrets.get_secret_value(SecretId="seatworks/hybrid/vault")["SecretString"] == WORD
        described = secrets.describe_secret(SecretId="seatworks/hybrid/vault")
        key = account.client("kms").describe_key(KeyId=described["KmsKeyId"])["KeyMetadata"]
        assert key["Description"] == "Secrets of deployment hybrid"
        (refused,) = json.loads(secrets.get_resource_policy(SecretId=described["ARN"])["ResourcePolicy"])["Statement"]
        assert refused["Effect"] == "Deny"
        assert refused["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}
        steps.finish(set())
        assert not secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]


def test_a_role_reads_the_one_secret_it_was_given(trial: Trial) -> None:
    _, state = trial.run(program)
    (secret,) = (record.id for record in state.records.values() if record.type.endswith(":Secret"))
    (key,) = (record.outputs["arn"] for record in state.records.values() if record.type.endswith("key:Key"))
    assert [(entry["Action"], entry["Resource"]) for entry in json.loads(state.outputs["rights"])] == [
        ("secretsmanager:GetSecretValue", secret),
        ("kms:Decrypt", key),
    ]


def test_the_value_is_in_no_file_in_clear(trial: Trial) -> None:
    _, state = trial.run(program)
    assert WORD not in report(engine.resources(state))
    for path in trial.where.build.rglob("*"):
        if path.is_file():
            assert WORD.encode() not in path.read_bytes(), path


def test_another_value_takes_the_place_of_the_first(trial: Trial) -> None:
    trial.run(program)
    summary, state = trial.run(lambda: program("another"))
    assert [(change["op"], change["name"]) for change in summary.changes] == [("replace", "hybrid-vault-value")]
    with opened(state) as (account, _):
        found = account.client("secretsmanager").get_secret_value(SecretId="seatworks/hybrid/vault")
        assert found["SecretString"] == "another"
