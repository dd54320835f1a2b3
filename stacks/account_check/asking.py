"""Questions to an account. None of them changes anything, and each is answered or says in one sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from seatworks.errors import Problem

# Nobody sits before a dead line for long: three attempts, each with 5 s to connect and 20 s to answer.
_CONNECT_S, _READ_S, _ATTEMPTS = 5, 20, 3
# By service, what one says who may not ask (https://docs.aws.amazon.com/IAM/latest/UserGuide, access denied errors).
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# What a service says to credentials that it does not take, or no longer.
_STRANGE = {
    "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
    "InvalidClientTokenId", "InvalidToken", "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip
# Services that IAM calls otherwise than they sign.
_RIGHTS = {"monitoring": "cloudwatch"}
Answer = TypeVar("Answer")


class Unanswered(Exception):
    """A question without an answer: which right it needs, in which region, the code of the refusal, and why.

    `silent`: nobody answered at all.
    """

    def __init__(self, right: str, region: str, code: str, why: str, *, silent: bool = False) -> None:
        self.right, self.region, self.code, self.silent = right, region, code, silent
        self.why = " ".join(why.split())
        super().__init__(f"{right}: {self}")

    def __str__(self) -> str:
        """The reason, without the question."""
        return "you are not allowed to ask" if self.denied else self.why

    @property
    def denied(self) -> bool:
        """Whether the credentials are good but lack the right."""
        return self.code in _DENIED

    @property
    def strange(self) -> bool:
        """Whether the credentials themselves are not taken."""
        return self.code in _STRANGE

    @property
    def missing(self) -> bool:
        """Whether what was asked for is not there."""
        return "NotFound" in self.code or self.code.startswith("NoSuch")


@dataclass(slots=True)
class Asker:
    """One account as it is met in one region. `rights` are those that the questions so far needed."""

    region: str
    session: Any
    account: str = ""
    rights: set[str] = field(default_factory=set)
    _clients: dict[tuple[str, str, int], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, region: str) -> Asker:
        """With the credentials that this computer has."""
        import boto3

        return cls(region, boto3.Session(region_name=region))

    def one(
        self, service: str, operation: str, *, region: str | None = None, attempts: int = _ATTEMPTS, **members: Any
    ) -> dict[str, Any]:
        """The answer to one question. Raises Unanswered."""
        client = self._client(service, region or self.region, attempts)
        return self._ask(client, operation, lambda: dict(getattr(client, operation)(**members)))

    def all(
        self, service: str, operation: str, key: str, *, region: str | None = None, **members: Any
    ) -> list[dict[str, Any]]:
        """Every entry of a list, over all its pages. Raises Unanswered."""
        client = self._client(service, region or self.region, _ATTEMPTS)
        if not client.can_paginate(operation):
            return list(self.one(service, operation, region=region, **members).get(key, []))
        pages = client.get_paginator(operation)
        return self._ask(
            client, operation, lambda: [entry for page in pages.paginate(**members) for entry in page.get(key, [])]
        )

    def _client(self, service: str, region: str, attempts: int) -> Any:
        from botocore.config import Config

        if (service, region, attempts) not in self._clients:
            patience = Config(
                connect_timeout=_CONNECT_S,
                read_timeout=_READ_S,
                retries={"mode": "standard", "total_max_attempts": attempts},
            )
            client = self.session.client(service, region_name=region, config=patience)
            self._clients[service, region, attempts] = client
        return self._clients[service, region, attempts]

    def _ask(self, client: Any, operation: str, question: Callable[[], Answer]) -> Answer:
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

        name, region = client.meta.method_to_api_mapping[operation], client.meta.region_name
        signing = client.meta.service_model.signing_name
        right = f"{_RIGHTS.get(signing, signing)}:{name}"
        self.rights.add(right)
        try:
            return question()
        except ClientError as refused:
            error = refused.response.get("Error", {})
            code = str(error.get("Code", ""))
            why = str(error.get("Message") or code or refused)
            raise Unanswered(right, region, code, why) from None
        except BotoCoreError as failed:
            silent = isinstance(failed, (ConnectionError, HTTPClientError))
            raise Unanswered(right, region, "", str(failed), silent=silent) from None


def place(region: str, what: str = "") -> str:
    """How a problem names a region of AWS, or something in it."""
    return f"AWS {region}: {what}" if what else f"AWS {region}"


def no_answer(silence: Unanswered) -> Problem:
    """The one message about a line that is dead."""
    return Problem(
        place(silence.region),
        f"{silence.right} was not answered: {silence.why}",
        "look at this computer's network, its proxy (HTTPS_PROXY) and the region's name, then run it again",
    )
