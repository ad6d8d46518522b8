#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures nigh beside its peers and says which goals are met.

Prints a table and writes build/bench/results.json:

    schema    1
    when      time of the end, UTC, ISO 8601
    quick     whether fewer rounds and bytes were used
    machine   cpu, cores, kernel, versions of the peers (null: not installed), and load: the
              load average at the start, which is near 0 where figures mean something
    rows      what the table shows, in its order:
      case, what, unit, note
      median, min, max, samples   the figure of the table is the median
      goal    null, or {relation: "<=" or ">=", limit}, which the median has to meet
      met     null without a goal, else true or false
    skipped   {case, why}: what could not be measured here

Rows named `nigh / PEER` are ratios: each round's two neighbours are divided, and the median of that
is taken, so that a machine that gets slower meanwhile does not decide.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cases
from charts import write_charts
from harness import Case, CaseFailed, Context, Row, Unavailable
from report import print_rows, write_results

ROOT = Path(__file__).resolve().parent.parent


def parse_arguments() -> argparse.Namespace:
    listing = "".join(f"  {case.NAME:<14} {case.ABOUT}\n" for case in cases.ALL)
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measures nigh beside its peers and says which goals are met.",
        epilog=f"cases:\n{listing}\nexample: ./dev bench connect stream --quick",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [case.NAME for case in cases.ALL]
    parser.add_argument("names", nargs="*", metavar="NAME", help="a case; all without one")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and bytes")
    parser.add_argument("--charts", action="store_true",
                        help="draw docs/charts afterwards; without a NAME: only that, from FILE")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a goal is missed")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", metavar="DIR",
                        help="build directory (default: build/release)")  # fmt: skip
    parser.add_argument("--nigh", type=Path, metavar="FILE", help="program (default: in DIR)")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "bench" / "results.json",
                        metavar="FILE", help="default: build/bench/results.json")  # fmt: skip
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in names:
            parser.error(f"there is no case '{name}': choose from {', '.join(names)}")
    return arguments


def make_workspace() -> Path:
    """A private directory none of whose parents others can write to: sshd insists on that for
    authorized_keys, which rules out /tmp."""
    for parent in (Path("/run"), Path("/run/user") / str(Path("/proc/self").stat().st_uid)):
        try:
            return Path(tempfile.mkdtemp(prefix="nigh-bench-", dir=parent))
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="nigh-bench-", dir=Path.home()))


def run_cases(chosen: Sequence[Case], context: Context) -> tuple[list[Row], bool]:
    """All rows, and whether a case failed; one that fails does not stop the others."""
    rows: list[Row] = []
    failed = False
    for case in chosen:
        skipped = len(context.skipped)
        try:
            for row in case.run(context):
                rows.append(row)
                print_rows([row])
        except Unavailable as missing:
            context.skip(case.NAME, missing)
        except CaseFailed as failure:
            failed = True
            print(f"{case.NAME:<14}FAILED: {failure}", flush=True)
        for name, why in context.skipped[skipped:]:
            print(f"{name:<14}skipped: {why}", flush=True)
    return rows, failed


def warn_if_busy() -> float:
    """The load average. Beside other work on the machine every figure here is wrong."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the machine is busy (load average {load:.1f}): do not trust the figures")
    return load


def stop(number: int, _: object) -> None:
    """Ends through the finally clauses, so that no server or namespace is left behind."""
    sys.exit(128 + number)


def draw(results: Path) -> int:
    if not results.exists():
        print(f"{results} is not there: measure first, for instance ./dev bench files-large")
        return 1
    for path in write_charts(ROOT / "docs" / "charts", json.loads(results.read_text())):
        print(path)
    return 0


def main() -> int:
    arguments = parse_arguments()
    if arguments.charts and not arguments.names:
        return draw(arguments.results)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    nigh = arguments.nigh or arguments.build / "nigh"
    workspace = make_workspace()
    try:
        context = Context(
            arguments.build.resolve(), nigh.resolve(), workspace, arguments.quick, warn_if_busy()
        )
        chosen = [c for c in cases.ALL if not arguments.names or c.NAME in arguments.names]
        rows, failed = run_cases(chosen, context)
        write_results(arguments.results, rows, context)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    if arguments.charts:
        draw(arguments.results)
    missed = sum(row.met is False for row in rows)
    met = sum(row.met is True for row in rows)
    print(f"{met} goals met, {missed} missed; {arguments.results}")
    return 1 if failed or (missed and arguments.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
