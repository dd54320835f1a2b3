"""What the lab can make: one row per resource type."""

from __future__ import annotations

from lab.kinds._kind import Kind
from lab.kinds.account import ACCOUNT_WIDE
from lab.kinds.autoscaling import SCALING
from lab.kinds.backup import COPIES
from lab.kinds.cloudtrail import TRAILS
from lab.kinds.cloudwatch import ALARMS
from lab.kinds.connect import CONNECT
from lab.kinds.ec2 import COMPUTE
from lab.kinds.eventbridge import EVENTS
from lab.kinds.iam import IDENTITY
from lab.kinds.kms import KEYS
from lab.kinds.logs import LOGS
from lab.kinds.network_acl import ACLS
from lab.kinds.rds import DATABASE
from lab.kinds.regional_defaults import DEFAULTS
from lab.kinds.route53 import NAMES
from lab.kinds.s3 import STORAGE
from lab.kinds.secretsmanager import SECRETS
from lab.kinds.security_group import FIREWALL
from lab.kinds.sns import MESSAGES
from lab.kinds.vpc import NETWORK
from lab.kinds.vpn import TUNNELS

# What every deployment has, and what guards it.
_PLACE = {**NETWORK, **TUNNELS, **NAMES, **FIREWALL, **ACLS}
_SITE = {**_PLACE, **COMPUTE, **SCALING, **STORAGE, **DATABASE, **TRAILS, **LOGS, **KEYS, **IDENTITY}
_GUARD = {**ALARMS, **MESSAGES, **EVENTS, **ACCOUNT_WIDE, **DEFAULTS, **COPIES, **SECRETS}
KINDS: dict[str, Kind] = {**_SITE, **_GUARD, **CONNECT}
