# SPDX-License-Identifier: Apache-2.0
"""The server's side of detaching, attaching and ending sessions, without nigh's client."""
import os
import signal

import pytest

from lib import processes
from lib.attachment import DETACH, HANGUP, SIGNAL, STDIN, STDIN_EOF, Attachment, Refused
from lib.h2 import Cut
from lib.waiting import eventually
from lib.world import TERMINAL


# ---- detaching, attaching ---------------------------------------------------------------------------

def test_a_terminal_is_left_and_entered_again(world):
    client = Attachment.start(world.connect(), command="stty -echo; PS1=; exec sh -i", name="work", **TERMINAL)
    client.type(b"echo one$((1+1))\n")
    client.until_out(b"one2")
    client.detach()
    assert world.ask("GET", "/v1/", client.token)[0] == 401, "its token is worth nothing any more"
    (session,) = world.list()
    assert session["id"] == client.session and session["name"] == "work"
    assert session["terminal"] and session["clients"] == [] and "exit" not in session
    assert session["size"] == {"columns": 80, "rows": 24}
    again = Attachment.attach(world.connect(), "work", pty={"columns": 100, "rows": 30})
    again.until(lambda: b"one2" in again.screen)
    assert again.session == client.session and again.number != client.number
    again.type(b"stty size\n")
    again.until_out(b"30 100")
    assert world.list()[0]["clients"] == ["127.0.0.1"]
    again.type(b"exit 5\n")
    assert again.until_exit() == {"code": 5}
    eventually(lambda: world.list() == [], "the end of the session")


def test_two_clients_share_a_terminal(world):
    one = Attachment.start(world.connect(), ["cat"], **TERMINAL)
    two = Attachment.attach(world.connect(), one.session, pty={"columns": 60, "rows": 40})
    one.until(lambda: {"columns": 60, "rows": 24, "width": 0, "height": 0} in
              [notice.get("size") for notice in one.notices])
    one.type(b"from one\n")
    two.until_out(b"from one\r\nfrom one\r\n")
    two.type(b"from two\n")
    one.until_out(b"from two\r\nfrom two\r\n")
    assert world.list()[0]["clients"] == ["127.0.0.1"] * 2
    two.say(DETACH)
    one.until(lambda: {"clients": 1} in one.notices)
    one.say(HANGUP)
    assert one.until_exit() == {"signal": "HUP"}


def test_who_only_watches_cannot_type(world):
    writer = Attachment.start(world.connect(), ["cat"], **TERMINAL)
    watcher = Attachment.attach(world.connect(), writer.session, read_only=True)
    writer.type(b"seen\n")
    watcher.until_out(b"seen")
    watcher.say(STDIN, b"x")
    watcher.until(lambda: watcher.detached)
    assert "watches" in watcher.detached
    writer.type(b"more\n")
    writer.until_out(b"more\r\nmore")
    writer.say(HANGUP)
    writer.until_exit()


def test_a_frame_that_makes_no_sense_ends_one_client_alone(world):
    good = Attachment.start(world.connect(), ["cat"], keep=True)
    bad = Attachment.attach(world.connect(), good.session)
    bad.stream.send(b"\xff\xff\xff\xff\xff")
    bad.until(lambda: bad.detached)
    bad.stream.until(lambda: bad.stream.ended)
    good.type(b"x\n")
    good.until_out(b"x\n")
    good.say(STDIN_EOF)
    assert good.until_exit() == {"code": 0}


def test_what_is_kept_is_there_for_who_comes_later(world):
    first = Attachment.start(world.connect(), ["sh", "-c", "echo out; echo err >&2; exit 4"], keep=True)
    first.stream.connection.cut()
    status, session = world.ask("GET", f"/v1/sessions/{first.session}?wait=1")
    assert status == 200 and session["exit"] == {"code": 4}
    later = Attachment.attach(world.connect(), first.session)
    later.until(lambda: later.exit)
    assert (later.out, later.err, later.exit) == (b"out\n", b"err\n", {"code": 4})
    assert len(world.list()) == 1, "nobody has said that it has arrived"
    later.until_exit()
    world.ask("DELETE", f"/v1/sessions/{first.session}")
    eventually(lambda: world.list() == [], "the end of the session")


def test_whoever_waits_hears_of_the_end(world):
    client = Attachment.start(world.connect(), ["cat"], name="it")
    waiting = world.connect().request("GET", "/v1/sessions/it?wait=1")
    assert world.one("it")[1].get("exit") is None
    client.say(SIGNAL, b"TERM")
    status, session = waiting.answer()
    assert status == 200 and session["exit"] == {"signal": "TERM"}
    client.until_exit()


# ---- ending -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("query, ends_with", [("", {"signal": "HUP"}), ("?signal=KILL", {"signal": "KILL"})])
def test_a_session_is_ended_from_outside(world, query, ends_with):
    client = Attachment.start(world.connect(), ["cat"], name="victim", keep=True)
    assert world.ask("DELETE", f"/v1/sessions/victim{query}") == (200, {})
    assert client.until_exit() == ends_with
    eventually(lambda: world.list() == [], "the end of the session")
    assert world.ask("DELETE", "/v1/sessions/victim")[0] == 404


def test_a_detached_session_is_ended_from_outside(world):
    Attachment.start(world.connect(), ["cat"], **TERMINAL).detach()
    (session,) = world.list()
    assert world.ask("DELETE", f"/v1/sessions/{session['id']}")[0] == 200
    eventually(lambda: world.list() == [], "the end of the session")


def test_a_time_limit_is_kept_by_the_session(world):
    client = Attachment.start(world.connect(), ["sleep", "100"], timeout_ms=100)
    client.stream.connection.cut()
    client.resume(world.connect(client.token))
    assert client.until_exit() == {"signal": "TERM", "timed_out": True}


def test_a_holder_that_is_told_to_stop_hangs_its_command_up(world):
    client = Attachment.start(world.connect(), ["cat"], keep=True)
    (holder,) = world.pids("nigh-holder")
    os.kill(holder, signal.SIGTERM)
    assert client.until_exit() == {"signal": "HUP"}
    eventually(lambda: not processes.alive(holder), "the end of the holder")


def test_a_holder_that_dies_leaves_nothing_behind(world):
    client = Attachment.start(world.connect(), ["cat"], name="x", **TERMINAL)
    world.kill_all("nigh-holder")
    with pytest.raises(Cut):
        client.until_exit()
    assert world.list() == []
    assert os.listdir(world.sessions) == []
    with pytest.raises(Refused) as refused:
        Attachment.attach(world.connect(), "x")
    assert refused.value.status == 404
