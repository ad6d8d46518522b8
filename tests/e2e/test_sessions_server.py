# SPDX-License-Identifier: Apache-2.0
"""The server's side of sessions that outlive their connection, without nigh's client."""
import os
import signal
import subprocess

import pytest

from lib import processes
from lib.attachment import DETACH, HANGUP, SIGNAL, SPEC, STDIN, STDIN_EOF, Attachment, Refused, frame
from lib.h2 import Connection, Cut
from lib.server import Server
from lib.waiting import PATIENCE, eventually

COUNT = ["sh", "-c", "seq 1 300000; read x; echo got $x; exit 3"]
NUMBERS = "".join(f"{i}\n" for i in range(1, 300001)).encode()
TERMINAL = {"pty": {"term": "xterm", "columns": 80, "rows": 24}}


class World:
    """A server that may be ended in any way and started again, and who uses it with a token."""

    def __init__(self, home, binary):
        self.home, self.binary, self.servers = home, binary, []
        self.sessions = home.root / ".local/state/nigh/sessions"
        self.options = []
        self.start()
        self.token = self.make_token()

    def start(self, port=0):
        command = [self.binary, "serve", "--listen", f"127.0.0.1:{port}", "--authorized-keys",
                   self.home.authorized_keys, "--host-key", self.home.host_key, *self.options]
        log = self.home.root / f"serve-{len(self.servers)}.log"
        # Holders are this server's descendants also when another has taken over.
        self.servers.append(Server(command, self.home.env, log, grace=PATIENCE))
        self.home.add_host(f"s{len(self.servers)}", self.port)
        self.home.trust(self.port)

    @property
    def server(self):
        return self.servers[-1]

    @property
    def port(self):
        return self.server.port

    def run(self, *words, **options):
        return subprocess.run([self.binary, *map(str, words)], env=self.home.env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, **options)

    def make_token(self, *options):
        done = self.run("token", *options, f"s{len(self.servers)}")
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def connect(self, token=None, **options):
        return Connection(self.port, token or self.token, **options)

    def ask(self, method, path, token=None):
        with self.connect(token) as connection:
            return connection.ask(method, path)

    def list(self):
        status, answer = self.ask("GET", "/v1/sessions")
        assert status == 200, answer
        return answer["sessions"]

    def one(self, session):
        return self.ask("GET", f"/v1/sessions/{session}")

    def pids(self, role):
        return [pid for one in self.servers if one.status is None for pid in one.processes()
                if processes.command_line(pid).startswith(role)]

    def kill_all(self, role):
        # A look at /proc is no snapshot: under load one may be missed.
        pids = eventually(lambda: self.pids(role), role)
        for pid in pids:
            processes.kill(pid)
        for pid in pids:
            eventually(lambda: not processes.alive(pid), f"the death of {role}")

    def end(self):
        """Ends sessions and servers; what should not be."""
        complaints = []
        for pid in self.pids("nigh-holder"):
            processes.kill(pid, signal.SIGTERM)
        for one in self.servers:
            one.stop()
            if one.left or "Sanitizer" in one.stderr():
                complaints += [*one.left, one.stderr()]
        left = os.listdir(self.sessions) if self.sessions.exists() else []
        return complaints + [f"session {one} was left behind" for one in left]


@pytest.fixture
def world(home, nigh_binary, request):
    home.env["SHELL"] = "/bin/sh"
    one = World(home, nigh_binary)
    yield one
    if complaints := one.end():
        pytest.fail("\n".join(complaints + [server.stderr() for server in one.servers]), pytrace=False)


def limits(world, text):
    """Starts the server anew with these limits."""
    config = world.home.root / "server.toml"
    config.write_text(f"[limits]\n{text}\n")
    world.options = ["--config", config]
    world.server.stop()
    world.start()
    world.token = world.make_token()


# ---- resuming ----------------------------------------------------------------------------------

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


def test_a_server_that_ends_in_order_sends_its_clients_to_its_successor(world):
    client = Attachment.start(world.connect(), ["cat"])
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
    limits(world, "resume_seconds = 1")
    client = Attachment.start(world.connect(), ["cat"])
    client.stream.connection.cut()
    eventually(lambda: not world.pids("nigh-holder"), "the end of the session")
    with pytest.raises(Refused) as refused:
        client.resume(world.connect())
    assert refused.value.status == 404
    assert world.ask("GET", "/v1/", client.token)[0] == 401


# ---- detaching, attaching ----------------------------------------------------------------------

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


# ---- ending ------------------------------------------------------------------------------------

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


# ---- who may -----------------------------------------------------------------------------------

