# SPDX-License-Identifier: Apache-2.0
"""Memory of each side for a million files, at its peak, beyond what a tree of one file takes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import copiers
from data import empty_files
from harness import CaseFailed, Context, Goal, Row
from processes import descendants

NAME = "files-memory"
ABOUT = "peak memory of either side for 1,000,000 files, new and unchanged, beside rsync"


def run(context: Context) -> Iterator[Row]:
    count = 100_000 if context.quick else 1_000_000
    with copiers.scratch(context, 5) as folder, copiers.both_servers(context) as (near, ssh):
        one_file = empty_files(folder / "one", 1)
        source = empty_files(folder / "source", count)
        for copier, goal in ((copiers.nigh(near, "sync", "-a"), Goal("<=", 100)),
                             (copiers.rsync(ssh), None)):  # fmt: skip
            least = _peaks(copier, one_file, folder / "little")
            for what in ("new", "unchanged"):
                peaks = _peaks(copier, source, folder / "target")
                for side, peak, base in zip(("client", "server"), peaks, least, strict=True):
                    each = max(0, peak - base) / count
                    yield Row(NAME, f"{what}, {copier.name}, {side}", "bytes a file", (each,), goal)
            copiers.compare(copier.name, source, folder / "target")
            copiers.remove(folder / "target")
            copiers.remove(folder / "little")


def _peaks(copier: copiers.Copier, source: Path, target: Path) -> tuple[int, int]:
    """Sums over the processes of the client's side and of the server's."""
    assert copier.server is not None
    [argv] = copier.commands("up", source, target)
    with copier.errors.open("wb") as errors:
        client = subprocess.Popen(argv, env=copier.env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=errors)  # fmt: skip
    over = threading.Event()
    found: dict[int, dict[int, int]] = {client.pid: {}, copier.server.pid: {}}

    def watch() -> None:
        while not over.wait(0.005):
            for root, peaks in found.items():
                for pid in (root, *descendants(root)):
                    peaks[pid] = max(peaks.get(pid, 0), _high_water(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    status = client.wait()
    over.set()
    watching.join()
    if status != 0:
        raise CaseFailed(f"{copier.name} ended with {status}: {copier.errors.read_text()[-500:]}")
    return sum(found[client.pid].values()), sum(found[copier.server.pid].values())


def _high_water(pid: int) -> int:
    """The most that was resident so far; pages of the program itself count too."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
