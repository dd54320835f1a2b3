"""What opens the bundle of servers that configure themselves: the cloud gives it to them.

`python -m stacks.vault DEPLOYMENT` prints that of a live site, for whoever runs the CLI by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from seatworks.environment import Environment
from seatworks.errors import SeatworksError
from seatworks.plan.model import Plan, Target
from seatworks.secrets import bundle_password

# Setting of the stack, without its project's name.
SETTING = "vaultPassword"


def secrets(plan: Plan, where: Environment) -> dict[str, str]:
    """Secret settings that the program of a plan needs. It opens what servers of a peak need, and no vault.

    Raises PreflightError when a vault exists whose password is on another computer.
    """
    return {SETTING: bundle_password(where)} if plan.peak_hosts else {}


if __name__ == "__main__":
    try:
        sys.stdout.write(bundle_password(Environment(sys.argv[1], Target.LIVE, Path.cwd())))
    except SeatworksError as wrong:
        sys.exit(str(wrong))