def test_a_resume_token_is_good_for_its_attachment_and_nothing_else(world):
    mine = Attachment.start(world.connect(), ["cat"], name="mine")
    other = Attachment.start(world.connect(), ["cat"], name="other")
    token = mine.token
    for method, path in (("GET", "/v1/sessions"), ("GET", f"/v1/sessions/{other.session}"),
                         ("DELETE", f"/v1/sessions/{other.session}"), ("POST", "/v1/tokens"),
                         ("POST", "/v1/run"), ("GET", "/v1/files/etc/hostname")):
        with world.connect(token) as connection:
            body = b'{"argv":["id"]}' if path == "/v1/run" else b"" if method == "POST" else None
            status, problem = connection.ask(method, path, body)
        assert status == 403 and mine.session in problem["detail"], (method, path)
    for attempt in (lambda link: Attachment.start(link, ["id"]),
                    lambda link: Attachment.attach(link, other.session)):
        with pytest.raises(Refused) as refused:
            attempt(world.connect(token))
        assert refused.value.status == 403
    with pytest.raises(Refused, match="token"):
        Attachment.attach(world.connect(token), mine.session)
    assert world.ask("GET", f"/v1/sessions/{mine.session}", token)[0] == 200
    for one in (mine, other):
        one.say(STDIN_EOF)
        one.until_exit()


def test_a_token_of_one_attachment_does_not_resume_another(world):
    mine = Attachment.start(world.connect(), ["cat"])
    other = Attachment.attach(world.connect(), mine.session, read_only=True)
    other.number, number = mine.number, other.number
    assert number != mine.number
    with pytest.raises(Refused, match="another attachment"):
        other.resume(world.connect(other.token))
    mine.say(STDIN_EOF)
    mine.until_exit()


def test_forged_and_expired_tokens_are_refused(world):
    client = Attachment.start(world.connect(), ["cat"])
    token = client.token
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "nigh_r_" + "A" * 43, token + "A"):
        assert world.ask("GET", "/v1/", forged)[0] == 401
    (stored,) = (world.sessions / client.session / "resume").iterdir()
    assert token[7:] not in stored.name + stored.read_text()
    assert stored.stat().st_mode & 0o777 == 0o600
    client.say(STDIN_EOF)
    client.until_exit()
    eventually(lambda: world.ask("GET", "/v1/", token)[0] == 401, "the end of the token")


def test_a_resume_token_goes_with_the_key_that_made_it(world):
    client = Attachment.start(world.connect(), ["cat"])
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text('from="192.0.2.0/24" ' + keys)
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    world.home.authorized_keys.write_text("")
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    world.home.authorized_keys.write_text(keys)
    client.resume(world.connect(client.token))
    client.say(STDIN_EOF)
    client.until_exit()


def test_a_bearer_token_that_is_revoked_takes_the_resume_tokens_along(world):
    made = world.run("token", "s1")
    token, number = made.stdout.decode().strip(), made.stderr.decode().split()
    client = Attachment.start(world.connect(token), ["cat"], keep=True)
    number = next(word.strip(".,:()") for word in number if len(word.strip(".,:()")) == 12)
    assert world.run("token", "s1", "--revoke", number).returncode == 0
    assert world.ask("GET", "/v1/", client.token)[0] == 401
    client.say(STDIN_EOF)
    client.until_exit()


def test_a_restricted_key_has_sessions_of_its_own_only(world):
    other = Attachment.start(world.connect(), ["cat"], name="other")
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text('command="cat" ' + keys)
    mine = Attachment.start(world.connect(), ["id"])
    for method, path in (("GET", "/v1/sessions"), ("GET", f"/v1/sessions/{other.session}"),
                         ("DELETE", f"/v1/sessions/{other.session}"), ("GET", f"/v1/sessions/{mine.session}")):
        assert world.ask(method, path)[0] == 403, (method, path)
    with pytest.raises(Refused) as refused:
        Attachment.attach(world.connect(), other.session)
    assert refused.value.status == 403
    mine.type(b"forced\n")
    mine.until_out(b"forced\n")
    mine.stream.connection.cut()
    mine.resume(world.connect(mine.token))
    for one in (mine, other):
        one.say(STDIN_EOF)
        assert one.until_exit() == {"code": 0}


def test_a_key_without_a_terminal_reaches_no_terminal(world):
    shell = Attachment.start(world.connect(), ["cat"], **TERMINAL)
    keys = world.home.authorized_keys.read_text()
    world.home.authorized_keys.write_text("no-pty " + keys)
    for attempt in (lambda link: Attachment.start(link, ["cat"], **TERMINAL),
                    lambda link: Attachment.attach(link, shell.session)):
        with pytest.raises(Refused) as refused:
            attempt(world.connect())
        assert refused.value.status == 403
    shell.say(HANGUP)
    shell.until_exit()


# ---- limits and faults -------------------------------------------------------------------------

def test_too_many_sessions_are_refused_and_dead_ones_do_not_count(world):
    limits(world, "sessions = 2")
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
    limits(world, "session_pipe_kib = 64")
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
