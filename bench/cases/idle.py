# SPDX-License-Identifier: Apache-2.0
"""Server memory per idle authenticated connection, as the growth of its processes' PSS."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Iterator

from h2client import IdleConnection
from harness import CaseFailed, Context, Goal, Row, Unavailable
from peers import Nigh, OpenSsh
from processes import Server, running

NAME = "idle"
ABOUT = "server memory per idle authenticated connection"
SSH_CONNECTIONS = 20  # a process each: few are enough to know the cost of one


def run(context: Context) -> Iterator[Row]:
    try:
        yield _nigh(context, connections=200 if context.quick else 1000)
    except Unavailable as missing:
        context.skip(NAME, missing)
    try:
        yield _ssh(context)
    except Unavailable as missing:
        context.skip(NAME, missing)


def _nigh(context: Context, connections: int) -> Row:
    _raise_descriptor_limit(connections)
    with contextlib.ExitStack() as stack:
        nigh = stack.enter_context(Nigh(context.nigh, context.workspace))
        token = nigh.token()
        # The first connections pay for what all share.
        for _ in range(5):
            stack.callback(IdleConnection(nigh.place.address, nigh.port, token).close)
        before = nigh.server.memory_bytes()
        for _ in range(connections):
            stack.callback(IdleConnection(nigh.place.address, nigh.port, token).close)
        kibibytes = (settled_memory(nigh.server) - before) / connections / 1024
    note = f"{connections} connections"
    return Row(NAME, "nigh", "KiB each", (kibibytes,), Goal("<=", 64), note)


def _ssh(context: Context) -> Row:
    with contextlib.ExitStack() as stack:
        ssh = stack.enter_context(OpenSsh(context.workspace))
        before = ssh.server.memory_bytes()
        for _ in range(SSH_CONNECTIONS):
            client = stack.enter_context(running(ssh.command("echo up; exec cat"), ssh.env))
            assert client.stdout is not None
            if client.stdout.readline() != b"up\n":
                raise CaseFailed("an idle ssh connection did not come up")
        kibibytes = (settled_memory(ssh.server) - before) / SSH_CONNECTIONS / 1024
    return Row(NAME, "ssh", "KiB each", (kibibytes,), note="with its process `cat`")


def settled_memory(server: Server) -> int:
    """Memory once it does not shrink any more: buffers may be released a little later."""
    lowest = server.memory_bytes()
    for _ in range(20):
        time.sleep(0.1)
        now = server.memory_bytes()
        if now >= lowest:
            return lowest
        lowest = now
    return lowest


def _raise_descriptor_limit(connections: int) -> None:
    """For the clients here and for the server, which inherits it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 3 * connections + 100:
        raise Unavailable(f"{connections} connections need more open files than {most} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
