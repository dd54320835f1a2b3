"""A cloud site that Amazon Connect answers: the instance and its people on the ground that every site stands on."""

from pathlib import Path

import pulumi

from seatworks.errors import CloudError, Problem
from stacks.components.base import ground
from stacks.components.connect.instance import Instance, InstanceArgs
from stacks.components.connect.people import People, PeopleArgs
from stacks.components.connect.service import Service, ServiceArgs
from stacks.components.connect.turns import Turns
from stacks.components.settings import Identity, Settings

settings = Settings.read(Path(__file__).resolve().parents[2])
plan, name, asked = settings.plan, settings.plan.name, settings.plan.connect
if asked is None:
    raise CloudError(Problem(name, "is a plan of servers", "run stacks/seats as a project, not this file"))
identity = Identity.read()
base, turns = ground(settings), Turns()
recorded = plan.recording.share > 0
instance = Instance(name, InstanceArgs(base.place, asked, identity, base.records, recorded, turns), base.here)
service = Service(name, ServiceArgs(base.place, asked, plan.queues, instance, turns), base.here)
people = People(name, PeopleArgs(asked, plan.seats, service.queue_ids, identity, instance, turns), base.here)

pulumi.export("connect_instance", instance.id)
pulumi.export("phone_numbers", service.numbers)
pulumi.export("first_passwords", pulumi.Output.secret(people.passwords))
