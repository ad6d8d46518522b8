# SPDX-License-Identifier: Apache-2.0
"""Many sessions that nobody is attached to: the memory of each, without its command's own, and the
time from the start of `nigh attach` until the terminal has the scrollback and the screen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from harness import CaseFailed, Context, Goal, Row
from peers import Nigh, run_quietly
from processes import Server, command_line, descendants, pss_bytes
from terminals import Terminal, nigh_words

NAME = "sessions"
ABOUT = "200 detached sessions: memory of each, time to re-attach with 10,000 lines of scrollback"
LINES = 20_000
SCROLLBACK = 10_000
# Lines as a build prints them.
OUTPUT = f"seq -f 'make[2]: [%06.0f] Building CXX object src/server/holder/holder.cpp.o' {LINES}"
COMMAND = f"{OUTPUT}; echo THE-END; exec cat"


def run(context: Context) -> Iterator[Row]:
    count = 50 if context.quick else 200
    with Nigh(context.nigh, context.workspace) as nigh:
        first = [_begin(nigh) for _ in range(2)]  # they pay for what all share
        before = _settled(nigh.server)
        ids = first + [_begin(nigh) for _ in range(count)]
        mebibytes = (_settled(nigh.server) - before) / count / 2**20
        note = f"{LINES} lines printed, {SCROLLBACK} kept"
        yield Row(NAME, f"memory, {count} detached", "MiB each", (mebibytes,), Goal("<=", 3), note)
        times = tuple(_attach(nigh, ids[i % len(ids)]) for i in range(30 if context.quick else 100))
        yield Row(NAME, "re-attach", "ms", times, Goal("<=", 50), f"{SCROLLBACK} lines of scrollback")


def _begin(nigh: Nigh) -> str:
    words = nigh_words(nigh, "shell", "--detached", nigh.host, COMMAND)
    return run_quietly(words, env=nigh.env).split()[-1]


def _attach(nigh: Nigh, session: str) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    with Terminal(nigh_words(nigh, "attach", nigh.host, session), nigh.env, nigh.errors) as terminal:
        shown = terminal.until(b"THE-END")
        took = time.perf_counter() - begin
        if (lines := shown.count(b"Building")) < SCROLLBACK:
            raise CaseFailed(f"who attaches sees {lines} lines instead of {SCROLLBACK}")
        terminal.type(b"\r~d")
        terminal.process.wait(10)
    return took * 1000


def _settled(server: Server) -> int:
    """Memory of the server and of what holds its sessions, once they have come to rest."""
    lowest = _memory(server)
    rest = 0
    while rest < 5:
        time.sleep(1)
        now = _memory(server)
        rest = rest + 1 if now >= lowest else 0
        lowest = min(lowest, now)
    return lowest


def _memory(server: Server) -> int:
    """Proportional set size: shared pages count once."""
    processes = [server.pid, *descendants(server.pid)]
    return sum(pss_bytes(pid) for pid in processes if _is_nigh(pid))


def _is_nigh(pid: int) -> bool:
    """Not a session's command."""
    return bool(re.match(r"(\S*/)?nigh", command_line(pid)))
