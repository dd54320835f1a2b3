"""Recordings survive a kill at any step, and nothing removes them before their time."""

from __future__ import annotations

import datetime
import hashlib
import importlib.util
import io
import wave
from pathlib import Path
from types import ModuleType

import pytest

FILES = Path(__file__).resolve().parents[2] / "roles" / "recording" / "files"
NAME = "call1-1795419101.0.wav.age"
DAY = "2026/11/23"
TODAY = datetime.date(2026, 11, 23)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FILES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ship, keeper = _load("recording_ship"), _load("recording_keep")


def _arrive(store: Path, content: bytes = b"sealed", promised: bytes | None = None) -> Path:
    incoming = store / "incoming"
    incoming.mkdir(exist_ok=True)
    digest = hashlib.sha256(content if promised is None else promised).hexdigest()
    (incoming / f"{NAME}.sha256").write_text(f"{digest}  {NAME}\n", encoding="ascii")
    (incoming / NAME).write_bytes(content)
    return incoming / NAME


def test_the_header_makes_a_wav_file_of_two_channels() -> None:
    samples = bytes(range(256)) * 16
    with wave.open(io.BytesIO(ship.wav_header(len(samples)) + samples)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert file.readframes(file.getnframes()) == samples


def test_a_conversation_that_was_sealed_before_a_kill_is_not_sealed_again(tmp_path: Path) -> None:
    raw, sealed = tmp_path / "call1-1.0.raw", tmp_path / "call1-1.0.wav.age"
    raw.write_bytes(b"plain")
    sealed.write_bytes(b"sealed")
    ship.seal(raw, tmp_path, tmp_path / "recipient")
    assert not raw.exists()
    assert sealed.read_bytes() == b"sealed"


def test_a_recording_without_audio_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "call1-1.0.raw").touch()
    ship.seal(tmp_path / "call1-1.0.raw", tmp_path, tmp_path / "recipient")
    assert not list(tmp_path.iterdir())


def test_a_file_gets_its_name_on_the_store_after_all_of_it_is_there() -> None:
    assert ship.orders([Path("/out/a.wav.age")]).splitlines() == [
        "put -f /out/a.wav.age.sha256 a.wav.age.sha256",
        "put -f /out/a.wav.age a.wav.age.part",
        "rename a.wav.age.part a.wav.age",
    ]


def test_a_recording_is_filed_under_the_day_of_its_call_with_its_checksum(tmp_path: Path) -> None:
    keeper.file_away(_arrive(tmp_path), tmp_path)
    kept = tmp_path / DAY / NAME
    assert kept.read_bytes() == b"sealed"
    assert (kept.stat().st_mode & 0o777) == 0o440
    assert (tmp_path / DAY / "MANIFEST.sha256").read_text(encoding="ascii").split() == [
        hashlib.sha256(b"sealed").hexdigest(),
        NAME,
    ]
    assert not list((tmp_path / "incoming").iterdir())


def test_a_recording_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    for _ in range(2):
        keeper.file_away(_arrive(tmp_path), tmp_path)
    assert len((tmp_path / DAY / "MANIFEST.sha256").read_text(encoding="ascii").splitlines()) == 1


def test_a_kept_recording_is_never_overwritten(tmp_path: Path) -> None:
    keeper.file_away(_arrive(tmp_path), tmp_path)
    with pytest.raises(ValueError, match="is kept already"):
        keeper.file_away(_arrive(tmp_path, b"forged"), tmp_path)
    assert (tmp_path / DAY / NAME).read_bytes() == b"sealed"


def test_a_recording_that_differs_from_its_checksum_is_not_filed(tmp_path: Path) -> None:
    arrived = _arrive(tmp_path, b"damaged", promised=b"sealed")
    with pytest.raises(ValueError, match="checksum"):
        keeper.file_away(arrived, tmp_path)
    assert arrived.exists()
    assert not (tmp_path / DAY / NAME).exists()


def test_retention_removes_days_past_their_time_only(tmp_path: Path) -> None:
    for days in (0, 30, 180, 181, 400):
        folder = tmp_path / (TODAY - datetime.timedelta(days=days)).strftime("%Y/%m/%d")
        folder.mkdir(parents=True)
        (folder / NAME).touch()
    assert keeper.retain(tmp_path, 180, TODAY) == ["2025-10-19", "2026-05-26"]
    assert len(list(tmp_path.glob("*/*/*/*.age"))) == 3
    assert "removed the 1 recordings of 2025-10-19" in (tmp_path / "destroyed.log").read_text(encoding="ascii")


def test_retention_below_thirty_days_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "2020" / "01" / "01"
    old.mkdir(parents=True)
    with pytest.raises(ValueError, match="30 days at least"):
        keeper.retain(tmp_path, 29, TODAY)
    assert old.exists()


@pytest.mark.parametrize("name", ["x.wav.age", "../call1-1795419101.0.wav.age", "call1-1795419101.0.wav", ".age"])
def test_a_name_that_no_call_server_gives_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        keeper.day_of(name)


def test_what_cannot_be_filed_is_kept_aside(tmp_path: Path) -> None:
    arrived = _arrive(tmp_path)
    keeper.put_aside(arrived, tmp_path, "test")
    assert len(list((tmp_path / "refused").iterdir())) == 2
