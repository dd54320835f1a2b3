"""How the CLI is run: in a process group of its own, so that Ctrl-C reaches it once, and from here."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi.automation import PulumiCommand
from pulumi.automation._cmd import CommandResult, OnOutput
from pulumi.automation.errors import create_command_error

from seatworks.errors import CloudError, Problem

Say = Callable[[str], None]


class Command(PulumiCommand):
    """The CLI as the Automation API runs it, but stopped in good order.

    A first Ctrl-C asks the CLI to end what is under way, to record it and to release the stack; `run` then waits for
    that and raises CloudError. A second one makes it stop at once. A request to terminate counts as a first Ctrl-C.
    """

    def __init__(self, program: Path, say: Say) -> None:
        root = program.parent.parent if program.parent.name == "bin" else None
        super().__init__(root=str(root) if root else None)
        self._say = say

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run one command of the CLI. Raises its CommandError, or CloudError when it was interrupted."""
        with subprocess.Popen(  # noqa: S603 - the program that was found, list arguments, no shell
            [self.command, "--non-interactive", *args],
            cwd=cwd, env=self._environment(additional_env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", process_group=0,
        ) as process, _passed_on(process, self._say) as interrupted:  # fmt: skip
            streams = [(process.stdout, on_output), (process.stderr, on_error)]
            texts: list[list[str]] = [[], []]
            readers = [
                threading.Thread(target=_read, args=(stream, said, text), daemon=True)
                for (stream, said), text in zip(streams, texts, strict=True)
            ]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
            code = process.wait()
        if interrupted:
            raise CloudError(
                Problem("pulumi", "was interrupted; what it made is recorded", "run it again: it goes on from there")
            )
        result = CommandResult("\n".join(texts[0]), "\n".join(texts[1]), code)
        if code:
            raise create_command_error(result)
        return result

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        import os

        found = {**os.environ, **more, "PULUMI_AUTOMATION_API": "true"}
        if Path(self.command).is_absolute():
            # The CLI's own helpers lie beside it.
            found["PATH"] = os.pathsep.join([found.get("PATH", ""), str(Path(self.command).parent)])
        return found


def _read(stream: Any, said: OnOutput | None, text: list[str]) -> None:
    for line in stream:
        text.append(line.rstrip())
        if said:
            said(text[-1])


@contextmanager
def _passed_on(process: subprocess.Popen[str], say: Say) -> Iterator[list[int]]:
    """Signals to this process go to the CLI; those that came."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is told of signals.
        yield came
        return

    def pass_on(number: int, _frame: Any) -> None:
        if came and number != signal.SIGINT:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        if not came:
            say("  stopping: what is under way is being ended; Ctrl-C again stops at once and leaves the stack locked")
        came.append(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
