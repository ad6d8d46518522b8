# SPDX-License-Identifier: Apache-2.0
"""Waiting for what happens in another process: for an event where there is one, else by polling."""
import queue
import threading
import time

PATIENCE = 60  # seconds; a bound for what hangs, generous since sanitizers and loaded machines are slow


def eventually(predicate, what="it", timeout=PATIENCE):
    """Polls until predicate() is true and returns that value; fails the test after `timeout` seconds.

    For facts of which no descriptor tells: a process is gone, a file has grown.
    """
    deadline = time.monotonic() + timeout
    while not (value := predicate()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {timeout} s")
        time.sleep(0.01)
    return value


class Lines:
    """The lines of a pipe as they come. Reads on for as long as the pipe is open, so its writer
    never blocks on us."""

    def __init__(self, pipe):
        self.seen = []
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe):
        with pipe:
            for line in pipe:
                self._queue.put(line.decode(errors="backslashreplace").rstrip("\n"))
        self._queue.put(None)

    def next(self, timeout=PATIENCE):
        """The next line, None at the end of the pipe; queue.Empty when neither comes in time."""
        line = self._queue.get(timeout=timeout)
        if line is None:
            self._queue.put(None)
        else:
            self.seen.append(line)
        return line

    def until(self, wanted, timeout=PATIENCE):
        """Reads up to the line `wanted` and returns all lines before it."""
        begin = len(self.seen)
        while (line := self.next(timeout)) != wanted:
            if line is None:
                raise AssertionError(f"ended before it said {wanted!r}: {self.seen[begin:]}")
        return self.seen[begin:-1]
