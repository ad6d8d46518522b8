# SPDX-License-Identifier: Apache-2.0
"""Server memory per idle tunnel, of very many on one connection, as the growth of its processes' PSS.

What the kernel keeps for a tunnel's socket is not in it.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
from collections.abc import Iterator

from cases.idle import settled_memory
from h2client import IdleConnection
from harness import Context, Goal, Row, Unavailable
from peers import Nigh

NAME = "tunnels_idle"
ABOUT = "server memory per idle tunnel"
AT_ONCE = 250  # a server dials 1,000 at a time


def run(context: Context) -> Iterator[Row]:
    tunnels = 2000 if context.quick else 10_000
    try:
        _raise_descriptor_limit(tunnels)
        yield _nigh(context, tunnels, kept=False)
        yield _nigh(context, tunnels, kept=True)
    except Unavailable as missing:
        context.skip(NAME, missing)


def _nigh(context: Context, tunnels: int, kept: bool) -> Row:
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(Target())
        nigh = stack.enter_context(Nigh(context.nigh, context.workspace))
        connection = IdleConnection(nigh.place.address, nigh.port, nigh.token())
        stack.callback(connection.close)
        connection.open_tunnels(target.authority, AT_ONCE, kept)  # they pay for what all share
        before = settled_memory(nigh.server)
        for _ in range(tunnels // AT_ONCE):
            connection.open_tunnels(target.authority, AT_ONCE, kept)
        kibibytes = (settled_memory(nigh.server) - before) / tunnels / 1024
    note = f"{tunnels} on one connection"
    return Row(NAME, "nigh, kept" if kept else "nigh", "KiB each", (kibibytes,), Goal("<=", 8), note)


class Target(contextlib.ExitStack):
    """Accepts whatever comes, and says nothing."""

    def __enter__(self) -> Target:
        self.listener = self.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096))
        self.authority = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self) -> None:
        accepted: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                accepted.append(self.listener.accept()[0])


def _raise_descriptor_limit(tunnels: int) -> None:
    """For the target here and for the server, which inherits it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < tunnels + 1000:
        raise Unavailable(f"{tunnels} tunnels need more open files than {most} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
