"""What each role is told about a host: exactly the inputs that it declares, from the plan and the cloud's answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from seatworks.plan.model import CloudOutputs, Host, Plan, Site, Target
from seatworks.plan.peak import DRAINED, READY, group_name
from seatworks.plan.ports import RELAY_CONTROL

# Asterisk's names of the codecs that the specification offers.
CODECS = {"g711": ["alaw", "ulaw"], "g722": ["g722"]}
CALL_SET = 1
# A server of a peak takes new calls while this file is there.
ADMISSION = "/run/peak/open"
DATABASE = "seatworks"
# Kamailio's processes on each UDP socket, and as many for TLS: one works while another waits for the relay's answer.
CHILDREN_PER_VCPU = 2
# Connections that no single address can take from all others. One office behind one address may have the rest.
KEPT_CONNECTIONS = 1000
# Files of a Kamailio without connections: sockets, pipes between its processes, modules.
KAMAILIO_FILES = 1024
# Of each Kamailio process, MiB: what Debian gives it, and for whoever reads the table of seats 2 kB a seat.
KAMAILIO_PRIVATE_MIB = 8
SEATS_PER_MIB = 500
# Shares of a database server's memory, as PostgreSQL's manual advises (19.4.1, 19.7.2).
SHARED_BUFFERS, CACHED = 0.25, 0.75
# Share of a database server's disk that the log of changes may take while the standby is away.
KEPT_WAL = 0.2
# The master of a managed database, as the stack names it; certificates of the service's authority, in build/<env>.
MASTER = "seatworks_master"
AUTHORITY = "database-authority.pem"


class At(NamedTuple):
    """What a role's inputs are made from: the whole plan, what the cloud handed back, and the host."""

    plan: Plan
    outputs: CloudOutputs
    host: Host
    authority: Path


def _secret(expression: str) -> str:
    return "{{ " + expression + " }}"


def _baseline(at: At) -> dict[str, Any]:
    return {
        "baseline_hostname": at.host.name,
        "baseline_domain": at.plan.domain,
        "baseline_hosts": [{"name": each.name, "address": str(each.address)} for each in at.plan.servers],
        "baseline_time_servers": list(at.plan.time_servers),
        "baseline_ca_certificate": _secret("vault_ca_certificate"),
        "baseline_journal_gib": at.host.room.journal_gib,
        "baseline_vault_identity": _secret("vault_identity"),
    }


def _firewall(at: At) -> dict[str, Any]:
    return {
        "firewall_rules": [
            {
                "name": flow.name,
                "protocol": str(flow.protocol),
                "first_port": flow.first_port,
                "last_port": flow.last_port,
                "sources": [str(cidr) for cidr in at.plan.source_cidrs(flow)],
            }
            for flow in at.plan.flows_to(at.host.name)
        ]
    }


def _link(at: At) -> dict[str, Any]:
    others = [each for each in at.plan.hosts if each.link_address and each.site is not at.host.site]
    return {
        "link_address": str(at.host.link_address),
        "link_network_prefix": at.plan.link_network.prefixlen if at.plan.link_network else 32,
        "link_port": at.plan.ports.link,
        "link_private_key": _secret(f"vault_link_keys['{at.host.name}'].private"),
        "link_peers": [
            {
                "name": other.name,
                "address": str(other.link_address),
                "public_key": _secret(f"vault_link_keys['{other.name}'].public"),
                # The site calls the cloud: its address is fixed, and the site may stand behind its provider's NAT.
                "endpoint": f"{at.outputs.public_addresses.get(other.name, '')}:{at.plan.ports.link}"
                if other.site is Site.CLOUD
                else "",
                "keepalive_s": 25 if other.site is Site.CLOUD else 0,
            }
            for other in others
        ],
    }


