"""Edges let in whom the plan names, turn everybody else away, and say so in the journal."""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import testinfra

from seatworks.plan.model import CloudOutputs, Host, Plan, Target
from seatworks.secrets import Vault
from tests import handshake
from tests.conftest import Every, Evidence, standing

CONTROL = "kamcmd -s unix:/run/kamailio/kamailio_ctl"

# Asks one SIP question from the host it runs on, and prints the final answer's status line, or "silence".
# Arguments: transport, own address (empty: any), target, port, method, URI, user; "wrong" answers a challenge wrongly.
ASK = """
import random, socket, ssl, sys
transport, own, target, port, method, uri, user, digest = sys.argv[1:]
if transport == "tls":
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = context.wrap_socket(socket.create_connection((target, int(port)), timeout=4))
else:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((own, 0))
    line.connect((target, int(port)))
line.settimeout(3)
tag = random.randrange(10**9)
def ask(number, more=""):
    here = "%s:%s" % line.getsockname()[:2]
    line.sendall(("\\r\\n".join((
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};branch=z9hG4bK{tag}{number};rport",
        "Max-Forwards: 70", f"From: <{user}>;tag={tag}", f"To: <{user if method == 'REGISTER' else uri}>",
        f"Call-ID: {tag}", f"CSeq: {number} {method}", f"Contact: <sip:{here};transport={transport}>"))
        + f"\\r\\n{more}Content-Length: 0\\r\\n\\r\\n").encode())
    while True:
        answer = line.recv(65535).decode()
        if not answer.startswith("SIP/2.0 1"):
            return answer
try:
    answer = ask(1)
    if digest == "wrong" and "nonce=" in answer:
        nonce, realm = (answer.split(key + '="')[1].split('"')[0] for key in ("nonce", "realm"))
        name = user.split(":")[1].split("@")[0]
        answer = ask(2, f'Authorization: Digest username="{name}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
            f' qop=auth, nc=00000001, cnonce="1", response="{"0" * 32}"\\r\\n')
    print(answer.splitlines()[0])
except (TimeoutError, ConnectionRefusedError):
    print("silence")
"""

# Opens TLS as a client that knows nothing newer than the version it is told, with the site's certificate authority.
SHAKE = """
import socket, ssl, sys
context = ssl.create_default_context(cafile="/etc/seatworks/ca.pem")
context.check_hostname = False
# Strictness about extensions of the authority is not what is asked here.
context.verify_flags &= ~ssl.VERIFY_X509_STRICT
context.set_ciphers("ALL:@SECLEVEL=0")
context.minimum_version = ssl.TLSVersion.TLSv1
context.maximum_version = ssl.TLSVersion[sys.argv[3]]
try:
    print(context.wrap_socket(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=4)).version())
except ssl.SSLError as error:
    print(error.reason)
"""


def ask(host: Any, *arguments: str, digest: str = "none") -> str:
    """The answer to one SIP question asked on `host`; see ASK."""
    answer: str = host.check_output("python3 -c %s" + " %s" * (len(arguments) + 1), ASK, *arguments, digest)
    return answer


def ask_as_seat(host: Any, member: Host, plan: Plan, method: str, uri: str, user: str, digest: str = "none") -> str:
    """The answer an edge gives a seat of that name that comes by TLS."""
    own, port = str(member.address), str(plan.ports.sips)
    return ask(host, "tls", own, own, port, method, uri, f"sip:{user}@{plan.domain}", digest=digest)


def journal(host: Any, since: str, text: str) -> str:
    """The proxy's journal lines that contain `text`, from `since` on."""
    found: str = host.check_output("journalctl -u kamailio --since %s --no-pager -o cat", since)
    return "\n".join(line for line in found.splitlines() if text in line)


def now(host: Any) -> str:
    """The host's own clock, as journalctl reads it."""
    found: str = host.check_output("date '+%Y-%m-%d %H:%M:%S'")
    return found


def is_access_edge(member: Host) -> bool:
    """Access edges have no carriers and no accounts."""
    return "trunk" not in member.roles


def udp_address(member: Host, plan: Plan) -> str:
    """The address an edge takes UDP at: an access edge only listens inside the link, where there is one."""
    if is_access_edge(member) and plan.seats_encrypted and member.link_address:
        return str(member.link_address)
    return str(member.address)


