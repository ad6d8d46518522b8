# SPDX-License-Identifier: Apache-2.0
"""Files over 1 Gbit/s and a round trip of 100 ms. Bytes are the emulator's, without what the headers
of IP and TCP add to full packets.

Absolute goals are for the full sizes; --quick has a tenth of them and only ratios. What takes a peer
minutes it does a part of, and the row says so.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import copiers
from copiers import Copier
from data import MIB, edited, empty_files, noise_file, small_files
from harness import CaseFailed, Context, Goal, Row
from netem import Link
from peers import Nigh, OpenSsh, Place

NAME = "files-link"
ABOUT = "eight kinds of work over an emulated link of 1 Gbit/s and 100 ms, beside scp and rsync"
PAYLOAD = 1448 / 1500


@dataclasses.dataclass
class Bench:
    """What every part needs. `share`: 10 with --quick."""

    context: Context
    link: Link
    near: Nigh
    ssh: OpenSsh
    folder: Path
    share: int

    def row(self, what: str, unit: str, samples: tuple[float, ...], goal: Goal | None = None,
            note: str = "") -> Row:  # fmt: skip
        if self.share > 1:
            return Row(NAME, what, unit, samples, None, " ".join(filter(None, [note, "a tenth of it"])))
        return Row(NAME, what, unit, samples, goal, note)

    def carried(self) -> float:
        return PAYLOAD * sum(side["bytes"] for side in self.link.stats())

    def counted(self, copier: Copier, way: str, source: Path, target: Path) -> tuple[float, float]:
        """Seconds and megabytes of one copy."""
        os.sync()
        before = self.carried()
        seconds = copier.copy(way, source, target).seconds
        return seconds, (self.carried() - before) / 1e6

    def nigh_sync(self, *options: str) -> Copier:
        return copiers.nigh(self.near, "sync", "-a", "--delete", *options)


def run(context: Context) -> Iterator[Row]:
    share = 10 if context.quick else 1
    failures: list[str] = []
    program = context.program("nigh-netem")
    with copiers.scratch(context, 6 if share == 1 else 2) as folder:
        with Link(program, rtt_ms=100, rate="1gbit") as link:
            place = Place(context.workspace, link)
            with copiers.both_servers(context, place) as (near, ssh):
                bench = Bench(context, link, near, ssh, folder, share)
                for part in (tiny, large, many, unchanged, changed, moved, resumed, lossy):
                    yield from _guarded(bench, part, failures)
    if failures:
        raise CaseFailed("; ".join(failures))


def _guarded(
    bench: Bench, part: Callable[[Bench], Iterator[Row]], failures: list[str]
) -> Iterator[Row]:
    """A part that fails takes no other with it. Each has the folder for itself."""
    try:
        yield from part(bench)
    except CaseFailed as failure:
        failures.append(f"{part.__name__}: {failure}")
    for left in bench.folder.iterdir():
        copiers.remove(left)


def tiny(bench: Bench) -> Iterator[Row]:
    source, target = noise_file(bench.folder / "source", 4096), bench.folder / "target"
    for copier, goal in ((copiers.nigh(bench.near), Goal("<=", 0.5)),
                         (copiers.scp(bench.ssh, "-O", name="scp -O"), None)):  # fmt: skip
        seconds = tuple(copier.fresh("up", source, target).seconds for _ in range(5))
        yield bench.row(f"4 KB, cold, {copier.name}", "s", seconds, goal)
    yield bench.row("4 KB, kept connection, nigh", "s", _kept(bench, source), Goal("<=", 0.2))


def _kept(bench: Bench, source: Path) -> tuple[float, ...]:
    """GET over HTTP, on a connection that is there already."""
    client = str(Path(__file__).resolve().parent.parent / "h2client.py")
    words = [bench.near.place.address, str(bench.near.port), f"/v1/files{source}", "5"]
    argv = bench.link.enter_a([sys.executable, "-B", client, *words])
    done = subprocess.run(argv, input=bench.near.token(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CaseFailed(f"GET of {source}: {done.stderr[-500:]}")
    return tuple(map(float, done.stdout.split()))


def large(bench: Bench) -> Iterator[Row]:
    """ssh's window of 2 MiB fills a sixth of the link: it gets an eighth to do."""
    target = bench.folder / "target"
    sizes = {"whole": 1024 * MIB // bench.share, "part": 128 * MIB // bench.share}
    sources = {name: noise_file(bench.folder / name, size) for name, size in sizes.items()}
    for way in ("up", "down"):
        for copier, name, goal in ((copiers.nigh(bench.near), "whole", Goal("<=", 10.7)),
                                   (copiers.scp(bench.ssh), "part", None),
                                   (copiers.rsync(bench.ssh), "part", None)):  # fmt: skip
            times = 1024 * MIB // bench.share / sizes[name]
            seconds = copier.fresh(way, sources[name], target).seconds
            note = "" if times == 1 else f"measured: 1/{times:.0f} of it"
            yield bench.row(f"1 GiB new, {way}, {copier.name}", "s", (seconds * times,), goal, note)


def many(bench: Bench) -> Iterator[Row]:
    source = small_files(bench.folder / "source", 100_000 // bench.share)
    for way in ("up", "down"):
        for copier, goal in ((copiers.nigh(bench.near), Goal("<=", 5.7)),
                             (copiers.rsync(bench.ssh), None)):  # fmt: skip
            seconds = copier.fresh(way, source, bench.folder / "target").seconds
            yield bench.row(f"100,000 x 4 KB, {way}, {copier.name}", "s", (seconds,), goal)


def unchanged(bench: Bench) -> Iterator[Row]:
    source = empty_files(bench.folder / "source", 1_000_000 // bench.share)
    target = bench.folder / "target"
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    nothing = bench.folder / "nothing"
    nothing.mkdir()
    for copier, goal in ((bench.nigh_sync(), Goal("<=", 3.2)),
                         (copiers.rsync(bench.ssh, "-a", "--delete", "--no-inc-recursive"), None)):  # fmt: skip
        _, least = bench.counted(copier, "up", nothing, bench.folder / f"nothing-{copier.name}")
        samples = [bench.counted(copier, "up", source, target) for _ in range(3)]
        seconds, megabytes = zip(*samples, strict=True)
        beyond = tuple(max(0.0, 1000 * (one - least)) for one in megabytes)
        yield bench.row(f"1,000,000 unchanged, {copier.name}", "s", seconds, goal)
        yield bench.row(f"1,000,000 unchanged, {copier.name}, bytes", "KB", beyond,
                        Goal("<=", 2) if goal else None, "beyond what an empty folder costs")  # fmt: skip


def changed(bench: Bench) -> Iterator[Row]:
    old = noise_file(bench.folder / "old", 1024 * MIB // bench.share)
    target = bench.folder / "target"
    for how, what, limit in (("pages", "1 % of pages changed", 12.3), ("edits", "2,621 x 100 bytes", 2.5),
                             ("inserts", "1,000 inserts", 17)):  # fmt: skip
        new = edited(old, bench.folder / "new", how, bench.share)
        for copier in (copiers.nigh(bench.near), copiers.rsync(bench.ssh, "-t"),
                       copiers.rsync(bench.ssh, "-t", "-B4096", name="rsync -B4096")):  # fmt: skip
            shutil.copyfile(old, target)
            os.utime(target, (1, 1))
            seconds, megabytes = bench.counted(copier, "up", new, target)
            copiers.compare(copier.name, new, target)
            mine = copier.name == "nigh"
            goals = (Goal("<=", limit), Goal("<=", 2.5)) if mine else (None, None)
            yield bench.row(f"{what}, {copier.name}, bytes", "MB", (megabytes,), goals[0])
            yield bench.row(f"{what}, {copier.name}", "s", (seconds,), goals[1])


def moved(bench: Bench) -> Iterator[Row]:
    """The hash that proves a renamed file to be the same is not the link's fault: it is taken off."""
    for name in ("source", "target"):
        (bench.folder / name).mkdir()
    content = noise_file(bench.folder / "source" / "new name", 1024 * MIB // bench.share)
    shutil.copy2(content, bench.folder / "target" / "old name")
    begin = time.perf_counter()
    with content.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    hashing = time.perf_counter() - begin
    source, target = bench.folder / "source", bench.folder / "target"
    seconds, megabytes = bench.counted(bench.nigh_sync(), "up", source, target)
    copiers.compare("nigh", source, target)
    note = f"hashing takes {hashing:.2f} s, {megabytes:.3f} MB were carried"
    beyond = max(0.0, seconds - hashing)
    yield bench.row("1 GiB renamed, beyond hashing, nigh", "s", (beyond,), Goal("<=", 0.6), note)


def resumed(bench: Bench) -> Iterator[Row]:
    """Killed when half has been carried, and started again."""
    size = 1024 * MIB // bench.share
    source, target = noise_file(bench.folder / "source", size), bench.folder / "target"
    copier = copiers.nigh(bench.near)
    for way in ("up", "down"):
        copiers.remove(target)
        before = bench.carried()
        [argv] = copier.commands(way, source, target)
        quiet = subprocess.DEVNULL
        with subprocess.Popen(argv, env=copier.env, stdin=quiet, stdout=quiet, stderr=quiet) as client:
            while bench.carried() - before < size / 2:
                if client.poll() is not None:
                    raise CaseFailed(f"nigh ended with {client.returncode} before half was carried")
                time.sleep(0.01)
            client.send_signal(signal.SIGKILL)
        copier.copy(way, source, target)
        copiers.compare(copier.name, source, target)
        carried = (bench.carried() - before) / size
        yield bench.row(f"1 GiB, killed at half, {way}, nigh", "carried", (carried,), Goal("<=", 1.05))


def lossy(bench: Bench) -> Iterator[Row]:
    """With the congestion control that the kernel prefers, which the row names; cubic is the hard one."""
    setting = "/proc/sys/net/ipv4/tcp_congestion_control"
    chosen = bench.link.run_a(["cat", setting], capture_output=True, text=True)
    bench.link.command("loss 0.01%")
    size = 1024 * MIB // bench.share
    source = noise_file(bench.folder / "source", size)
    for way in ("up", "down"):
        seconds = copiers.nigh(bench.near).fresh(way, source, bench.folder / "target").seconds
        note = f"the kernel prefers {chosen.stdout.strip()}"
        rate = size / 1e6 / seconds
        yield bench.row(f"1 GiB, 0.01 % loss, {way}, nigh", "MB/s", (rate,), Goal(">=", 30), note)
    bench.link.command("loss 0")
