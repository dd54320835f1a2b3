"""What a caller meets: hours, queues, flows, and the numbers that lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from seatworks.plan.connect import Connect, Flow, Hours
from seatworks.plan.model import Queue
from stacks.components.connect.instance import Instance
from stacks.components.connect.turns import Turns
from stacks.components.place import Place
from stacks.connect.flow import content

# A queue may be called as anything, `hours` too.
_QUEUE = "queue "


@dataclass(frozen=True, slots=True)
class ServiceArgs:
    """The plan's queues and what it asks of Amazon Connect."""

    place: Place
    asked: Connect
    queues: tuple[Queue, ...]
    instance: Instance
    turns: Turns


class Service(pulumi.ComponentResource):
    """Everything between a dialled number and a queue. Numbers are kept in a live account: who lets one go loses it."""

    queue_ids: dict[str, pulumi.Output[str]]
    numbers: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:ConnectService", name, None, opts)
        self._name, self._args = name, args
        hours = args.turns.took(self._hours(args.asked.hours))
        numbers = {each.number: self._claim(each.number, each.country, each.kind) for each in args.asked.numbers}
        first = numbers[args.asked.numbers[0].number].id
        queues = {each.name: self._queue(each.name, hours, first) for each in args.queues}
        flows = self._flows(queues, hours)
        for each in args.asked.numbers:
            args.turns.took(
                aws.connect.PhoneNumberContactFlowAssociation(
                    f"{name}-answers-{_digits(each.number)}",
                    instance_id=args.instance.id,
                    phone_number_id=numbers[each.number].id,
                    contact_flow_id=flows[each.flow].contact_flow_id,
                    opts=args.turns.options(self),
                )
            )
        self.queue_ids = {each: queue.queue_id for each, queue in queues.items()}
        self.numbers = {each: number.phone_number for each, number in numbers.items()}
        self.register_outputs({"numbers": self.numbers})

    def _hours(self, asked: Hours) -> aws.connect.HoursOfOperation:
        return aws.connect.HoursOfOperation(
            f"{self._name}-hours",
            instance_id=self._args.instance.id,
            name="opening hours",
            description="When callers are served",
            time_zone=asked.time_zone,
            configs=[
                {
                    "day": day,
                    "start_time": {"hours": asked.opens_min // 60, "minutes": asked.opens_min % 60},
                    "end_time": {"hours": asked.closes_min // 60, "minutes": asked.closes_min % 60},
                }
                for day in asked.days
            ],
            opts=self._args.turns.options(self),
        )

    def _claim(self, number: str, country: str, kind: str) -> aws.connect.PhoneNumber:
        keep = self._args.place.keeps_data
        return self._args.turns.took(
            aws.connect.PhoneNumber(
                f"{self._name}-number-{_digits(number)}",
                target_arn=self._args.instance.arn,
                country_code=country,
                type=kind,
                prefix=number,
                description=f"Claimed for {number}",
                # A number that was ported, and imported here, has no beginning that it was looked for by.
                opts=self._args.turns.options(self, protect=keep, retain_on_delete=keep, ignore_changes=["prefix"]),
            )
        )

    def _queue(self, queue: str, hours: aws.connect.HoursOfOperation, number: pulumi.Output[str]) -> aws.connect.Queue:
        return self._args.turns.took(
            aws.connect.Queue(
                f"{self._name}-queue-{queue}",
                instance_id=self._args.instance.id,
                name=queue,
                description=f"Callers of {queue}",
                hours_of_operation_id=hours.hours_of_operation_id,
                # Who is called back sees the number of the centre.
                outbound_caller_config={"outbound_caller_id_number_id": number} if self._args.asked.outbound else None,
                opts=self._args.turns.options(self),
            )
        )

    def _flows(
        self, queues: dict[str, aws.connect.Queue], hours: aws.connect.HoursOfOperation
    ) -> dict[str, aws.connect.ContactFlow]:
        made = {}
        for flow in self._args.asked.flows:
            text = pulumi.Output.all(
                hours=hours.arn, **{_QUEUE + each: queues[each].arn for each in flow.queues}
            ).apply(partial(_written, flow))
            made[flow.name] = self._args.turns.took(
                aws.connect.ContactFlow(
                    f"{self._name}-flow-{flow.name}",
                    instance_id=self._args.instance.id,
                    name=flow.name,
                    description="Made by Seatworks; a change by hand is undone at the next deploy",
                    type="CONTACT_FLOW",
                    content=text,
                    opts=self._args.turns.options(self),
                )
            )
        return made


def _written(flow: Flow, known: Mapping[str, str]) -> str:
    """The flow's text, from the ARNs of its queues by name and of the hours."""
    return content(flow, {each: known[_QUEUE + each] for each in flow.queues}, known["hours"])


def _digits(number: str) -> str:
    return number.removeprefix("+")
