# SPDX-License-Identifier: Apache-2.0
"""An emulated link of 1 Gbit/s and 100 ms that fails while 200 MB flow there and back through a command's
pipes and somebody types in a terminal: from its return until a key echoes again. Nothing may be missing
or come twice.

mosh only has somebody who types: it shows what a screen looks like in the end, and not all bytes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from copiers import scratch
from harness import CaseFailed, Context, Goal, Row, Unavailable
from netem import Link
from peers import Nigh, OpenSsh, Place
from processes import Server, command_line, descendants
from terminals import Mosh, open_terminal, text_file
from typist import ECHOES, Flow, Typist

NAME = "cuts"
ABOUT = "the emulated link is cut while 200 MB flow and somebody types, beside ssh and mosh"
RTT = 0.1
GOAL = Goal("<=", 2 * RTT + 0.3)
FLOW = 200_000_000
LIMIT = 120.0  # how long a contender is waited for
LIMIT_ELSEWHERE = 20.0  # the same, with another address
NEW_ADDRESS = "10.99.0.3"

Contender = Nigh | OpenSsh | Mosh
Happening = Callable[[], float]  # what befalls them; returns when it was over


class Trial:
    """One contender's clients, while something happens to them."""

    def __init__(self, contender: Contender, text: Path) -> None:
        self.contender, self.text = contender, text

    def run(self, happening: Happening, limit: float, with_flow: bool = True) -> float | None:
        """Seconds until a key echoes again; None: not within the limit."""
        with contextlib.ExitStack() as stack:
            typist = Typist(stack.enter_context(open_terminal(self.contender, ECHOES)))
            typist.terminal.until(b"ready")
            typist.start()
            stack.callback(typist.stop)  # before its terminal is closed
            flow = self._flow(stack) if with_flow else None
            if flow is not None:
                flow.wait_for(0.25)
            if typist.echoes_again(time.monotonic(), 2) is None:
                raise CaseFailed(f"{self.contender.name} does not echo: {typist.failure}")
            took = typist.echoes_again(happening(), limit)
            if took is not None:
                self._check(typist, flow)
            return took

    def _flow(self, stack: contextlib.ExitStack) -> Flow:
        argv = self.contender.command("cat")
        return stack.enter_context(Flow(argv, self.contender.env, self.contender.errors, self.text))

    def _check(self, typist: Typist, flow: Flow | None) -> None:
        """Nothing was lost or doubled."""
        if flow is not None:
            flow.join(LIMIT)
            if flow.failure is not None or flow.is_alive():
                raise CaseFailed(f"{self.contender.name}, {flow.got} of {flow.size}: {flow.failure}")
        typist.stop()
        if typist.failure is not None:
            raise CaseFailed(f"{self.contender.name}: {typist.failure}")
        if not isinstance(self.contender, Mosh) and typist.typed != typist.echoed:
            raise CaseFailed(f"{self.contender.name} echoes {typist.echoed!r} for {typist.typed!r}")


def run(context: Context) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        text = text_file(stack.enter_context(scratch(context, 1)) / "text", FLOW)
        link = stack.enter_context(Link(context.program("nigh-netem"), rtt_ms=RTT * 1000, rate="1gbit"))
        contenders = list(_contenders(context, stack, Place(context.workspace, link)))
        cuts = ((1, 3), (10, 1)) if context.quick else ((1, 5), (10, 5), (60, 2))
        for seconds, rounds in cuts:
            what = f"cut for {seconds} s"
            yield from _rows(contenders, text, what, lambda s=seconds: _cut(link, s), rounds)
        what = "cut for 3 s, another address"
        rounds = 1 if context.quick else 3
        yield from _rows(contenders, text, what, lambda: _move(link, 3), rounds, LIMIT_ELSEWHERE)
        for nigh in contenders:
            if isinstance(nigh, Nigh):
                what = "fronts killed"
                yield from _rows([nigh], text, what, lambda n=nigh: _kill_fronts(n.server), rounds)


def _contenders(
    context: Context, stack: contextlib.ExitStack, place: Place
) -> Iterator[Contender]:
    makers: tuple[Callable[[], Contender], ...] = (
        lambda: Nigh(context.nigh, context.workspace, place),
        lambda: OpenSsh(context.workspace, place),
        lambda: Mosh(context.workspace, place),
    )
    for make in makers:
        try:
            yield stack.enter_context(make())
        except Unavailable as missing:
            context.skip(NAME, missing)


def _rows(contenders: list[Contender], text: Path, what: str, happening: Happening, rounds: int,
          limit: float = LIMIT) -> Iterator[Row]:  # fmt: skip
    for contender in contenders:
        trial = Trial(contender, text)
        with_flow = not isinstance(contender, Mosh)
        samples = []
        for _ in range(rounds):
            took = trial.run(happening, limit, with_flow)
            samples.append(limit if took is None else took)
            if took is None:
                break
        goal = GOAL if isinstance(contender, Nigh) else None
        note = f"not within {limit:g} s" if limit in samples else ""
        yield Row(NAME, f"{what}, {contender.name}", "s", tuple(samples), goal, note)


# ---- what happens ------------------------------------------------------------------------------


def _cut(link: Link, seconds: float) -> float:
    link.down()
    time.sleep(seconds)
    link.up()
    return time.monotonic()


def _move(link: Link, seconds: float) -> float:
    """The client is somewhere else when the link returns; home again after the trial's end."""
    link.down()
    old, new = (
        (link.ADDRESS_A, NEW_ADDRESS) if _has(link, link.ADDRESS_A) else (NEW_ADDRESS, link.ADDRESS_A)
    )
    link.run_a(["ip", "address", "del", f"{old}/24", "dev", "nigh0"], check=True)
    time.sleep(seconds)
    link.up()
    link.run_a(["ip", "address", "add", f"{new}/24", "dev", "nigh0"], check=True)
    return time.monotonic()


def _has(link: Link, address: str) -> bool:
    done = link.run_a(["ip", "-brief", "address"], capture_output=True, text=True, check=True)
    return f" {address}/" in done.stdout


def _kill_fronts(server: Server) -> float:
    for pid in descendants(server.pid):
        if command_line(pid).startswith("nigh-front"):
            os.kill(pid, signal.SIGKILL)
    return time.monotonic()
