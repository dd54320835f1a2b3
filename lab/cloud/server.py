"""The lab's account for programs of other people: served over HTTP on this computer's loopback, while it is open.

A scanner or another provider is pointed here by `AWS_ENDPOINT_URL`. The emulator answers as it answers in process, so
what is asked through this door is what the engine made.
"""

from __future__ import annotations

import contextlib
import functools
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

_XML = "<ErrorResponse><Error><Code>NotImplemented</Code><Message>{why}</Message></Error></ErrorResponse>"

# Set for a program that shall speak with the served account and with nothing else.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab"}


@contextlib.contextmanager
def served(unanswered: set[str] | None = None) -> Iterator[str]:
    """The URL under which the open account answers. It must stay open meanwhile.

    Requests that the emulator does not know are added to `unanswered`, as `service: why`.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = True
    server.unanswered = set() if unanswered is None else unanswered  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="lab account", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Door(BaseHTTPRequestHandler):
    """Hands one request to the emulator under the address it would have had at the provider's."""

    protocol_version = "HTTP/1.1"
    # The emulator keeps its account in plain dictionaries: one request at a time.
    _turn = threading.Lock()

    def _answer(self) -> None:
        from botocore.awsrequest import AWSPreparedRequest
        from moto.core.models import botocore_stubber

        body = self._body()
        address = "https://" + self._addressee() + self._place()
        request = AWSPreparedRequest(self.command, address, _headers(self.headers), body, False)
        try:
            with self._turn:
                answer = botocore_stubber.process_request(request)
        except NotImplementedError as unknown:
            answer = self._refusal(str(unknown))
        except ImportError:
            # Services that the engine does not use have needs of their own, which are not installed.
            answer = self._refusal("this service is not installed")
        except Exception as broken:
            # Whatever breaks in the emulator is told to who asked, and to us.
            answer = self._refusal(f"{self.command} {self._place()} broke the emulator: {broken!r}")
        if answer is None or answer[2] == "Not yet implemented":
            answer = self._refusal(f"{self.command} {self._place().partition('?')[0]} is not emulated")
        status, headers, content = answer
        self._send(int(status), headers, content)

    def _addressee(self) -> str:
        name = host(self.headers.get("Authorization", ""))
        if account := self.headers.get("x-amz-account-id"):
            # S3 signs alike for a bucket and for the account; only what concerns the account names it.
            return f"{account}.s3-control.{name.removeprefix('s3.')}"
        return name

    def _place(self) -> str:
        """The path: clients that take this for their proxy send the whole address."""
        _, scheme, rest = self.path.partition("://")
        return "/" + rest.partition("/")[2] if scheme and not self.path.startswith("/") else self.path

    def _refusal(self, why: str) -> tuple[int, dict[str, Any], str | bytes]:
        """What says, in the tongue of the request, that the emulator cannot answer it: clients do not ask again."""
        service = host(self.headers.get("Authorization", "")).partition(".")[0]
        self.server.unanswered.add(f"{service}: {why}")  # type: ignore[attr-defined]
        if "json" in self.headers.get("Content-Type", ""):
            text = json.dumps({"__type": "NotImplemented", "message": why})
            return 501, {"Content-Type": "application/x-amz-json-1.1"}, text
        return 501, {"Content-Type": "text/xml"}, _XML.format(why=escape(why))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: who asks, reports."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, headers: Mapping[str, Any], content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "date", "server"}:
                self.send_header(name, str(value))
        length = len(data)
        if self.command == "HEAD":
            length = int(next((value for name, value in headers.items() if name.lower() == "content-length"), 0))
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def host(authorization: str) -> str:
    """Whom a request is for, by the scope it is signed with: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    _, found, scope = authorization.partition("Credential=")
    if not found:
        # Nobody signs a request for an object that everybody may read.
        return "s3.amazonaws.com"
    _, _, region, service, *_ = scope.split(",")[0].split("/")
    return f"{_endpoints().get(service, service)}.{region}.amazonaws.com"


@functools.cache
def _endpoints() -> Mapping[str, str]:
    """Host names by the names that services sign with, where the two differ."""
    from botocore.session import Session

    loader = Session().get_component("data_loader")
    found = {}
    for service in ("cloudwatch", "elb", "elbv2", "ses", "sesv2", "resourcegroupstaggingapi", "events"):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        found[metadata.get("signingName", metadata["endpointPrefix"])] = metadata["endpointPrefix"]
    return found


def _headers(given: Any) -> Any:
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for name, value in given.items():
        headers[name] = value
    return headers
