"""What the roles of a host name is installed whole, every source of packages is verified, and services may start."""

from __future__ import annotations

import json
from typing import Any

from seatworks import packages
from seatworks.plan.model import Host, Plan, Target

# Sources as apt's own library reads them. Without a word of these apt takes nothing that no known key has signed.
SOURCES = """
import json, warnings
from aptsources.sourceslist import SourcesList
warnings.simplefilter("ignore")
words = ("Trusted", "Allow-Insecure", "Allow-Weak", "Allow-Downgrade-To-Insecure", "Check-Valid-Until")
print(json.dumps([
    [entry.uri, *(word for word in words if word in str(entry) or word.lower() + "=" in str(entry).lower())]
    for entry in SourcesList(deb822=True) if not entry.invalid and not entry.disabled
]))
"""


def test_what_its_roles_name_is_installed(host: Any, member: Host) -> None:
    listed = host.check_output("dpkg-query --show --showformat='${db:Status-Status} ${Package}\\n'")
    there = {name for state, name in map(str.split, listed.splitlines()) if state == "installed"}
    assert set(packages.of_roles(member.roles)) <= there
    assert host.check_output("dpkg --audit") == ""


def test_packages_may_start_their_services_again(host: Any) -> None:
    assert not host.file("/run/seatworks-installing").exists
    if host.file("/usr/sbin/policy-rc.d").exists:
        assert host.run("/usr/sbin/policy-rc.d kamailio restart").rc == 0


def test_every_source_of_packages_is_verified(host: Any, plan: Plan) -> None:
    sources = {uri: set(words) for uri, *words in json.loads(host.check_output("/usr/bin/python3 -c %s", SOURCES))}
    # A rehearsal's mirror may be filled from time to time, and serve a list past its date; its signature is checked.
    borne = {"Check-Valid-Until"} if plan.target is Target.LAB else set()
    assert sources
    assert {uri: words - borne for uri, words in sources.items() if words - borne} == {}