def test_proxy_runs_and_comes_back_at_boot(host: Any) -> None:
    assert host.service("kamailio").is_running
    assert host.service("kamailio").is_enabled
    assert int(re.findall(r"uptime: (\d+)", host.check_output(f"{CONTROL} core.uptime"))[0]) >= 0


def figures(host: Any, question: str) -> dict[str, int]:
    """Numbers of an answer of the running proxy, by name."""
    shown = host.check_output(f"{CONTROL} {question}")
    return {name: int(value) for name, value in re.findall(r"(\w+): (\d+)$", shown, re.MULTILINE)}


def test_proxy_runs_with_as_many_processes_as_its_vcpus_want(host: Any, member: Host) -> None:
    shown = host.check_output(f"{CONTROL} core.ps")
    by_socket = Counter(re.findall(r"udp receiver child=\d+ sock=(\S+)", shown))
    assert by_socket
    assert set(by_socket.values()) == {2 * member.vcpus}
    assert len(re.findall(r"tcp receiver \(\S+\) child=\d+", shown)) == 2 * member.vcpus


def test_proxy_holds_as_many_tls_connections_as_were_planned(host: Any, member: Host) -> None:
    found = figures(host, "core.tcp_info")
    assert found["max_connections"] == found["max_tls_connections"] == member.room.connections
    process = host.check_output("systemctl show kamailio --property=MainPID --value")
    limits = host.file(f"/proc/{process}/limits").content_string
    files = re.search(r"Max open files\s+(\d+)", limits)
    assert files
    assert int(files[1]) > member.room.connections


def test_proxy_has_the_memory_for_them(host: Any, member: Host, inputs: dict[str, Any]) -> None:
    found = figures(host, "core.shmmem")
    assert found["total"] == member.room.signalling_mib * 2**20
    processes = len(re.findall("PID", host.check_output(f"{CONTROL} core.ps")))
    # Below 512 kB of each process TLS is refused; 98 kB go into each connection that may still come.
    coming = member.room.connections - figures(host, "core.tcp_info")["opened_tls_connections"]
    assert found["free"] >= coming * 98_000 + processes * 512 * 1024
    own = {int(size) for size in re.findall(r"total_size: (\d+)", host.check_output(f"{CONTROL} pkg.stats"))}
    assert own == {inputs["kamailio_private_memory_mib"] * 2**20}


