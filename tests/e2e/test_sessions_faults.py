# SPDX-License-Identifier: Apache-2.0
"""What sessions are refused, and what goes wrong with them."""
import os

import pytest

from lib.attachment import SPEC, STDIN_EOF, Attachment, Refused, frame
from lib.waiting import eventually
from lib.world import NUMBERS, TERMINAL


def test_too_many_sessions_are_refused_and_dead_ones_do_not_count(world):
    world.limit("sessions = 2")
    for _ in range(2):
        Attachment.start(world.connect(), ["cat"], **TERMINAL).detach()
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), ["cat"])
    assert refused.value.status == 503 and "2 sessions" in refused.value.problem["detail"]
    world.kill_all("nigh-holder")
    client = Attachment.start(world.connect(), ["cat"])
    client.say(STDIN_EOF)
    client.until_exit()


def test_a_name_is_given_once(world):
    client = Attachment.start(world.connect(), ["cat"], name="work")
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), ["cat"], name="work")
    assert refused.value.status == 409 and "work" in refused.value.problem["detail"]
    client.say(STDIN_EOF)
    client.until_exit()
    eventually(lambda: world.list() == [], "the end of the session")
    again = Attachment.start(world.connect(), ["cat"], name="work")
    again.say(STDIN_EOF)
    again.until_exit()


@pytest.mark.parametrize("spec, status, says", [
    ({"argv": ["no-such-program"]}, 404, "no-such-program"),
    ({"argv": ["cat"], "cwd": "/no/such"}, 404, "/no/such"),
    ({"argv": ["/proc/version"]}, 403, "/proc/version"),
    ({"argv": ["cat"], "name": "a/b"}, 400, "name"),
])
def test_what_cannot_be_started_is_said_and_leaves_nothing(world, spec, status, says):
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), **spec)
    assert refused.value.status == status and says in refused.value.problem["detail"]
    eventually(lambda: not world.pids("nigh-holder"), "the end of the holder")
    assert not world.sessions.exists() or os.listdir(world.sessions) == []


def test_a_directory_that_cannot_be_made_is_said(world):
    world.sessions.parent.mkdir(parents=True, exist_ok=True)
    world.sessions.write_text("in the way")
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), ["cat"])
    assert "sessions" in refused.value.problem["detail"]
    world.sessions.unlink()


def test_a_command_waits_for_a_client_that_does_not_read(world):
    world.limit("session_pipe_kib = 64")
    client = Attachment.start(world.connect(), ["sh", "-c", "seq 1 300000; echo done >&2"])
    client.until(lambda: len(client.out) >= 65536)
    client.stream.connection.cut()
    client.resume(world.connect(client.token))
    while len(client.out) < len(NUMBERS):
        before = len(client.out)
        client.acknowledge()
        client.until(lambda: len(client.out) > before)
    client.acknowledge()
    assert client.until_exit() == {"code": 0}
    assert (client.out, client.err) == (NUMBERS, b"done\n")


def test_a_start_of_which_nobody_hears_leaves_no_session(world):
    with world.connect() as connection:
        for _ in range(5):
            assert connection.ask("GET", "/v1/")[0] == 200
            stream = connection.request("CONNECT", "/v1/sessions", "nigh-session")
            stream.send(frame(SPEC, b'{"argv":["cat"],"resume":true}'))
            stream.reset()
        assert connection.ask("GET", "/v1/sessions")[0] == 200  # all have been begun
    eventually(lambda: world.sessions.exists() and not os.listdir(world.sessions), "the end of the sessions")
    eventually(lambda: not world.pids("nigh-holder"), "the end of the holders")
