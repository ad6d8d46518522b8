# SPDX-License-Identifier: Apache-2.0
"""Clients at a terminal: what a person would start, on a pty that the benchmark reads and types at."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import pty
import random
import re
import select
import shlex
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from harness import CaseFailed
from peers import Nigh, OpenSsh, Place, clean_env, tool
from processes import tail

PIECE = 1 << 16
PATIENCE = 30.0


def text_file(path: Path, size: int) -> Path:
    """Lines of printable noise: what is missing or there twice shows in its hash."""
    chance = random.Random(size)
    with path.open("wb") as out:
        while (left := size - out.tell()) > 0:
            out.write(base64.encodebytes(chance.randbytes(57 << 15))[: max(left, 0)])
    return path


class Terminal:
    """A program on a pty of 24 rows and 80 columns, its messages in the file `errors`; a context manager.
    The program is expected to put the terminal into raw mode."""

    def __init__(self, argv: Sequence[str], env: dict[str, str], errors: Path) -> None:
        self.argv, self.errors = list(argv), errors
        self.env = {**env, "TERM": "xterm-256color"}
        self.seen = bytearray()  # by until()

    def __enter__(self) -> Terminal:
        self.fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self.argv, env=self.env, stdin=theirs, stdout=theirs, stderr=errors,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )  # fmt: skip
        os.close(theirs)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fd)

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def read(self, seconds: float) -> bytes:
        """Some output; b"" if none came within the time. CaseFailed when the program has ended."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return b""
        with contextlib.suppress(OSError):  # EIO: nobody has the other side open any more
            if piece := os.read(self.fd, PIECE):
                return piece
        raise CaseFailed(f"'{' '.join(self.argv)}' ended: {tail(self.errors)}")

    def until(self, mark: bytes, seconds: float = PATIENCE) -> bytes:
        """What came up to the end of `mark`; what comes behind it is for the next call."""
        limit = time.monotonic() + seconds
        begin = 0
        while (at := self.seen.find(mark, begin)) < 0:
            begin = max(len(self.seen) - len(mark) + 1, 0)
            if time.monotonic() > limit:
                raise CaseFailed(f"'{' '.join(self.argv)}' does not show {mark!r} in {seconds:g} s:"
                                 f" {bytes(self.seen[-200:])!r} {tail(self.errors)}")  # fmt: skip
            self.seen += self.read(limit - time.monotonic())
        end = at + len(mark)
        before = bytes(self.seen[:end])
        del self.seen[:end]
        return before


def open_terminal(peer: Nigh | OpenSsh | Mosh, remote: str) -> Terminal:
    """The peer's client with the shell command `remote` in a terminal there."""
    if isinstance(peer, OpenSsh):
        argv = peer.command(remote)
        argv.insert(argv.index("-F"), "-tt")
    elif isinstance(peer, Nigh):
        argv = nigh_words(peer, "shell", peer.host, remote)
    else:
        argv = peer.command(remote)
    return Terminal(argv, peer.env, peer.errors)


def nigh_words(peer: Nigh, word: str, *arguments: str) -> list[str]:
    """A command line of a subcommand of nigh that connects."""
    own = [peer.program, word, "--identity", str(peer.key), "--accept-new", *arguments]
    return [*peer.place.client_prefix, *own]


class Mosh(contextlib.ExitStack):
    """mosh without its predictions, and without the ssh that would only start its server."""

    name = "mosh"

    def __init__(self, workspace: Path, place: Place) -> None:
        super().__init__()
        self.client, self.server_program = tool("mosh-client", "mosh"), tool("mosh-server", "mosh")
        self.place = place
        self.home = workspace / f"mosh-{place.address}"
        self.home.mkdir(exist_ok=True)
        self.errors = self.home / "client.log"
        self.env = clean_env(self.home) | {"MOSH_PREDICTION_DISPLAY": "never"}

    def command(self, remote: str) -> list[str]:
        """Starts a server, which waits for this client."""
        server = [self.server_program, "new", "-i", self.place.address, "-l", "LANG=C.UTF-8"]
        argv = [*self.place.server_prefix, *server, "--", "/bin/sh", "-c", remote]
        env = self.env | {"TERM": "xterm-256color"}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        said = re.search(r"MOSH CONNECT (\d+) (\S+)", done.stdout)
        if said is None:
            raise CaseFailed(f"mosh-server says: {shlex.quote(done.stdout + done.stderr)}")
        pid = re.search(r"detached, pid = (\d+)", done.stderr)
        if pid is not None:
            self.callback(_end, int(pid.group(1)))
        self.env["MOSH_KEY"] = said.group(2)
        return [*self.place.client_prefix, self.client, self.place.address, said.group(1)]


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 9)
