"""Every rule, in one table. A rule is a plain function of the resources and of what the plan asks."""

from __future__ import annotations

from collections.abc import Sequence

from stacks.policy import account, monitoring, rds, reachability, storage, vpn
from stacks.policy.model import Asked, Level, Resource, Rule, Violation

_M, _A = Level.MANDATORY, Level.ADVISORY

# id, what it says, level, clause of GB/T 22239-2019, check, whether it judges a resource alone.
RULES = (
    Rule(
        "public-ports", "Only the ports that the plan's flows name are open to strangers, on public hosts only.",
        _M, "8.1.3.2 a", reachability.public_ports, alone=True,
    ),
    Rule(
        "ssh-closed", "SSH is reached from the plan's management networks and from nowhere else.",
        _M, "8.1.4.4 c", reachability.ssh_closed, alone=True,
    ),
    Rule(
        "openings-by-group", "Every security group opens what the plan's flows ask for its hosts, and nothing more.",
        _M, "8.1.3.2 b", reachability.openings_by_group, alone=False,
    ),
    Rule(
        "openings-described", "Every opening says what it is for.",
        _A, "8.1.3.2 b", reachability.openings_described, alone=True,
    ),
    Rule(
        "fixed-addresses", "Only hosts that the plan makes public have a public address, and a fixed one.",
        _M, "8.1.3.1 a", reachability.fixed_addresses, alone=False,
    ),
    Rule(
        "services-private", "No database has a public address and no policy lets everybody in.",
        _M, "8.1.4.11 b", reachability.services_private, alone=True,
    ),
    Rule("disks-encrypted", "Every disk is encrypted.", _M, "8.1.4.8 b", storage.disks_encrypted, alone=True),
    Rule(
        "keys-named", "Logs, trails, vaults, secrets, topics and databases are encrypted with a key of the deployment.",
        _M, "8.1.4.8 b", storage.keys_named, alone=True,
    ),
    Rule("keys-rotate", "Keys are renewed every year.", _M, "8.1.4.8 b", storage.keys_rotate, alone=True),
    Rule(
        "buckets-encrypted", "Every bucket encrypts with a key of the deployment.",
        _M, "8.1.4.8 b", storage.buckets_encrypted, alone=False,
    ),
    Rule(
        "buckets-private", "No bucket can be made public.",
        _M, "8.1.4.11 b", storage.buckets_private, alone=False,
    ),
    Rule(
        "buckets-tls-only", "Every bucket refuses requests without TLS.",
        _M, "8.1.4.8 a", storage.buckets_tls_only, alone=False,
    ),
    Rule(
        "buckets-versioned", "What is overwritten or deleted in a bucket can be brought back.",
        _M, "8.1.4.9 a", storage.buckets_versioned, alone=False,
    ),
    Rule(
        "buckets-kept", "Recordings and audit records stay as long as asked, and every bucket is emptied in time.",
        _M, "8.1.4.3 c", storage.buckets_kept, alone=False,
    ),
    Rule(
        "data-copied", "What holds data is copied every day, and elsewhere where the plan says so.",
        _M, "8.1.4.9 a", monitoring.data_copied, alone=False,
    ),
    Rule(
        "buckets-logged", "Who fetched what from a bucket is written down.",
        _M, "8.1.4.3 a", monitoring.buckets_logged, alone=False,
    ),
    Rule(
        "recordings-locked", "No recording can be deleted or overwritten before its time.",
        _M, "8.1.4.7 b", monitoring.recordings_locked, alone=False,
    ),
    Rule("logs-kept", "Logs are kept as long as asked.", _M, "8.1.5.4 d", storage.logs_kept, alone=True),
    Rule(
        "data-protected", "Data of a live deployment cannot be deleted by mistake.",
        _M, "8.1.4.3 c", storage.data_protected, alone=True,
    ),
    Rule(
        "databases-tls", "Databases answer over TLS only, none of its old versions, and take no MD5 passwords.",
        _M, "8.1.2.2 b", rds.tls_only, alone=False,
    ),
    Rule(
        "databases-kept", "Databases stand in two zones, have the plan's backups and give their logs away.",
        _M, "8.1.4.9 a", rds.kept, alone=True,
    ),
    Rule(
        "databases-passwords", "Nobody makes up the password of a database's master, or sees it in the stack.",
        _M, "8.1.4.1 a", rds.passwords_unknown, alone=True,
    ),
    Rule(
        "planned-classes", "Databases are of the class that the plan sized.",
        _M, "", rds.planned_classes, alone=True,
    ),
    Rule(
        "tunnels-strong", "Tunnels to the site agree on the plan's algorithms and on no others.",
        _M, "8.1.2.2 b", vpn.strong, alone=True,
    ),
    Rule(
        "tunnels-keys", "The keys of tunnels are in Secrets Manager, where it keeps them, and not in the stack.",
        _M, "8.1.4.1 a", vpn.keys_kept, alone=True,
    ),
    Rule(
        "tunnels-planned", "A VPN joins what the plan joins, and writes down what its tunnels do.",
        _M, "8.1.3.1 a", vpn.planned, alone=True,
    ),
    Rule(
        "tagged", "Everything says which deployment it is of, who manages it and how it is graded.",
        _M, "", account.tagged, alone=True,
    ),
    Rule("in-region", "Everything stands in the plan's region.", _M, "", account.in_region, alone=True),
    Rule(
        "in-country", "Nothing leads to another country.",
        _M, "8.2.1.1", account.in_country, alone=True,
    ),
    Rule(
        "planned-types", "Machines are of the types that the plan sized.",
        _M, "", account.planned_types, alone=True,
    ),
    Rule(
        "metadata-by-token", "Machines give their credentials only to requests with a token.",
        _M, "", account.metadata_by_token, alone=True,
    ),
    Rule(
        "rights-bounded", "No policy allows every action on everything.",
        _M, "8.1.4.2 d", account.rights_bounded, alone=True,
    ),
    Rule(
        "rights-narrow", "No policy allows a whole service on everything.",
        _A, "8.1.4.2 d", account.rights_narrow, alone=True,
    ),
    Rule(
        "network-logged", "Every network writes down its connections.",
        _M, "8.1.3.5 a", account.network_logged, alone=False,
    ),
    Rule(
        "calls-logged", "Every call to the account's interfaces is written down.",
        _M, "8.1.4.3 a", account.calls_logged, alone=False,
    ),
    Rule(
        "topics-tls-only", "Alarms travel over TLS.",
        _M, "8.1.4.8 a", monitoring.topics_tls_only, alone=False,
    ),
    Rule(
        "alarms-told", "Every alarm is told to somebody.",
        _M, "8.1.5.4 f", monitoring.alarms_told, alone=True,
    ),
)  # fmt: skip


def violations(resources: Sequence[Resource], asked: Asked) -> tuple[Violation, ...]:
    """Every violation of every rule, in the order of the table."""
    return tuple(violation for rule in RULES for violation in rule.violations(resources, asked))
