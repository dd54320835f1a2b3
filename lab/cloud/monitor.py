"""The resource monitor that the Pulumi SDK speaks with when a program runs in the lab: no CLI, no network."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi.runtime
from google.protobuf import empty_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2, resource_pb2
from pulumi.runtime.stack import run_in_stack

from lab.cloud.provider import Provider
from lab.cloud.state import Record, State
from lab.cloud.steps import Steps
from lab.cloud.wire import decode, encode
from seatworks.errors import CloudError, Problem, SeatworksError
from stacks.engine import Say
from stacks.values import has_unknown

_STACK = "pulumi:pulumi:Stack"
# No output values and no resource references: a resource given as an input arrives as its id.
_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
)
_PROGRAM_S = 300


class Monitor:
    """Answers the SDK's requests. One resource is worked on at a time: the emulator shares this process."""

    def __init__(self, project: str, stack: str, provider: Provider, state: State, steps: Steps) -> None:
        self._project, self._stack = project, stack
        self._provider, self._state, self._steps = provider, state, steps
        self._lock = threading.RLock()
        self.seen: set[str] = set()

    def RegisterResource(self, request: Any) -> Any:
        """Bring one resource to what the program asks."""
        with self._lock:
            urn = self._urn(request.parent, request.type, request.name)
            if urn in self.seen:
                raise CloudError(Problem(urn, "is registered twice", "give the two resources different names"))
            self.seen.add(urn)
            if request.type == _STACK:
                self._state.stack_urn = urn
                return resource_pb2.RegisterResourceResponse(urn=urn)
            record = self._record(urn, request)
            if not record.in_account:
                if record.is_provider:
                    record.id = str(uuid.uuid5(uuid.NAMESPACE_URL, urn))
                self._steps.register(record)
                outputs = record.inputs
            else:
                first = request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else False
                if request.importId:
                    raise CloudError(
                        Problem(urn, f"the lab's account is empty: it has no {request.importId} to import")
                    )
                record = self._steps.bring(
                    record, self._default_tags(record), list(request.ignoreChanges), delete_first=first
                )
                outputs = record.outputs
            body = encode(outputs, record.secrets) if record.custom else None
            return resource_pb2.RegisterResourceResponse(urn=urn, id=record.id, object=body)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Keep what a component or the stack hands out."""
        with self._lock:
            outputs = decode(request.outputs)
            if request.urn == self._state.stack_urn:
                self._state.outputs = outputs.values
                self._state.secret_outputs = sorted(outputs.secrets)
            elif not has_unknown(outputs.values):
                record = self._state.records[request.urn]
                record.outputs, record.secrets = outputs.values, sorted({*record.secrets, *outputs.secrets})
            return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        """Answer a provider's function."""
        with self._lock:
            answer = self._provider.invoke(request.tok, decode(request.args).values)
            return resource_pb2.ResourceInvokeResponse(**{"return": encode(answer)})

    def GetDeploymentInfo(self, _request: Any) -> Any:
        """What this monitor understands."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SignalAndWaitForShutdown(self, _request: Any) -> Any:
        """The program is done."""
        return empty_pb2.Empty()

    def _urn(self, parent: str, type_: str, name: str) -> str:
        above = parent.split("::")[2] if parent and parent != self._state.stack_urn else ""
        return f"urn:pulumi:{self._stack}::{self._project}::{above + '$' if above else ''}{type_}::{name}"

    def _record(self, urn: str, request: Any) -> Record:
        inputs = decode(request.object)
        return Record(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            provider=request.provider,
            inputs=inputs.values,
            secrets=sorted({*inputs.secrets, *request.additionalSecretOutputs}),
            dependencies=sorted(request.dependencies),
            property_dependencies={
                key: sorted(urns.urns) for key, urns in sorted(request.propertyDependencies.items()) if urns.urns
            },
            protect=bool(request.protect),
            retain=bool(request.retainOnDelete),
        )

    def _default_tags(self, record: Record) -> str:
        urn, _, _ = record.provider.rpartition("::")
        provider = self._state.records.get(urn)
        return str(provider.inputs.get("defaultTags", "")) if provider else ""


class _Messages:
    """Where the SDK's log goes. An error that the program logs fails the run, as it does with the CLI."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.errors: list[str] = []

    def Log(self, request: Any) -> Any:
        """One message of the program."""
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        elif request.severity == engine_pb2.WARNING:
            self._say(f"  warning: {request.message}")
        return empty_pb2.Empty()


def run_program(
    program: Callable[[], None], monitor: Monitor, *, project: str, stack: str, root: Path,
    config: Mapping[str, str], secrets: Mapping[str, str], preview: bool, say: Say,
) -> None:  # fmt: skip
    """Run a Pulumi program against the monitor. Raises what the program or a resource raised first.

    All of the SDK's state lies in context variables, so each run has a thread, a loop and a context of its own.
    """
    messages = _Messages(say)

    def work() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        # After a failure every pending task reports itself; the first error is raised below and is enough.
        loop.set_exception_handler(lambda _loop, _context: None)
        pool = concurrent.futures.ThreadPoolExecutor(8)
        loop.set_default_executor(pool)
        settings.configure(
            settings.Settings(
                project=project, stack=stack, monitor=monitor, engine=messages, dry_run=preview,
                organization="lab", root_directory=str(root),
            )
        )  # fmt: skip
        settings.ROOT.set(None)
        pulumi.runtime.set_all_config(
            {f"{project}:{key}": value for key, value in {**config, **secrets}.items()},
            [f"{project}:{key}" for key in secrets],
        )
        try:
            loop.run_until_complete(asyncio.wait_for(run_in_stack(_body(program)), _PROGRAM_S))
        finally:
            # Requests under way are finished and recorded before anything is cancelled.
            pool.shutdown(wait=True, cancel_futures=True)
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            asyncio.set_event_loop(None)
            loop.close()

    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        try:
            thread.submit(functools.partial(contextvars.Context().run, work)).result()
        except TimeoutError:
            raise CloudError(Problem("stacks", f"the program did not end within {_PROGRAM_S} s")) from None
        except SeatworksError:
            raise
        except Exception as wrong:
            # A mistake in the program: whatever it raises, the caller meets one kind of error with the cause kept.
            raise CloudError(Problem("stacks", f"{type(wrong).__name__}: {wrong}")) from wrong
    if messages.errors:
        raise CloudError(*(Problem("stacks", message) for message in messages.errors))


def _body(program: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def body() -> None:
        program()
        await _settled()

    return body


async def _settled() -> None:
    """Wait until every output is there, or the first one fails, which the SDK then finds and raises.

    The SDK's own loop waits for all outstanding outputs anew after each that ends: quadratic in their number, and
    here, where nothing waits for a network, two thirds of a run's time.
    """
    while True:
        with settings.SETTINGS.lock:
            outstanding = list(settings.SETTINGS.outputs)
        if not outstanding:
            return
        ended, _ = await asyncio.wait(outstanding, return_when=asyncio.FIRST_EXCEPTION)
        if any(output.cancelled() or output.exception() for output in ended):
            return
