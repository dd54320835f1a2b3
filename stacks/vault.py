"""What opens the bundle of servers that configure themselves: the cloud gives it to them.

`python -m stacks.vault DEPLOYMENT` prints it, for whoever runs the CLI by hand.
"""

from __future__ import annotations

import sys

from seatworks.errors import SeatworksError
from seatworks.plan.model import Plan
from seatworks.secrets import bundle_password

# Setting of the stack, without its project's name.
SETTING = "vaultPassword"


def secrets(plan: Plan) -> dict[str, str]:
    """Secret settings that the program of a plan needs. It opens what servers of a peak need, and no vault.

    Raises PreflightError when a vault exists whose password is on another computer.
    """
    return {SETTING: bundle_password(plan.name)} if plan.peak_hosts else {}


if __name__ == "__main__":
    try:
        sys.stdout.write(bundle_password(sys.argv[1]))
    except SeatworksError as wrong:
        sys.exit(str(wrong))
