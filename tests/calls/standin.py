"""Runs on a stand-in machine, fed over SSH by `phones.Standin`; only Python's own library is used.

One JSON object per line in, one per line out: answers carry the `id` of their question, events the phone's
name. When the input ends, every process that was started here is stopped and its folder is removed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

START_S = 5
STOP_S = 3

_print_lock = threading.Lock()


def say(message: dict[str, Any]) -> None:
    """One line to the other side."""
    with _print_lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a process: politely, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(STOP_S)


class Baresip:
    """One phone: a baresip process and the connection through which it is asked and tells."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        with (folder / "log").open("wb") as log:
            # stdbuf: the trace of messages must be in the log when a test fails, not in a buffer.
            self.process = subprocess.Popen(
                ["stdbuf", "-oL", "baresip", "-s", "-f", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
            )
        self._connection = self._connect(int((folder / "control").read_text()))
        threading.Thread(target=self._listen, daemon=True).start()

    def _connect(self, port: int) -> socket.socket:
        until = time.monotonic() + START_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=START_S)
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    tail = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"baresip did not start: {tail}") from None
                time.sleep(0.05)

    def ask(self, command: str, params: str) -> None:
        """Send one command; its answer comes as an event."""
        text = json.dumps({"command": command, "params": params} if params else {"command": command}).encode()
        self._connection.sendall(b"%d:%s," % (len(text), text))

    def _listen(self) -> None:
        """Tell every event: netstrings (`LENGTH:JSON,`) until the phone closes."""
        self._connection.settimeout(None)
        held = b""
        while True:
            try:
                more = self._connection.recv(65536)
            except OSError:
                return
            if not more:
                return
            held += more
            while b":" in held:
                head, rest = held.split(b":", 1)
                size = int(head)
                if len(rest) <= size:
                    break
                say({"phone": self.name, "at": time.time(), "event": json.loads(rest[:size])})
                held = rest[size + 1 :]


