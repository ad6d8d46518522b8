# SPDX-License-Identifier: Apache-2.0
"""Who works while the network fails: somebody that types without a pause, and a flow of bytes. Both are
threads, so that they go on whatever the benchmark waits for."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from pathlib import Path

from harness import CaseFailed
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
    """All that a terminal shows of the file that `cat` prints there, and its hash."""

    def __init__(self, terminal: Terminal, text: Path) -> None:
        super().__init__(daemon=True)
        self.terminal, self.size = terminal, text.stat().st_size
        with text.open("rb") as file:
            self._wanted = hashlib.file_digest(file, "sha256").digest()
        self.got = 0
        self.failure: CaseFailed | None = None

    @staticmethod
    def remote(text: Path) -> str:
        return f"stty raw -echo; printf ready; read x; cat {text}; read x"

    def run(self) -> None:
        digest = hashlib.sha256()
        try:
            while self.got < self.size:
                piece = self.terminal.read(600)
                self.got += len(piece)
                digest.update(piece)
            if self.got > self.size or digest.digest() != self._wanted:
                self.failure = CaseFailed("some of the flow was lost or doubled")
        except CaseFailed as failure:
            self.failure = failure

    def wait_for(self, share: float) -> None:
        """Until so much of it has come."""
        while self.got < share * self.size and self.is_alive():
            time.sleep(0.005)
