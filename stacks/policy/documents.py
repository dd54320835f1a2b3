"""Policy documents of IAM, S3, KMS and others, read for the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Statement = Mapping[str, Any]


def statements(document: Any) -> list[Statement]:
    """The statements of a policy document. One that is not known yet, or is no JSON, has none."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return []
    if not isinstance(document, Mapping):
        return []
    return [entry for entry in listed(document.get("Statement")) if isinstance(entry, Mapping)]


def allowing(document: Any) -> Iterator[Statement]:
    """The statements that give a right."""
    return (statement for statement in statements(document) if statement.get("Effect") == "Allow")


def listed(value: Any) -> list[Any]:
    """A value that a document may give alone or as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def everybody(statement: Statement) -> bool:
    """Whether the statement is for anyone, with an account or without."""
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, Mapping) and "*" in listed(principal.get("AWS")))


# Tests of a condition that hold for what they name and for nothing else: without the "not", without "if it exists".
_NAMING = {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}
# Keys of a condition that say who asks, or on whose behalf a service does.
_WHO = {
    key.lower()
    for key in (
        "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:SourceArn", "aws:SourceAccount",
        "aws:SourceOrgID", "kms:CallerAccount",
    )
}  # fmt: skip


def somebody(statement: Statement) -> bool:
    """Whether the statement's condition says who: it then is for that one, whomever its principal names."""
    condition = statement.get("Condition")
    tests = condition.items() if isinstance(condition, Mapping) else ()
    return any(
        key.lower() in _WHO and "*" not in listed(value)
        for test, keys in tests
        if test in _NAMING and isinstance(keys, Mapping)
        for key, value in keys.items()
    )


def refuses_plain_http(statement: Statement) -> bool:
    """Whether the statement refuses every request without TLS, to the bucket and to what is in it."""
    condition = statement.get("Condition")
    flags = condition.get("Bool", {}) if isinstance(condition, Mapping) and len(condition) == 1 else {}
    plain = {key.lower(): [str(entry).lower() for entry in listed(value)] for key, value in flags.items()}
    targets = [str(target) for target in listed(statement.get("Resource"))]
    return (
        statement.get("Effect") == "Deny"
        and everybody(statement)
        and bool({"s3:*", "*"} & set(listed(statement.get("Action"))))
        and plain == {"aws:securetransport": ["false"]}
        and ("*" in targets or (any(t.endswith("/*") for t in targets) and any("/" not in t for t in targets)))
    )
