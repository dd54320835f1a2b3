"""Times the store's work for a day of recordings, hundred thousand of them: it grows with their number, no faster.

python -m tests.bench_recording [RECORDINGS]
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

from tests.unit.test_recording import DAY, keeper

RECORDINGS = 100_000
PARTS = 5


def main() -> None:
    """Print seconds and manifest for each fifth of the day."""
    recordings = int((sys.argv[1:] or [str(RECORDINGS)])[0])
    content = b"sealed"
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.TemporaryDirectory(prefix="seatworks-bench-") as folder:
        store = Path(folder)
        incoming = store / "incoming"
        incoming.mkdir()
        for part in range(PARTS):
            names = [f"call1-1795419101.{number}.wav.age" for number in range(part, recordings, PARTS)]
            for name in names:
                (incoming / f"{name}.sha256").write_text(f"{digest}  {name}\n", encoding="ascii")
                (incoming / name).write_bytes(content)
            began = time.perf_counter()
            for name in names:
                keeper.file_away(incoming / name, store)
            took = time.perf_counter() - began
            manifest = (store / DAY / "MANIFEST.sha256").stat().st_size
            print(f"{len(names):>7} recordings filed in {took:6.1f} s; the manifest has {manifest / 1e6:5.2f} MB")  # noqa: T201 - it is what it is for


if __name__ == "__main__":
    main()
