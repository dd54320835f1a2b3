"""The real AWS provider accepts what the program asks for, property by property, in both partitions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.cloud.engine import standing
from lab.cloud.server import served
from tests import optional
from tests.cloud import terraform
from tests.cloud.oracle import Oracle
from tests.cloud.regions import plan_in
from tests.sites import Deployed, deploy

# Together, every type of the program in both partitions; the others ask the same types otherwise.
SITES = [
    "joined",
    "managed",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("hybrid", "cloud_abroad", "peak")),
]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """The real provider."""
    program, mirror = optional.terraform()
    return Oracle(program, mirror, tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="module")
def schemas(oracle: Oracle) -> Mapping[str, Any]:
    """Its schema."""
    return oracle.schemas()


@pytest.mark.parametrize("name", SITES)
def test_the_real_provider_plans_every_recorded_resource(
    oracle: Oracle, schemas: Mapping[str, Any], request: pytest.FixtureRequest, name: str
) -> None:
    plans(oracle, schemas, request.getfixturevalue(name))


@pytest.mark.slow
def test_it_does_so_in_the_other_region_of_china(oracle: Oracle, schemas: Mapping[str, Any], tmp_path: Path) -> None:
    plans(oracle, schemas, deploy(plan_in("cloud", "cn-northwest-1", database="managed"), tmp_path))


def plans(oracle: Oracle, schemas: Mapping[str, Any], deployed: Deployed) -> None:
    """The provider, asked by Terraform in the site's own account, takes and would make every resource."""
    said = terraform.translate(deployed.resources, schemas)
    assert not said.untold
    oracle.write(said.document)
    assert not oracle.validate()
    with standing(deployed.where), served() as url:
        made, refused = oracle.plan(url)
    assert not refused
    assert made == len(said.addresses) > 40


def test_the_plan_asks_the_account(oracle: Oracle, schemas: Mapping[str, Any], hybrid: Deployed) -> None:
    oracle.write(terraform.translate(hybrid.resources, schemas).document)
    made, refused = oracle.plan("http://127.0.0.1:9")
    assert made == 0
    assert all("connection refused" in error for error in refused)
    assert refused


@pytest.mark.parametrize(
    ("token", "change", "word"),
    [
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "10.0.0.1/8"}, "CIDR"),
        ("aws:ec2/instance:Instance", {"metadataOptions": {"httpTokens": "maybe"}}, "http_tokens"),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 45}, "retention_in_days"),
        ("aws:kms/key:Key", {"deletionWindowInDays": 3}, "deletion_window_in_days"),
    ],
)
def test_the_real_provider_refuses_what_the_cloud_would(
    oracle: Oracle, schemas: Mapping[str, Any], hybrid: Deployed, token: str, change: dict[str, Any], word: str
) -> None:
    (provider,) = [entry for entry in hybrid.resources if entry["type"] == "pulumi:providers:aws"]
    good = hybrid.of(token.removeprefix("aws:"))[0]
    bad = {**good, "inputs": {**good["inputs"], **change}}
    oracle.write(terraform.translate([provider, bad], schemas).document)
    assert [error for error in oracle.validate() if word in error]


def test_no_exception_is_made_for_what_the_provider_knows(schemas: Mapping[str, Any]) -> None:
    assert not [token for token in terraform.TYPES_ONLY_IN_V6 if terraform.type_of(f"aws:{token}:X", schemas)]
    assert not set(terraform.TYPES.values()) - schemas.keys()


def test_a_property_without_counterpart_is_told(oracle: Oracle, schemas: Mapping[str, Any], hybrid: Deployed) -> None:
    good = hybrid.of("ec2/instance:Instance")[0]
    options = {**good["inputs"]["metadataOptions"], "httpTokns": "required"}
    bad = {**good, "inputs": {**good["inputs"], "metadataOptions": options, "colour": "red"}}
    said = terraform.translate([bad], schemas)
    assert [line.rpartition(" ")[2] for line in said.untold] == ["httpTokns", "colour"]
    assert oracle
