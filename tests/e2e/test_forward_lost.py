# SPDX-License-Identifier: Apache-2.0
"""Forwards whose connection to the host is lost: a pause to what is open, and nothing else."""
import hashlib
import random
import socket
import threading

import pytest

from lib import processes
from lib.forwards import assert_reset, connect, echo, receive, receive_all, reset
from lib.transfer import FreezingProxy, Proxy
from lib.waiting import PATIENCE, eventually


@pytest.fixture(params=[1, 3], ids=["one front", "three fronts"])
def far(request, home, server):
    """A way to the server that can be cut. With several fronts a tunnel often goes on over another."""
    home.server_config.write_text(f"fronts = {request.param}\n")
    with Proxy(home, server(name="direct").port, "far") as proxy:
        yield proxy


def test_a_lost_connection_is_a_pause_to_what_is_open(far, forward, target):
    forwards = forward("-L", f"0:{target.spec}", host="far")
    with forwards.connect() as near, target.accept() as there:
        near.sendall(b"before")
        assert receive(there, 6) == b"before"
        for number in range(4):
            far.cut()
            near.sendall(b"to %d" % number)
            there.sendall(b"from %d" % number)
            assert receive(there, 4) == b"to %d" % number
            assert receive(near, 6) == b"from %d" % number
        forwards.event("lost")
        forwards.event("resumed")
        near.shutdown(socket.SHUT_WR)
        assert there.recv(1) == b""
        far.cut()
        there.sendall(b"the rest")
        there.close()
        assert receive_all(near) == b"the rest"
    assert forwards.event("closed")["received"] == 4 * 6 + 8
    with forwards.connect() as near, target.accept() as there:
        near.sendall(b"again")
        assert receive(there, 5) == b"again"


@pytest.mark.parametrize("option", ["-L", "-R"])
def test_cuts_in_the_middle_lose_nothing_in_either_direction(far, forward, target, option):
    forwards = forward(option, f"0:{target.spec}", host="far")
    data = random.Random(7).randbytes(6_000_000)
    target.answer_each(echo)

    def cut_again():
        far.cut()
        far.when(900_000, cut_again)
    with forwards.connect() as near:
        forwards.event("opened")  # before that it may be too early for it to be kept
        far.when(900_000, cut_again)

        def send():
            near.sendall(data)
            near.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        assert hashlib.sha256(receive_all(near)).digest() == hashlib.sha256(data).digest()
        sender.join(PATIENCE)
        far.when(1 << 60, lambda: None)


def test_what_ends_without_contact_has_ended_afterwards(far, forward, target):
    forwards = forward("-L", f"0:{target.spec}", host="far")
    with forwards.connect() as near, target.accept() as there:
        near.sendall(b"1")
        assert receive(there, 1) == b"1"
        far.cut()
        near.sendall(b"last words")
        near.shutdown(socket.SHUT_WR)
        assert receive_all(there) == b"last words"
        there.close()
        assert near.recv(1) == b""


def test_what_was_open_at_a_front_that_died_is_reset(server, home, forward, target):
    home.server_config.write_text("fronts = 1\n")
    running = server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as near, target.accept() as there:
        forwards.event("opened")  # before that it would be dialed again
        kill(running, "nigh-front")
        assert_reset(near)
        assert_reset(there)
    forwards.event("lost")
    with forwards.connect() as near, target.accept() as there:
        near.sendall(b"again")
        assert receive(there, 5) == b"again"
    forwards.event("resumed")


def test_a_connection_that_falls_silent_is_replaced(home, server, forward, target):
    with FreezingProxy(home, server(name="direct").port, "far") as proxy:
        forwards = forward("-L", f"0:{target.spec}", host="far")
        with forwards.connect() as near, target.accept() as there, \
                forwards.connect() as leaves, target.accept() as is_left:
            near.sendall(b"before")
            assert receive(there, 6) == b"before"
            leaves.sendall(b"x")
            assert receive(is_left, 1) == b"x"
            proxy.freeze()
            reset(leaves)
            forwards.event("failed")
            near.sendall(b"after")
            assert receive(there, 5) == b"after"
            there.sendall(b"answer")
            assert receive(near, 6) == b"answer"
            assert_reset(is_left)  # that it was, was said over the connection that has fallen silent


def kill(running, role):
    for pid in [pid for pid in running.processes() if processes.command_line(pid).startswith(role)]:
        processes.kill(pid)
        eventually(lambda pid=pid: not processes.alive(pid), "its end")


def test_the_host_listens_again_at_the_same_port(server, home, forward, target):
    home.server_config.write_text("fronts = 1\n")
    running = server()
    forwards = forward("-R", f"0:{target.spec}")
    kill(running, "nigh-front")
    forwards.event("resumed")

    def reached():
        try:
            return connect(forwards.address())
        except ConnectionRefusedError:
            return None
    with eventually(reached, "the port") as far, target.accept() as near:
        far.sendall(b"again")
        assert receive(near, 5) == b"again"


def test_another_worker_does_not_know_us_and_we_log_in_again(server, home, nigh, forward, target):
    home.server_config.write_text("fronts = 1\n")
    running = server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as near, target.accept() as far:
        forwards.event("opened")
        kill(running, "nigh-worker")
        assert nigh("run", "demo", "--", "true").returncode == 0  # the front has the new one
        with forwards.connect() as other, target.accept() as other_far:
            other.sendall(b"new")
            assert receive(other_far, 3) == b"new"
        near.sendall(b"old")
        assert receive(far, 3) == b"old"
