"""A bucket of the rehearsal answers by TLS, and refuses what its policy refuses to everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.aws.account import Account

BUCKET = "a-bucket"


@pytest.fixture
def s3() -> Iterator[Any]:
    with Account("cn-north-1") as account:
        client = account.client("s3")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
        yield client


def refusing(s3: Any, **condition: Any) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws-cn:s3:::{BUCKET}/*"}
    document = {"Version": "2012-10-17", "Statement": [{**deny, **({"Condition": condition} if condition else {})}]}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))


@pytest.mark.parametrize(
    "condition",
    [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}],
)
def test_what_is_refused_without_tls_is_answered(s3: Any, condition: dict[str, Any]) -> None:
    refusing(s3, **condition)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"b")
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"b"
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=BUCKET, Key="c")


@pytest.mark.parametrize("condition", [{}, {"NumericLessThan": {"s3:TlsVersion": "1.4"}}])
def test_what_is_refused_to_everybody_is_refused(s3: Any, condition: dict[str, Any]) -> None:
    refusing(s3, **condition)
    with pytest.raises(ClientError, match=r"403|AccessDenied|Forbidden"):
        s3.get_object(Bucket=BUCKET, Key="a")
