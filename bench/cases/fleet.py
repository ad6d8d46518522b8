# SPDX-License-Identifier: Apache-2.0
"""`true` on 100 hosts: one server under 100 loopback addresses, one client process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from harness import Context, Goal, Row, Unavailable
from peers import Nigh, OpenSsh, measure
from processes import run_timed

NAME = "fleet"
ABOUT = "`true` on 100 hosts at once"
HOSTS = 100
SSH_AT_ONCE = 8  # sshd refuses more than ten unauthenticated connections by default


def run(context: Context) -> Iterator[Row]:
    try:
        yield _nigh(context)
    except Unavailable as missing:
        context.skip(NAME, missing)
    try:
        yield _ssh(context)
    except Unavailable as missing:
        context.skip(NAME, missing)


def _nigh(context: Context) -> Row:
    with Nigh(context.nigh, context.workspace, listen="0.0.0.0") as nigh:
        hosts = [f"127.0.0.{i}:{nigh.port}" for i in range(1, HOSTS + 1)]
        argv = nigh.command_for(hosts, "true")
        run_timed(argv, nigh.env, nigh.errors)  # learns the hosts' keys
        rounds = 3 if context.quick else 7
        walls = tuple(run_timed(argv, nigh.env, nigh.errors).seconds for _ in range(rounds))
    return Row(NAME, "nigh", "s", walls, Goal("<=", 1))


def _ssh(context: Context) -> Row:
    with OpenSsh(context.workspace) as ssh, ThreadPoolExecutor(SSH_AT_ONCE) as pool:
        begin = time.perf_counter()
        for done in [pool.submit(measure, ssh, "true") for _ in range(HOSTS)]:
            done.result()
        wall = time.perf_counter() - begin
    return Row(NAME, "ssh", "s", (wall,), note=f"{HOSTS} processes, {SSH_AT_ONCE} at a time")
