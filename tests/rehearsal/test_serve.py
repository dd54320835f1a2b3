"""The lab's account over HTTP: other programs see what the engine made, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.cloud.engine import standing
from lab.cloud.server import host, served
from seatworks.environment import Environment
from seatworks.errors import CloudError
from seatworks.plan.model import Target
from tests.sites import Deployed


def client(service: str, url: str, region: str = "cn-north-1") -> Any:
    """A client as another program would make it."""
    options = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(
        service, region_name=region, endpoint_url=url, config=options,
        aws_access_key_id="lab", aws_secret_access_key="lab",  # noqa: S106 - the emulator takes any
    )  # fmt: skip


def test_another_program_finds_what_the_engine_made(hybrid: Deployed) -> None:
    with standing(hybrid.where), served() as url:
        (vpc,) = client("ec2", url).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
        assert vpc["VpcId"] == hybrid.one("ec2/vpc:Vpc", "hybrid-vpc")["id"]
        assert client("sts", url).get_caller_identity()["Arn"].startswith("arn:aws-cn:")
        (trail,) = client("cloudtrail", url).describe_trails()["trailList"]
        assert trail["Name"] == "seatworks-hybrid"
        buckets = {entry["Name"] for entry in client("s3", url).list_buckets()["Buckets"]}
        assert buckets == {entry["id"] for entry in hybrid.of("s3/bucket:Bucket")}


def test_objects_come_back_as_they_were_sent(hybrid: Deployed) -> None:
    with standing(hybrid.where), served() as url:
        s3, bucket = client("s3", url), "sounds"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
        s3.put_object(Bucket=bucket, Key="a/b c", Body=b"\x00\xffsound")
        assert s3.get_object(Bucket=bucket, Key="a/b c")["Body"].read() == b"\x00\xffsound"
        assert s3.head_object(Bucket=bucket, Key="a/b c")["ContentLength"] == 7


def test_what_concerns_the_account_as_a_whole_is_answered_under_its_own_name(hybrid: Deployed) -> None:
    with standing(hybrid.where), served() as url:
        # The client puts the account's number before the address, which is no name that anybody knows: the door is
        # its proxy too.
        options = Config(proxies={"http": url}, retries={"total_max_attempts": 1})
        control = boto3.client(
            "s3control", region_name="cn-north-1", endpoint_url=url, config=options,
            aws_access_key_id="lab", aws_secret_access_key="lab",  # noqa: S106 - the emulator takes any
        )  # fmt: skip
        found = control.get_public_access_block(AccountId="123456789012")["PublicAccessBlockConfiguration"]
    assert set(found.values()) == {True}


def test_what_the_emulator_cannot_answer_is_refused_and_told(hybrid: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    unanswered: set[str] = set()
    with standing(hybrid.where), served(unanswered) as url:
        with pytest.raises(ClientError, match="NotImplemented"):
            client("cloudtrail", url).lookup_events()
        with pytest.raises(ClientError, match="not emulated"):
            client("kafka", url).list_kafka_versions()
        monkeypatch.setattr("moto.core.models.botocore_stubber.process_request", breaks(ZeroDivisionError("by zero")))
        with pytest.raises(ClientError, match="broke the emulator"):
            client("ec2", url).describe_vpcs()
        missing = breaks(ModuleNotFoundError("No module named 'pyparsing'"))
        monkeypatch.setattr("moto.core.models.botocore_stubber.process_request", missing)
        with pytest.raises(ClientError, match="not installed"):
            client("glue", url).get_databases()
    assert unanswered == {
        "cloudtrail: The lookup_events action has not been implemented",
        "kafka: GET /v1/kafka-versions is not emulated",
        "ec2: POST / broke the emulator: ZeroDivisionError('by zero')",
        "glue: this service is not installed",
    }


def breaks(error: Exception) -> Callable[[Any], None]:
    """An emulator that fails at what comes through the door; what is on its way to the door passes."""

    def process(request: Any) -> None:
        if not str(request.url).startswith("http://127.0.0.1"):
            raise error

    return process


def test_the_door_is_on_this_computer_only_and_closes() -> None:
    with served() as url:
        assert url.startswith("http://127.0.0.1:")
    with pytest.raises(Exception, match="Could not connect"):
        client("sts", url).get_caller_identity()


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("20260101/cn-north-1/ec2/aws4_request", "ec2.cn-north-1.amazonaws.com"),
        ("20260101/eu-central-1/monitoring/aws4_request", "monitoring.eu-central-1.amazonaws.com"),
        ("20260101/eu-central-1/tagging/aws4_request", "tagging.eu-central-1.amazonaws.com"),
    ],
)
def test_a_request_goes_to_whom_it_is_signed_for(scope: str, expected: str) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=lab/{scope}, SignedHeaders=host, Signature=0"
    assert host(signed) == expected


def test_an_environment_without_a_cloud_site_is_told(tmp_path: Any) -> None:
    where = Environment("hybrid", Target.LAB, tmp_path)
    where.build.mkdir(parents=True)
    with pytest.raises(CloudError, match="has no account yet"), standing(where):
        pass
