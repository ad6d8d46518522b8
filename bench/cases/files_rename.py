# SPDX-License-Identifier: Apache-2.0
"""A tree of which a part got other names: is what is there recognised? Bytes are the emulator's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import copiers
from data import small_files
from harness import Context, Goal, Row
from netem import Link
from peers import Place

NAME = "files-rename"
ABOUT = "a tree in which 1,000 files were renamed, in bytes, beside rsync"
SIZE = 50_000


def run(context: Context) -> Iterator[Row]:
    count = 200 if context.quick else 2_000
    data = count * SIZE
    with copiers.scratch(context, 1) as folder, Link(context.program("nigh-netem")) as link:
        place = Place(context.workspace, link)
        with copiers.both_servers(context, place) as (near, ssh):
            old = small_files(folder / "old", count, SIZE)
            new = renamed(old, folder / "new", count // 2)
            for copier, goal in ((copiers.nigh(near, "sync", "-a", "--delete"), Goal("<=", 0.01)),
                                 (copiers.rsync(ssh, "-a", "--delete"), None)):  # fmt: skip
                for way in ("up", "down"):
                    carried = _carried(link, copier, way, old, new, folder / "target")
                    yield Row(NAME, f"{way}, {copier.name}", "of the data", (carried / data,), goal)


def renamed(old: Path, new: Path, count: int) -> Path:
    """A copy with the same times in which every other file has moved to another folder."""
    shutil.copytree(old, new)
    (new / "moved").mkdir()
    files = sorted(path for path in new.rglob("*") if path.is_file())
    for path in files[: 2 * count : 2]:
        path.rename(new / "moved" / f"new {path.name}")
    return new


def _carried(
    link: Link, copier: copiers.Copier, way: str, old: Path, new: Path, target: Path
) -> int:
    copiers.remove(target)
    shutil.copytree(old, target)
    os.sync()
    before = bytes_of(link)
    copier.copy(way, new, target)
    carried = bytes_of(link) - before
    copiers.compare(copier.name, new, target)
    return carried


def bytes_of(link: Link) -> int:
    """What either side has sent so far, with the headers of IP and TCP."""
    return sum(side["bytes"] for side in link.stats())
