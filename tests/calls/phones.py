"""Phones on stand-in machines: start, dial, press, hang up, and read what they heard and what they sent."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.calls import audio
from tests.calls.ladder import Message, messages, remarks

PROGRAM = Path(__file__).with_name("standin.py")
# Feeds the program through the connection, so that nothing has to be installed on the stand-in.
LOADER = "import sys; exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode())"
ANSWER_S = 15.0

CONFIG = """\
poll_method epoll
{listen}
{authority}
call_max_calls 200
call_hold_other_calls no
rtp_timeout 0
rtp_ports 20000-29999
call_local_timeout 60
audio_path /nonexistent
audio_player aufile,{heard}
audio_source aufile,{{folder}}/tone.wav
audio_alert aufile,/dev/null
ringback_disabled yes
statmode_default off
dns_server {{name_server}}
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module srtp.so
module aufile.so
module_app account.so
module_app contact.so
module_app menu.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{{control}}
"""


def configuration(listen: str = "", *, authority: bool, heard: str = "{folder}/heard.wav") -> str:
    """baresip's configuration; `{folder}`, `{control}` and `{name_server}` are filled in on the machine."""
    return CONFIG.format(
        listen=f"sip_listen {listen}" if listen else "",
        authority="sip_cafile {folder}/ca.pem\nsip_verify_server yes" if authority else "",
        heard=heard,
    )


class PhoneError(AssertionError):
    """Something that a phone or its machine was asked for did not happen; the message carries its log."""


@dataclass(frozen=True, slots=True)
class Event:
    """What baresip told: its `kind` (CALL_ESTABLISHED …) and `text`, at `at` seconds of the stand-in's clock."""

    phone: str
    at: float
    kind: str
    text: str


