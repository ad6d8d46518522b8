# SPDX-License-Identifier: Apache-2.0
"""`cat` of much text in a terminal there, until a reader of a pty here has all of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from copiers import scratch
from harness import CaseFailed, Context, Goal, Row, Unavailable, alternate, ratios
from peers import Nigh, OpenSsh
from terminals import PATIENCE, open_terminal, text_file

NAME = "terminal"
ABOUT = "output of a command in a terminal, beside ssh"


def run(context: Context) -> Iterator[Row]:
    size = 100_000_000 if context.quick else 500_000_000
    work: dict[str, Callable[[], float]] = {}
    with contextlib.ExitStack() as stack:
        text = text_file(stack.enter_context(scratch(context, 1)) / "text", size)
        with text.open("rb") as lines:
            shown = size + sum(piece.count(b"\n") for piece in iter(lambda: lines.read(1 << 20), b""))
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
            work[peer.name] = lambda p=peer: shown / 1e6 / _show(p, text, shown)
        rates = alternate(work, rounds=3 if context.quick else 5)
    for name, samples in rates.items():
        yield Row(NAME, name, "MB/s", tuple(samples))
    if len(rates) == 2:
        yield Row(NAME, "nigh / ssh", "", ratios(rates["nigh"], rates["ssh"]), Goal(">=", 1))


def _show(peer: Nigh | OpenSsh, text: Path, shown: int) -> float:
    """Seconds, without those for logging in. `shown`: its bytes, with a CR for each LF."""
    with open_terminal(peer, f"stty -echo; echo ready; read x; cat {text}; read x") as terminal:
        terminal.until(b"ready\r\n")
        begin = time.perf_counter()
        terminal.type(b"\n")
        got = 0
        while got < shown:
            piece = terminal.read(PATIENCE)
            if not piece:
                raise CaseFailed(f"{peer.name} shows {got} bytes instead of {shown}")
            got += len(piece)
        return time.perf_counter() - begin