@pytest.mark.mlps("8.1.4.2 e")
def test_proxy_is_nobody_special(host: Any) -> None:
    assert set(host.check_output("ps -o user= -C kamailio").split()) == {"kamailio"}
    shown = host.check_output("systemctl show kamailio -p NoNewPrivileges -p ProtectSystem -p CapabilityBoundingSet")
    assert set(shown.splitlines()) == {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="}


@pytest.mark.mlps("8.1.4.4 b")
def test_proxy_listens_where_the_plan_says_and_nowhere_else(host: Any, member: Host, plan: Plan) -> None:
    expected = {f"tcp {member.address}:{plan.ports.sips}", f"udp {udp_address(member, plan)}:{plan.ports.sip}"}
    if member.link_address:
        expected.add(f"udp {member.link_address}:{plan.ports.sip}")
    if not is_access_edge(member) and len(plan.running("trunk")) > 1:
        expected.add(f"udp {member.address}:{plan.ports.registration_sync}")
    lines = [line.split() for line in host.check_output("ss -H -lntup").splitlines() if '"kamailio"' in line]
    assert {f"{line[0]} {line[4]}" for line in lines} == expected


@pytest.mark.mlps("8.1.2.2 b")
def test_tls_is_ours_and_not_older_than_1_2(host: Any, member: Host, plan: Plan) -> None:
    there = (str(member.address), str(plan.ports.sips))
    assert host.check_output("python3 -c %s %s %s %s", SHAKE, *there, "TLSv1_3") == "TLSv1.3"
    assert host.check_output("python3 -c %s %s %s %s", SHAKE, *there, "TLSv1_2") == "TLSv1.2"
    assert host.check_output("python3 -c %s %s %s %s", SHAKE, *there, "TLSv1_1") == "TLSV1_ALERT_PROTOCOL_VERSION"


@pytest.mark.mlps("8.1.2.2 b")
def test_shows_the_certificate_that_it_should_have_with_time_left(
    host: Any, member: Host, plan: Plan, outputs: CloudOutputs, vault: Vault, evidence: Evidence
) -> None:
    shown = handshake.of_sip(host, member, plan)
    evidence("certificate_days_left", handshake.days_left(shown, member, plan, outputs, vault))


@pytest.mark.mlps("8.1.4.1 a")
@pytest.mark.mlps("8.1.4.3 a")
def test_wrong_password_is_refused_and_recorded(host: Any, member: Host, plan: Plan, every: Every) -> None:
    user = f"nobody{time.time_ns()}"
    registrars = [each.name for each in plan.running("trunk")] if is_access_edge(member) else [member.name]
    starts = {name: now(every(name)) for name in registrars}
    answer = ask_as_seat(host, member, plan, "REGISTER", f"sip:{plan.domain}", user, digest="wrong")
    assert answer == "SIP/2.0 401 Unauthorized"
    assert [name for name in registrars if journal(every(name), starts[name], f"auth failed: REGISTER user {user} ")]


@pytest.mark.mlps("8.1.4.4 b")
def test_nobody_learns_which_seats_exist(host: Any, member: Host, plan: Plan) -> None:
    answers = {
        ask_as_seat(host, member, plan, method, f"sip:600@{plan.domain}", user)
        for user in (plan.seats[0].user, "nobody")
        for method in ("REGISTER", "INVITE")
    }
    assert answers == {"SIP/2.0 401 Unauthorized", "SIP/2.0 407 Proxy Authentication Required"}


@pytest.mark.mlps("8.1.4.2 e")
def test_edge_is_no_open_relay(host: Any, member: Host, plan: Plan) -> None:
    answer = ask_as_seat(host, member, plan, "INVITE", "sip:600@elsewhere.example", plan.seats[0].user)
    assert answer == "SIP/2.0 403 Forbidden"


@pytest.mark.mlps("8.1.4.4 c")
def test_strangers_are_refused_and_recorded(host: Any, member: Host, plan: Plan) -> None:
    since, address = now(host), udp_address(member, plan)
    line = ("udp", address, address, str(plan.ports.sip))
    # A number that no other check dials at this moment.
    dialled = f"sip:6{secrets.randbelow(10**9):09d}@{plan.domain}"
    answer = ask(host, *line, "INVITE", dialled, "sip:a@b.example")
    assert ask(host, *line, "OPTIONS", dialled, "sip:a@b.example") == "silence"
    if plan.seats_encrypted:
        assert answer == "SIP/2.0 403 Forbidden"
        refused = journal(host, since, f"source refused: INVITE from {address}:").splitlines()
        assert len([record for record in refused if f" to {dialled}," in record]) == 1
    else:
        # Then it may be a seat, and a seat needs a password.
        assert answer == "SIP/2.0 407 Proxy Authentication Required"


@pytest.mark.mlps("8.1.2.2 b")
def test_internet_reaches_an_edge_by_tls_only(member: Host, plan: Plan, outputs: CloudOutputs, every: Every) -> None:
    if not member.public:
        # The Internet has no address to ask.
        assert member.name not in outputs.public_addresses
        return
    # Of a live deployment, this computer stands in for the Internet.
    caller = every("phones-internet") if plan.target is Target.LAB else testinfra.get_host("local://")
    there = outputs.public_addresses[member.name]
    asked = ("REGISTER", f"sip:{plan.domain}", f"sip:{plan.seats[0].user}@{plan.domain}")
    assert ask(caller, "tls", "", there, str(plan.ports.sips), *asked) == "SIP/2.0 401 Unauthorized"
    by_udp = ask(caller, "udp", "", there, str(plan.ports.sip), *asked)
    assert by_udp == ("silence" if plan.seats_encrypted else "SIP/2.0 401 Unauthorized")


def rows(text: str) -> dict[str, str]:
    """Keys and values of a table's file."""
    fields = (re.split(r"(?<!\\):", line) for line in text.splitlines()[1:])
    return {field[1].replace("\\:", ":"): field[4] for field in fields}


def held(host: Any, name: str, keys: Iterable[str]) -> dict[str, str]:
    """What the proxy holds of a table. An answer has room for some hundred rows; a longer table is asked by `keys`."""
    shown = host.run(f"{CONTROL} htable.dump %s", name)
    text = shown.stdout
    if "reply too big" in text + shown.stderr:
        wanted = list(keys)
        counts = dict(
            re.findall(r"name: (\S+)\s+slots: \d+\s+all: (\d+)", host.check_output(f"{CONTROL} htable.stats"))
        )
        assert int(counts[name]) == len(wanted), f"of {name} {counts[name]} rows are held"
        text = ""
        for first in range(0, len(wanted), 1000):
            asked = "".join(f"htable.get {name} s:{key}\\n" for key in wanted[first : first + 1000])
            text += host.check_output(f"printf %%b %s | {CONTROL}", asked)
    return dict(zip(re.findall(r"name: (\S+)", text), re.findall(r"value: (\S+)", text), strict=True))


def test_every_host_calls_go_to_is_up(host: Any, member: Host, plan: Plan) -> None:
    if is_access_edge(member):
        expected = {f"sip:{each.link_address or each.address}:{plan.ports.sip}" for each in plan.running("trunk")}
    else:
        expected = {f"sip:{each.address}:{plan.ports.sip}" for each in standing(plan, "asterisk")}
    # Known, and out or not, as the peak has it.
    passing = {f"sip:{each.address}:{plan.ports.sip}" for each in plan.peak_hosts}
    # A target that was down is pinged every 3 s.
    for _ in range(5):
        shown = host.check_output(f"{CONTROL} dispatcher.list")
        states = set(zip(re.findall(r"URI: (\S+)", shown), re.findall(r"FLAGS: (\S+)", shown), strict=True))
        if {(uri, flags) for uri, flags in states if uri not in passing} == {(uri, "AP") for uri in expected}:
            assert {uri for uri, _ in states} >= (set() if is_access_edge(member) else passing)
            return
        time.sleep(3)
    pytest.fail(f"expected {sorted(expected)} to be active, found {sorted(states)}")


def test_siblings_and_nobody_else_share_registrations(host: Any, member: Host, plan: Plan) -> None:
    if is_access_edge(member) or len(plan.running("trunk")) < 2:
        assert f":{plan.ports.registration_sync} " not in host.check_output("ss -H -lnu")
        return
    shown = host.check_output(f"{CONTROL} dmq.list_nodes")
    nodes = set(zip(re.findall(r"host: (\S+)", shown), re.findall(r"status: (\S+)", shown), strict=True))
    assert nodes == {(str(each.address), "active") for each in plan.running("trunk")}


def test_proxy_holds_what_its_files_say(host: Any, member: Host) -> None:
    """Asked is the memory: each table whole, the targets, and whether the loader would read anything again."""
    names = ["peers"] if is_access_edge(member) else ["peers", "seats", "numbers", "trunks", "trunk_channels"]
    for name in names:
        written = rows(host.file(f"/etc/kamailio/tables/{name}").content_string)
        assert held(host, name, written) == written, name
    assert host.check_output("kamailio-load --check") == ""


def test_only_seats_of_the_plan_are_registered(host: Any, member: Host, plan: Plan) -> None:
    if is_access_edge(member):
        # It has no registrations.
        assert "ul.dump" not in host.check_output(f"{CONTROL} system.listMethods")
        return
    shown = host.check_output(f"{CONTROL} ul.dump brief")
    assert set(re.findall(r"AoR: (\S+)", shown)) <= {seat.user for seat in plan.seats}


@pytest.mark.mlps("8.1.4.1 a")
def test_edge_keeps_digests_and_no_passwords(host: Any, member: Host, plan: Plan) -> None:
    table = host.file("/etc/kamailio/tables/seats")
    assert (table.user, table.group, table.mode) == ("root", "kamailio", 0o640)
    digests = rows(table.content_string)
    # The table's own version.
    assert re.fullmatch("[0-9a-f]{40}", digests.pop("@"))
    assert list(digests) == ([] if is_access_edge(member) else [seat.user for seat in plan.seats])
    assert all(re.fullmatch("[0-9a-f]{32}", digest) for digest in digests.values())
