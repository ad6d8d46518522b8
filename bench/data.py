# SPDX-License-Identifier: Apache-2.0
"""What the cases of files copy: the same bytes each time."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

MIB = 1 << 20


def noise_file(path: Path, size: int, seed: int = 1) -> Path:
    """Bytes that do not shrink."""
    chance = random.Random(seed)
    with path.open("wb") as out:
        while (left := size - out.tell()) > 0:
            out.write(chance.randbytes(min(left, 4 * MIB)))
    return path


def small_files(root: Path, count: int, size: int = 4096, in_folder: int = 100) -> Path:
    """Noise too, in folders of `in_folder` files."""
    chance = random.Random(count)
    for number in range(count):
        folder = root / f"{number // in_folder:05}"
        if number % in_folder == 0:
            folder.mkdir(parents=True)
        with open(folder / f"{number:07}", "wb", buffering=0) as out:
            out.write(chance.randbytes(size))
    return root


def empty_files(root: Path, count: int, in_folder: int = 100) -> Path:
    """For what is only looked at: of each the name, the mode and the time."""
    for number in range(count):
        folder = root / f"{number // in_folder:05}"
        if number % in_folder == 0:
            folder.mkdir(parents=True)
        os.mknod(folder / f"{number:07}", 0o644)
    return root


def edited(old: Path, new: Path, how: str, share: int = 1) -> Path:
    """`new` becomes `old` with 2,621 pages or pieces of 100 bytes overwritten, or with 1,000 pieces of
    10,737 bytes inserted; fewer by `share`."""
    chance = random.Random(how)
    size = old.stat().st_size
    if how == "inserts":
        places = sorted(chance.randrange(size) for _ in range(1000 // share))
        with old.open("rb") as source, new.open("wb") as out:
            for place in places:
                shutil.copyfileobj(_Limited(source, place - source.tell()), out, MIB)
                out.write(chance.randbytes(10_737))
            shutil.copyfileobj(source, out, MIB)
        return new
    shutil.copyfile(old, new)
    length = {"pages": 4096, "edits": 100}[how]
    with new.open("r+b") as out:
        for _ in range(2621 // share):
            page = chance.randrange(size // 4096)
            out.seek(page * 4096 + (0 if how == "pages" else chance.randrange(3996)))
            out.write(chance.randbytes(length))
    return new


class _Limited:
    """The next `left` bytes of a file."""

    def __init__(self, file, left: int) -> None:  # type: ignore[no-untyped-def]
        self.file, self.left = file, left

    def read(self, size: int) -> bytes:
        piece: bytes = self.file.read(min(size, self.left))
        self.left -= len(piece)
        return piece
