# SPDX-License-Identifier: Apache-2.0
"""A client's sessions go on whatever happens to connections, fronts and servers, and lose no byte."""
import hashlib
import os
import random
import signal

import pytest

from lib import processes
from lib.filter import Filter
from lib.link import Link
from lib.server import Server
from lib.transfer import FreezingProxy, Proxy
from lib.waiting import PATIENCE, eventually

SIZE = 24 << 20


@pytest.fixture
def server(server, home):
    """Its clients get all the time they need: they come back."""
    home.server_config.write_text("[limits]\nhangup_seconds = 600\n")
    return server


@pytest.fixture
def filtered(nigh_binary, home, sanitizer_reports):
    """filtered(host, data, *words) -> a running Filter; `cat` unless told otherwise."""
    started = []

    def start(host, data, *words):
        binary = nigh_binary.parent / "examples" / "lasting_command"
        started.append(Filter([binary, host, *(words or ("cat",))], home.env, data))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        sanitizer_reports.look_at(one.stderr)


@pytest.fixture
def data():
    return random.Random(4).randbytes(SIZE)


def check(one, data):
    assert one.wait() == 0, one.stderr
    assert hashlib.sha256(one.out).digest() == hashlib.sha256(data).digest(), f"{len(one.out)} bytes came"


def pids(server, role):
    return [pid for pid in server.processes() if processes.command_line(pid).startswith(role)]


def test_cuts_at_random_moments_lose_nothing_in_either_direction(server, home, filtered, data):
    moments, cuts = random.Random(7), []
    with Proxy(home, server(name="direct").port, "far") as proxy:
        def cut():
            cuts.append(proxy.sent)
            proxy.when(moments.randrange(6 << 20), cut)
            proxy.cut()
        proxy.when(500_000, cut)  # more than passes before STARTED: then nobody could resume yet
        one = filtered("far", data)
        check(one, data)
    assert len(cuts) >= 5
    assert one.stderr.count(b"lost: ") == one.stderr.count(b"resumed") > 0


def test_a_command_and_its_exit_status_outlive_a_killed_front(server, filtered, data):
    running = server()
    one = filtered("demo", data, "sh", "-c", "cat; exit 5")
    for share in 0.2, 0.5:
        eventually(lambda share=share: len(one.out) > share * SIZE, "some output", 2 * PATIENCE)
        for pid in pids(running, "nigh-front"):
            processes.kill(pid)
    assert one.wait() == 5, one.stderr
    assert one.out == data
    assert one.stderr.count(b"resumed") >= 1


def test_a_command_outlives_its_worker(server, filtered, data):
    running = server()
    one = filtered("demo", data)
    eventually(lambda: len(one.out) > SIZE // 4, "some output", 2 * PATIENCE)
    for pid in pids(running, "nigh-worker"):
        processes.kill(pid)
    check(one, data)


class Successors:
    """Servers that follow each other at one port; what they started outlives them."""

    def __init__(self, binary, home):
        self.binary, self.home, self.all = binary, home, []
        home.server_config.write_text("[limits]\ndrain_seconds = 0\nhangup_seconds = 600\n")

    def start(self):
        port = self.all[0].port if self.all else 0
        command = [self.binary, "serve", "--config", self.home.server_config, "--listen", f"127.0.0.1:{port}",
                   "--authorized-keys", self.home.authorized_keys, "--host-key", self.home.host_key]
        log = self.home.root / f"successor-{len(self.all)}.log"
        self.all.append(Server(command, self.home.env, log, grace=PATIENCE))

    def end(self, number):
        """Ends the one that runs, and waits for that, but not for what it leaves."""
        pid = self.all[-1].pid
        os.kill(pid, number)
        eventually(lambda: not processes.alive(pid), "the end of the server")


@pytest.fixture
def successors(nigh_binary, home):
    those = Successors(nigh_binary, home)
    those.start()
    home.add_host("demo", those.all[0].port)
    home.trust(those.all[0].port)
    yield those
    for one in those.all:
        one.stop()
    left = [line for one in those.all for line in one.left]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_command_outlives_its_server(successors, filtered, data, number):
    one = filtered("demo", data)
    eventually(lambda: len(one.out) > SIZE // 4, "some output", 2 * PATIENCE)
    successors.end(number)
    successors.start()
    check(one, data)
    assert b"resumed" in one.stderr


def test_a_silent_connection_is_replaced_by_one_that_works(server, home, filtered, data):
    running = server(name="direct")
    with FreezingProxy(home, running.port, "far") as proxy:
        proxy.when(SIZE // 2, proxy.freeze)
        check(filtered("far", data), data)
    assert running.stderr().count("logged in") == 2, "one connection took the place of the other"


def test_what_comes_while_there_is_no_contact_arrives_afterwards(server, home, filtered):
    link = Link(home, server(name="direct").port, "far")
    one = filtered("far", None, "sh", "-c", "echo up; read line; echo got $line; exit 4")
    eventually(lambda: bytes(one.out) == b"up\n", "the command")
    link.cut()
    eventually(lambda: b"lost: " in one.stderr, "the loss")
    one.write(b"all of it\n")
    link.restore()
    assert one.wait() == 4
    assert one.out == b"up\ngot all of it\n"
    link.close()


def test_a_session_that_is_gone_is_said_to_be(server, home, filtered, nigh, sessions):
    link = Link(home, server().port, "far")
    one = filtered("far", b"", "sh", "-c", "echo up; exec sleep 1000")
    eventually(lambda: bytes(one.out) == b"up\n", "the command")
    (running,) = sessions()
    link.cut()
    nigh("kill", "-s", "KILL", "demo", running["id"])
    eventually(lambda: not sessions() or not nigh("kill", "demo", running["id"]), "the end of the session")
    link.restore()
    assert one.wait() == 255
    assert b"far: " in one.stderr and b"session" in one.stderr
    link.close()
