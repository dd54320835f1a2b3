"""What one run does to each resource: same, create, update, replace or delete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from lab.cloud.provider import Provider
from lab.cloud.state import Record, State, in_order
from seatworks.errors import CloudError, Problem
from stacks.engine import Say, Summary
from stacks.values import UNKNOWN, Properties


class Steps:
    """Brings resources to what is asked of them, one at a time, and keeps the state true after each."""

    def __init__(self, provider: Provider, state: State, save: Callable[[State], None] | None, say: Say) -> None:
        """Without `save` nothing is done, and only said."""
        self.provider = provider
        self._state = state
        self._save = save or (lambda _state: None)
        self._say = say
        self._preview = save is None
        self._torn: set[str] = set()
        self.summary = Summary()

    def restore(self) -> None:
        """Make the account of the last run again: every recorded resource, with the identifier it had."""
        made = [*self._state.condemned, *self._state.records.values()]
        for record in in_order(made):
            if not record.in_account:
                continue
            id_, outputs = self.provider.create(
                record.type, record.name, record.inputs, record.seed, recorded=record.outputs
            )
            if id_ != record.id:
                raise CloudError(
                    Problem(
                        record.urn,
                        f"came back as {id_}, not as {record.id}",
                        "take the environment away (make destroy) and deploy it again",
                    )
                )
            record.outputs = {**record.outputs, **outputs}

    def bring(self, new: Record, default_tags: str, ignored: list[str], *, delete_first: bool) -> Record:
        """The record of a registered resource after its step."""
        old = self._state.records.get(new.urn)
        for key in ignored:
            # What the program says about these counts only when the resource is made.
            if old is not None and key in old.inputs:
                new.inputs[key] = old.inputs[key]
        known = old.inputs if old is not None else None
        new.inputs = self.provider.check(new.type, new.name, new.inputs, known, default_tags)
        if "tags" in new.secrets:
            new.secrets = sorted({*new.secrets, "tagsAll"})
        if old is None:
            return self._create(new, "replace" if new.urn in self._torn else "create")
        difference = self.provider.compare(new.type, old.inputs, new.inputs)
        if not difference.changed:
            return self._keep("same", new, old, old.outputs)
        if not difference.replace:
            self._tell("update", new, difference.changed)
            gone = set(difference.changed) - new.inputs.keys()
            outputs = {key: value for key, value in {**old.outputs, **new.inputs}.items() if key not in gone}
            return self._keep("update", new, old, outputs)
        if old.protect:
            raise CloudError(
                Problem(new.urn, f"is protected, and {', '.join(difference.changed)} cannot change in place")
            )
        if delete_first or difference.delete_first:
            self._tear(old)
        else:
            self._state.condemned.append(old)
            self._state.end_life(old.urn)
        return self._create(new, "replace", difference.changed)

    def register(self, record: Record) -> None:
        """Record something that the account does not hold: a component or a provider's configuration."""
        old = self._state.records.get(record.urn)
        if old is not None:
            record.outputs = old.outputs
        op = "create" if old is None else "same" if old.inputs == record.inputs else "update"
        self.summary.add(op, record.type, record.name)
        self._state.records[record.urn] = record

    def outdated(self, wanted: set[str]) -> bool:
        """Whether something is to be deleted from an account in which something changed in place.

        Such changes are recorded and not made in the account, which is made anew with them when it is next needed.
        """
        unwanted = self._state.condemned or self._state.records.keys() - wanted
        return bool(not self._preview and self.summary.counts["update"] and unwanted)

    def finish(self, wanted: set[str]) -> None:
        """Delete what was replaced and what the program no longer asks for, last made first."""
        unwanted = [record for urn, record in self._state.records.items() if urn not in wanted]
        doomed = {id(record) for record in self._state.condemned}
        for record in reversed(in_order([*self._state.condemned, *unwanted])):
            replaced = id(record) in doomed
            if record.protect:
                raise CloudError(Problem(record.urn, "is protected and the program no longer asks for it"))
            if not replaced:
                self._tell("delete", record)
                self.summary.add("delete", record.type, record.name)
            self._delete(record)
            if replaced:
                self._state.condemned.remove(record)
            else:
                self._forget(record)
            self._save(self._state)

    def _create(self, new: Record, op: str, changed: tuple[str, ...] = ()) -> Record:
        self._tell(op, new, changed)
        new.seed = self._state.seed(new.urn)
        new.outputs = dict(new.inputs)
        if not self._preview:
            new.id, new.outputs = self.provider.create(new.type, new.name, new.inputs, new.seed)
        return self._note(op, new)

    def _keep(self, op: str, new: Record, old: Record, outputs: Properties) -> Record:
        return self._note(op, dataclasses.replace(new, id=old.id, seed=old.seed, outputs=outputs))

    def _note(self, op: str, record: Record) -> Record:
        self.summary.add(op, record.type, record.name)
        changed = op != "same" or self._state.records.get(record.urn) != record
        self._state.records[record.urn] = record
        if changed:
            self._save(self._state)
        return record

    def _tear(self, old: Record) -> None:
        """Delete a resource that must go before its successor comes, and before it those that hang on its identity."""
        for record in list(self._state.records.values()):
            keys = [key for key, urns in record.property_dependencies.items() if old.urn in urns]
            if not record.in_account or not keys or record.urn not in self._state.records:
                continue
            without = {**record.inputs, **dict.fromkeys(keys, UNKNOWN)}
            if self.provider.compare(record.type, record.inputs, without).replace:
                self._tear(record)
        self._delete(old)
        self._forget(old)
        self._torn.add(old.urn)
        self._save(self._state)

    def _delete(self, record: Record) -> None:
        if record.in_account and not record.retain and not self._preview:
            self.provider.delete(record.type, record.name, record.id, record.outputs)

    def _forget(self, record: Record) -> None:
        del self._state.records[record.urn]
        self._state.end_life(record.urn)

    def _tell(self, op: str, record: Record, changed: tuple[str, ...] = ()) -> None:
        why = f" ({', '.join(changed)})" if changed else ""
        self._say(f"  {op:<7} {record.type} {record.name}{why}")
