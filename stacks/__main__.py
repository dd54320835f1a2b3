"""`python -m stacks COMMAND ENV`: the cloud site in a real account."""

from __future__ import annotations

import gc
import sys

from stacks.commands import main
from stacks.live.engine import Live

if __name__ == "__main__":
    # A short process that makes many objects and keeps nearly all of them: looking for rubbish costs a tenth of it.
    gc.disable()
    sys.exit(main(Live()))
