"""The whole deploy of a centre that Amazon Connect answers: what it claims, and what it never claims."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from seatworks import cli
from seatworks import deploy as deploying
from seatworks.errors import VerifyError
from seatworks.journal import Journal
from seatworks.results import CALLS, Check, Outcome
from tests.conftest import ROOT
from tests.managed import managed


def test_a_rehearsal_ends_with_0_is_not_accepted_and_says_that_no_call_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = managed(tmp_path, seats={"cloud": 2})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = CliRunner().invoke(cli.app, ["deploy", "managed"])
    assert done.exit_code == 0, done.output
    assert "NO CALL WAS MADE" in done.output
    assert "deployed, called, answered" not in done.output
    report = json.loads((where.build / "report.json").read_text(encoding="utf-8"))
    assert report["accepted"] is False
    unshown = [check for check in report["results"]["checks"] if check["outcome"] != "passed"]
    assert [(check["area"], check["outcome"]) for check in unshown] == [(CALLS, "skipped")]
    assert not (where.build / "ssh").exists()
    assert not where.vault.exists()
    assert CliRunner().invoke(cli.app, ["verify", "managed"]).exit_code == 0
    assert CliRunner().invoke(cli.app, ["load", "managed"]).exit_code == 6
    assert CliRunner().invoke(cli.app, ["destroy", "managed"]).exit_code == 0
    assert json.loads((where.build / "resources.json").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.PASSED])
def test_a_live_deploy_is_accepted_only_after_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    where = managed(tmp_path, target="live")
    asked: list[str] = []
    call = Check("a", "a caller was answered", CALLS, "", outcome, 0.0, message="" if outcome else "dial +49")

    def room(_room: str, action: str, *_: Any, **__: Any) -> None:
        asked.append(action)
        if action == "verify":
            found = [dataclasses.asdict(dataclasses.replace(call, outcome=outcome))]
            (where.build / "cloud-checks.json").write_text(json.dumps(found), encoding="utf-8")

    monkeypatch.setattr(deploying, "_room", room)
    journal = Journal("managed", lambda _: None)
    if outcome is Outcome.PASSED:
        deploying.apply(where.plan(), where, journal)
    else:
        with pytest.raises(VerifyError):
            deploying.apply(where.plan(), where, journal)
    assert asked == ["up", "verify"]
    assert journal.results().accepted is (outcome is Outcome.PASSED)
