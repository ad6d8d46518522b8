# SPDX-License-Identifier: Apache-2.0
"""From a key to its echo by the line discipline at the other end, on an idle loopback: `nigh HOST`
beside ssh, a pty at both clients. They type in turn, key by key."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator

from harness import CaseFailed, Context, Goal, Row, Unavailable
from peers import Nigh, OpenSsh
from terminals import Terminal, open_terminal

NAME = "echo"
ABOUT = "from a key to its echo on loopback, beside ssh"
REMOTE = "stty -icanon echo; echo ready; exec cat > /dev/null"


def run(context: Context) -> Iterator[Row]:
    terminals: dict[str, Terminal] = {}
    with contextlib.ExitStack() as stack:
        makers: list[Callable[[], Nigh | OpenSsh]] = [
            lambda: Nigh(context.nigh, context.workspace),
            lambda: OpenSsh(context.workspace),
        ]
        for make in makers:
            try:
                peer = stack.enter_context(make())
            except Unavailable as missing:
                context.skip(NAME, missing)
                continue
            terminals[peer.name] = stack.enter_context(open_terminal(peer, REMOTE))
            terminals[peer.name].until(b"ready\r\n")
        samples = _type(terminals, keys=200 if context.quick else 600)
    for name, times in samples.items():
        yield Row(NAME, name, "ms", tuple(times))
    if len(samples) == 2:
        more = tuple(a - b for a, b in zip(samples["nigh"], samples["ssh"], strict=True))
        yield Row(NAME, "nigh - ssh", "ms", more, Goal("<=", 0.3))


def _type(terminals: dict[str, Terminal], keys: int) -> dict[str, list[float]]:
    chance = random.Random(1)
    samples: dict[str, list[float]] = {name: [] for name in terminals}
    for number in range(-10, keys):
        for name, terminal in terminals.items():
            time.sleep(chance.uniform(0.005, 0.02))  # a person; nobody is busy any more
            key = b"abcdefgh"[number % 8 :][:1]
            begin = time.perf_counter()
            terminal.type(key)
            echo = terminal.read(5)
            took = time.perf_counter() - begin
            if echo != key:
                raise CaseFailed(f"{name} echoes {key!r} as {echo!r}")
            if number >= 0:
                samples[name].append(took * 1000)
    return samples
