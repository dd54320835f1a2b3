"""What the lab can make: one row per resource type."""

from __future__ import annotations

from stacks.engine.kinds.compute import COMPUTE
from stacks.engine.kinds.firewall import FIREWALL
from stacks.engine.kinds.identity import IDENTITY
from stacks.engine.kinds.network import NETWORK
from stacks.engine.kinds.storage import STORAGE
from stacks.engine.kinds.trails import TRAILS
from stacks.engine.provider import Kind

KINDS: dict[str, Kind] = {**NETWORK, **FIREWALL, **COMPUTE, **STORAGE, **TRAILS, **IDENTITY}
