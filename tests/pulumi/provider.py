"""The lab's provider as a plugin of the Pulumi CLI: `python -m tests.pulumi.provider`, as `pulumi-resource-aws`.

The CLI starts a provider as a program that prints its port and answers over gRPC. This one makes what the lab makes,
by the same `Provider` and the same kinds, in an account that another process holds (`AWS_ENDPOINT_URL`). So the CLI's
own state, comparison, refresh and import are tried against the account that the lab's engine is tried against. What it
reads and changes in place it does for a few types (byhand.py). Who deploys to a real account has the real plugin.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from lab.cloud.provider import Provider
from lab.cloud.wire import Decoded, decode, encode
from lab.kinds import KINDS
from seatworks.errors import CloudError, Problem, SeatworksError
from stacks.values import has_unknown
from tests.pulumi import byhand
from tests.pulumi.remote import RemoteAccount
from tests.pulumi.serving import serve_forever

VERSION = "7.51.1"


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the CLI. What goes wrong becomes one message of the resource that it went wrong with."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._provider: Provider | None = None
        self._account: RemoteAccount | None = None
        self._default_tags = ""

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """The version of the provider whose resources these are."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, _request: Any, _context: Any) -> Any:
        """No schema: programs bring their own."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "aws", "version": "{VERSION}"}}')

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """The provider's own settings: a region must be among them."""
        with _told(context):
            found = decode(request.news)
            failures = []
            if not found.values.get("region"):
                failures.append(provider_pb2.CheckFailure(property="region", reason="no region is given"))
            return provider_pb2.CheckResponse(inputs=_encoded(found), failures=failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Another region is another provider: all its resources must be made anew."""
        with _told(context):
            old, new = decode(request.old_inputs).values, decode(request.news).values
            changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
            return _difference(changed, ["region"] if "region" in changed else [], delete_first=False)

    def Configure(self, request: Any, context: Any) -> Any:
        """Open the account."""
        with _told(context):
            settings = decode(request.args).values
            self._default_tags = str(settings.get("defaultTags", ""))
            if not has_unknown(settings):
                self._account = RemoteAccount(settings["region"]).__enter__()
                self._provider = Provider(self._account, KINDS)
            return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> Any:
        """Answer a function."""
        with _told(context):
            answer = self._made().invoke(request.tok, decode(request.args).values)
            return provider_pb2.InvokeResponse(**{"return": encode(answer)})

    def Check(self, request: Any, context: Any) -> Any:
        """Complete a resource's inputs."""
        with _told(context):
            type_, name = _parts(request.urn)
            found, old = decode(request.news), decode(request.olds).values
            complete = self._made().check(type_, name, found.values, old, self._default_tags)
            return provider_pb2.CheckResponse(inputs=encode(complete, _secrets(complete, found)))

    def Diff(self, request: Any, context: Any) -> Any:
        """What new inputs mean for a resource: nothing, a change in place, or another resource."""
        with _told(context):
            type_, _ = _parts(request.urn)
            new, known = decode(request.news).values, decode(request.olds).values
            # What is asked for the first time and is so already is no change.
            old = {**{key: known[key] for key in new if key in known}, **decode(request.old_inputs).values}
            found = self._made().compare(type_, old, new)
            left = set(request.ignoreChanges)
            changed, forcing = ([key for key in keys if key not in left] for keys in (found.changed, found.forcing))
            return _difference(changed, forcing, delete_first=found.delete_first)

    def Create(self, request: Any, context: Any) -> Any:
        """Make a resource; at a preview, say what is known of it."""
        with self._working(context):
            type_, name = _parts(request.urn)
            asked = decode(request.properties)
            if request.preview:
                return provider_pb2.CreateResponse(properties=_encoded(asked))
            id_, outputs = self._made().create(type_, name, asked.values, request.urn)
            outputs = byhand.read(self._open(), type_, id_, outputs) or outputs
            return provider_pb2.CreateResponse(id=id_, properties=encode(outputs, _secrets(outputs, asked)))

    def Read(self, request: Any, context: Any) -> Any:
        """A resource as the account holds it: known before (a refresh), or by its identifier alone (an import)."""
        with _told(context):
            type_, _ = _parts(request.urn)
            known, inputs = decode(request.properties), decode(request.inputs)
            found = byhand.read(self._open(), type_, request.id, known.values)
            if found is None:
                return provider_pb2.ReadResponse()
            asked = byhand.asked(type_, found, inputs.values)
            return provider_pb2.ReadResponse(
                id=request.id,
                properties=encode(found, _secrets(found, known)),
                inputs=encode(asked, _secrets(asked, inputs)),
            )

    def Update(self, request: Any, context: Any) -> Any:
        """Bring a resource to new inputs in place; at a preview, say what is known of it then."""
        with self._working(context):
            type_, _ = _parts(request.urn)
            old, inputs, new = decode(request.olds), decode(request.old_inputs), decode(request.news)
            before = {**{key: old.values[key] for key in new.values if key in old.values}, **inputs.values}
            left = set(request.ignoreChanges)
            changed = [key for key in self._made().compare(type_, before, new.values).changed if key not in left]
            gone = set(changed) - new.values.keys()
            outputs = {key: value for key, value in {**old.values, **new.values}.items() if key not in gone}
            if not request.preview:
                byhand.change(self._open(), type_, request.id, old.values, new.values, changed)
                outputs = byhand.read(self._open(), type_, request.id, outputs) or outputs
            return provider_pb2.UpdateResponse(properties=encode(outputs, _secrets(outputs, new)))

    def Delete(self, request: Any, context: Any) -> Any:
        """Take a resource away."""
        with self._working(context):
            type_, name = _parts(request.urn)
            self._made().delete(type_, name, request.id, decode(request.properties).values)
            return empty_pb2.Empty()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        """Begin nothing more. What is under way is ended, so that it is known what was made."""
        self._cancelled.set()
        return empty_pb2.Empty()

    @contextmanager
    def _working(self, context: Any) -> Iterator[None]:
        if self._cancelled.is_set():
            context.abort(grpc.StatusCode.CANCELLED, "the update is cancelled")
        with _told(context):
            yield

    def _made(self) -> Provider:
        if self._provider is None:
            raise CloudError(Problem("aws", "the region is not known yet"))
        return self._provider

    def _open(self) -> RemoteAccount:
        if self._account is None:
            raise CloudError(Problem("aws", "the region is not known yet"))
        return self._account


@contextmanager
def _told(context: Any) -> Iterator[None]:
    """Answers with the message of what went wrong."""
    try:
        yield
    except SeatworksError as wrong:
        context.abort(grpc.StatusCode.UNKNOWN, "; ".join(str(problem) for problem in wrong.problems))


def _parts(urn: str) -> tuple[str, str]:
    """Type and name of a resource: urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME."""
    _, _, types, name = urn.split("::", 3)
    return types.rpartition("$")[2], name


def _encoded(found: Decoded) -> Any:
    return encode(found.values, found.secrets)


def _secrets(values: Mapping[str, Any], *asked: Decoded) -> set[str]:
    """Which properties are secret: those that were, and the tags that hold one."""
    secret = {key for found in asked for key in found.secrets}
    if "tags" in secret:
        secret.add("tagsAll")
    return secret & values.keys()


def _difference(changed: Any, forcing: Any, *, delete_first: bool) -> Any:
    kinds = provider_pb2.PropertyDiff
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(changed),
        replaces=list(forcing),
        deleteBeforeReplace=bool(forcing) and delete_first,
        hasDetailedDiff=True,
        detailedDiff={
            key: kinds(kind=kinds.UPDATE_REPLACE if key in forcing else kinds.UPDATE, inputDiff=True) for key in changed
        },
    )


def main() -> int:
    """Serve until the CLI ends this process."""
    if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
        sys.stderr.write("This plugin works in the lab's account only: AWS_ENDPOINT_URL must lead to it.\n")
        return 1
    serve_forever(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server))
    return 0


if __name__ == "__main__":
    sys.exit(main())
