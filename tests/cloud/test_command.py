"""`python -m stacks`: what it prints, which files it leaves, and how it says no."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.cloud.engine import StandIn
from seatworks import plan as planning
from seatworks.environment import Environment, write
from seatworks.errors import PreflightError
from seatworks.plan.model import CloudOutputs, Plan, Target
from stacks.commands import main
from stacks.live import engine as live
from stacks.live.engine import Live
from stacks.values import MASK
from tests.examples import plan_of
from tests.sites import place


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own, as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_up_prints_one_document_and_leaves_its_files(
    here: Path, hybrid_plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(hybrid_plan, here)
    assert main(StandIn(), ["up", "hybrid", "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert set(document) == {"same", "create", "import", "update", "replace", "delete", "seconds", "changes"}
    assert document["create"] == len(document["changes"]) > 40
    assert "create  aws:ec2/vpc:Vpc hybrid-vpc" in printed.err
    outputs = planning.load_outputs(where.outputs_file.read_text(encoding="utf-8"))
    assert set(outputs.public_addresses) == {"cloud-edge1", "cloud-edge2"}
    assert main(StandIn(), ["destroy", "hybrid", "--data"]) == 0
    assert where.outputs() == CloudOutputs()
    assert json.loads((where.build / "resources.json").read_text(encoding="utf-8")) == []


def test_a_plan_without_cloud_hosts_needs_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = place(plan_of("onprem"), here)
    assert main(StandIn(), ["preview", "onprem"]) == 0
    assert not where.outputs_file.exists()
    assert main(StandIn(), ["up", "onprem"]) == 0
    assert where.outputs() == CloudOutputs()
    assert json.loads((where.build / "resources.json").read_text(encoding="utf-8")) == []
    assert capsys.readouterr().err.count("nothing to do") == 2


def test_a_cloud_site_taken_out_of_the_plan_is_taken_away(
    here: Path, hybrid_plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(hybrid_plan, here)
    assert main(StandIn(), ["up", "hybrid"]) == 0
    write(where.attempted_file, planning.dump(dataclasses.replace(plan_of("onprem"), name="hybrid")))
    capsys.readouterr()
    assert main(StandIn(), ["up", "hybrid", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["delete"] > 40
    assert document["create"] == 0


@pytest.mark.usefixtures("here")
def test_without_a_plan_it_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(StandIn(), ["up", "hybrid"]) == 4
    assert (
        capsys.readouterr().err
        == "cloud: build/hybrid/lab/attempted.json: there is no plan -> run: make deploy ENV=hybrid TARGET=lab\n"
    )


@pytest.fixture
def bare(here: Path, hybrid_plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A live plan on a computer without the CLI, without an account and without a key."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "PULUMI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(here))
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for file in ("live/attempted.json", "preview/plan.json"):
        write(here / "build/hybrid" / file, planning.dump(dataclasses.replace(hybrid_plan, target=Target.LIVE)))
    return here


@pytest.mark.parametrize("command", ["up", "preview"])
def test_a_live_run_names_everything_that_is_missing(
    bare: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(Live(), [command, "hybrid"]) == 3
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" -> ")[0] for line in said] == [
        "cloud: pulumi: is not installed",
        "cloud: pulumi: does not know where to keep the stack's state",
        "cloud: pulumi: has no passphrase for the stack's secrets",
        "cloud: AWS cn-north-1: no credentials were found",
        "cloud: stacks/seats/Pulumi.hybrid.yaml: names no SSH key for the machines",
    ]
    assert all(" -> " in line for line in said)
    assert not (bare / "build/hybrid/live/cloud.json").exists()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("command", ["up", "preview", "destroy", "publish", "refresh"])
def test_a_plan_of_the_other_target_is_refused(bare: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for file in ("lab/attempted.json", "preview/plan.json"):
        write(bare / "build/hybrid" / file, (bare / "build/hybrid/live/attempted.json").read_text())
    if command == "destroy":
        # What a rehearsal recorded goes, whatever any plan says.
        assert main(StandIn(), [command, "hybrid"]) == 0
        return
    assert main(StandIn(), [command, "hybrid"]) == 3
    assert "is planned for target live, and this is lab" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--confirm", "cloud"], ["--data"], ["--data", "--confirm", "hybrid"]])
def test_a_live_deployment_is_not_taken_away_without_the_words_that_a_person_types(
    bare: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(bare.rglob("*"))
    assert main(Live(), ["destroy", "hybrid", *words]) == 3
    assert "is a live deployment and stays as it is" in capsys.readouterr().err
    assert sorted(bare.rglob("*")) == before


def test_secrets_of_a_checkpoint_are_masked() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    assert live.masked_checkpoint({"a": [secret], "b": "plain"}) == {"a": [MASK], "b": "plain"}


def test_a_stack_whose_vault_is_elsewhere_is_left_alone(hybrid_plan: Plan, tmp_path: Path) -> None:
    where = Environment("hybrid", Target.LIVE, tmp_path)
    held: list[dict[str, str]] = []
    stack: Any = SimpleNamespace(export_stack=lambda: SimpleNamespace(deployment={"resources": held}))
    live._must_be_ours(stack, hybrid_plan, where)
    held.append({"type": "pulumi:pulumi:Stack"})
    with pytest.raises(PreflightError, match="stands in the account already, and its vault is not here"):
        live._must_be_ours(stack, hybrid_plan, where)
    # A centre without servers of ours has no secrets, and where the vault is, the stack is ours.
    live._must_be_ours(stack, dataclasses.replace(hybrid_plan, hosts=()), where)
    write(where.vault, "")
    live._must_be_ours(stack, hybrid_plan, where)