class Standin:
    """A stand-in machine, spoken with through one SSH connection. Closing it stops all that it started."""

    def __init__(self, name: str, through: list[str]) -> None:
        """`through` runs a shell command on the machine, for example `ssh -F FILE NAME`."""
        self.name = name
        self._ids = itertools.count(1)
        self._news = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self.events: list[Event] = []
        self._errors: list[str] = []
        self._process = subprocess.Popen(
            [*through, f"python3 -uc '{LOADER}'"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        self._input = self._process.stdin
        self._threads = [
            threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._collect_errors, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        program = PROGRAM.read_bytes()
        self._input.write(b"%d\n%s" % (len(program), program))
        self._input.flush()

    def _collect_errors(self, stream: Any) -> None:
        with stream:
            for line in stream:
                self._errors.append(line.decode(errors="replace").rstrip())

    def _listen(self, stream: Any) -> None:
        with stream:
            for line in stream:
                self._note(json.loads(line))
        with self._news:
            self._news.notify_all()

    def _note(self, news: dict[str, Any]) -> None:
        """Keep an answer or an event, and wake whoever waits for it."""
        with self._news:
            if "id" in news:
                self._answers[news["id"]] = news
            else:
                told = news["event"]
                if told.get("event"):
                    self.events.append(Event(news["phone"], news["at"], told["type"], told.get("param", "")))
                elif not told.get("ok", True):
                    self.events.append(Event(news["phone"], news["at"], "REFUSED", str(told.get("data"))))
            self._news.notify_all()

    def do(self, what: str, timeout_s: float = ANSWER_S, **given: Any) -> Any:
        """Ask the machine for one thing and wait for the answer. Raises PhoneError."""
        # A failed test shows the arguments of each frame; ours may hold a password.
        __tracebackhide__ = True
        number = next(self._ids)
        question = json.dumps({"id": number, "do": what, "with": given}) + "\n"
        with self._news:
            try:
                self._input.write(question.encode())
                self._input.flush()
            except (BrokenPipeError, ValueError):
                raise PhoneError(f"{self.name}: connection lost\n" + "\n".join(self._errors[-10:])) from None
            arrived = self._news.wait_for(
                lambda: number in self._answers or self._process.poll() is not None, timeout_s
            )
            answer = self._answers.pop(number, None)
        if answer is None:
            why = f"no answer within {timeout_s:.0f} s" if not arrived else "connection lost"
            raise PhoneError(f"{self.name}: {what}: {why}\n" + "\n".join(self._errors[-10:]))
        if "error" in answer:
            raise PhoneError(f"{self.name}: {what}: {answer['error']}")
        return answer["result"]

    def write(self, path: str, data: bytes) -> None:
        """Write a file into the machine's scratch folder."""
        self.do("write", path=path, data=base64.b64encode(data).decode())

    def read(self, path: str) -> bytes:
        """A file of the machine."""
        return base64.b64decode(self.do("read", path=path))

    def wait_event(self, phone: str, kinds: tuple[str, ...], after: int, timeout_s: float) -> Event | None:
        """The first event of these kinds of a phone, from the `after`-th event on; None when none came."""

        def look() -> Event | None:
            return next((e for e in self.events[after:] if e.phone == phone and e.kind in kinds), None)

        with self._news:
            self._news.wait_for(lambda: look() is not None, timeout_s)
            return look()

    def close(self) -> None:
        """End the connection; the machine then stops whatever still runs."""
        self._input.close()
        try:
            self._process.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(ANSWER_S)


@dataclass(frozen=True, slots=True)
class Line:
    """How a phone is connected: as `user` of `domain` through `proxy` (host:port), over `transport`.

    With a `password` it registers; without, it only calls. `encrypted` demands SRTP for every call.
    """

    user: str
    domain: str
    proxy: str
    transport: str = "udp"
    password: str = field(default="", repr=False)
    encrypted: bool = False
    listen: str = ""
    codecs: str = "pcma,pcmu"
    names: dict[str, str] = field(default_factory=dict)

    def account(self, *, answers: bool) -> str:
        """The line as baresip writes an account."""
        parts = [
            f"<sip:{self.user}@{self.domain}>",
            f'outbound="sip:{self.proxy};transport={self.transport}"',
            f"audio_codecs={self.codecs}",
            f"answermode={'auto' if answers else 'manual'}",
            f"regint={300 if self.password else 0}",
        ]
        if self.password:
            parts.append(f"auth_user={self.user};auth_pass={self.password}")
        if self.encrypted:
            parts.append("mediaenc=srtp-mand")
        return ";".join(parts)


class Phone:
    """One phone on a stand-in; it plays its own tone and keeps what it hears."""

    def __init__(
        self, machine: Standin, name: str, line: Line, *, tone_hz: int, answers: bool = False, authority: str = ""
    ) -> None:
        self.machine = machine
        self.name = name
        self.line = line
        self.tone_hz = tone_hz
        self._stopped = False
        machine.write(f"{name}/tone.wav", audio.tone_wav(tone_hz, 90))
        if authority:
            machine.write(f"{name}/ca.pem", authority.encode())
        self._since = len(machine.events)
        machine.do(
            "start_phone",
            name=name,
            config=configuration(line.listen, authority=bool(authority)),
            accounts=[line.account(answers=answers)],
            names=line.names,
        )

    def ask(self, command: str, params: str = "") -> None:
        """Give baresip one of its commands (`dial`, `sndcode`, `hangup` …)."""
        self.machine.do("ask_phone", name=self.name, command=command, params=params)

    def mark(self) -> None:
        """Events until now no longer count for `expect`."""
        self._since = len(self.machine.events)

    def expect(self, *kinds: str, within_s: float, why: str) -> Event:
        """Wait for one of these events. Raises PhoneError with `why` and the phone's ladder."""
        found = self.told(*kinds, within_s=within_s)
        if found is not None and found.kind == "REFUSED":
            raise PhoneError(f"{why}: the phone cannot: {found.text}\n{self.story()}")
        if found is None:
            raise PhoneError(f"{why}: no {' or '.join(kinds)} within {within_s:.0f} s\n{self.story()}")
        return found

    def told(self, *kinds: str, within_s: float) -> Event | None:
        """The first of these events, or that the phone cannot (REFUSED); None when none came."""
        return self.machine.wait_event(self.name, (*kinds, "REFUSED"), self._since, within_s)

    def seen(self, kind: str) -> Event | None:
        """An event of this kind, if it came since the last mark."""
        return self.machine.wait_event(self.name, (kind,), self._since, 0)

    def log(self) -> str:
        """What baresip wrote, messages included."""
        return self.machine.read(f"{self.name}/log").decode(errors="replace")

    def trace(self) -> list[Message]:
        """The SIP messages of this phone."""
        return messages(self.log())

    def heard(self) -> audio.Sound:
        """What came out of the earpiece in the last call."""
        return audio.read(self.machine.read(f"{self.name}/heard.wav"))

    def story(self, last: int = 25) -> str:
        """For a failed test: the end of the ladder and of the log."""
        log = self.log()
        plain = remarks(log)
        ladder = [message.step for message in messages(log)]
        return "\n".join(
            [f"--- {self.name} on {self.machine.name}: messages", *ladder[-last:], "--- log", *plain[-last:]]
        )

    def stop(self) -> None:
        """Hang up, unregister, end. A second time does nothing."""
        if not self._stopped:
            self._stopped = True
            self.machine.do("stop_phone", name=self.name)


def wait_until(what: Any, within_s: float, every_s: float = 0.5) -> Any:
    """Ask again until the answer is true; the last answer, whatever it is, when time is up."""
    until = time.monotonic() + within_s
    while True:
        answer = what()
        if answer or time.monotonic() > until:
            return answer
        time.sleep(every_s)
