"""The rules for a VPN to the site: each weakened property of the real stack is named, and nothing else is."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from stacks.policy import vpn
from stacks.policy.rules import RULES, violations
from tests.cloud.test_policy import Mistake, asked, changed, recorded
from tests.sites import Deployed

LOUD = {"cloudwatchLogOptions": {"logEnabled": False}}


def weakened(**values: Any) -> Mistake:
    """The connection with other properties."""
    return changed("ec2/vpnConnection:VpnConnection", "hybrid-link", **values)


MISTAKES: list[tuple[str, Mistake, str]] = [
    ("tunnels-strong", weakened(tunnel1IkeVersions=["ikev1", "ikev2"]), "agree on ikev1, ikev2"),
    ("tunnels-strong", weakened(tunnel2IkeVersions=None), "agree on anything (IkeVersions)"),
    ("tunnels-strong", weakened(tunnel1Phase1EncryptionAlgorithms=["AES128"]), "AES128"),
    ("tunnels-strong", weakened(tunnel2Phase2IntegrityAlgorithms=["SHA1", "SHA2-512"]), "SHA1"),
    ("tunnels-strong", weakened(tunnel2Phase1DhGroupNumbers=[2, 19]), "2, 19"),
    ("tunnels-keys", weakened(presharedKeyStorage="Standard"), "hands the keys"),
    ("tunnels-keys", weakened(presharedKeyStorage=None), "hands the keys"),
    ("tunnels-planned", weakened(localIpv4NetworkCidr=None), "joins everything, the plan 10.20.0.0/24"),
    ("tunnels-planned", weakened(remoteIpv4NetworkCidr="10.0.0.0/8"), "joins 10.0.0.0/8, the plan 10.60.0.0/16"),
    ("tunnels-planned", weakened(tunnel2LogOptions=LOUD), "what tunnel2 does"),
    ("tunnels-planned", weakened(tunnel1LogOptions=None), "what tunnel1 does"),
    (
        "tunnels-planned",
        changed("ec2/customerGateway:CustomerGateway", "hybrid-router", ipAddress="203.0.113.66"),
        "joins 203.0.113.66, the plan 192.0.2.10",
    ),
    (
        "tunnels-planned",
        changed("ec2/vpnConnectionRoute:VpnConnectionRoute", "hybrid-to-site", destinationCidrBlock="0.0.0.0/0"),
        "joins 0.0.0.0/0, the plan 10.20.0.0/24",
    ),
]


@pytest.mark.parametrize(
    ("rule", "mistake", "words"), MISTAKES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_mistake_breaks_its_rule_and_no_other(joined: Deployed, rule: str, mistake: Mistake, words: str) -> None:
    found = violations(mistake(recorded(joined)), asked(joined.plan))
    assert {violation.rule.id for violation in found} == {rule}
    assert any(words in violation.message for violation in found)


def test_every_rule_about_tunnels_is_broken_by_one() -> None:
    own = {rule.id for rule in RULES if rule.check.__module__ == vpn.__name__}
    assert own == {rule for rule, _, _ in MISTAKES}


def test_a_vpn_that_the_plan_does_not_have_is_named(joined: Deployed) -> None:
    found = violations(recorded(joined), asked(dataclasses.replace(joined.plan, vpn=None)))
    assert {violation.rule.id for violation in found} == {"tunnels-strong", "tunnels-planned"}
