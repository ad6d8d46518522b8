# SPDX-License-Identifier: Apache-2.0
"""`nigh run` goes on whatever happens to its connection, and ends what it started when it dies itself."""
import random
import signal

import pytest

from lib import processes
from lib.filter import Filter
from lib.link import Link
from lib.transfer import Proxy
from lib.waiting import PATIENCE, eventually

SIZE = 12 << 20


@pytest.fixture
def configured(server, home):
    """configured("sessions = 0", …) -> a server with these limits."""
    def start(*limits, **options):
        home.server_config.write_text("\n".join(["[limits]", *limits]))
        return server(**options)
    return start


@pytest.fixture
def filtered(nigh_binary, home, sanitizer_reports):
    """filtered(data, *arguments of nigh run) -> a running Filter."""
    started = []

    def start(data, *arguments):
        started.append(Filter([nigh_binary, "run", *arguments], home.env, data))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        sanitizer_reports.look_at(one.stderr)


@pytest.fixture
def all_sessions(nigh):
    return lambda *options: nigh("sessions", *options, "demo").stdout.splitlines()[1:]


def front(server):
    return next(pid for pid in server.processes() if processes.command_line(pid).startswith("nigh-front"))


def test_cuts_and_dead_fronts_lose_nothing_and_keep_the_exit_status(configured, home, filtered):
    running = configured("hangup_seconds = 600", name="direct")
    data, steps = random.Random(5).randbytes(SIZE), []
    with Proxy(home, running.port, "far") as proxy:
        def disturb():
            proxy.cut() if len(steps) % 2 else processes.kill(front(running))
            steps.append(proxy.sent)
            if len(steps) < 4:
                proxy.when(SIZE // 4, disturb)
        proxy.when(SIZE // 4, disturb)
        one = filtered(data, "-v", "far", "--", "sh", "-c", "cat; echo done >&2; exit 5")
        assert one.wait() == 5, one.stderr
    assert one.out == data, f"{len(one.out)} bytes came"
    assert len(steps) == 4
    assert b"far: no contact, trying again: " in one.stderr and b"far: contact is back" in one.stderr
    assert b"done\n" in one.stderr


def test_without_v_a_short_loss_is_not_told(configured, home, filtered):
    with Proxy(home, configured("hangup_seconds = 600", name="direct").port, "far") as proxy:
        one = filtered(None, "far", "--", "sh", "-c", "echo up; read line; echo $line")
        eventually(lambda: bytes(one.out) == b"up\n", "the command")
        proxy.cut()
        one.write(b"and on\n")
        assert one.wait() == 0
    assert (bytes(one.out), one.stderr) == (b"up\nand on\n", b"")


@pytest.mark.parametrize("how", ["--no-resume", "resume = false", "sessions = 0"])
def test_who_does_not_want_it_ends_with_the_connection(configured, home, filtered, how):
    with Proxy(home, configured(*[how] * (how == "sessions = 0"), name="direct").port, "far") as proxy:
        if how == "resume = false":
            with home.config_file.open("a") as config:
                config.write(f"[defaults]\n{how}\n")
        one = filtered(None, *[how] * how.startswith("--"), "far", "--",
                       "exec 2>/dev/null; trap 'echo hup > hung-up; exit' HUP; echo up; while :; do sleep 0.05; done")
        eventually(lambda: bytes(one.out) == b"up\n", "the command")
        proxy.cut()
        assert one.wait() == 255
        assert b"far: " in one.stderr
    eventually((home.root / "hung-up").exists, "the end of the command")


def test_a_server_without_sessions_runs_everything_but_what_is_to_be_kept(configured, nigh):
    configured("sessions = 0")
    done = nigh("run", "demo", "--", "cat; echo err >&2; exit 3", input=b"x" * 300_000)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"x" * 300_000, b"err\n")
    done = nigh("run", "--keep", "demo", "--", "true")
    assert done.returncode == 255 and b"outlive" in done.stderr


def test_a_home_without_room_does_not_stop_commands(configured, home, nigh):
    state = home.root / ".local/state/nigh"
    state.mkdir(parents=True)
    (state / "sessions").write_text("in the way")
    configured()
    assert nigh("run", "demo", "--", "echo", "on").stdout == b"on\n"


def test_commands_are_not_listed_and_need_no_room_among_sessions(configured, start_nigh, nigh, all_sessions):
    configured("sessions = 1", "hangup_seconds = 1")
    those = [start_nigh("run", "demo", "--", "echo up; exec cat") for _ in range(3)]
    for one in those:
        assert one.stdout.readline() == b"up\n"
    assert all_sessions() == []
    assert len(all_sessions("--all")) == 3
    assert nigh("run", "--keep", "--name", "stays", "demo", "--", "sleep", "1000").returncode == 0
    assert nigh("run", "--keep", "demo", "--", "true").returncode == 255
    for one in those:
        one.stdin.close()
        assert one.wait(PATIENCE) == 0
    eventually(lambda: len(all_sessions("--all")) == 1, "the end of the others")
    nigh("kill", "demo", "stays")
    eventually(lambda: not all_sessions("--all"), "the end")


def test_a_terminal_goes_on_without_contact_and_can_be_left(configured, home, terminal, all_sessions, nigh):
    link = Link(home, configured("hangup_seconds = 600").port, "far")
    child = terminal("run", "-t", "far", "--", "echo up; read line; echo got $line; exec sleep 1000")
    child.expect_exact("up\r\n")
    link.cut()
    child.send("typed\r")
    link.restore()
    child.expect_exact("got typed\r\n")
    child.send("\r~d")
    child.expect_exact("nigh: detached; nigh attach far")
    child.expect_exact("terminal as before")
    assert b"echo up" in all_sessions()[0]
    nigh("kill", "demo", all_sessions()[0].split()[0].decode())
    link.close()


def test_a_client_that_is_silent_is_waited_for_longer_than_one_that_is_dead(configured, home, start_nigh):
    link = Link(home, configured("hangup_seconds = 1", name="direct").port, "far")
    words = ["far", "--", "exec 2>/dev/null; echo $$; exec sleep 1000"]
    silent, dead = start_nigh("run", *words), start_nigh("run", *words)
    pids = [int(one.stdout.readline()) for one in (silent, dead)]
    dead.kill()
    eventually(lambda: not processes.alive(pids[1]), "the end of the command of the dead one")
    link.hold()
    silent.send_signal(signal.SIGKILL)
    silent.wait(PATIENCE)
    assert processes.alive(pids[0])
    link.close()
    eventually(lambda: not processes.alive(pids[0]), "the end of the other, once its silence has an end")
