"""`python -m lab.cloud COMMAND ENV`: the cloud site in the rehearsal's account."""

from __future__ import annotations

import gc
import sys

from lab.cloud.engine import StandIn
from stacks.commands import main

if __name__ == "__main__":
    # A short process that makes many objects and keeps nearly all of them: looking for rubbish costs a tenth of it.
    gc.disable()
    sys.exit(main(StandIn()))
