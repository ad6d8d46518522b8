# SPDX-License-Identifier: Apache-2.0
"""What sessions are refused, and what goes wrong with them."""
import os
import pwd
import resource
import subprocess

import pytest

from lib import processes
from lib.attachment import SPEC, STDIN_EOF, Attachment, Refused, frame
from lib.waiting import eventually
from lib.world import NUMBERS, TERMINAL

# What must outlive its connection is refused where a plain command is run without that.
KEPT = {"keep": True}


def test_too_many_sessions_are_refused_and_dead_ones_do_not_count(world):
    world.limit("sessions = 2")
    for _ in range(2):
        Attachment.start(world.connect(), ["cat"], **TERMINAL).detach()
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), ["cat"], **KEPT)
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
        Attachment.start(world.connect(), ["cat"], **KEPT)
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


def refusal(world, **spec):
    """(status, detail) of a start that does not come about."""
    with pytest.raises(Refused) as refused:
        Attachment.start(world.connect(), ["cat"], **spec)
    return refused.value.status, refused.value.problem["detail"]


def works(world, **spec):
    client = Attachment.start(world.connect(), ["cat"], **spec)
    client.say(STDIN_EOF)
    assert client.until_exit() == {"code": 0}


def test_when_all_terminals_are_in_use_that_is_said(world):
    world.mount("-t devpts -o newinstance,max=1,ptmxmode=666 devpts /dev/pts",
                "--bind /dev/pts/ptmx /dev/ptmx")
    first = Attachment.start(world.connect(), ["cat"], **TERMINAL)
    status, detail = refusal(world, **TERMINAL)
    assert status == 503 and "terminals of this machine are in use" in detail
    works(world)
    first.detach()
    world.ask("DELETE", f"/v1/sessions/{first.session}")
    eventually(lambda: world.list() == [], "the end of the session")
    works(world, **TERMINAL)


def test_a_worker_without_free_descriptors_says_so_at_each_step(world):
    (worker,) = world.pids("nigh-worker")
    before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    kept = Attachment.start(world.connect(), ["cat"])
    connection = world.connect()
    assert connection.ask("GET", "/v1/")[0] == 200
    refused = 0
    for free in range(9):
        in_use = len(processes.open_descriptors(worker))
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (in_use + free, before[1]))
        for spec in (KEPT, {**KEPT, **TERMINAL}):
            try:
                client = Attachment.start(connection, ["cat"], **spec)
                client.say(STDIN_EOF)
                client.until_exit()
            except Refused as why:
                refused += 1
                assert why.status in (500, 503) and "oo many" in why.problem["detail"], why.problem
        eventually(lambda: not set(os.listdir(world.sessions)) - {kept.session}, "the end of all others")
    resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
    assert refused >= 4
    assert [one["id"] for one in world.list()] == [kept.session]
    works(world, **TERMINAL)
    kept.type(b"still here\n")
    kept.until_out(b"still here\n")
    kept.say(STDIN_EOF)
    kept.until_exit()


@pytest.mark.parametrize("who", ["holder", "command"])
def test_when_no_process_can_be_made_that_is_said(world, who):
    nobody = pwd.getpwnam("nobody").pw_uid  # root has no limit
    for folder, _, files in os.walk(world.home.root):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            os.chown(path, nobody, -1)
    as_nobody = ["setpriv", "--reuid=nobody", "--clear-groups", "--"]
    world.restart(*as_nobody)
    connection = world.connect()
    assert connection.ask("GET", "/v1/")[0] == 200
    (worker,) = world.pids("nigh-worker")

    def limit(processes):
        subprocess.run([*as_nobody, "prlimit", f"--pid={worker}", f"--nproc={processes}:"], check=True)

    limit(processes.threads_of(nobody) + (who == "command"))
    with pytest.raises(Refused) as refused:
        Attachment.start(connection, ["cat"], **KEPT)
    assert refused.value.status == 503
    assert "there are as many processes as this account" in refused.value.problem["detail"]
    assert ("bin/cat" in refused.value.problem["detail"]) == (who == "command")
    eventually(lambda: os.listdir(world.sessions) == [], "the end of the session")
    limit(10_000)
    works(world)


def test_a_full_disk_refuses_new_sessions_and_leaves_the_others_alone(world):
    world.sessions.mkdir(parents=True, mode=0o700)
    world.mount(f"-t tmpfs -o size=64k,mode=700 small {world.sessions}")
    old = Attachment.start(world.connect(), ["cat"], name="old", keep=True)
    inside = world.see(world.sessions)
    with pytest.raises(OSError), (inside / "filler").open("wb", 0) as filler:
        while True:
            filler.write(bytes(4096))
    status, detail = refusal(world, **KEPT)
    assert status in (500, 503) and "No space left on device" in detail
    assert sorted(os.listdir(inside)) == sorted([old.session, "filler"])
    old.type(b"one\n")
    old.until_out(b"one\n")
    old.stream.connection.cut()
    old.resume(world.connect(old.token))
    second = Attachment.attach(world.connect(), "old")
    old.type(b"two\n")
    second.until_out(b"one\ntwo\n")
    (inside / "filler").unlink()
    works(world)
    for one in old, second:
        one.say(STDIN_EOF)
    for one in old, second:
        assert one.until_exit() == {"code": 0}
    eventually(lambda: os.listdir(inside) == [], "the end of the session")


def test_a_directory_for_sessions_that_cannot_be_written_is_said(world):
    world.sessions.mkdir(parents=True, mode=0o700)
    world.mount(f"-t tmpfs -o ro,mode=700 none {world.sessions}")
    status, detail = refusal(world, **KEPT)
    assert status in (500, 503) and "Read-only file system" in detail and str(world.sessions) in detail
    assert world.list() == []


def test_the_path_of_a_session_may_be_longer_than_that_of_a_socket(world):
    world.home.env["XDG_STATE_HOME"] = str(world.home.root / ("long" * 40))
    world.sessions = world.home.root / ("long" * 40) / "nigh/sessions"
    world.restart()
    world.token = world.make_token()
    client = Attachment.start(world.connect(), ["cat"], name="x", keep=True)
    client.stream.connection.cut()
    client.resume(world.connect(client.token))
    assert world.one("x")[1]["id"] == client.session
    client.say(STDIN_EOF)
    assert client.until_exit() == {"code": 0}


def test_a_login_shell_that_is_not_there_is_said(world):
    users = world.home.root / "passwd"
    me = pwd.getpwuid(os.getuid())
    users.write_text(f"{me.pw_name}:x:{me.pw_uid}:{me.pw_gid}::{me.pw_dir}:/no/such/shell\n")
    world.mount(f"--bind {users} /etc/passwd")
    for spec in ({"login": True}, {"login": True, **TERMINAL}, {"command": "exit"}):
        with pytest.raises(Refused) as refused:
            Attachment.start(world.connect(), None, **spec)
        assert refused.value.status == 404
        assert refused.value.problem["detail"].startswith("cannot run /no/such/shell: ")
    eventually(lambda: os.listdir(world.sessions) == [], "the end of the session")
