"""The scanner: prowler, of one version, in a folder of its own. An examiner's tool: nothing else here needs it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from seatworks.errors import CloudError, Problem
from seatworks.run import run

VERSION = "5.46.0"
# What this version runs on (its Requires-Python).
_PYTHON_BELOW = (3, 13)
_INSTALL_S, _SCAN_S = 3600, 3600

# Severities that count: prowler's words.
SEVERITIES = ("high", "critical")

# Set, these would lead the scanner to a real account or away from this computer.
_FOREIGN = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ROLE_ARN", "PYTHONPATH"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy", "ALL_PROXY"),
)


def folder() -> Path:
    """Where it is kept, outside every clone."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "seatworks" / "prowler" / VERSION


def is_there() -> bool:
    """Whether it is installed whole."""
    return (folder() / "bin" / "python").exists()


def install(say: Callable[[str], None]) -> None:
    """Put it in place unless it is there. A broken attempt leaves nothing that looks whole."""
    if is_there():
        return
    if sys.version_info >= _PYTHON_BELOW:
        raise CloudError(
            Problem(
                f"prowler {VERSION}",
                f"does not run on Python {sys.version_info.major}.{sys.version_info.minor}",
                "make .venv with an older one: make setup PYTHON=python3.12",
            )
        )
    place = folder()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_there():
            return
        say(f"scan: installing prowler {VERSION} in {place}: about 4 minutes and 2.3 GB, once")
        fresh = place.with_name(f".{place.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        run([sys.executable, "-m", "venv", fresh])
        run([fresh / "bin" / "python", "-m", "pip", "install", "--quiet", f"prowler=={VERSION}"], timeout_s=_INSTALL_S)
        # Its programs name the folder they were made in; the interpreter does not, and it is all that is used.
        fresh.rename(place)


def scan(url: str, region: str, output: Path) -> Path:
    """Hold the account at `url` against every check of these severities. Returns the file of findings."""
    output.mkdir(parents=True, exist_ok=True)
    words: list[str | Path] = [
        "env",
        *(word for name in _FOREIGN for word in ("-u", name)),
        folder() / "bin" / "python",
        "-m",
        "prowler",
    ]
    words += ["aws", "--region", region, "--severity", *SEVERITIES, "--output-formats", "json-ocsf"]
    words += ["--log-level", "ERROR", "--log-file", output / "prowler.log"]
    words += ["--output-directory", output, "--output-filename", "findings", "--no-banner", "--no-color"]
    # Its exit code 3 says that there are findings, which are judged here.
    words += ["--ignore-exit-code-3"]
    environment = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "AWS_DEFAULT_REGION": region,
        # The account answers for every name: some are made of the account's number and its address. What is asked
        # over TLS is not meant for it and meets a closed door.
        "HTTP_PROXY": url,
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "",
    }
    run(words, env=environment, timeout_s=_SCAN_S, cwd=output)
    return output / "findings.ocsf.json"
