# SPDX-License-Identifier: Apache-2.0
"""The time of `run host true` on loopback: connect, authenticate, start a process, end.

Nothing but computing happens here, so it shows what a connection costs both machines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from harness import Context, Goal, Row, Unavailable, alternate, ratios
from peers import Dropbear, Nigh, OpenSsh, Peer, measure

NAME = "connect"
ABOUT = "connect and run `true` on loopback, beside ssh and dropbear"


def run(context: Context) -> Iterator[Row]:
    makers: list[Callable[[], Nigh | OpenSsh | Dropbear]] = [
        lambda: Nigh(context.nigh, context.workspace),
        lambda: OpenSsh(context.workspace),
        lambda: Dropbear(context.workspace),
    ]
    with contextlib.ExitStack() as stack:
        peers: list[Peer] = []
        for make in makers:
            try:
                peers.append(stack.enter_context(make()))
            except Unavailable as missing:
                context.skip(NAME, missing)
        work = {peer.name: (lambda p=peer: measure(p, "true").seconds) for peer in peers}
        walls = alternate(work, rounds=15 if context.quick else 40, warm_up=3)
    for name, samples in walls.items():
        yield Row(NAME, name, "ms", tuple(1000 * s for s in samples))
    for peer, goal in (("ssh", Goal("<=", 1 / 8)), ("dropbear", Goal("<=", 1))):
        if "nigh" in walls and peer in walls:
            yield Row(NAME, f"nigh / {peer}", "x", ratios(walls["nigh"], walls[peer]), goal)
