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


def _arrive(store: Path, content: bytes = b"sealed", promised: bytes | None = None, name: str = NAME) -> Path:
    incoming = store / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(content if promised is None else promised).hexdigest()
    (incoming / f"{name}.sha256").write_text(f"{digest}  {name}\n", encoding="ascii")
    (incoming / name).write_bytes(content)
    return incoming / name


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


def _cut_off(store: Path, manifest: bytes) -> Path:
    """What a kill between the manifest's line and the recording's name leaves, with that manifest; what arrived."""
    arrived = _arrive(store)
    folder = store / DAY
    folder.mkdir(parents=True)
    (folder / f".{NAME}.part").write_bytes(b"sea")
    (folder / f".{NAME}.part").chmod(0o440)
    (folder / "MANIFEST.sha256").write_bytes(manifest)
    return arrived


LINE = f"{hashlib.sha256(b'sealed').hexdigest()}  {NAME}\n".encode()
OTHER = LINE.replace(b"call1-", b"call2-")


@pytest.mark.parametrize(
    ("left", "after"),
    [
        (b"", LINE),
        (OTHER, OTHER + LINE),
        (OTHER + LINE, OTHER + LINE),
        (LINE + OTHER, LINE + OTHER),
        (OTHER + LINE[:-1], OTHER + LINE),
        (OTHER + LINE[:9], OTHER + LINE),
        (LINE[:9], LINE),
        (OTHER + bytes(40), OTHER + LINE),
    ],
    ids=["no-line", "others", "whole-line", "whole-line-before", "no-line-end", "half-line", "half-alone", "zeros"],
)
def test_a_run_that_was_cut_off_is_completed_with_one_whole_line(tmp_path: Path, left: bytes, after: bytes) -> None:
    keeper.file_away(_cut_off(tmp_path, left), tmp_path)
    assert (tmp_path / DAY / "MANIFEST.sha256").read_bytes() == after
    assert (tmp_path / DAY / NAME).read_bytes() == b"sealed"
    assert not (tmp_path / DAY / f".{NAME}.part").exists()


def test_what_a_cut_off_run_left_is_not_written_into(tmp_path: Path) -> None:
    """It has its last mode already, and only root could."""
    arrived = _cut_off(tmp_path, b"")
    (tmp_path / "same").hardlink_to(tmp_path / DAY / f".{NAME}.part")
    keeper.file_away(arrived, tmp_path)
    assert (tmp_path / "same").read_bytes() == b"sea"


def _read_for(store: Path, recordings: int) -> int:
    """Bytes that this process reads to file so many recordings, each with all that it takes."""
    names = [f"call1-1795419101.{number}.wav.age" for number in range(recordings)]
    before = _read_so_far()
    for name in names:
        keeper.file_away(_arrive(store, name=name), store)
    return _read_so_far() - before


def _read_so_far() -> int:
    told = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in told if line.startswith("rchar:")))


def test_the_work_for_a_recording_does_not_grow_with_the_day(tmp_path: Path) -> None:
    """Bytes read for 50 recordings, as the first of a day and after 100,000 others: a manifest of 9 MB."""
    first = _read_for(tmp_path / "first", 50)
    late = tmp_path / "late" / DAY
    late.mkdir(parents=True)
    (late / "MANIFEST.sha256").write_bytes(OTHER * 100_000)
    assert _read_for(tmp_path / "late", 50) <= 2 * first
    assert len((late / "MANIFEST.sha256").read_bytes().splitlines()) == 100_050


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
