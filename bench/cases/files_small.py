# SPDX-License-Identifier: Apache-2.0
"""Many small files in memory over loopback, both ways: what does a file cost beside its bytes?"""

from __future__ import annotations

from collections.abc import Iterator

import copiers
from data import small_files
from harness import Context, Goal, Row, alternate, ratios

NAME = "files-small"
ABOUT = "20,000 files of 4 KB up and down, beside scp -r, rsync -a, tar | ssh and cp -r"


def run(context: Context) -> Iterator[Row]:
    count = 2_000 if context.quick else 20_000
    with copiers.scratch(context, 1) as folder, copiers.both_servers(context) as peers:
        near, ssh = peers
        source, target = small_files(folder / "source", count), folder / "target"
        all_ = [copiers.nigh(near), copiers.scp(ssh, "-r"), copiers.rsync(ssh),
                copiers.tar_over_ssh(ssh), copiers.cp(context, "-r")]  # fmt: skip
        for way in ("up", "down"):
            work = {one.name: lambda one=one: one.fresh(way, source, target).seconds for one in all_}
            yield from _rows(way, alternate(work, 3 if context.quick else 5))


def _rows(way: str, seconds: dict[str, list[float]]) -> Iterator[Row]:
    for name, samples in seconds.items():
        yield Row(NAME, f"{way}, {name}", "s", tuple(samples))
    for peer, goal in (("cp -r", Goal("<=", 2)), ("rsync", Goal("<=", 1 / 2.5)), ("scp", None),
                       ("tar | ssh", Goal("<=", 1 / 1.5))):  # fmt: skip
        yield Row(NAME, f"{way}, nigh / {peer}, time", "x", ratios(seconds["nigh"], seconds[peer]), goal)
