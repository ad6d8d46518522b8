# SPDX-License-Identifier: Apache-2.0
"""TCP through a forwarded port, `nigh forward -L` beside `ssh -L`: how much, how soon, how many, and
whether a hundred streams share fairly, also when one of them has a reader that has stopped.

iperf3 sends and receives; the yardstick of what TLS allows is tls-pump.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

from harness import CaseFailed, Context, Goal, Row, Unavailable, alternate, ratios
from peers import Nigh, OpenSsh, clean_env, free_port, run_quietly, tool
from processes import Server
from pump import Pump

NAME = "tunnels"
ABOUT = "throughput, latency, rate and fairness of forwarded ports, beside ssh and a bare TLS pump"
AES = ("-c", "aes128-gcm@openssh.com")
Work = dict[str, Callable[[], float]]


def run(context: Context) -> Iterator[Row]:
    iperf3 = tool("iperf3", "iperf3")
    with contextlib.ExitStack() as stack:
        port = free_port()
        argv = [iperf3, "-s", "-B", "127.0.0.1", "-p", str(port), "--forceflush"]
        stack.enter_context(Server(argv, "Server listening", context.workspace / "iperf3.log"))
        echo = stack.enter_context(Echo())
        forwards = {
            name: stack.enter_context(Forward(context, peer, [port, echo.port]))
            for name, peer in _peers(context, stack).items()
        }
        yield from _throughput(context, iperf3, forwards)
        yield from _ping_pong(context, forwards)
        yield from _short(context, forwards)
        yield from _fairness(context, iperf3, forwards)


def _peers(context: Context, stack: contextlib.ExitStack) -> dict[str, Nigh | OpenSsh]:
    makers: list[Callable[[], Nigh | OpenSsh]] = [
        lambda: Nigh(context.nigh, context.workspace),
        lambda: OpenSsh(context.workspace, options=AES),
    ]
    peers: dict[str, Nigh | OpenSsh] = {}
    for make in makers:
        try:
            peer = stack.enter_context(make())
            peers[peer.name] = peer
        except Unavailable as missing:
            context.skip(NAME, missing)
    return peers


class Forward(contextlib.ExitStack):
    """A client that leads local ports to `targets`, in their order."""

    def __init__(self, context: Context, peer: Nigh | OpenSsh, targets: list[int]) -> None:
        super().__init__()
        self.peer, self.targets = peer, targets
        self.log = context.workspace / f"forward-{peer.name}.log"
        self.ports = [free_port() for _ in targets]

    def __enter__(self) -> Forward:
        words = [f"-L127.0.0.1:{a}:127.0.0.1:{b}" for a, b in zip(self.ports, self.targets, strict=True)]
        peer = self.peer
        if isinstance(peer, Nigh):
            argv = [peer.program, "forward", "--identity", str(peer.key), "--accept-new", *words, peer.host]
            ready = str(self.ports[-1])
        else:
            config = str(peer.home / "ssh_config")
            argv = [peer.ssh, "-F", config, "-v", "-N", *peer.options, *words, peer.place.address]
            ready = "Entering interactive session"
        self.enter_context(Server(argv, ready, self.log, peer.env))
        return self


class Echo(contextlib.ExitStack):
    """Sends back what it gets, for any number of connections."""

    def __enter__(self) -> Echo:
        self.listener = self.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = self.listener.accept()
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    @staticmethod
    def _serve(one: socket.socket) -> None:
        with one, contextlib.suppress(OSError):
            while data := one.recv(4096):
                one.sendall(data)


def _iperf(context: Context, iperf3: str, port: int, *options: str) -> dict:
    words = [iperf3, "-c", "127.0.0.1", "-p", str(port), "-J", *options]
    found = json.loads(run_quietly(words, env=clean_env(context.workspace)))
    while "busy" in found.get("error", ""):  # with the end of the transfer before
        found = json.loads(run_quietly(words, env=clean_env(context.workspace)))
    if "error" in found:
        raise CaseFailed(f"iperf3 through port {port}: {found['error']}")
    return found


def _rate(context: Context, iperf3: str, port: int, seconds: int, *options: str) -> float:
    """Of what has arrived, in GB/s."""
    found = _iperf(context, iperf3, port, "-t", str(seconds), *options)
    return float(found["end"]["sum_received"]["bits_per_second"]) / 8e9


def _throughput(context: Context, iperf3: str, forwards: dict[str, Forward]) -> Iterator[Row]:
    mebibytes = 1024 if context.quick else 4096
    seconds = 2 if context.quick else 5
    dd = ["dd", "if=/dev/zero", "bs=1M", f"count={mebibytes}", "status=none"]
    pump = Pump(context.program("tls-pump"), context.workspace)
    for direction, options in (("down", ("-R",)), ("up", ())):
        transfer = pump.download if direction == "down" else pump.upload
        work: Work = {pump.name: lambda t=transfer: mebibytes * 2**20 / 1e9 / t(dd).seconds}
        for name, forward in forwards.items():
            work[name] = lambda f=forward, o=options: _rate(context, iperf3, f.ports[0], seconds, *o)
        figures = {n: tuple(all_) for n, all_ in alternate(work, 3 if context.quick else 5).items()}
        for name, rates in figures.items():
            yield Row(NAME, f"{direction}, {name}", "GB/s", rates)
        for peer, goal in ((pump.name, Goal(">=", 0.75)), ("ssh", Goal(">=", 2.0))):
            if peer in figures and "nigh" in figures:
                compared = ratios(figures["nigh"], figures[peer])
                yield Row(NAME, f"{direction}, nigh / {peer}", "x", compared, goal)


def _ping_pong(context: Context, forwards: dict[str, Forward]) -> Iterator[Row]:
    rounds = 500 if context.quick else 2000
    with contextlib.ExitStack() as stack:
        work: Work = {}
        for name, forward in forwards.items():
            one = stack.enter_context(socket.create_connection(("127.0.0.1", forward.ports[1])))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _there_and_back(one, 50)
            work[name] = lambda o=one: _there_and_back(o, rounds)
        figures = {n: tuple(all_) for n, all_ in alternate(work, 5).items()}
    for name, times in figures.items():
        yield Row(NAME, f"a byte there and back, {name}", "µs", times)
    if len(figures) == 2:
        compared = ratios(figures["nigh"], figures["ssh"])
        yield Row(NAME, "a byte there and back, nigh / ssh", "x", compared, Goal("<=", 1.1))


def _there_and_back(one: socket.socket, rounds: int) -> float:
    begin = time.perf_counter()
    for _ in range(rounds):
        one.sendall(b"x")
        if one.recv(1) != b"x":
            raise CaseFailed("the echo is gone")
    return (time.perf_counter() - begin) / rounds * 1e6


def _short(context: Context, forwards: dict[str, Forward]) -> Iterator[Row]:
    """Connections with a request and its answer, 32 at a time."""
    count = 1000 if context.quick else 4000
    work: Work = {n: lambda f=f: _connections(f.ports[1], count) for n, f in forwards.items()}
    goals = {"nigh": Goal(">=", 2000)}
    for name, rates in alternate(work, 3).items():
        yield Row(NAME, f"short connections, {name}", "1/s", tuple(rates), goals.get(name))


def _connections(port: int, count: int) -> float:
    lost: list[str] = []

    def some() -> None:
        for _ in range(count // 32):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
                    one.sendall(b"x")
                    if one.recv(1) != b"x":
                        lost.append("ended early")
            except OSError as failed:
                lost.append(str(failed))

    threads = [threading.Thread(target=some) for _ in range(32)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    if lost:
        raise CaseFailed(f"{len(lost)} of {count} connections were lost: {lost[0]}")
    return count // 32 * 32 / seconds


def _fairness(context: Context, iperf3: str, forwards: dict[str, Forward]) -> Iterator[Row]:
    """Jain's index of what a hundred streams have received; one more has a reader that stopped."""
    seconds = 3 if context.quick else 10
    if "nigh" not in forwards:
        return
    ports = forwards["nigh"].ports
    with socket.create_connection(("127.0.0.1", ports[1])) as stalled:
        stalled.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:  # until nothing more goes in: its echo is not read
                stalled.send(bytes(65536))
        found = _iperf(context, iperf3, ports[0], "-t", str(seconds), "-P", "100", "-R")
    rates = [float(one["receiver"]["bits_per_second"]) for one in found["end"]["streams"]]
    index = sum(rates) ** 2 / (len(rates) * sum(rate * rate for rate in rates))
    yield Row(NAME, "100 streams beside a stalled one, fairness", "", (index,), Goal(">=", 0.95))
    yield Row(NAME, "100 streams beside a stalled one, all", "GB/s", (sum(rates) / 8e9,))
