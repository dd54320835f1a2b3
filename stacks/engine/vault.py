"""What opens the vault of an environment: hosts that configure themselves are given it by the cloud."""

from __future__ import annotations

import sys
from pathlib import Path

from seatworks.errors import CloudError
from seatworks.plan.model import Plan
from seatworks.run import CommandError, run

# Setting of the stack, without its project's name.
SETTING = "vaultPassword"
_PROGRAM = Path(__file__).resolve().parents[2] / "seatworks" / "ansible_plugins" / "vault_password.py"


def secrets(plan: Plan) -> dict[str, str]:
    """Secret settings that the program of a plan needs: the password as this computer keeps it, made if there is none.

    Raises CloudError when a vault exists whose password is on another computer.
    """
    if not plan.peak_hosts:
        return {}
    try:
        return {SETTING: run([sys.executable, _PROGRAM]).stdout.strip()}
    except CommandError as refused:
        raise CloudError(*refused.problems) from None
