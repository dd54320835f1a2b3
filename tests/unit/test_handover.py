"""What the people of the site are handed: everything that their router needs, and no secret."""

from __future__ import annotations

import dataclasses

from seatworks import handover
from seatworks.plan.model import CloudOutputs, Target
from tests.examples import plan_of, vpn_plan_of

OUTPUTS = CloudOutputs(
    region="eu-central-1",
    vpn_connection="vpn-1",
    vpn_tunnels={"198.18.0.9": "169.254.10.0/30", "198.18.0.4": "169.254.11.4/30"},
    vpn_keys_arn="arn:aws:secretsmanager:eu-central-1:123456789012:secret:s2svpn!vpn-1-x",
)


def told(outputs: CloudOutputs = OUTPUTS, target: Target = Target.LIVE) -> str:
    """The text for a live deployment, unless another target is given."""
    found = handover.router(dataclasses.replace(vpn_plan_of("eu-central-1"), target=target), outputs)
    assert found is not None
    return found


def test_everything_that_a_router_needs_is_told() -> None:
    lines = {line[:18].strip(): line[20:] for line in told().splitlines()}
    assert lines["router of the site"].startswith("192.0.2.10;")
    assert lines["tunnel 1"] == "to 198.18.0.4; inside 169.254.11.4/30, cloud 169.254.11.5, router 169.254.11.6"
    assert lines["tunnel 2"] == "to 198.18.0.9; inside 169.254.10.0/30, cloud 169.254.10.1, router 169.254.10.2"
    assert lines["IKE"].startswith("ikev2,")
    assert lines["both phases"].startswith("AES256-GCM-16; SHA2-384 or SHA2-512; Diffie-Hellman group 19, 20, 21")
    assert lines["selectors"] == "10.20.0.0/24 (site) and 10.60.0.0/16 (cloud), one pair for each tunnel"
    assert lines["routes"].startswith("10.60.0.0/16 into the tunnels")


def test_keys_are_asked_for_where_they_are_kept() -> None:
    assert f"get-secret-value --region eu-central-1 --secret-id '{OUTPUTS.vpn_keys_arn}'" in told()
    kept_by_the_service = told(dataclasses.replace(OUTPUTS, vpn_keys_arn=""))
    assert "describe-vpn-connections --region eu-central-1 --vpn-connection-ids vpn-1" in kept_by_the_service
    assert "get-secret-value" not in kept_by_the_service


def test_a_rehearsal_says_that_it_is_one() -> None:
    assert "rehearsal" in told(target=Target.LAB)
    assert "rehearsal" not in told()


def test_without_a_vpn_nothing_is_handed_over() -> None:
    assert handover.router(plan_of("hybrid"), OUTPUTS) is None
    assert handover.router(vpn_plan_of(), CloudOutputs()) is None
