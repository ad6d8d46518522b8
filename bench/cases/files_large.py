# SPDX-License-Identifier: Apache-2.0
"""One large file in memory over loopback, both ways: how much is lost between TLS and the file?"""

from __future__ import annotations

from collections.abc import Iterator

import copiers
from data import noise_file
from harness import Context, Goal, Row, alternate, ratios
from pump import Pump

NAME = "files-large"
ABOUT = "one file of 2 GB up and down, beside scp, rsync, cat | ssh, cp and a bare TLS pump"


def run(context: Context) -> Iterator[Row]:
    size = 200_000_000 if context.quick else 2_000_000_000
    rounds = 3 if context.quick else 5
    with copiers.scratch(context, 3 * size / 1e9) as folder, copiers.both_servers(context) as peers:
        near, ssh = peers
        source, target = noise_file(folder / "source", size), folder / "target"
        pump = Pump(context.program("tls-pump"), context.workspace)
        all_ = [copiers.nigh(near), copiers.scp(ssh), copiers.rsync(ssh), copiers.cat_over_ssh(ssh),
                copiers.cp(context)]  # fmt: skip
        for way in ("up", "down"):
            work = {one.name: lambda one=one: one.fresh(way, source, target).seconds for one in all_}
            work[pump.name] = lambda: pump.upload(["cat", str(source)]).seconds
            yield from _rows(way, alternate(work, rounds), size)


def _rows(way: str, seconds: dict[str, list[float]], size: int) -> Iterator[Row]:
    rates = {name: tuple(size / 1e9 / s for s in all_) for name, all_ in seconds.items()}
    for name, samples in rates.items():
        yield Row(NAME, f"{way}, {name}", "GB/s", samples)
    slower = tuple(map(min, rates["tls pump"], rates["cp"]))
    yield Row(NAME, f"{way}, nigh / scp", "x", ratios(rates["nigh"], rates["scp"]), Goal(">=", 3))
    yield Row(NAME, f"{way}, nigh / min(tls pump, cp)", "x", ratios(rates["nigh"], slower),
              Goal(">=", 0.7))  # fmt: skip
