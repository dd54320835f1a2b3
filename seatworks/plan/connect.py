"""What the plan asks of Amazon Connect where it answers instead of servers of ours. Values only; `managed` decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hours:
    """When callers are served: every day of `days` (MONDAY ...) from `opens` to `closes`, in minutes after midnight.

    `closes` is the first minute outside; 0 to 0 is the whole day.
    """

    time_zone: str
    days: tuple[str, ...]
    opens_min: int
    closes_min: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What a caller meets: `text` is read, a key of `digits` leads to its queue, nothing valid to `default`.

    A flow without digits leads to `default` at once. `checks_hours`: outside the hours the caller hears `closed_text`
    and is not queued. `recorded`: both sides are recorded once an agent answers.
    """

    name: str
    text: str | None
    digits: tuple[tuple[str, str], ...]
    default: str
    wait_s: int
    voice: str
    checks_hours: bool
    closed_text: str
    failed_text: str
    recorded: bool

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that a caller can come to, each once, in the order of their names."""
        return tuple(sorted({self.default, *(queue for _, queue in self.digits)}))


@dataclass(frozen=True, slots=True)
class Number:
    """A number to claim, by country and kind (DID or TOLL_FREE), and the flow that answers it.

    `number` is the whole number or its beginning; which one the provider gave is known after it was claimed.
    """

    number: str
    country: str
    kind: str
    flow: str


@dataclass(frozen=True, slots=True)
class RoutingProfile:
    """Whose calls some people take: these queues, one call at a time; `default` is for the calls that they begin."""

    name: str
    queues: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class SecurityProfile:
    """What some people may do, by the names of the interface; `title` says it in words."""

    name: str
    title: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """What the plan needs of something of which an account has only `given` before more is asked for."""

    name: str
    needed: int
    given: int


@dataclass(frozen=True, slots=True)
class Connect:
    """One instance of Amazon Connect and everything in it; its agents are the plan's seats.

    `alias` is the beginning of the instance's name: names are unique in the world, so a part of the account's is added.
    `wrap_up_s`: work after a call before the next is offered. `request_rate` is what the interface takes in a second.
    """

    alias: str
    outbound: bool
    hours: Hours
    flows: tuple[Flow, ...]
    numbers: tuple[Number, ...]
    routing_profiles: tuple[RoutingProfile, ...]
    security_profiles: tuple[SecurityProfile, ...]
    quotas: tuple[Quota, ...]
    wrap_up_s: int
    request_rate: float
    request_burst: int

    def flow(self, name: str) -> Flow:
        """The flow of that name. Raises KeyError."""
        for flow in self.flows:
            if flow.name == name:
                return flow
        raise KeyError(name)

    def requests(self, agents: int, queues: int) -> int:
        """At least how many requests make all of it: one for every queue, flow, profile and person, two for a number.

        Reading back what was made is as many again.
        """
        single = len(self.flows) + queues + len(self.routing_profiles) + len(self.security_profiles) + agents
        return 2 * (3 + single + 2 * len(self.numbers))

    def minutes(self, agents: int, queues: int) -> float:
        """At least how long making all of it takes at the rate that the interface allows."""
        return self.requests(agents, queues) / self.request_rate / 60
