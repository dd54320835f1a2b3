"""A server of a peak opens when it can take calls and goes when the last one has ended, whatever happens between."""

from __future__ import annotations

import http.server
import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

FILE = Path(__file__).resolve().parents[2] / "roles" / "peak" / "files" / "peak_duty.py"
TOKEN = "AQAEAtoken"  # noqa: S105 - of a service in this file


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("peak_duty", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


peak = _load()


class _Machine(http.server.BaseHTTPRequestHandler):
    """What a machine's own address tells (IMDSv2)."""

    told: ClassVar[dict[str, str]]
    tokens: ClassVar[list[str]]

    def do_PUT(self) -> None:
        assert self.path == "/latest/api/token"
        assert self.headers["X-aws-ec2-metadata-token-ttl-seconds"] == "21600"
        self.tokens.append(f"{TOKEN}{len(self.tokens)}")
        self._answer(200, self.tokens[-1])

    def do_GET(self) -> None:
        if self.headers["X-aws-ec2-metadata-token"] != self.tokens[-1]:
            self._answer(401, "")
            return
        found = self.told.get(self.path.removeprefix("/latest/meta-data/"))
        self._answer(200 if found else 404, found or "")

    def _answer(self, code: int, text: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Machine]]:
    handler = type("Machine", (_Machine,), {"told": {"instance-id": "i-1"}, "tokens": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
        yield handler
        server.shutdown()


def test_metadata_is_read_with_a_token_which_is_renewed(machine: type[_Machine]) -> None:
    metadata = peak.Metadata()
    assert metadata.read("instance-id") == "i-1"
    assert metadata.read("autoscaling/target-lifecycle-state") is None
    machine.tokens.append("of another day")
    assert metadata.read("instance-id") == "i-1"
    assert len(machine.tokens) == 3


def test_a_machine_outside_a_cloud_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(peak.Unreachable, match="metadata"):
        peak.Metadata().read("instance-id")


class _Scaling:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.away = False

    def goes_on(self, hook: str) -> None:
        self._note("goes on", hook)

    def waits(self, hook: str) -> None:
        self._note("waits", hook)

    def _note(self, what: str, hook: str) -> None:
        if self.away:
            raise peak.Unreachable("Auto Scaling: away")
        self.said.append((what, hook))


class _Told:
    def __init__(self) -> None:
        self.state: str | None = "InService"

    def read(self, _path: str) -> str | None:
        return self.state


@pytest.fixture
def duty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(peak, "able", lambda: True)
    monkeypatch.setattr(peak, "left", lambda: "")
    return peak.Duty(tmp_path / "open", "ready", "drained", _Told(), _Scaling())


def test_it_opens_once_and_only_when_it_can_take_a_call(duty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "able", lambda: False)
    duty.look()
    assert not duty.admission.exists()
    monkeypatch.setattr(peak, "able", lambda: True)
    for _ in range(3):
        duty.look()
    assert duty.admission.exists()
    assert duty.scaling.said == [("goes on", "ready")]


def test_while_the_group_does_not_answer_it_is_open_and_tells_it_later(duty: Any) -> None:
    duty.scaling.away = True
    with pytest.raises(peak.Unreachable):
        duty.look()
    assert duty.admission.exists()
    duty.scaling.away = False
    duty.look()
    assert duty.scaling.said == [("goes on", "ready")]


def test_it_closes_at_once_and_goes_when_nothing_is_left(duty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    duty.look()
    duty.metadata.state = "Terminated"
    monkeypatch.setattr(peak, "left", lambda: "2 legs of calls")
    duty.look()
    assert not duty.admission.exists()
    assert duty.scaling.said[1:] == []
    duty.heard_at -= peak.HEARTBEAT_S + 1
    duty.look()
    duty.look()
    assert duty.scaling.said[1:] == [("waits", "drained")]
    monkeypatch.setattr(peak, "left", lambda: "")
    for _ in range(3):
        duty.look()
    assert duty.scaling.said[2:] == [("goes on", "drained")]


def test_started_anew_while_it_drains_it_does_not_open(duty: Any) -> None:
    duty.metadata.state = "Terminated"
    duty.look()
    assert not duty.admission.exists()
    assert duty.scaling.said == [("goes on", "drained")]


@pytest.fixture
def spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders = [tmp_path / str(n) for n, _ in enumerate(peak.SPOOLS)]
    for folder in folders:
        folder.mkdir()
    monkeypatch.setattr(peak, "SPOOLS", tuple(zip(map(str, folders), [p for _, p in peak.SPOOLS], strict=True)))
    return folders


def _commands(monkeypatch: pytest.MonkeyPatch, channels: str, active: str = "active\n" * 3) -> None:
    monkeypatch.setattr(peak, "run", lambda *words: channels if "-rx" in words else active)


@pytest.mark.parametrize(
    ("said", "active", "left"),
    [
        ("3 active channels\n1 of 100 max active call\n", "active", "3 legs of calls"),
        ("1 active channel\n0 active calls\n", "active", "1 legs of calls"),
        ("0 active channels\n0 active calls\n", "active", ""),
        ("", "active", "Asterisk does not say how many calls there are"),
        ("", "", ""),
    ],
)
@pytest.mark.usefixtures("spools")
def test_calls_are_what_is_left_first(monkeypatch: pytest.MonkeyPatch, said: str, active: str, left: str) -> None:
    _commands(monkeypatch, said, active)
    assert peak.left() == left


@pytest.mark.parametrize(("place", "name"), [(0, "c.raw"), (1, "c.raw"), (2, "c.wav.age"), (3, "c.csv")])
def test_recordings_and_call_detail_are_left_until_they_are_away(
    monkeypatch: pytest.MonkeyPatch, spools: list[Path], place: int, name: str
) -> None:
    _commands(monkeypatch, "0 active channels\n")
    (spools[place] / name).write_text("x")
    assert peak.left() == "1 files of recordings and call detail"
    (spools[place] / name).unlink()
    assert peak.left() == ""


def test_able_wants_every_service_and_an_asterisk_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    _commands(monkeypatch, "Asterisk has fully booted.\n")
    assert peak.able()
    for active in ("", "active\nfailed\nactive\n", "active\n"):
        _commands(monkeypatch, "Asterisk has fully booted.\n", active=active)
        assert not peak.able()
    _commands(monkeypatch, "")
    assert not peak.able()


class _Client:
    """An interface of Auto Scaling that refuses with a code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def complete_lifecycle_action(self, **_: str) -> None:
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "CompleteLifecycleAction")


@pytest.mark.parametrize(("code", "away"), [("ValidationError", False), ("Throttling", True), ("AccessDenied", True)])
def test_only_a_hook_at_which_nothing_waits_is_no_error(
    monkeypatch: pytest.MonkeyPatch, code: str, *, away: bool
) -> None:
    monkeypatch.setattr("boto3.client", lambda *_, **__: _Client(code))
    scaling = peak.Scaling("group", "cn-north-1", "i-1")
    if away:
        with pytest.raises(peak.Unreachable, match=code):
            scaling.goes_on("ready")
    else:
        scaling.goes_on("ready")
