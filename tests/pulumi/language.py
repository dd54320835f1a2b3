"""Stands in for `pulumi-language-python`, the CLI's own helper for Python programs: `python -m tests.pulumi.language`.

It runs a project's program and a policy pack as the real one does, which the CLI's releases carry and the Go module
proxy does not. For tests only.
"""

from __future__ import annotations

import os
import queue
import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from tests.pulumi.serving import serve_forever


class Language(LanguageServer):
    """The SDK's own server of a program in this process, given a folder, and a starter of packs."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def Handshake(self, _request: Any, _context: Any) -> Any:
        """Nothing to agree on."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """A version that no release has."""
        return plugin_pb2.PluginInfo(version="0.0.0")

    def GetProgramDependencies(self, _request: Any, _context: Any) -> Any:
        """None that the CLI would have to know of."""
        return language_pb2.GetProgramDependenciesResponse()

    def Run(self, request: Any, context: Any) -> Any:
        """Run the program of a project's folder."""
        folder = Path(request.info.program_directory or request.pwd)
        os.chdir(folder)
        self.program = lambda: runpy.run_path(str(folder / "__main__.py"), run_name="__main__") and None
        return super().Run(request, context)

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a policy pack until the CLI has done with it."""
        command = [sys.executable, "-u", "-m", "pulumi.policy", *request.args]
        if not request.args[1:]:
            command.append(request.info.program_directory)
        process = subprocess.Popen(
            command, cwd=request.pwd, env={**dict(entry.split("=", 1) for entry in request.env)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        context.add_callback(process.terminate)
        said: queue.Queue[Any] = queue.Queue()

        def pass_on(stream: Any, name: str) -> None:
            for line in iter(stream.readline, b""):
                said.put(language_pb2.RunPluginResponse(**{name: line}))
            said.put(None)

        for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            threading.Thread(target=pass_on, args=(stream, name), daemon=True).start()
        for _ in range(2):
            yield from iter(said.get, None)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def main() -> None:
    """Serve until the CLI ends this process."""
    serve_forever(lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Language(), server))


if __name__ == "__main__":
    main()
