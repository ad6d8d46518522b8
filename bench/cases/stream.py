# SPDX-License-Identifier: Apache-2.0
"""Bytes per second through `run`, both directions, and the CPU time of both sides for them.

The yardstick is tls-pump: nigh cannot be faster than TLS itself. ssh has its fastest cipher.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from harness import Context, Goal, Row, Unavailable, alternate, ratios
from peers import Nigh, OpenSsh, Peer, measure_both_sides
from processes import Sample
from pump import Pump

NAME = "stream"
ABOUT = "throughput and CPU of 4 GB through stdout and stdin, beside ssh and a bare TLS pump"
AES = ("-c", "aes128-gcm@openssh.com")
Work = dict[str, Callable[[], Sample]]


def run(context: Context) -> Iterator[Row]:
    mebibytes = 1024 if context.quick else 4096
    dd = ["dd", "if=/dev/zero", "bs=1M", f"count={mebibytes}", "status=none"]
    pump = Pump(context.program("tls-pump"), context.workspace)
    makers: list[Callable[[], Nigh | OpenSsh]] = [
        lambda: Nigh(context.nigh, context.workspace),
        lambda: OpenSsh(context.workspace, options=AES),
    ]
    with contextlib.ExitStack() as stack:
        download: Work = {pump.name: lambda: pump.download(dd)}
        upload: Work = {pump.name: lambda: pump.upload(dd)}
        for make in makers:
            try:
                peer: Peer = stack.enter_context(make())
            except Unavailable as missing:
                context.skip(NAME, missing)
                continue
            download[peer.name] = lambda p=peer: measure_both_sides(p, " ".join(dd))
            upload[peer.name] = lambda p=peer: measure_both_sides(p, "cat > /dev/null", [dd])
        for direction, work in (("down", download), ("up", upload)):
            yield from _rows(direction, alternate(work, 3 if context.quick else 5), mebibytes)


def _rows(direction: str, samples: dict[str, list[Sample]], mebibytes: int) -> Iterator[Row]:
    gigabytes = mebibytes * 2**20 / 1e9
    rate = {n: tuple(gigabytes / s.seconds for s in all_) for n, all_ in samples.items()}
    cpu = {n: tuple(s.cpu_seconds / gigabytes for s in all_) for n, all_ in samples.items()}
    for name in samples:
        yield Row(NAME, f"{direction}, {name}", "GB/s", rate[name])
        yield Row(NAME, f"{direction}, {name}, CPU", "s/GB", cpu[name])
    for peer, figures, what, goal in (
        ("tls pump", rate, "rate", Goal(">=", 0.9)),
        ("ssh", rate, "rate", Goal(">=", 1.2)),
        ("ssh", cpu, "CPU", Goal("<=", 0.8)),
    ):
        if "nigh" in figures and peer in figures:
            compared = ratios(figures["nigh"], figures[peer])
            yield Row(NAME, f"{direction}, nigh / {peer}, {what}", "x", compared, goal)
