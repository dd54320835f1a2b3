"""Make .venv/ ready, with nothing but the system's Python. Called by Make before everything else.

Written for any Python 3, so that an old one gets a clear message instead of a syntax error.
"""

import hashlib
import os
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "seatworks-stamp"


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def stop(message: str, remedy: str) -> None:
    say("✗ %s\n  → %s" % (message, remedy))
    sys.exit(3)


def check_computer() -> None:
    """Stop unless this is a Python that all our libraries support, on Linux."""
    if platform.system() != "Linux":
        stop("%s is not supported" % platform.system(), "run this on Debian 12 or 13")
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        stop(
            "Python %d.%d is not supported" % sys.version_info[:2],
            "use Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 …",
        )
    statistics = os.statvfs(str(ROOT))
    free = statistics.f_bavail * statistics.f_frsize / 1e9
    if not STAMP.exists() and free < 2:
        stop(
            "%.1f GB are free in %s" % (free, ROOT), "make room: the virtual environment takes 1 GB, the rehearsal 4 GB"
        )


def fingerprint() -> str:
    """Changes when the dependencies or the Python do."""
    text = (ROOT / "pyproject.toml").read_bytes() + sys.version.encode() + str(ROOT).encode()
    return hashlib.sha256(text).hexdigest()


def install_venv_module() -> None:
    """Debian ships Python without venv; a fresh machine lacks it."""
    probe = subprocess.run([sys.executable, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL)
    if probe.returncode == 0:
        return
    package = "python3-venv"
    if os.geteuid() != 0:
        stop("Python's venv module is missing", "as root: apt-get install %s" % package)
    say("installing the Debian package %s" % package)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-y", "-qq", "install", "--no-install-recommends", package],
    ):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode != 0:
            stop(
                "`%s` failed" % " ".join(command),
                "check the network and /etc/apt/sources.list, then run the same command again",
            )


def main() -> int:
    check_computer()
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return 0
    install_venv_module()
    say("preparing the virtual environment .venv/ (Python packages of pyproject.toml; a minute or two)")
    # Made by another Python, or moved: start anew. Otherwise only what is missing is installed.
    made = VENV / "pyvenv.cfg"
    same = made.exists() and platform.python_version() in made.read_text() and (VENV / "bin" / "seatworks").exists()
    subprocess.run([sys.executable, "-m", "venv", *([] if same else ["--clear"]), str(VENV)], check=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.run([*pip, "--editable", "%s[dev]" % ROOT]).returncode != 0:
        stop(
            "the Python packages could not be installed",
            "check the network or PIP_INDEX_URL, then run the same command again",
        )
    STAMP.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
