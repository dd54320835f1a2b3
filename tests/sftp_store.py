"""The store of recordings as a call server meets it: a folder behind SFTP (version 3) into which may only be written.

`sftp -D "python -m tests.sftp_store FOLDER JOURNAL"` speaks with it as with the store's sshd, which refuses the same
(`-P read,opendir,readdir,remove,…`). JOURNAL gets a line for each request: its kind, the file's name, the bytes it
brought. A third argument N kills the uploader (sftp and what started it) before its Nth request is done.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
from pathlib import Path

INIT, OPEN, CLOSE, WRITE, LSTAT, FSTAT, FSETSTAT, REALPATH, STAT, EXTENDED = 1, 3, 4, 6, 7, 8, 10, 16, 17, 200
VERSION, STATUS, HANDLE, NAME, ATTRS = 2, 101, 102, 104, 105
OK, NO_SUCH_FILE, DENIED, FAILURE = 0, 2, 3, 4
APPEND, TRUNCATE = 0x04, 0x10
KINDS = {OPEN: "open", CLOSE: "close", WRITE: "write", LSTAT: "stat", STAT: "stat", FSTAT: "stat"}


def text(value: bytes) -> bytes:
    """A string of the protocol."""
    return struct.pack(">I", len(value)) + value


def status(code: int) -> bytes:
    """How something ended."""
    words = {OK: b"done", NO_SUCH_FILE: b"No such file", DENIED: b"Permission denied"}.get(code, b"Failure")
    return struct.pack(">BI", STATUS, code) + text(words) + text(b"")


class Request:
    """A message after its kind and number, read from its start."""

    def __init__(self, body: bytes) -> None:
        self._rest = body

    def number(self, form: str = ">I") -> int:
        """The next number."""
        size = struct.calcsize(form)
        (value,), self._rest = struct.unpack(form, self._rest[:size]), self._rest[size:]
        return int(value)

    def text(self) -> bytes:
        """The next string."""
        size = self.number()
        value, self._rest = self._rest[:size], self._rest[size:]
        return value


class Store:
    """What one connection has open, and the folder behind it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[bytes, tuple[int, str]] = {}

    def _path(self, name: bytes) -> Path:
        return self._folder / Path(os.fsdecode(name)).name

    def about(self, kind: int, request: Request) -> tuple[str, str, int]:
        """For the journal: what is asked, of which file, with how many bytes."""
        if kind == EXTENDED:
            word, first = request.text().partition(b"@")[0].decode(), request.text()
            name = self._files[first][1] if first in self._files else self._path(first).name
            return word, name, 0
        first = request.text()
        name = self._files[first][1] if first in self._files else self._path(first).name
        size = 0
        if kind == WRITE:
            request.number(">Q")
            size = request.number()
        return KINDS.get(kind, str(kind)), name, size

    def do(self, kind: int, request: Request) -> bytes:
        """Do what is asked; the answer without its number."""
        try:
            return self._do(kind, request)
        except FileNotFoundError:
            return status(NO_SUCH_FILE)
        except OSError:
            return status(FAILURE)

    def _do(self, kind: int, request: Request) -> bytes:
        if kind == REALPATH:
            here = b"/" + request.text().lstrip(b"/.")
            return struct.pack(">BI", NAME, 1) + text(here) + text(here) + struct.pack(">I", 0)
        if kind in (STAT, LSTAT):
            return _attributes(self._path(request.text()).lstat())
        if kind == FSTAT:
            return _attributes(os.fstat(self._files[request.text()][0]))
        if kind == OPEN:
            return self._opened(request)
        if kind == WRITE:
            return self._written(request)
        if kind == CLOSE:
            os.close(self._files.pop(request.text())[0])
        elif kind == EXTENDED and (word := request.text()) == b"posix-rename@openssh.com":
            self._path(request.text()).rename(self._path(request.text()))
        elif kind == EXTENDED and word == b"fsync@openssh.com":
            os.fsync(self._files[request.text()][0])
        elif kind != FSETSTAT:
            return status(DENIED)
        return status(OK)

    def _opened(self, request: Request) -> bytes:
        path, wanted = self._path(request.text()), request.number()
        flags = os.O_WRONLY | os.O_CREAT
        flags |= (os.O_APPEND if wanted & APPEND else 0) | (os.O_TRUNC if wanted & TRUNCATE else 0)
        handle = f"{path.name}:{len(self._files)}".encode()
        self._files[handle] = os.open(path, flags, 0o640), path.name
        return struct.pack(">B", HANDLE) + text(handle)

    def _written(self, request: Request) -> bytes:
        file, _ = self._files[request.text()]
        at = request.number(">Q")
        # In a file that is open for adding (O_APPEND), Linux adds wherever it is told to write.
        os.pwrite(file, request.text(), at)
        return status(OK)


def _attributes(found: os.stat_result) -> bytes:
    numbers = (found.st_size, found.st_uid, found.st_gid, found.st_mode, int(found.st_atime), int(found.st_mtime))
    return struct.pack(">BIQIIIII", ATTRS, 0x0F, *numbers)


def kill_uploader() -> None:
    """End sftp and the program that started it, as a power cut would."""
    sftp = os.getppid()
    # PID (NAME) STATE PARENT …
    sender = int(Path(f"/proc/{sftp}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    for process in (sender, sftp):
        os.kill(process, signal.SIGKILL)
    sys.exit(0)


def main() -> None:
    """Serve standard input until it ends."""
    store, journal, kill_at = Store(Path(sys.argv[1])), Path(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])
    asked = 0
    while head := sys.stdin.buffer.read(4):
        message = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        kind, number, body = message[0], message[1:5], message[5:]
        if kind == INIT:
            more = b"".join(map(text, (b"posix-rename@openssh.com", b"1", b"fsync@openssh.com", b"1")))
            answer = struct.pack(">BI", VERSION, 3) + more
        else:
            asked += 1
            if asked == kill_at:
                kill_uploader()
            with journal.open("a", encoding="utf-8") as file:
                file.write("{} {} {}\n".format(*store.about(kind, Request(body))))
            done = store.do(kind, Request(body))
            answer = done[:1] + number + done[1:]
        sys.stdout.buffer.write(text(answer))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
