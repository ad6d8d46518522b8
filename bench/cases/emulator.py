# SPDX-License-Identifier: Apache-2.0
"""The emulated network itself: is it as long, as wide and as lossy as it says?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from harness import CaseFailed, Context, Goal, Row
from netem import Link

NAME = "emulator"
ABOUT = "self test of the emulated network: round trip, rate, loss, outage"
PEER = [sys.executable, str(Path(__file__).resolve().parent.parent / "netem_peer.py")]


def run(context: Context) -> Iterator[Row]:
    with Link(context.program("nigh-netem"), rtt_ms=100, rate="1gbit") as link:
        server = subprocess.Popen(
            link.enter_b([*PEER, "serve", link.ADDRESS_B]), stdout=subprocess.PIPE, text=True
        )
        with server:
            assert server.stdout is not None
            server.stdout.readline()
            yield from _figures(link, 512 if context.quick else 1024)
            server.kill()


def _figures(link: Link, mebibytes: int) -> Iterator[Row]:
    trips = [1000 * _ask(link, "connect") for _ in range(5)]
    late = abs(min(trips) - 100)
    yield Row(NAME, "round trip of 100 ms: off by", "ms", (late,), Goal("<=", 3))
    rate = _ask(link, "send", str(mebibytes)) * 8 / 1e9
    yield Row(NAME, "rate of 1 Gbit/s, once started", "Gbit/s", (rate,), Goal(">=", 0.85))
    link.command("delay 1ms")
    link.command("loss 1%")
    lost = 1 - _ask(link, "datagrams", "5000") / 5000
    yield Row(NAME, "loss of 2 %: off by", "of all", (abs(lost - 0.02),), Goal("<=", 0.01))
    link.command("loss 0")
    link.down()
    back = _ask(link, "datagrams", "10")
    yield Row(NAME, "datagrams in an outage", "back", (back,), Goal("<=", 0))
    link.up()
    back = _ask(link, "datagrams", "10")
    yield Row(NAME, "datagrams after it", "back", (back,), Goal(">=", 10))


def _ask(link: Link, question: str, *arguments: str) -> float:
    argv = [*PEER, question, link.ADDRESS_B, *arguments]
    done = link.run_a(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CaseFailed(f"'{question}' over the emulated network failed: {done.stderr[-500:]}")
    return float(done.stdout)
