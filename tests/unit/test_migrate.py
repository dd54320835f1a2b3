"""A folder of an earlier version is moved once and whole, or not at all; what is of both targets a person decides."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from seatworks import lock, migrate
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import PreflightError
from seatworks.plan.model import Plan, Target
from tests.examples import plan_of

LAB = plan_of("hybrid")
LIVE = dataclasses.replace(LAB, target=Target.LIVE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """build/hybrid as an earlier version left it: some files that any deployment has."""
    found = tmp_path / "build" / "hybrid"
    (found / "ssh").mkdir(parents=True)
    (found / "ssh" / "config").write_text(f'Host call1\n  IdentityFile "{found}/ssh/id_ed25519"\n')
    for name in ("cloud.json", "resources.json", "report.html", "checks.log", "junit-calls.xml", "bundle.tar.gz"):
        (found / name).write_text("{}" if name.endswith("json") else name)
    for name in ("plan.html", "lock"):
        (found / name).touch()
    vault = tmp_path / "inventories" / "hybrid" / "group_vars" / "all" / "vault.yml"
    vault.parent.mkdir(parents=True)
    vault.write_text("$ANSIBLE_VAULT;1.1;AES256\n")
    return found


def leave(folder: Path, deployed: Plan | None, planned: Plan | None, *, account: bool = False) -> None:
    """Add what tells whose the folder is."""
    for name, plan in (("deployed.json", deployed), ("plan.json", planned)):
        if plan:
            (folder / name).write_text(planning.dump(plan))
    if account:
        for name in ("cloud-state.json", "cloud-state.key"):
            (folder / name).write_text("{}")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("deployed", "planned", "account", "owner"),
    [
        (LAB, LAB, True, "lab"),
        (LIVE, LIVE, False, "live"),
        # `make plan` of a file that says otherwise is no deployment.
        (LIVE, LAB, False, "live"),
        (LIVE, None, False, "live"),
        # Killed before it was deployed.
        (None, LAB, True, "lab"),
        (None, LIVE, False, "live"),
        (None, None, True, "lab"),
    ],
)
def test_a_folder_of_one_target_is_moved_whole_and_said_once(
    folder: Path, deployed, planned, account, owner, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(folder, deployed, planned, account=account)
    stays = {"plan.html", "lock", *(["plan.json"] if planned else [])}
    before = names(folder)
    migrate.once(folder)
    assert capsys.readouterr().err.count(f"moved to build/hybrid/{owner}") == 1
    assert names(folder) == {*stays, owner}
    where = Environment("hybrid", Target(owner), folder.parents[1])
    assert names(where.build) - {"attempted.json", "vault.yml"} == before - stays
    begun = deployed or (planned if planned and planned.target == owner else None)
    assert where.attempted() == begun
    assert where.deployed() == deployed
    assert f'"{where.build}/ssh/id_ed25519"' in where.ssh_config.read_text()
    # The machines of a rehearsal know the secrets of then; a live site's lie where they lay.
    assert (where.build / "vault.yml").is_file() == (owner == "lab" and begun is not None)
    assert where.vault_password is None or owner == "lab"
    migrate.once(folder)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("deployed", "planned", "account"),
    [(LIVE, LIVE, True), (LIVE, LAB, True), (LAB, LIVE, False), (None, LIVE, True), (None, None, False)],
)
def test_a_folder_of_both_is_refused_with_the_way_out_and_left_as_it_is(folder, deployed, planned, account) -> None:
    leave(folder, deployed, planned, account=account)
    before = names(folder)
    with pytest.raises(PreflightError, match="seatworks adopt hybrid --as live") as refused:
        migrate.once(folder)
    assert "ssh, cloud.json, resources.json" in str(refused.value)
    assert names(folder) == before


@pytest.mark.parametrize("owner", Target)
def test_what_a_person_says_settles_it(folder: Path, owner: Target) -> None:
    leave(folder, LIVE, LAB, account=True)
    got = migrate.adopt(folder, owner)
    live, rehearsal = (Environment("hybrid", target, folder.parents[1]) for target in (Target.LIVE, Target.LAB))
    assert live.deployed() == LIVE
    assert rehearsal.account_file.is_file()
    assert (folder / owner / "cloud.json").is_file()
    assert {"ssh", "cloud.json", "resources.json"} <= set(got)
    other = rehearsal if owner is Target.LIVE else live
    assert not other.outputs_file.exists()
    migrate.once(folder)
    with pytest.raises(PreflightError, match="holds nothing of an earlier version"):
        migrate.adopt(folder, owner)


def test_a_move_that_was_cut_off_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(folder, LIVE, LAB)
    moved = 0
    rename = Path.rename

    def cut_off(path: Path, to: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved > 4:
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", cut_off)
    with pytest.raises(KeyboardInterrupt):
        migrate.once(folder)
    monkeypatch.undo()
    assert not (folder / "live").exists()
    migrate.once(folder)
    where = Environment("hybrid", Target.LIVE, folder.parents[1])
    assert where.deployed() == LIVE
    assert {"report.html", "checks.log", "ssh", "cloud.json", "bundle.tar.gz"} <= names(where.build)
    assert names(folder) == {"plan.html", "plan.json", "lock", "live"}


def test_who_works_there_is_left_in_peace(folder: Path) -> None:
    leave(folder, LAB, LAB)
    with lock.hold(folder, "deploy"), pytest.raises(PreflightError, match="is held by `seatworks deploy`"):
        migrate.once(folder)
    assert (folder / "deployed.json").is_file()


def test_an_earlier_version_that_was_used_again_is_told(folder: Path) -> None:
    leave(folder, LAB, LAB)
    (folder / "lab").mkdir()
    (folder / "lab" / "deployed.json").touch()
    with pytest.raises(PreflightError, match="an earlier version beside that in lab/"):
        migrate.once(folder)
    assert (folder / "deployed.json").is_file()


def test_what_was_only_planned_is_not_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "build" / "hybrid"
    migrate.once(folder)
    folder.mkdir(parents=True)
    leave(folder, None, LAB)
    migrate.once(folder)
    assert names(folder) == {"plan.json"}
    assert capsys.readouterr().err == ""
