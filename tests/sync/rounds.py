#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random edits and a sync after each, N times, with rsync as the judge: ./dev sync-rounds [N].

The edits follow from the seed, so a failing round comes again with the same numbers.
"""
import argparse
import os
import sys
import time

from setting import ROOT, Setting

from lib.trees_rounds import Rounds


def main():
    parser = argparse.ArgumentParser(prog="./dev sync-rounds", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=1000, metavar="N", help="how many (1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the edits (1)")
    parser.add_argument("--scratch", default="/tmp", metavar="DIR", help="where the trees lie (/tmp)")
    options = parser.parse_args()
    begin = time.monotonic()
    with Setting(os.environ.get("NIGH", ROOT / "build/dev/nigh"), options.scratch) as setting:
        rounds = Rounds(setting.nigh, setting.folder, options.seed)
        for number in range(1, options.rounds + 1):
            try:
                rounds.next()
            except AssertionError as failure:
                print(f"seed {options.seed}: {failure}", file=sys.stderr)
                return 1
            if number % 50 == 0:
                print(f"{number} rounds, {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{options.rounds} rounds of seed {options.seed} passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