def _kamailio(at: At) -> dict[str, Any]:
    access = at.host.group == "cloud-edge"
    registrars = at.plan.group("edge")
    numbers = [{"number": form, "set": _set_of(at.plan, each.home)} for each in at.plan.numbers for form in each.forms]
    seats = [{"user": s.user, "password": _secret(f"vault_seat_passwords['{s.user}']")} for s in at.plan.seats]
    seat_networks = [str(n.cidr) for n in at.plan.networks if n.site is at.host.site and n.kind == "seats"]
    return {
        "kamailio_address": str(at.host.address),
        "kamailio_public_address": at.outputs.public_addresses.get(at.host.name, ""),
        "kamailio_link_address": str(at.host.link_address or ""),
        "kamailio_domain": at.plan.domain,
        "kamailio_registrars": [_met_at(each) for each in registrars] if access else [],
        "kamailio_siblings": [] if access else [str(each.address) for each in registrars if each.name != at.host.name],
        "kamailio_access_edges": [] if access else [_met_at(each) for each in at.plan.group("cloud-edge")],
        "kamailio_call_servers": [] if access else _call_sets(at.plan),
        "kamailio_shares": [] if access else _shares(at.plan),
        "kamailio_numbers": [] if access else numbers,
        "kamailio_seats": [] if access else seats,
        "kamailio_seats_encrypted": at.plan.seats_encrypted,
        "kamailio_seat_networks": [] if access else seat_networks,
        "kamailio_certificate": _secret(f"vault_certificates['{at.host.name}'].certificate"),
        "kamailio_certificate_key": _secret(f"vault_certificates['{at.host.name}'].key"),
        "kamailio_sip_port": at.plan.ports.sip,
        "kamailio_sips_port": at.plan.ports.sips,
        "kamailio_sync_port": at.plan.ports.registration_sync,
        "kamailio_relay_port": RELAY_CONTROL,
        "kamailio_children": CHILDREN_PER_VCPU * at.host.vcpus,
        "kamailio_connections": at.host.room.connections,
        "kamailio_source_connections": at.host.room.connections - KEPT_CONNECTIONS,
        "kamailio_open_files": KAMAILIO_FILES + at.host.room.connections,
        "kamailio_shared_memory_mib": at.host.room.signalling_mib,
        "kamailio_private_memory_mib": KAMAILIO_PRIVATE_MIB + (0 if access else len(seats) // SEATS_PER_MIB),
    }


def _met_at(host: Host) -> str:
    """Where hosts of the other site meet it: inside the link, or at its own address where a gateway joins networks."""
    return str(host.link_address or host.address)


def _call_sets(plan: Plan) -> list[dict[str, Any]]:
    """One set per call server that calls are given to: itself first, then those of the whole year, which take over."""
    calls = plan.group("call")
    lasting = [host for host in calls if not host.peak]
    return [
        {"set": CALL_SET + index, "servers": [str(c.address) for c in (home, *(o for o in lasting if o is not home))]}
        for index, home in enumerate(calls)
    ]


def _set_of(plan: Plan, home: str) -> int:
    return CALL_SET + [each.name for each in plan.group("call")].index(home)


def _shares(plan: Plan) -> list[dict[str, int]]:
    """What servers of a peak get of all calls while they are there: per mille, by the seats that they ring."""
    return [
        {"set": _set_of(plan, host.name), "per_mille": round(1000 * len(plan.served_by(host)) / plan.seat_count())}
        for host in plan.peak_hosts
    ]


def _rtpengine(at: At) -> dict[str, Any]:
    return {
        "rtpengine_address": str(at.host.address),
        "rtpengine_public_address": at.outputs.public_addresses.get(at.host.name, ""),
        "rtpengine_link_address": str(at.host.link_address or ""),
        "rtpengine_port_min": at.plan.ports.relay_rtp_first,
        "rtpengine_port_max": at.plan.ports.relay_rtp_last,
        "rtpengine_control_port": RELAY_CONTROL,
        "rtpengine_threads": at.host.vcpus,
    }


def _trunk(at: At) -> dict[str, Any]:
    return {
        "trunk_carriers": [
            {"name": "+".join(names), "address": address, "port": port, "channels": channels}
            for (address, port), (names, channels) in _carriers(at.plan).items()
        ]
    }


def _carriers(plan: Plan) -> dict[tuple[str, int], tuple[list[str], int]]:
    """Names and channels by what an edge can tell apart: trunks behind one gateway's port are one to it."""
    found: dict[tuple[str, int], tuple[list[str], int]] = {}
    for trunk in plan.trunks:
        names, channels = found.get((str(trunk.address), trunk.port), ([], 0))
        found[str(trunk.address), trunk.port] = ([*names, trunk.name], channels + trunk.channels)
    return found


def _asterisk(at: At) -> dict[str, Any]:
    codecs = dict.fromkeys((*CODECS[at.plan.seat_codec], *CODECS[at.plan.carrier_codec]))
    return {
        "asterisk_address": str(at.host.address),
        "asterisk_sip_port": at.plan.ports.sip,
        "asterisk_edges": [str(each.address) for each in at.plan.group("edge")],
        "asterisk_domain": at.plan.domain,
        "asterisk_numbers": [
            {
                "number": each.number,
                "other_forms": [form for form in each.forms if form != each.number],
                "menu": each.menu or "",
                "queue": each.queue or "",
            }
            for each in at.plan.numbers
        ],
        "asterisk_menus": [
            {
                "name": menu.name,
                "prompts": list(menu.prompts),
                "digits": [{"digit": digit, "queue": queue} for digit, queue in menu.digits],
                "default": menu.default,
                "wait_s": menu.wait_s,
            }
            for menu in at.plan.menus
        ],
        "asterisk_queues": [
            {"name": queue.name, "strategy": queue.strategy, "seats": list(at.plan.members(queue, at.host))}
            for queue in at.plan.queues
        ],
        "asterisk_seats": [seat.user for seat in at.plan.served_by(at.host)],
        "asterisk_admission": ADMISSION if at.host.peak else "",
        "asterisk_codecs": list(codecs),
        "asterisk_mirror_past_date": at.plan.target is Target.LAB,
        "asterisk_recording_share": at.plan.recording.share,
        "asterisk_conversations_mib": at.host.room.conversations_mib,
        "asterisk_rtp_first": at.plan.ports.call_rtp_first,
        "asterisk_rtp_last": at.plan.ports.call_rtp_last,
        "asterisk_database": {
            "hosts": [_database_host(at)] if at.plan.database.managed else [each.name for each in at.plan.group("db")],
            "port": at.plan.ports.postgresql,
            "name": DATABASE,
            "user": "asterisk",
        },
        "asterisk_database_authority": _database_authority(at) if at.plan.database.managed else "",
        "asterisk_database_password": _secret("vault_database_passwords.asterisk"),
    }


def _database_host(at: At) -> str:
    """The name of a managed database: what the cloud handed back, or in a rehearsal its stand-in's."""
    return at.plan.group("db")[0].name if at.plan.target is Target.LAB else at.outputs.database_endpoint


def _database_authority(at: At) -> str:
    """Who signs the certificate of a managed database: the service's own authority, fetched by the deploy."""
    if at.plan.target is Target.LAB:
        return _secret("vault_ca_certificate")
    return _secret(f"lookup('ansible.builtin.file', '{at.authority}')")


def _database(at: At) -> dict[str, Any]:
    return {
        "database_host": _database_host(at),
        "database_port": at.plan.ports.postgresql,
        "database_authority": _database_authority(at),
        "database_name": DATABASE,
        "database_master": MASTER,
        # Of the real one: asked for on this computer when the role runs, and kept nowhere.
        "database_master_password": _secret("vault_database_passwords.master")
        if at.plan.target is Target.LAB
        else _secret(f"lookup('database_master', '{at.plan.region}', '{at.outputs.database_secret_arn}')"),
        "database_users": {"asterisk": _secret("vault_database_passwords.asterisk")},
    }


def _postgresql(at: At) -> dict[str, Any]:
    managed = at.host.managed
    users = {MASTER: "master"} if managed else {"asterisk": "asterisk"}
    # What begins with rds. is the service's own: its stand-in does the same by the lines of pg_hba.conf.
    parameters = {name: value for name, value in at.plan.database.parameters if not name.startswith("rds.")}
    return {
        "postgresql_managed": managed,
        "postgresql_name": at.host.name,
        "postgresql_parameters": parameters,
        "postgresql_shared_buffers_mib": int(at.host.memory_gib * 1024 * SHARED_BUFFERS),
        "postgresql_cached_mib": int(at.host.memory_gib * 1024 * CACHED),
        "postgresql_kept_wal_gib": int(at.host.disk_gb * KEPT_WAL),
        "postgresql_address": str(at.host.address),
        "postgresql_port": at.plan.ports.postgresql,
        # Who is the primary is found by asking; the first one is where there is no data yet.
        "postgresql_servers": [{"name": each.name, "address": str(each.address)} for each in at.plan.group("db")],
        "postgresql_clients": [f"{each.address}/32" for each in at.plan.group("call")],
        "postgresql_database": DATABASE,
        "postgresql_users": {user: _secret(f"vault_database_passwords.{word}") for user, word in users.items()},
        "postgresql_replication_password": "" if managed else _secret("vault_database_passwords.replication"),
        "postgresql_certificate": _secret(f"vault_certificates['{at.host.name}'].certificate"),
        "postgresql_certificate_key": _secret(f"vault_certificates['{at.host.name}'].key"),
    }


def _peak(at: At) -> dict[str, Any]:
    return {
        "peak_group": group_name(at.plan.name, at.host.name),
        "peak_region": str(at.plan.region),
        "peak_ready_hook": READY,
        "peak_drained_hook": DRAINED,
        "peak_admission": ADMISSION,
    }


def _recording(at: At) -> dict[str, Any]:
    if at.host.group == "record":
        return {
            "recording_duty": "keep",
            "recording_listen_address": str(at.host.address),
            "recording_store_port": at.plan.ports.recording,
            "recording_host_key": _secret("vault_recording.host_private"),
            "recording_upload_public_key": _secret("vault_recording.upload_public"),
            "recording_retention_days": at.plan.recording.retention_days,
        }
    return {
        "recording_duty": "ship",
        "recording_store_address": str(at.plan.group("record")[0].address),
        "recording_store_port": at.plan.ports.recording,
        "recording_store_host_key": _secret("vault_recording.host_public"),
        "recording_upload_key": _secret("vault_recording.upload_private"),
        "recording_recipient": _secret("vault_recording.recipient"),
    }


ROLES = {
    "asterisk": _asterisk,
    "baseline": _baseline,
    "database": _database,
    "firewall": _firewall,
    "kamailio": _kamailio,
    "link": _link,
    "peak": _peak,
    "postgresql": _postgresql,
    "recording": _recording,
    "rtpengine": _rtpengine,
    "trunk": _trunk,
}
