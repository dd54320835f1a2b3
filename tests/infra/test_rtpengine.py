"""The relay hands out the plan's ports, encrypts when told to, and obeys nobody but this host."""

from __future__ import annotations

import re
from typing import Any

import pytest

from seatworks.plan.model import CloudOutputs, Host, Plan
from seatworks.plan.ports import RELAY_CONTROL

# Speaks to the control port as Kamailio does: a ping, or an offer between two interfaces and its end.
# Arguments: ping | offer, interface from, interface to, media profile.
TELL = """
import random, socket, sys
def pack(value):
    if isinstance(value, str):
        return f"{len(value)}:{value}".encode()
    if isinstance(value, list):
        return b"l" + b"".join(map(pack, value)) + b"e"
    return b"d" + b"".join(pack(key) + pack(value[key]) for key in sorted(value)) + b"e"
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.settimeout(3)
def tell(**what):
    cookie = str(random.randrange(10**9))
    line.sendto(cookie.encode() + b" " + pack(what), ("127.0.0.1", PORT))
    return line.recv(65535).decode()
if sys.argv[1] == "ping":
    print(tell(command="ping"))
else:
    call = {"call-id": f"check{random.randrange(10**9)}", "from-tag": "a"}
    sdp = ("v=0\\r\\no=- 1 1 IN IP4 192.0.2.1\\r\\ns=-\\r\\nc=IN IP4 192.0.2.1\\r\\nt=0 0\\r\\n"
        "m=audio 4000 RTP/AVP 8\\r\\na=rtpmap:8 PCMA/8000\\r\\n")
    print(tell(command="offer", sdp=sdp, direction=sys.argv[2:4], replace=["origin"], ICE="remove", DTLS="off",
        SDES=["no-AEAD_AES_256_GCM", "no-AEAD_AES_128_GCM"], **{"transport-protocol": sys.argv[4]}, **call))
    tell(command="delete", **call)
""".replace("PORT", str(RELAY_CONTROL))


def offered(host: Any, towards: str, profile: str) -> str:
    """What the relay offers to an interface for a call that came in on `internal`."""
    found: str = host.check_output("python3 -c %s offer internal %s %s", TELL, towards, profile)
    return found


def test_relay_runs_and_comes_back_at_boot(host: Any) -> None:
    assert host.service("rtpengine-daemon").is_running
    assert host.service("rtpengine-daemon").is_enabled


def test_a_thread_forwards_voice_on_each_vcpu(host: Any, member: Host) -> None:
    process = host.check_output("systemctl show rtpengine-daemon --property=MainPID --value")
    # Its other threads keep time and files; `cpoller` takes orders.
    assert host.check_output("ps -L -o comm= -p %s", process).split("\n").count("poller") == member.vcpus


def test_relay_may_open_every_port_of_the_plan(host: Any, plan: Plan) -> None:
    process = host.check_output("systemctl show rtpengine-daemon --property=MainPID --value")
    files = re.search(r"Max open files\s+(\d+)", host.file(f"/proc/{process}/limits").content_string)
    assert files
    assert int(files[1]) > plan.ports.relay_rtp_last - plan.ports.relay_rtp_first


def test_voice_is_handled_in_batches(host: Any) -> None:
    assert set(host.check_output("ps -L -o cls= -C rtpengine").split()) == {"B"}


@pytest.mark.mlps("8.1.4.2 e")
def test_relay_is_nobody_special(host: Any) -> None:
    assert set(host.check_output("ps -o user= -C rtpengine").split()) == {"rtpengine"}
    shown = host.check_output("systemctl show rtpengine-daemon -p NoNewPrivileges -p CapabilityBoundingSet")
    assert set(shown.splitlines()) == {"NoNewPrivileges=yes", "CapabilityBoundingSet=cap_sys_nice"}


@pytest.mark.mlps("8.1.4.4 b")
def test_only_this_host_can_tell_the_relay_what_to_do(host: Any, plan: Plan) -> None:
    lines = [line.split() for line in host.check_output("ss -H -lntup").splitlines() if '"rtpengine"' in line]
    ports = range(plan.ports.relay_rtp_first, plan.ports.relay_rtp_last + 1)
    control = {f"{line[0]} {line[4]}" for line in lines if int(line[4].rpartition(":")[2]) not in ports}
    assert control == {f"udp 127.0.0.1:{RELAY_CONTROL}"}
    assert host.check_output("python3 -c %s ping", TELL).endswith("6:result4:ponge")


def test_every_interface_gives_its_own_address_and_a_port_of_the_plan(
    host: Any, member: Host, plan: Plan, outputs: CloudOutputs
) -> None:
    expected = {"internal": str(member.address)}
    if member.public:
        expected["public"] = outputs.public_addresses[member.name]
    if member.link_address:
        expected["link"] = str(member.link_address)
    for interface, address in expected.items():
        sdp = offered(host, interface, "RTP/AVP")
        assert re.findall(r"c=IN IP4 (\S+)", sdp) == [address], interface
        port = int(re.findall(r"m=audio (\d+) RTP/AVP", sdp)[0])
        assert plan.ports.relay_rtp_first <= port <= plan.ports.relay_rtp_last


@pytest.mark.mlps("8.1.2.2 b")
def test_voice_is_encrypted_when_the_proxy_asks_for_it(host: Any) -> None:
    sdp = offered(host, "internal", "RTP/SAVP")
    assert re.search(r"m=audio \d+ RTP/SAVP ", sdp)
    assert "AES_CM_128_HMAC_SHA1_80 inline:" in sdp
    assert "AEAD" not in sdp, "seats were seen to choose a GCM suite and then to hear nothing"
