"""Names that are taken, and the live engine, which starts no CLI while anything is lacking."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from lab.aws.account import Account
from lab.cloud.engine import standing
from seatworks.plan.model import Plan, Target
from stacks import account_check
from stacks.account_check import names
from stacks.account_check.asking import Asker
from stacks.commands import main
from stacks.live.engine import Live
from tests.aws import CHECKED
from tests.cloud.lacking import (
    CHINA,
    Warned,
    problems_of,
)
from tests.examples import plan_of
from tests.sites import Deployed, place


def taken(plan: Plan, *made: tuple[str, dict[str, Any]]) -> list[str]:
    """What is said of names that a preview tells of."""
    asker, said = Asker.of(str(plan.region)), Warned()
    resources = [{"type": type_, "inputs": inputs} for type_, inputs in made]
    found = problems_of(lambda: account_check.check_names(asker, resources, said.append))
    assert said == []
    return [f"{problem.place}: {problem.message}" for problem in found]


def test_groups_and_templates_of_a_peak_have_names_too(peak: Deployed) -> None:
    made = [(entry["type"], entry["inputs"]) for entry in peak.resources if entry["type"].startswith("aws:")]
    with standing(peak.where, CHECKED):
        said = "\n".join(taken(peak.plan, *made))
        assert "autoscaling Group: already there, and no part of this stack: seatworks-cloud-peak1" in said
        assert "ec2 LaunchTemplate: already there, and no part of this stack: seatworks-cloud-peak1" in said


def test_every_name_that_the_program_gives_is_compared_with_what_stands(managed: Deployed) -> None:
    """Run for a stack that knows nothing, against an account in which all of it stands."""
    made = [(entry["type"], entry["inputs"]) for entry in managed.resources if entry["type"].startswith("aws:")]
    with Account(CHINA, CHECKED):
        assert taken(managed.plan, *made) == []
    wanted = {type_ for type_, _ in made} & names.LISTINGS.keys()
    assert len(wanted) >= 14
    with standing(managed.where, CHECKED):
        said = taken(managed.plan, *made)
        assert len(said) == len(wanted)
        assert "AWS cn-north-1: ec2 KeyPair: already there, and no part of this stack: seatworks-cloud" in said
        assert (
            "AWS cn-north-1: kms Alias: already there, and no part of this stack: alias/seatworks-cloud-alarms, "
            "alias/seatworks-cloud-audit, alias/seatworks-cloud-bundle and 5 more"
        ) in said
        assert any(line.startswith("AWS cn-north-1: guardduty Detector: the account has one") for line in said)


def test_a_secret_that_was_deleted_keeps_its_name(china: Account) -> None:
    secrets = china.client("secretsmanager")
    secrets.create_secret(Name="seatworks/hybrid/vault", SecretString="old")
    secrets.delete_secret(SecretId="seatworks/hybrid/vault", RecoveryWindowInDays=7)
    wanted = ("aws:secretsmanager/secret:Secret", {"name": "seatworks/hybrid/vault"})
    (said,) = taken(plan_of("hybrid"), wanted)
    assert said.endswith("seatworks/hybrid/vault (deleted, but not for good)")


def test_a_name_is_looked_for_in_the_region_of_the_resource(china: Account) -> None:
    backup = china.at("cn-northwest-1").client("backup")
    backup.create_backup_vault(BackupVaultName="seatworks-hybrid-copies-away")
    wanted = ("aws:backup/vault:Vault", {"name": "seatworks-hybrid-copies-away"})
    assert taken(plan_of("hybrid"), wanted) == []
    (said,) = taken(plan_of("hybrid"), (wanted[0], {**wanted[1], "region": "cn-northwest-1"}))
    assert said.startswith("AWS cn-northwest-1: backup Vault: ")


@pytest.fixture
def live(tmp_path: Path, china: Account, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A live environment whose CLI notes that it was called and does nothing. Returns its notes."""
    del china
    notes, program = tmp_path / "notes", tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {notes}\ntest "$1" = version && echo v3.274.1 || exit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "words")
    monkeypatch.chdir(tmp_path)
    place(dataclasses.replace(plan_of("hybrid"), target=Target.LIVE), tmp_path)
    return notes


@pytest.mark.parametrize("command", ["up", "preview"])
def test_the_cli_is_not_started_before_the_account_lacks_nothing(
    command: str, live: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ec2 = boto3.client("ec2", region_name=CHINA)
    held = [ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(4)]
    assert main(Live(), [command, "hybrid"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("cloud: AWS cn-north-1: 6 elastic addresses are needed")
    assert said.count("\n") == 1
    assert set(live.read_text().split("\n")) == {"version", ""}
    ec2.release_address(AllocationId=held[0])
    assert main(Live(), [command, "hybrid"]) == 4
    assert any(line and line != "version" for line in live.read_text().split("\n"))


def test_this_computer_and_the_account_are_told_of_together(
    live: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del live
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    for _ in range(4):
        boto3.client("ec2", region_name=CHINA).allocate_address(Domain="vpc")
    assert main(Live(), ["preview", "hybrid"]) == 3
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" -> ")[0][:50] for line in said] == [
        "cloud: pulumi: has no passphrase for the stack's s",
        "cloud: AWS cn-north-1: 6 elastic addresses are nee",
    ]


def test_a_profile_that_is_not_there_is_one_message(
    live: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del live
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert main(Live(), ["up", "hybrid"]) == 3
    assert "no credentials were found: The config profile (nobody) could not be found" in capsys.readouterr().err