class Names:
    """A name server for the phones of this machine: they look up the names that are in their certificates' place."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(512)
            end = 12
            labels = []
            while query[end]:
                labels.append(query[end + 1 : end + 1 + query[end]].decode())
                end += 1 + query[end]
            end += 5
            kind = int.from_bytes(query[end - 4 : end - 2], "big")
            address = self.known.get(".".join(labels)) if kind == 1 else None
            # Recursion desired and available; no error for a known name of another kind, so that A is asked next.
            code = 0x8180 if ".".join(labels) in self.known else 0x8183
            answer = query[:2] + code.to_bytes(2, "big") + bytes([0, 1, 0, 1 if address else 0, 0, 0, 0, 0])
            answer += query[12:end]
            if address:
                answer += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(address)
            self._socket.sendto(answer, sender)


class Registration:
    """Registers seats one after the other from one port: the port from which SIPp, which then takes it, answers."""

    def __init__(self, edge: str, domain: str, port: int, expires_s: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        host, edge_port = edge.rsplit(":", 1)
        self._socket.connect((host, int(edge_port)))
        self._here = f"{self._socket.getsockname()[0]}:{port}"
        self._socket.close()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self._here.split(":")[0], port))
        self._socket.settimeout(0.5)
        self._edge = (host, int(edge_port))
        self._domain = domain
        self._expires_s = expires_s

    def register(self, user: str, password: str) -> str:
        """The status line that decided."""
        call = secrets.token_hex(8)
        status, answer = self._exchange(user, call, 1, "")
        challenge = re.search(r"^WWW-Authenticate: Digest (.*)$", answer, re.MULTILINE | re.IGNORECASE)
        if not challenge:
            return status
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge[1]))
        first = md5(f"{user}:{told['realm']}:{password}")
        second = md5(f"REGISTER:sip:{self._domain}")
        proof = md5(f"{first}:{told['nonce']}:00000001:{call}:auth:{second}")
        words = f'username="{user}", realm="{told["realm"]}", nonce="{told["nonce"]}", uri="sip:{self._domain}", '
        words += f'response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{call}"'
        return self._exchange(user, call, 2, f"Authorization: Digest {words}\r\n")[0]

    def _exchange(self, user: str, call: str, number: int, more: str) -> tuple[str, str]:
        """Send until an answer to this request comes: its status line, and all of it."""
        request = (
            f"REGISTER sip:{self._domain} SIP/2.0\r\nVia: SIP/2.0/UDP {self._here};branch=z9hG4bK{call}{number}\r\n"
            f"From: <sip:{user}@{self._domain}>;tag={call}\r\nTo: <sip:{user}@{self._domain}>\r\nCall-ID: {call}\r\n"
            f"CSeq: {number} REGISTER\r\nContact: <sip:{user}@{self._here}>\r\nExpires: {self._expires_s}\r\n"
            f"Max-Forwards: 70\r\n{more}Content-Length: 0\r\n\r\n"
        )
        for _ in range(8):
            self._socket.sendto(request.encode(), self._edge)
            try:
                while True:
                    answer = self._socket.recv(65536).decode(errors="replace").replace("\r\n", "\n")
                    if call in answer and f"CSeq: {number} REGISTER" in answer:
                        return answer.split("\n", 1)[0], answer
            except TimeoutError:
                continue
        return "no answer", ""

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def md5(text: str) -> str:
    """A digest as RFC 2617 wants it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Machine:
    """What can be asked of this stand-in; every public method is one question."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="seatworks-calls-"))
        self._folder.chmod(0o700)
        self._phones: dict[str, Baresip] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._names = Names()

    def _path(self, name: str) -> Path:
        """A path of ours; absolute ones are taken as they are."""
        return self._folder / name

    def write(self, path: str, data: str) -> None:
        """Write a file, readable by nobody else."""
        target = self._path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(0o600)
        target.write_bytes(base64.b64decode(data))

    def read(self, path: str) -> str:
        """A file's bytes."""
        return base64.b64encode(self._path(path).read_bytes()).decode()

    def start_phone(self, name: str, config: str, accounts: list[str], names: dict[str, str]) -> None:
        """Start a phone. `{folder}` in the config is its folder, `{name_server}` the one that knows `names`.

        Accounts come by command, when we listen already: registering is faster than we are.
        """
        folder = self._folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        self._names.known.update(names)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            control = int(free.getsockname()[1])
        for file, text in (("config", config), ("accounts", "# none\n"), ("contacts", "# none\n")):
            text = text.replace("{folder}", str(folder)).replace("{name_server}", f"127.0.0.1:{self._names.port}")
            self.write(f"{name}/{file}", base64.b64encode(text.replace("{control}", str(control)).encode()).decode())
        (folder / "control").write_text(str(control))
        self._phones[name] = Baresip(name, folder)
        for account in accounts:
            self._phones[name].ask("uanew", account)

    def ask_phone(self, name: str, command: str, params: str = "") -> None:
        """Give a phone a command."""
        self._phones[name].ask(command, params)

    def stop_phone(self, name: str) -> int:
        """Stop a phone; it unregisters before it ends."""
        phone = self._phones.pop(name)
        if phone.process.poll() is None:
            phone.ask("quit", "")
            try:
                phone.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                return stop(phone.process)
        return phone.process.wait(STOP_S)

    def start(self, name: str, args: list[str]) -> int:
        """Start a process in our folder; its output goes to the file NAME.out."""
        with (self._folder / f"{name}.out").open("wb") as out:
            self._processes[name] = subprocess.Popen(
                args, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=self._folder
            )
        return self._processes[name].pid

    def wait(self, name: str, limit_s: float) -> int | None:
        """How a process ended, or None when it still runs."""
        try:
            return self._processes[name].wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, name: str) -> int:
        """End a process."""
        return stop(self._processes[name])

    def run(self, args: list[str], text: str = "") -> str:
        """What a short program prints; its failure is ours."""
        done = subprocess.run(args, input=text.encode(), capture_output=True, timeout=START_S * 2, cwd=self._folder)
        if done.returncode:
            raise RuntimeError(f"{args[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def register(
        self, edge: str, domain: str, port: int, expires_s: int, seats: dict[str, str], every_s: float
    ) -> dict[str, str]:
        """Register seats (user: password) at an edge; those that were not accepted, with the answer."""
        registration = Registration(edge, domain, port, expires_s)
        refused = {}
        try:
            for user, password in seats.items():
                answer = registration.register(user, password)
                if not answer.startswith("SIP/2.0 200"):
                    refused[user] = answer
                time.sleep(every_s)
        finally:
            registration.close()
        return refused

    def address_towards(self, other: str) -> str:
        """The address of this machine from which it reaches another."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((other, 9))
            return str(probe.getsockname()[0])

    def close(self) -> None:
        """Stop everything."""
        for process in [*(phone.process for phone in self._phones.values()), *self._processes.values()]:
            stop(process)
        shutil.rmtree(self._folder)


def answer(machine: Machine, question: dict[str, Any]) -> None:
    """Do what is asked and say how it went."""
    try:
        result = getattr(machine, question["do"])(**question["with"])
    except Exception as error:
        say({"id": question["id"], "error": f"{type(error).__name__}: {error}"})
    else:
        say({"id": question["id"], "result": result})


def serve() -> None:
    """Answer questions until the input ends; each in its own thread, so that waiting hinders nobody."""
    machine = Machine()
    threads = []
    try:
        for line in sys.stdin.buffer:
            thread = threading.Thread(target=answer, args=(machine, json.loads(line)), daemon=True)
            thread.start()
            threads.append(thread)
    finally:
        machine.close()


if __name__ == "__main__":
    serve()
