# SPDX-License-Identifier: Apache-2.0
"""Client, server or network die again and again while files go over: how much is sent twice?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from harness import CaseFailed, Context, Goal, Row

NAME = "files-kill"
ABOUT = "2 GB and 20,000 files, with 20 deaths of either side on the way: bytes sent twice"
KILLS = Path(__file__).resolve().parents[2] / "tests" / "sync" / "kills.py"


def run(context: Context) -> Iterator[Row]:
    argv = [sys.executable, "-B", str(KILLS), *(["--quick"] if context.quick else [])]
    # 1 is its answer to a goal missed, which is ours to tell.
    env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "NIGH": str(context.nigh)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    for one in results:
        note = f"{one['kills']} deaths, {one['seconds']} s"
        goal = None if context.quick else Goal("<=", 0.05)
        yield Row(NAME, f"{one['way']}, {one['tree']}", "sent twice", (one["again"],), goal, note)
    if len(results) < 4:
        raise CaseFailed(done.stderr[-1000:])
