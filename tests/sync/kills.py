#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Transfers whose client, server or network dies again and again: ./dev sync-kills [--quick].

Each of the trees (one of large files, one of many small ones) goes up and down; on its way something
dies 20 times, after a random number of bytes. In the end the target must be the source, and the wire
must have carried at most 5 % of the data more than for a transfer that nothing disturbs (a counting
proxy looks). Prints a JSON line each:

    tree, way, size, plain (carried undisturbed), carried, again (the share sent twice), kills, seconds
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import time

from setting import ROOT, Setting

from lib import processes
from lib.compare import differences
from lib.transfer import Proxy, Way, contents, names_in, remove_stale

VICTIMS = ("client", "nigh-files", "nigh-worker", "nigh-front", "network")
AGAIN = 0.05  # of the data may be sent twice


def grow_large(root, size):
    chance = random.Random(1)
    root.mkdir()
    with open(root / "large", "xb") as out:
        for _ in range(size >> 20):
            out.write(chance.randbytes(1 << 20))
    return size


def grow_small(root, count):
    chance = random.Random(2)
    for number in range(count):
        folder = root / f"{number % 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(chance.randbytes(4096))
    return count * 4096


class Run:
    """One tree, one way. `size`: of its data."""

    def __init__(self, setting, line, source, target, way, size, kills):
        self.setting, self.line, self.source, self.target = setting, line, source, target
        self.words = ("sync", contents(way.source(source)), contents(way.target(target)))
        self.way, self.size, self.kills = way, size, kills
        self.client = None

    def kill(self, victim):
        if victim == "client":
            self.client.kill()
        elif victim == "network":
            self.line.cut()
        else:
            for pid in self.setting.server.processes():
                if processes.command_line(pid).startswith(victim):
                    os.kill(pid, signal.SIGKILL)

    def go(self):
        """Lets the kills happen, then ends the transfer; bytes carried, times something died."""
        chance = random.Random(f"{self.source.name} {self.way.name}")
        before, died = self.line.sent + self.line.received, 0
        while died < self.kills:
            victim = chance.choice(VICTIMS)
            self.line.when(int(chance.uniform(0.2, 1.2) * self.size / (self.kills + 4)),
                           lambda victim=victim: self.kill(victim))
            died += 1
            if self.once() == 0:
                break
            self.nothing_half_written()
        self.line.when(1 << 60, lambda: None)
        assert self.once() == 0, self.error
        remove_stale(self.target)
        assert not (found := differences(self.source, self.target, without=["owner"])), "\n".join(found[:20])
        return self.line.sent + self.line.received - before, died

    def undisturbed(self):
        """Bytes that the wire carries when nothing dies. Takes the target away again."""
        before = self.line.sent + self.line.received
        assert self.once() == 0, self.error
        shutil.rmtree(self.target)
        return self.line.sent + self.line.received - before

    def once(self):
        self.client = self.setting.start(*self.words)
        self.error = self.client.communicate()[1].decode(errors="backslashreplace")
        assert self.client.returncode in (0, 1, 23, -signal.SIGKILL), self.error
        return self.client.returncode

    def nothing_half_written(self):
        for name in names_in(self.target) if self.target.exists() else ():
            if (self.target / name).is_file():
                assert (self.target / name).stat().st_size == (self.source / name).stat().st_size, name


def main():
    parser = argparse.ArgumentParser(prog="./dev sync-kills", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="of each transfer (20)")
    parser.add_argument("--scratch", default="/dev/shm", metavar="DIR", help="where the trees lie (/dev/shm)")
    options = parser.parse_args()
    share = 10 if options.quick else 1
    worst = 0.0
    with Setting(os.environ.get("NIGH", ROOT / "build/release/nigh"), options.scratch, "direct") as setting:
        with Proxy(setting.home, setting.server.port) as line:
            for name, grow, amount in (("large", grow_large, (2 << 30) // share), ("small", grow_small, 20_000 // share)):
                source = pathlib.Path(setting.folder, name)
                size = grow(source, amount)
                for way in (Way("up"), Way("down")):
                    begin = time.monotonic()
                    run = Run(setting, line, source, pathlib.Path(setting.folder, f"{name}-{way.name}"), way, size,
                              options.kills)
                    plain = run.undisturbed()
                    carried, died = run.go()
                    again = (carried - plain) / size
                    worst = max(worst, again)
                    print(json.dumps({"tree": name, "way": way.name, "size": size, "plain": plain, "carried": carried,
                                      "again": round(again, 4), "kills": died,
                                      "seconds": round(time.monotonic() - begin, 1)}), flush=True)
    return 0 if worst <= AGAIN else 1


if __name__ == "__main__":
    sys.exit(main())
