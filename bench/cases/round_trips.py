# SPDX-License-Identifier: Apache-2.0
"""`run host true` over an emulated round trip of 100 ms, counted in round trips.

Over a distance the number of times that a client has to wait for the server is all that counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from harness import Context, Goal, Row, Unavailable, alternate
from netem import Link
from peers import KeptNigh, Nigh, OpenSsh, Peer, Place, measure

NAME = "round-trips"
ABOUT = "connect and run `true` over an emulated 100 ms round trip"
RTT_MS = 100
GOALS = {Nigh.name: 3.5, KeptNigh.name: 1.5}


def run(context: Context) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        link = stack.enter_context(Link(context.program("nigh-netem"), rtt_ms=RTT_MS))
        place = Place(context.workspace, link)
        makers: list[Callable[[], Nigh | OpenSsh]] = [
            lambda: Nigh(context.nigh, context.workspace, place),
            lambda: KeptNigh(context.nigh, context.workspace, place),
            lambda: OpenSsh(context.workspace, place),
        ]
        peers: list[Peer] = []
        for make in makers:
            try:
                peers.append(stack.enter_context(make()))
            except Unavailable as missing:
                context.skip(NAME, missing)
        work = {peer.name: (lambda p=peer: measure(p, "true").seconds) for peer in peers}
        walls = alternate(work, rounds=3 if context.quick else 7)
    for name, samples in walls.items():
        # The work of both machines is in it too, less than half a round trip.
        goal = Goal("<=", GOALS[name]) if name in GOALS else None
        trips = tuple(s * 1000 / RTT_MS for s in samples)
        yield Row(NAME, name, "round trips", trips, goal)
