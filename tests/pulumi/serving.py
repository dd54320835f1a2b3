"""How a plugin of the CLI is served: it prints its port, answers over gRPC, and the CLI ends it by an interrupt."""

from __future__ import annotations

import concurrent.futures
import contextlib
import sys
from collections.abc import Callable

import grpc

_MOST = 1 << 28


def serve_forever(add: Callable[[grpc.Server], None]) -> None:
    """Serve what `add` gives to the server, until the CLI ends this process."""
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(8),
        options=[("grpc.max_receive_message_length", _MOST), ("grpc.max_send_message_length", _MOST)],
    )
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.wait_for_termination()
