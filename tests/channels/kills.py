#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Channels whose server dies again and again: ./dev channel-kills [--rounds N].

In each round a sender sends lines to a channel, in turns live and to a mailbox, to one receiver that
lives through all rounds. Meanwhile nigh-channels, a front, the worker or the whole server gets SIGKILL at
a random line. The sender must end with 0, and the receiver must have written every line once.
Prints a JSON line each round.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from lib import processes  # noqa: E402
from lib.home import Home  # noqa: E402
from lib.waiting import PATIENCE, Lines, eventually  # noqa: E402
from lib.world import World  # noqa: E402

VICTIMS = ("nigh-channels", "nigh-front", "nigh-worker", "nigh serve")


def kill(world, victim):
    if victim != "nigh serve":
        for pid in world.pids(victim):
            processes.kill(pid)
        return
    port = world.port
    os.kill(world.server.pid, signal.SIGKILL)
    eventually(lambda: not world.pids("nigh-front") + world.pids("nigh-worker"), "the end of all")
    world.start(port)


def play(world, received, number, lines, chance):
    way = ["--keep"] if number % 2 else []
    texts = [f"{number}-{i}" for i in range(lines)]
    sender = subprocess.Popen([world.binary, "send", "--lines", *way, "s1:kills"], env=world.home.env,
                              stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    begin, victims = time.monotonic(), []
    sender.stdin.write("".join(f"{text}\n" for text in texts).encode())
    sender.stdin.close()
    got = []
    for when in sorted(chance.randrange(1, lines) for _ in range(chance.randint(1, 3))):
        while len(got) < when:
            got.append(received.next())
        victims.append(chance.choice(VICTIMS))
        kill(world, victims[-1])
    status = sender.wait(10 * PATIENCE)
    assert status == 0, sender.stderr.read()
    got += [received.next() for _ in range(lines - len(got))]
    assert sorted(got) == sorted(texts), (set(texts) ^ set(got), len(got) - len(set(got)))
    print(json.dumps({"round": number, "keep": bool(way), "killed": victims, "lines": lines,
                      "seconds": round(time.monotonic() - begin, 2)}), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev channel-kills", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100, metavar="N")
    parser.add_argument("--lines", type=int, default=5000, metavar="N", help="of each round (5000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="nigh-", dir="/tmp")
    binary = pathlib.Path(os.environ.get("NIGH", ROOT / "build/release/nigh")).resolve()
    world = World(Home(root, {}), binary)
    receiver = subprocess.Popen([binary, "recv", "--lines", "s1:kills"], env=world.home.env, stdout=subprocess.PIPE)
    try:
        received, chance = Lines(receiver.stdout), random.Random(options.seed)
        for number in range(options.rounds):
            play(world, received, number, options.lines, chance)
    finally:
        receiver.kill()
        receiver.wait(PATIENCE)
        world.end()
        shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
