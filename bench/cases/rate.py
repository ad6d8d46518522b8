# SPDX-License-Identifier: Apache-2.0
"""New connections per second with full authentication, every process of the server on one core.

The client has the other core; it signs and verifies as much as the server does, so the rate may be
limited by either. The server's CPU time per connection says what the server alone could do.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

from harness import CaseFailed, Context, Goal, Row, Unavailable
from peers import Nigh, Place

NAME = "rate"
ABOUT = "new connections per second with full authentication, server on one core"
AT_ONCE = 16


def run(context: Context) -> Iterator[Row]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Unavailable("needs two cores, one for the server and one for its clients")
    connections = 500 if context.quick else 2000
    program = context.program("connect-rate")
    rates: list[float] = []
    capacities: list[float] = []
    place = Place(context.workspace, server_core=cores[0])
    with Nigh(context.nigh, context.workspace, place) as nigh:
        argv = ["taskset", "-c", str(cores[1]), program, nigh.host, str(nigh.key)]
        for _ in range(3):
            cpu = nigh.server.cpu_seconds()
            seconds = _connect([*argv, str(connections), str(AT_ONCE)], nigh)
            rates.append(connections / seconds)
            capacities.append(connections / (nigh.server.cpu_seconds() - cpu))
    yield Row(NAME, "nigh", "1/s", tuple(rates), Goal(">=", 500))
    yield Row(NAME, "nigh, per CPU second of the server", "1/s", tuple(capacities))


def _connect(argv: list[str], nigh: Nigh) -> float:
    done = subprocess.run(argv, env=nigh.env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CaseFailed(f"connect-rate failed: {done.stderr[-500:]}")
    return float(json.loads(done.stdout)["seconds"])
