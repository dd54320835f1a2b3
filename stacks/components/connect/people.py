"""Who answers, and what they may do."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.connect import Connect
from seatworks.plan.model import Seat
from stacks.components.connect.instance import Instance
from stacks.components.connect.turns import Turns
from stacks.components.settings import Identity


@dataclass(frozen=True, slots=True)
class PeopleArgs:
    """The plan's seats, the profiles that it asks for, and the queues by name."""

    asked: Connect
    seats: tuple[Seat, ...]
    queue_ids: Mapping[str, pulumi.Output[str]]
    identity: Identity
    instance: Instance
    turns: Turns


class People(pulumi.ComponentResource):
    """Profiles, and one user for every seat. Supervisors are named by the company: it gives people that profile."""

    passwords: dict[str, pulumi.Output[str | None]]

    def __init__(self, name: str, args: PeopleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:ConnectPeople", name, None, opts)
        self._name, self._args = name, args
        rights = {
            each.name: self._rights(each.name, each.title, each.permissions) for each in args.asked.security_profiles
        }
        (profile,) = (self._profile(each.name, each.queues, each.default) for each in args.asked.routing_profiles)
        users = {
            seat.user: self._user(seat, profile.routing_profile_id, rights["agents"].security_profile_id)
            for seat in args.seats
        }
        # What the account was given, not what another run would draw.
        self.passwords = {user: each.password for user, each in users.items()} if args.identity.passwords else {}
        self.register_outputs({})

    def _rights(self, profile: str, title: str, permissions: tuple[str, ...]) -> aws.connect.SecurityProfile:
        return self._args.turns.took(
            aws.connect.SecurityProfile(
                f"{self._name}-may-{profile}",
                instance_id=self._args.instance.id,
                name=f"seatworks-{profile}",
                description=title,
                permissions=list(permissions),
                opts=self._args.turns.options(self),
            )
        )

    def _profile(self, profile: str, queues: tuple[str, ...], default: str) -> aws.connect.RoutingProfile:
        ids = self._args.queue_ids
        return self._args.turns.took(
            aws.connect.RoutingProfile(
                f"{self._name}-takes-{profile}",
                instance_id=self._args.instance.id,
                name=f"seatworks-{profile}",
                description=f"Calls of {', '.join(queues)}",
                default_outbound_queue_id=ids[default],
                media_concurrencies=[{"channel": "VOICE", "concurrency": 1}],
                queue_configs=[
                    {"channel": "VOICE", "delay": 0, "priority": 1, "queue_id": ids[queue]} for queue in queues
                ],
                opts=self._args.turns.options(self),
            )
        )

    def _user(self, seat: Seat, profile: pulumi.Output[str], rights: pulumi.Output[str]) -> aws.connect.User:
        given = pulumi.Output.secret(password()) if self._args.identity.passwords else None
        return self._args.turns.took(
            aws.connect.User(
                f"{self._name}-user-{seat.user}",
                instance_id=self._args.instance.id,
                name=seat.user,
                password=given,
                identity_info={"first_name": "Seat", "last_name": seat.user},
                phone_config={
                    "phone_type": "SOFT_PHONE",
                    # 0 would mean without end.
                    "after_contact_work_time_limit": max(1, self._args.asked.wrap_up_s),
                    "auto_accept": False,
                },
                routing_profile_id=profile,
                security_profile_ids=[rights],
                # The first password counts when the user is made. It is theirs to change, not ours to set again.
                opts=self._args.turns.options(self, ignore_changes=["password"]),
            )
        )


def password() -> str:
    """A password as Amazon Connect takes it, from the system's random numbers: 24 letters and digits of every kind."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    while True:
        found = "".join(secrets.choice("".join(kinds)) for _ in range(24))
        if all(set(found) & set(kind) for kind in kinds):
            return found
