# SPDX-License-Identifier: Apache-2.0
"""One stream over 1 Gbit/s and a round trip of 100 ms: are the windows wide enough?

The slow start is part of the figure; 2 GiB are enough for it to cost a twentieth; the few
bytes of --quick are not, so it has no goal there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from harness import Context, Goal, Row, Unavailable, alternate
from netem import Link
from peers import Nigh, OpenSsh, Peer, Place, measure
from pump import Pump

NAME = "link"
ABOUT = "throughput of one stream over an emulated 1 Gbit/s link with a 100 ms round trip"
# What is left of 1 Gbit/s after the headers of IP and TCP (52 of 1500 bytes).
LINK_MEGABYTES = 125 * 1448 / 1500
SSH_SHARE = 8  # ssh's window of 2 MiB fills a sixth of the link: give it less to do


def run(context: Context) -> Iterator[Row]:
    mebibytes = 512 if context.quick else 2048
    with contextlib.ExitStack() as stack:
        program = context.program("nigh-netem")
        link = stack.enter_context(Link(program, rtt_ms=100, rate="1gbit"))
        place = Place(context.workspace, link)
        pump = Pump(context.program("tls-pump"), context.workspace, place)
        work = {pump.name: lambda: _rate(pump.download(_dd(mebibytes)).seconds, mebibytes)}
        makers: list[tuple[int, Callable[[], Nigh | OpenSsh]]] = [
            (mebibytes, lambda: Nigh(context.nigh, context.workspace, place)),
            (mebibytes // SSH_SHARE, lambda: OpenSsh(context.workspace, place)),
        ]
        for size, make in makers:
            try:
                peer: Peer = stack.enter_context(make())
            except Unavailable as missing:
                context.skip(NAME, missing)
                continue
            remote = " ".join(_dd(size))
            work[peer.name] = lambda p=peer, r=remote, s=size: _rate(measure(p, r).seconds, s)
        rates = alternate(work, rounds=1 if context.quick else 3, warm_up=0)
    for name, samples in rates.items():
        goal = Goal(">=", 0.9) if name == "nigh" and not context.quick else None
        share = tuple(rate / LINK_MEGABYTES for rate in samples)
        yield Row(NAME, name, "of the link", share, goal)


def _dd(mebibytes: int) -> list[str]:
    return ["dd", "if=/dev/zero", "bs=1M", f"count={mebibytes}", "status=none"]


def _rate(seconds: float, mebibytes: int) -> float:
    return mebibytes * 2**20 / 1e6 / seconds
