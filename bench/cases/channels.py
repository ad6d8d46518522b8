# SPDX-License-Identifier: Apache-2.0
"""Data from one program to another through a channel: a stream, live messages, messages to a mailbox.

The bytes pass two TLS connections, in and out, with four processes of ours between the ends; the
yardstick, tls-pump, has one.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from harness import CaseFailed, Context, Goal, Row, Unavailable, alternate, ratios
from peers import Nigh
from processes import run_pipeline, tail
from pump import Pump

NAME = "channels"
ABOUT = "a stream beside a bare TLS pump, and messages of 100 bytes, live and to a mailbox"
Work = dict[str, Callable[[], float]]


def run(context: Context) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        try:
            nigh = stack.enter_context(Nigh(context.nigh, context.workspace))
            ends = Ends(nigh, context.workspace)
            yield from _stream(context, ends)
            yield from _messages(context, ends)
        except Unavailable as missing:
            context.skip(NAME, missing)


class Ends:
    """A sender and a receiver, each with a connection of its own."""

    def __init__(self, nigh: Nigh, workspace: Path) -> None:
        self.nigh, self.log = nigh, workspace / "recv.log"

    def _argv(self, command: str, channel: str, *words: str) -> list[str]:
        known = ["--identity", str(self.nigh.key), "--accept-new"]
        return [self.nigh.program, command, *known, *words, f"nigh://{self.nigh.host}/{channel}"]

    def send(self, source: list[str], channel: str, *words: str) -> None:
        """`source | nigh send`."""
        argv = self._argv("send", channel, *words)
        run_pipeline([source, argv], self.nigh.env, self.nigh.errors)

    @contextlib.contextmanager
    def receiver(self, channel: str, *words: str) -> Iterator[None]:
        """`nigh recv > /dev/null`, which is waited for."""
        argv = self._argv("recv", channel, *words)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=self.nigh.env
            )
        try:
            yield
            if process.wait(60) != 0:
                raise CaseFailed(f"'{' '.join(argv)}' failed: {tail(self.log)}")
        finally:
            process.kill()
            process.wait()

    def receive(self, channel: str, *words: str) -> None:
        with self.receiver(channel, *words):
            pass


def _stream(context: Context, ends: Ends) -> Iterator[Row]:
    mebibytes = 512 if context.quick else 2048
    dd = ["dd", "if=/dev/zero", "bs=1M", f"count={mebibytes}", "status=none"]
    pump = Pump(context.program("tls-pump"), context.workspace)

    def through() -> float:
        begin = time.perf_counter()
        with ends.receiver("stream"):
            ends.send(dd, "stream")
        return mebibytes * 2**20 / 1e9 / (time.perf_counter() - begin)

    work: Work = {
        pump.name: lambda: mebibytes * 2**20 / 1e9 / pump.download(dd).seconds,
        "nigh": through,
    }
    figures = {n: tuple(all_) for n, all_ in alternate(work, 3 if context.quick else 5).items()}
    for name, rates in figures.items():
        yield Row(NAME, f"stream, {name}", "GB/s", rates)
    compared = ratios(figures["nigh"], figures[pump.name])
    yield Row(NAME, f"stream, nigh / {pump.name}", "x", compared, Goal(">=", 0.7))


def _messages(context: Context, ends: Ends) -> Iterator[Row]:
    """Of 100 bytes, a line each; the time is all that the commands take, connecting included."""
    live, kept = (200_000, 50_000) if context.quick else (1_000_000, 200_000)
    work: Work = {
        "live, to the receiver": lambda: _live(context, ends, live),
        "to a mailbox": lambda: _kept(context, ends, kept)[0],
        "from a mailbox": lambda: _kept(context, ends, kept)[1],
    }
    goals = {"live, to the receiver": Goal(">=", 100_000), "to a mailbox": Goal(">=", 10_000)}
    for name, rates in alternate(work, 3).items():
        yield Row(NAME, f"messages, {name}", "1/s", tuple(rates), goals.get(name))


def _lines(context: Context, count: int) -> list[str]:
    path = context.workspace / f"lines-{count}"
    if not path.exists():
        path.write_text("".join(f"{i:0100d}\n" for i in range(count)))
    return ["cat", str(path)]


def _live(context: Context, ends: Ends, count: int) -> float:
    lines = _lines(context, count)
    begin = time.perf_counter()
    with ends.receiver("live", "--lines", "--count", str(count), "--window", "8192"):
        ends.send(lines, "live", "--lines")
    return count / (time.perf_counter() - begin)


def _kept(context: Context, ends: Ends, count: int) -> tuple[float, float]:
    lines = _lines(context, count)
    begin = time.perf_counter()
    ends.send(lines, "kept", "--lines", "--keep")
    between = time.perf_counter()
    ends.receive("kept", "--lines", "--count", str(count), "--window", "8192")
    return count / (between - begin), count / (time.perf_counter() - between)
