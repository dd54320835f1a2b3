"""Who asks the rules: the lab before and after it makes anything, and the CLI through the policy pack."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi import automation
from pulumi.automation._cmd import CommandResult
from pulumi.automation.errors import create_command_error
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from lab.cloud.engine import StandIn
from lab.cloud.rules import enforce
from lab.cloud.state import Record, StateFile
from seatworks.errors import CloudError
from seatworks.plan.model import Plan, Target
from stacks.account_check.asking import Asker
from stacks.commands import main
from stacks.components import security_groups
from stacks.live import engine as live
from stacks.policy.model import Level
from stacks.policy.rules import RULES
from tests.cloud.test_policy import asked
from tests.conftest import ROOT
from tests.sites import Deployed, place

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # a mark of the SDK's protocol


def quiet(_line: str) -> None:
    """Say nothing."""


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A program that lets everybody in by SSH, beside what the plan opens."""
    sound = security_groups.ingress
    mistake = security_groups.Rule("tcp", 22, 22, IPv4Network("0.0.0.0/0"), "to have a look")
    with monkeypatch.context() as patched:
        patched.setattr(security_groups, "ingress", lambda plan, group: (*sound(plan, group), mistake))
        yield patched


@pytest.mark.parametrize("name", ["hybrid_abroad", pytest.param("cloud_abroad", marks=pytest.mark.slow)])
def test_outside_china_no_rule_is_broken_either(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    made: Deployed = request.getfixturevalue(name)
    said = list(made.said)
    assert [line for line in said if line.startswith("  create")]
    StandIn().preview(made.plan, place(made.plan, tmp_path), said.append)
    assert not [line for line in said if "advice" in line]


@pytest.mark.usefixtures("open_to_all")
def test_a_mistake_stops_the_preview_before_anything_is_made(
    hybrid_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(hybrid_plan, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(StandIn(), ["preview", "hybrid"]) == 4
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("cloud: ")]
    assert line == (
        "cloud: aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule hybrid-cloud-edge-in-tcp-22-22-0.0.0.0-0: "
        "lets in tcp 22 from 0.0.0.0/0: SSH is reached from where the plan's management says, and nowhere else "
        "(rule ssh-closed, GB/T 22239-2019 8.1.4.4 c) -> take the opening away, or use Session Manager"
    )
    assert sorted(tmp_path.rglob("*")) == before
    assert not where.outputs_file.exists()


def test_a_mistake_fails_the_run_and_the_next_sound_run_mends_it(
    hybrid_plan: Plan, tmp_path: Path, open_to_all: pytest.MonkeyPatch
) -> None:
    where = place(hybrid_plan, tmp_path)
    with pytest.raises(CloudError, match="rule ssh-closed"):
        StandIn().up(hybrid_plan, where, quiet)
    assert "in-tcp-22-22-0.0.0.0-0" in (where.build / "resources.json").read_text(encoding="utf-8")
    open_to_all.undo()
    summary, _ = StandIn().up(hybrid_plan, where, quiet)
    # The opening, and the second fence that follows the plan.
    assert sorted(change["op"] for change in summary.changes) == ["delete", "update"]


def test_every_mandatory_violation_is_named_and_advice_is_only_said(hybrid: Deployed) -> None:
    records = StateFile(hybrid.where.build).load().records
    said: list[str] = []
    advice = _rule("hybrid", "cidr", "10.60.0.1/32", {"fromPort": 22, "toPort": 22})
    enforce([*records.values(), advice], asked(hybrid.plan), said.append)
    assert len(said) == 1
    assert "does not say why" in said[0]
    wrong = [_rule("hybrid", f"n{port}", "0.0.0.0/0", {"fromPort": port, "toPort": port}) for port in (23, 80)]
    with pytest.raises(CloudError) as refused:
        enforce([*records.values(), *wrong], asked(hybrid.plan), quiet)
    assert len(refused.value.problems) == 2
    assert refused.value.exit_code == 4
    assert all(problem.remedy for problem in refused.value.problems)


def _rule(stack: str, name: str, cidr: str, ports: dict[str, int]) -> Record:
    type_ = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    tags = {"Deployment": stack, "ManagedBy": "seatworks", "ProtectionLevel": "3"}
    inputs = {"ipProtocol": "tcp", "cidrIpv4": cidr, "tagsAll": tags, **ports}
    return Record(
        urn=f"urn:pulumi:{stack}::seats::{type_}::{name}", type=type_, name=name, parent="", custom=True, provider="",
        inputs=inputs, secrets=[], dependencies=[], property_dependencies={}, protect=False, retain=False,
    )  # fmt: skip


class Cli:
    """Takes the place of the CLI's stack and notes what it is asked."""

    def __init__(self, objection: str = "") -> None:
        self.asked: list[tuple[str, list[str]]] = []
        self._objection = objection

    def preview(self, on_event: Any, policy_packs: list[str], **_: Any) -> None:
        self._run("preview", on_event, policy_packs)

    def up(self, on_event: Any, policy_packs: list[str], **_: Any) -> Any:
        self._run("up", on_event, policy_packs)
        keys = ("region", "account", "recordings_bucket", "recordings_key_arn", "audit_bucket", "vpc_id",
                "database_endpoint", "database_secret_arn")  # fmt: skip
        outputs = {**dict.fromkeys(keys, ""), "public_addresses": {}, "instance_ids": {}}
        return SimpleNamespace(outputs={key: automation.OutputValue(value, False) for key, value in outputs.items()})

    def export_stack(self) -> automation.Deployment:
        """Nothing stands."""
        return automation.Deployment(version=3, deployment={})

    def _run(self, what: str, on_event: Any, packs: list[str]) -> None:
        self.asked.append((what, packs))
        if self._objection:
            message = f"<{{%fg 1%}}>{self._objection}<{{%reset%}}>"
            policy = automation.PolicyEvent(message, "never", "ssh-closed", "seatworks", "0.0.1", "0.0.1", "mandatory")
            on_event(automation.EngineEvent(0, 0, policy_event=policy))
            raise create_command_error(CommandResult("", "error: the run ended with an error", 1))


def live_stack(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    """Let the live engine find this CLI."""

    @contextlib.contextmanager
    def stack(*_: Any) -> Iterator[Any]:
        yield cli, Asker.of("cn-north-1")

    monkeypatch.setattr(live, "making", stack)


def test_the_live_engine_gives_the_pack_to_every_preview_and_update(
    hybrid_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = Cli()
    live_stack(monkeypatch, cli)
    where = place(hybrid_plan, tmp_path)
    live.Live().preview(hybrid_plan, where, quiet)
    live.Live().up(hybrid_plan, where, quiet)
    pack = [str(ROOT / "stacks" / "policy")]
    assert cli.asked == [("preview", pack), ("preview", pack), ("up", pack)]
    assert (Path(*pack) / "PulumiPolicy.yaml").is_file()


def test_a_violation_stops_a_live_update_at_its_preview(
    hybrid_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, said = Cli("lets in tcp 22\nfrom 0.0.0.0/0"), list[str]()
    live_stack(monkeypatch, cli)
    with pytest.raises(CloudError, match=r"^lets in tcp 22 from 0\.0\.0\.0/0 \(policy ssh-closed\)$"):
        live.Live().up(hybrid_plan, place(hybrid_plan, tmp_path), said.append)
    assert [what for what, _ in cli.asked] == ["preview"]
    assert said == []


@pytest.fixture(scope="module")
def pack(hybrid: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The pack as the CLI starts it, and a line to it. Its stack is a live one: its data must be protected."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "stacks", project / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    place(dataclasses.replace(hybrid.plan, target=Target.LIVE), project)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", str(project / "stacks" / "policy")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.kill()


def _properties(values: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def _sent(hybrid: Deployed, **changes: Any) -> list[analyzer_pb2.AnalyzerResource]:
    """The recorded stack as the CLI sends it; `changes` are properties by name of resource, None leaves it out."""
    sent = []
    for record in StateFile(hybrid.where.build).load().records.values():
        values = {**record.inputs, **record.outputs}
        if values.get("forceDestroy"):
            values["forceDestroy"] = False
        if record.name in changes and record.custom:
            if changes[record.name] is None:
                continue
            values.update(changes[record.name])
        sent.append(
            analyzer_pb2.AnalyzerResource(
                type=record.type, urn=record.urn, name=record.name, properties=_properties(values),
                options=analyzer_pb2.AnalyzerResourceOptions(protect=True), dependencies=record.dependencies,
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in record.property_dependencies.items()
                },
            )
        )  # fmt: skip
    return sent


def _single(resource: analyzer_pb2.AnalyzerResource) -> analyzer_pb2.AnalyzeRequest:
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type, urn=resource.urn, name=resource.name,
        properties=resource.properties, options=resource.options,
    )  # fmt: skip


def test_the_pack_has_every_rule_at_its_level(pack: Any) -> None:
    found = pack.GetAnalyzerInfo(empty_pb2.Empty(), timeout=30)
    levels = {Level.MANDATORY: analyzer_pb2.MANDATORY, Level.ADVISORY: analyzer_pb2.ADVISORY}
    assert {(p.name, p.enforcementLevel) for p in found.policies} == {(r.id, levels[r.level]) for r in RULES}


def test_the_pack_finds_nothing_in_the_shipped_stack(pack: Any, hybrid: Deployed) -> None:
    sent = _sent(hybrid)
    assert not pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=sent), timeout=30).diagnostics
    assert not [line for resource in sent for line in pack.Analyze(_single(resource), timeout=30).diagnostics]


def test_the_pack_refuses_a_mistake_before_and_after_it_is_made(pack: Any, hybrid: Deployed) -> None:
    sent = _sent(
        hybrid,
        **{
            "hybrid-recordings-closed": None,
            "hybrid-cloud-edge1": {"metadataOptions": {"httpTokens": "optional"}},
        },
    )
    (stack,) = pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=sent), timeout=30).diagnostics
    assert (stack.policyName, stack.enforcementLevel) == ("buckets-private", analyzer_pb2.MANDATORY)
    assert stack.urn.endswith("::hybrid-recordings")
    (machine,) = [resource for resource in sent if resource.urn.endswith("Instance::hybrid-cloud-edge1")]
    (single,) = pack.Analyze(_single(machine), timeout=30).diagnostics
    assert single.policyName == "metadata-by-token"
    assert "set http_tokens to required" in single.message


def test_the_pack_waits_for_what_a_preview_does_not_know(pack: Any, hybrid: Deployed) -> None:
    policy = {"policy": UNKNOWN_TEXT, "bucket": UNKNOWN_TEXT}
    sent = _sent(hybrid, **{"hybrid-recordings-policy": policy, "hybrid-flows": {"kmsKeyId": UNKNOWN_TEXT}})
    assert not pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=sent), timeout=30).diagnostics
    (group,) = [resource for resource in sent if resource.urn.endswith("LogGroup::hybrid-flows")]
    assert not pack.Analyze(_single(group), timeout=30).diagnostics


def test_the_pack_sees_a_provider_that_it_is_shown_only_as_maker(pack: Any, hybrid: Deployed) -> None:
    request = _single(next(resource for resource in _sent(hybrid) if resource.urn.endswith("Vpc::hybrid-vpc")))
    request.provider.CopyFrom(
        analyzer_pb2.AnalyzerProviderResource(
            type="pulumi:providers:aws", urn="urn:pulumi:hybrid::seats::pulumi:providers:aws::default",
            name="default", properties=_properties({"region": "eu-west-1"}),
        )
    )  # fmt: skip
    found = pack.Analyze(request, timeout=30).diagnostics
    assert {line.policyName for line in found} == {"in-region", "in-country"}
