# SPDX-License-Identifier: Apache-2.0
"""Many sessions that nobody is attached to: the memory of each, without its command's own, and the
time from the start of `nigh attach` until the terminal has the scrollback and the screen.

A single one shares the program's pages with the server only, and has more of them to itself.
"""

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
        note = f"{LINES} lines printed, {SCROLLBACK} kept"
        ids = [_begin(nigh)]
        before = _settled(nigh.server)
        alone = sum(pss_bytes(pid) for pid in _processes(nigh.server, "nigh-holder"))
        yield Row(NAME, "a single one: its process", "MiB", (alone / 2**20,), None, note)
        ids += [_begin(nigh) for _ in range(count - 1)]
        mebibytes = (_settled(nigh.server) - before) / (count - 1) / 2**20
        yield Row(NAME, f"each of {count}: all processes", "MiB", (mebibytes,), Goal("<=", 3), note)
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
    return sum(pss_bytes(pid) for pid in _processes(server, r"(\S*/)?nigh"))


def _processes(server: Server, pattern: str) -> list[int]:
    """Of the server and its sessions, without those of commands."""
    return [pid for pid in (server.pid, *descendants(server.pid)) if re.match(pattern, command_line(pid))]
