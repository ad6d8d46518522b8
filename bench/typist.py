# SPDX-License-Identifier: Apache-2.0
"""Who works while the network fails: somebody that types without a pause, and a flow of bytes. Both are
threads, so that they go on whatever the benchmark waits for."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import CaseFailed
from processes import tail
from terminals import Terminal

# Letters that neither nigh nor mosh has in its line about the lost contact, nor a terminal's
# sequences as they send them.
LETTERS = b"jkxz"
PAUSE = 0.1
ECHOES = "stty -icanon echo; echo ready; exec cat > /dev/null"


class Typist(threading.Thread):
    """Types a key every PAUSE in `terminal`, where ECHOES runs, until stop()."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(daemon=True)
        self.terminal = terminal
        self.typed, self.echoed = bytearray(), bytearray()
        self.failure: CaseFailed | None = None
        self._echo = threading.Condition()
        self._last = 0.0  # when the last echo came
        self._over = False

    def run(self) -> None:
        chance = random.Random(1)
        next_key = time.monotonic()
        try:
            while not self._over:
                if time.monotonic() >= next_key:
                    next_key += PAUSE
                    key = bytes([chance.choice(LETTERS)])
                    self.typed += key
                    self.terminal.type(key)
                self._hear(self.terminal.read(next_key - time.monotonic()))
            quiet = 0
            while len(self.echoed) < len(self.typed) and quiet < 20:
                quiet = 0 if self._hear(self.terminal.read(PAUSE)) else quiet + 1
        except CaseFailed as failure:
            self.failure = failure

    def _hear(self, output: bytes) -> bool:
        echo = bytes(byte for byte in output if byte in LETTERS)
        if echo:
            self.echoed += echo
            with self._echo:
                self._last = time.monotonic()
                self._echo.notify_all()
        return bool(echo)

    def echoes_again(self, since: float, limit: float) -> float | None:
        """Seconds from `since` (of time.monotonic()) until a key echoes; None: not within the limit."""
        with self._echo:
            if not self._echo.wait_for(lambda: self._last > since, since + limit - time.monotonic()):
                return None
            return self._last - since

    def stop(self) -> None:
        self._over = True
        self.join()


class Flow(threading.Thread):
    """`cat` there, with a file at its input and a pipe at its output here: all bytes go there and come
    back. A context manager."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], errors: Path, text: Path) -> None:
        super().__init__(daemon=True)
        self.argv, self.env, self.errors, self.text = list(argv), dict(env), errors, text
        self.size = text.stat().st_size
        self.got = 0
        self.failure: CaseFailed | None = None

    def __enter__(self) -> Flow:
        with self.text.open("rb") as text, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self.argv, env=self.env, stdin=text, stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.join()
        self.process.communicate()

    def run(self) -> None:
        assert self.process.stdout is not None
        with self.text.open("rb") as text:
            wanted = hashlib.file_digest(text, "sha256").digest()
        digest = hashlib.sha256()
        while piece := os.read(self.process.stdout.fileno(), 1 << 20):
            self.got += len(piece)
            digest.update(piece)
        if digest.digest() != wanted or self.process.wait() != 0:
            said = f"{self.got} bytes came back, status {self.process.wait()}: {tail(self.errors)}"
            self.failure = CaseFailed(f"something was lost or doubled: {said}")

    def wait_for(self, share: float) -> None:
        """Until so much of it has come back."""
        while self.got < share * self.size and self.is_alive():
            time.sleep(0.005)
