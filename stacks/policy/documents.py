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
