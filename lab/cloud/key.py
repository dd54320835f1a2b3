"""The deployment's own SSH key, made before the first machine so that every machine starts with it."""

from __future__ import annotations

from seatworks.environment import Environment
from seatworks.run import run


def ensure_key(where: Environment) -> None:
    """Make the deployment's key unless it is there."""
    path = where.ssh_key
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"seatworks-{where.name}", "-f", path])
