"""What the stand-in engine remembers is what its records are at the moment of saving, secrets unread."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from lab.cloud.state import Record, State, StateFile


def state_of(*names: str) -> State:
    """A state of some networks, each with a word that is secret."""
    records = (
        Record(
            urn=f"urn:{name}", type="aws:ec2/vpc:Vpc", name=name, parent="", custom=True,
            inputs={"word": f"hush-{name}"}, outputs={"word": f"hush-{name}", "size": 1}, secrets=["word"],
        )
        for name in names
    )  # fmt: skip
    return State(region="cn-north-1", records={record.urn: record for record in records}, serials={"urn:gone": 2})


def test_a_state_is_read_as_it_was_saved(tmp_path: Path) -> None:
    state = state_of("one", "two")
    state.condemned.append(state_of("three").records["urn:three"])
    StateFile(tmp_path).save(state)
    assert StateFile(tmp_path).load() == state


def test_whatever_was_replaced_since_the_last_time_is_saved(tmp_path: Path) -> None:
    state, file = state_of("one", "two"), StateFile(tmp_path)
    file.save(state)
    state.records["urn:one"].outputs = {"word": "another", "size": 2}
    state.records["urn:two"] = dataclasses.replace(state.records["urn:two"], id="vpc-2")
    state.records |= state_of("three").records
    file.save(state)
    assert StateFile(tmp_path).load() == state
    del state.records["urn:two"]
    state.records["urn:one"].secrets = []
    file.save(state)
    assert StateFile(tmp_path).load() == state
    assert "another" in file.path.read_text(encoding="utf-8")


def test_a_secret_is_written_unread(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    for _ in range(2):
        file.save(state_of("one", "two"))
        assert "hush" not in file.path.read_text(encoding="utf-8")
