# SPDX-License-Identifier: Apache-2.0
"""The server's side of sessions whose connection, or whose server, goes away, without nigh's client."""
import json
import os
import signal

import pytest

from lib import processes
from lib.attachment import HANGUP, SPEC, STDIN_EOF, Attachment, Refused, frame
from lib.h2 import Cut
from lib.waiting import eventually
from lib.world import COUNT, NUMBERS, TERMINAL


def test_a_session_goes_on_where_its_connection_was_cut(world):
    client = Attachment.start(world.connect(), COUNT)
    client.until(lambda: len(client.out) > 100_000)
    client.stream.connection.cut()
    client.resume(world.connect(client.token))
    client.until(lambda: len(client.out) == len(NUMBERS))
    client.type(b"in")
    client.stream.connection.cut()
    client.resume(world.connect(client.token))
    client.type(b"put\n")
    assert client.until_exit() == {"code": 3}
    assert client.out == NUMBERS + b"got input\n"
    eventually(lambda: not world.pids("nigh-holder"), "the end of the session")
    assert world.list() == []


@pytest.mark.parametrize("role", ["nigh-front", "nigh-worker", "nigh serve"])
def test_a_session_outlives_a_killed(world, role):
    client = Attachment.start(world.connect(), COUNT)
    client.until(lambda: len(client.out) > 100_000)
    port = world.port
    if role == "nigh serve":
        os.kill(world.server.pid, signal.SIGKILL)
        eventually(lambda: not world.pids("nigh-front") + world.pids("nigh-worker"), "the end of all")
        world.start(port)
    else:
        world.kill_all(role)
    if role != "nigh-worker":
        with pytest.raises(Cut):
            client.until_exit()

    def again():
        try:
            return client.resume(world.connect(client.token))
        except (Cut, Refused, OSError):
            return None  # who was killed is being started again
    eventually(again, "the resumption")
    client.type(b"x\n")
    assert client.until_exit() == {"code": 3}
    assert client.out == NUMBERS + b"got x\n"


def test_who_logs_in_while_there_is_no_worker_waits_for_the_next(world):
    for _ in range(2):  # one that dies young is not replaced at once
        eventually(lambda: world.pids("nigh-worker"), "the worker")
        world.kill_all("nigh-worker")
    assert world.ask("GET", "/v1/")[0] == 200


def test_a_server_that_ends_in_order_sends_its_clients_to_its_successor(world):
    client = Attachment.start(world.connect(), ["cat"], keep=True)
    port = world.port
    world.server.send_signal(signal.SIGTERM)
    with pytest.raises(Cut):
        client.until_exit()
    eventually(lambda: not processes.alive(world.server.pid), "the end of the server")
    world.start(port)
    assert [one["id"] for one in world.list()] == [client.session]
    client.resume(world.connect(client.token))
    client.type(b"still here\n")
    client.until_out(b"still here\n")
    client.say(STDIN_EOF)
    assert client.until_exit() == {"code": 0}


def test_input_and_signals_arrive_once_whatever_is_cut(world):
    client = Attachment.start(world.connect(), ["cat"])
    text = b""
    for i in range(20):
        line = b"line %d\n" % i
        text += line
        client.type(line)
        if i % 2:
            client.until(lambda: client.out.endswith(line))
        client.stream.connection.cut()
        client.resume(world.connect(client.token))
    client.say(STDIN_EOF)
    assert client.until_exit() == {"code": 0}
    assert client.out == text


def test_a_client_that_is_not_seen_to_be_gone_is_replaced_by_itself(world):
    client = Attachment.start(world.connect(), ["cat"])
    old = client.stream
    client.resume(world.connect(client.token))
    client.type(b"new\n")
    client.until_out(b"new\n")
    old.until(lambda: old.ended)
    assert b"another connection" in old.data
    client.say(HANGUP)
    assert client.until_exit() == {"signal": "HUP"}


def test_an_exit_that_was_lost_is_told_again(world):
    client = Attachment.start(world.connect(), ["sh", "-c", "read x; exit 7"])
    client.type(b"\n")
    client.until(lambda: client.exit)
    client.stream.connection.cut()  # before EXIT_ACK
    client.exit = None
    client.resume(world.connect(client.token))
    assert client.until_exit() == {"code": 7}
    eventually(lambda: not world.pids("nigh-holder"), "the end of the session")


def test_a_session_that_is_not_kept_is_hung_up_when_its_client_stays_away(world):
    world.limit("resume_seconds = 1\nhangup_seconds = 1")
    client = Attachment.start(world.connect(), ["cat"])
    client.stream.connection.cut()
    eventually(lambda: not world.pids("nigh-holder"), "the end of the session")
    with pytest.raises(Refused) as refused:
        client.resume(world.connect())
    assert refused.value.status == 404
    assert world.ask("GET", "/v1/", client.token)[0] == 401


@pytest.mark.parametrize("roles", [["nigh-front"], ["nigh-worker"], ["nigh-front", "nigh-worker"]])
def test_a_session_of_which_nobody_hears_does_not_stay(world, roles):
    """The parts of the server die while a terminal is started, at each step that can be seen."""
    world.limit("resume_seconds = 1\nhangup_seconds = 1")
    before = set()

    def new(path):
        return any((world.sessions / one / path).exists() for one in set(os.listdir(world.sessions)) - before)

    def a_stream():
        try:
            return world.connect().request("CONNECT", "/v1/sessions", "nigh-session")
        except (Cut, OSError):
            return None  # who was killed is being started again
    for step in ("sent", ".", "session.json", "socket", "answered"):
        stream = eventually(a_stream, "the server")
        before = set(os.listdir(world.sessions)) if world.sessions.exists() else set()
        stream.send(frame(SPEC, json.dumps({"argv": ["cat"], "resume": True, **TERMINAL}).encode()))
        try:
            if step == "answered":
                stream.until(lambda: stream.status)
            elif step != "sent":
                eventually(lambda step=step: world.sessions.exists() and new(step), step)
        except Cut:
            pass  # the worker that was killed before has not been replaced yet
        for role in roles:
            eventually(lambda role=role: world.pids(role), role)
            world.kill_all(role)
        stream.connection.cut()

    def over():
        try:
            for one in os.listdir(world.sessions):  # a start that was broken off is not waited for
                if not (world.sessions / one / "socket").exists():
                    os.utime(world.sessions / one, (0, 0))
            return world.list() == [] and os.listdir(world.sessions) == []
        except (Cut, OSError, AssertionError):
            return False
    eventually(over, "the end of all sessions")
    eventually(lambda: not world.pids("nigh-holder"), "the end of the holders")
