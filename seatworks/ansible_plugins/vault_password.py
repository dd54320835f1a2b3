#!/usr/bin/env python3
"""Prints the vault password of this computer; ansible.cfg names this file as `vault_password_file`.

The password is made the first time, kept readable by its owner only, and opens the vaults of all live sites.
"""

import os
import pathlib
import secrets
import sys


def make(file: pathlib.Path) -> None:
    """Write a new password, whole or not at all; of several processes that do so at once, the first wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(48) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        # A link fails where a file is; a rename would replace the password that another process has given out.
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def place() -> pathlib.Path:
    """Where the password of this computer lies."""
    folder = pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or pathlib.Path.home() / ".config") / "seatworks"
    return pathlib.Path(os.environ.get("SEATWORKS_VAULT_PASSWORD_FILE") or folder / "vault-password")


def main() -> int:
    """Print the password; 1 with a message when a vault exists that another computer made."""
    file = place()
    if not file.is_file():
        root = pathlib.Path(__file__).resolve().parents[2]
        made = sorted(root.glob("inventories/*/group_vars/all/vault.yml"))
        if made:
            sys.stderr.write(
                f"{file} is missing, and {made[0].relative_to(root)} needs it; copy it from where it was made\n"
            )
            return 1
        make(file)
    sys.stdout.write(file.read_text().strip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
