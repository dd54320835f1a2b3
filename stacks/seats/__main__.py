"""The cloud site of a deployment: servers of ours, or the provider's own contact centre, as the plan says."""

import runpy
from pathlib import Path

from stacks.components.settings import Settings

_HERE = Path(__file__).resolve().parent
_managed = Settings.read(_HERE.parents[1]).plan.connect is not None
runpy.run_path(str(_HERE / ("managed.py" if _managed else "servers.py")))
