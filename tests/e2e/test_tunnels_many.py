# SPDX-License-Identifier: Apache-2.0
"""Many streams on one connection: what is allowed to whom, and what still counts."""
import select
import socket

import pytest

from lib.forwards import Forwards, Target, echo
from lib.h2_client import Client
from lib.waiting import PATIENCE


@pytest.fixture
def one(server, home, nigh):
    """A Client on a server that runs three commands at a time."""
    home.server_config.write_text("fronts = 1\n[limits]\nhangup_seconds = 1\nprocesses = 3\n")
    running = server()
    with Client(running.port, nigh("token", "demo").stdout.decode().strip()) as client:
        yield client


def run(client, *argv):
    return client.post("/v1/run", {"argv": argv})


def test_who_has_logged_in_may_have_more_streams(one):
    assert one.h2.remote_settings.max_concurrent_streams == 256
    assert run(one, "true").until_status().status == 200
    assert one.h2.remote_settings.max_concurrent_streams == 16384


def test_more_requests_than_processes_are_refused(one):
    assert run(one, "true").until_status().status == 200
    streams = [run(one, "sleep", "1000") for _ in range(400)]
    while sum(stream.over for stream in streams) < 397:
        one.read()
    refused = [stream.problem() for stream in streams if stream.over]
    assert set(refused) == {(503, "busy")}


def test_a_client_waits_for_the_streams_that_the_server_allows(server, home, start_nigh):
    home.server_config.write_text("[limits]\nhangup_seconds = 1\nstreams_per_connection = 3\n")
    server()
    target = Target()
    target.answer_each(echo)
    forwards = Forwards(start_nigh("forward", "--json", "-L", f"0:{target.spec}", "demo"), 1)
    waiting = [forwards.connect() for _ in range(8)]
    for connection in waiting:
        connection.sendall(b"x")
    while waiting:
        ready, _, _ = select.select(waiting, [], [], PATIENCE)
        assert ready, f"{len(waiting)} connections wait for ever"
        for connection in ready:
            assert connection.recv(10) == b"x"
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(10) == b""
            connection.close()
            waiting.remove(connection)
    target.close()
