"""How the rehearsal's account differs from its record."""

from __future__ import annotations

from collections.abc import Callable

from lab.aws.account import Account
from lab.cloud.provider import Provider
from lab.cloud.state import StateFile
from lab.cloud.steps import Steps
from lab.kinds import KINDS
from seatworks.drift import Finding
from seatworks.environment import Environment
from seatworks.plan.model import Plan
from stacks.drift import Stack, nothing, strangers


def of_lab(plan: Plan, where: Environment, meanwhile: Callable[[Account], object] | None = None) -> list[Finding]:
    """How the lab's account differs from the last run's record.

    The account is made from that record first, so it differs by what `meanwhile` does to it, or when the record
    itself is not whole.
    """
    state, stack = StateFile(where.build).load(), Stack(plan)
    if not state.records:
        return nothing(stack)
    with Account(state.region) as account:
        provider = Provider(account, KINDS)
        Steps(provider, state, lambda _state: None, lambda _line: None, preview=True).restore()
        if meanwhile:
            meanwhile(account)
        findings: list[Finding] = []
        for record in (record for record in state.records.values() if record.in_account):
            stack.note(record.type, record.name, record.id, record.outputs)
            after = provider.read(record.type, record.id, record.outputs)
            keys = provider.drift(record.type, record.outputs, after) if after is not None else record.outputs
            before = {key: record.outputs.get(key) for key in keys}
            told = None if after is None else {key: after.get(key) for key in keys}
            findings += stack.changed(record.type, record.name, before, told, record.secrets)
        return [*findings, *strangers(account.client, stack)]
