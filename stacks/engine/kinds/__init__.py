"""What the lab can make: one row per resource type."""

from __future__ import annotations

from stacks.engine.kinds.account_wide import ACCOUNT_WIDE
from stacks.engine.kinds.acls import ACLS
from stacks.engine.kinds.alarms import ALARMS
from stacks.engine.kinds.buckets import BUCKETS
from stacks.engine.kinds.compute import COMPUTE
from stacks.engine.kinds.connect import CONNECT
from stacks.engine.kinds.copies import COPIES
from stacks.engine.kinds.database import DATABASE
from stacks.engine.kinds.defaults import DEFAULTS
from stacks.engine.kinds.firewall import FIREWALL
from stacks.engine.kinds.identity import IDENTITY
from stacks.engine.kinds.messages import MESSAGES
from stacks.engine.kinds.names import NAMES
from stacks.engine.kinds.network import NETWORK
from stacks.engine.kinds.scaling import SCALING
from stacks.engine.kinds.secrets import SECRETS
from stacks.engine.kinds.storage import STORAGE
from stacks.engine.kinds.trails import TRAILS
from stacks.engine.kinds.translators import TRANSLATORS
from stacks.engine.kinds.tunnels import TUNNELS
from stacks.engine.provider import Kind

# What every deployment has, and what guards it.
_PLACE = {**NETWORK, **TRANSLATORS, **TUNNELS, **NAMES, **FIREWALL, **ACLS}
_SITE = {**_PLACE, **COMPUTE, **SCALING, **STORAGE, **DATABASE, **TRAILS, **IDENTITY}
_GUARD = {**ALARMS, **MESSAGES, **BUCKETS, **ACCOUNT_WIDE, **DEFAULTS, **COPIES, **SECRETS}
KINDS: dict[str, Kind] = {**_SITE, **_GUARD, **CONNECT}
