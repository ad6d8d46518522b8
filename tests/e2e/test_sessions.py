# SPDX-License-Identifier: Apache-2.0
"""Sessions that are there: listing, attaching, ending, waiting, and commands that are kept."""
import json
import os
import re
import signal

import pytest

from lib.link import Link
from lib.terminal import expect_end
from lib.waiting import PATIENCE, eventually

pytestmark = pytest.mark.usefixtures("sessions")

ID = re.compile(rb"[a-z0-9]{8}\n")


@pytest.fixture
def keep(server, nigh):
    """keep(line, name=None, *options) -> the id of a session that runs the line for the shell."""
    server()

    def start(line, name=None, *options):
        naming = ["--name", name] if name else []
        done = nigh("run", "--keep", *naming, *options, "demo", "--", line)
        assert (done.returncode, done.stderr) == (0, b"") and ID.fullmatch(done.stdout)
        return done.stdout.decode().strip()
    return start


def test_where_there_is_none_the_list_is_empty(server, nigh):
    server()
    for options in [], ["--json"], ["--prune"]:
        done = nigh("sessions", *options, "demo")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = nigh("attach", "demo")
    assert (done.returncode, done.stdout) == (255, b"")
    assert b"nigh: demo: there is no session; nigh demo begins one\n" == done.stderr


def test_the_list_says_what_runs_where(keep, nigh, sessions):
    build = keep("sleep 1000", "build")
    (one,) = sessions()
    assert one["id"] == build and one["name"] == "build" and one["command"] == "sleep 1000"
    assert one["running"] and one["keep"] and not one["terminal"] and one["clients"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["created"])
    heading, line = nigh("sessions", "demo").stdout.decode().splitlines()
    assert heading.split() == ["ID", "NAME", "CREATED", "CLIENTS", "SIZE", "IDLE", "COMMAND"]
    assert line.startswith(f"{build}  build  ") and line.endswith("  sleep 1000")


def test_who_is_attached_is_listed(keep, terminal, sessions):
    keep("echo up; sleep 1000", "build")
    child = terminal("attach", "demo", "build")
    child.expect_exact("up\r\n")
    eventually(lambda: sessions()[0]["clients"] == ["127.0.0.1"], "the client is listed")
    child.send("\x03")
    child.expect_exact("^C\r\nnigh: detached; nigh attach demo build goes on")
    expect_end(child, 130)
    eventually(lambda: sessions()[0]["clients"] == [], "the client is gone")
    assert sessions()[0]["running"]


# ---- commands that are kept --------------------------------------------------------------------

def test_kept_output_is_shown_from_its_start(keep, nigh):
    one = keep("seq 1 1000; echo err >&2; exit 3", "build")
    done = nigh("attach", "demo", "build")
    assert done.returncode == 3
    assert done.stdout == b"".join(b"%d\n" % i for i in range(1, 1001))
    assert done.stderr == b"err\n"
    assert one


def test_the_tail_of_kept_output_is_shown(keep, start_nigh):
    keep("seq 1 1000; sleep 1000", "build")
    # All is there, once somebody has seen the end.
    for options, first in ([], b"1\n"), (["--tail", "3"], b"998\n"):
        one = start_nigh("attach", *options, "demo", "build")
        line = one.stdout.readline()
        assert line == first
        while line != b"1000\n":
            line = one.stdout.readline()
        one.send_signal(signal.SIGINT)
        assert one.wait(PATIENCE) == 130


def test_a_kept_command_gets_no_input(keep, nigh):
    keep("cat; echo end", "build")
    assert nigh("attach", "demo", "build").stdout == b"end\n"


def test_waiting_gives_the_exit_status(keep, nigh, sessions):
    keep("exit 7", "seven")
    assert nigh("wait", "demo", "seven").returncode == 7
    one = keep("kill -TERM $$", "killed")
    assert nigh("wait", "demo", one).returncode == 143
    assert [s for s in sessions() if s["running"]] == []


def test_what_ends_at_once_is_there_all_the_same(keep, nigh):
    for number in range(10):
        one = keep("echo out; exit 4", f"at-once-{number}")
        assert nigh("wait", "demo", one).returncode == 4
        done = nigh("attach", "demo", one)
        assert (done.returncode, done.stdout) == (4, b"out\n")


def test_waiting_goes_on_until_the_end(keep, start_nigh, home):
    os.mkfifo(home.root / "end")
    keep("read status < end; exit $status", "build")
    waiting = start_nigh("wait", "demo", "build")
    (home.root / "end").write_text("6\n")
    out, err = waiting.communicate(timeout=PATIENCE)
    assert (waiting.returncode, out, err) == (6, b"", b"")


def test_waiting_survives_its_connection(server, home, nigh, start_nigh, sessions):
    link = Link(home, server(name="direct").port)
    os.mkfifo(home.root / "end")
    nigh("run", "--keep", "--name", "build", "direct", "--", "read status < end; exit $status")
    waiting = start_nigh("wait", "-v", "demo", "build")
    while b"authenticated as" not in (line := waiting.stderr.readline()):
        assert line
    link.cut()
    while b"trying again" not in (line := waiting.stderr.readline()):
        assert line
    link.restore()
    (home.root / "end").write_text("6\n")
    assert waiting.wait(PATIENCE) == 6
    link.close()
    assert [one["running"] for one in sessions("direct")] == [False]


def test_a_time_limit_holds_for_what_is_kept(keep, nigh):
    keep("sleep 1000", "build", "--timeout", "300ms")
    assert nigh("wait", "demo", "build").returncode == 124


def test_a_terminal_can_be_started_detached(server, nigh, terminal, sessions):
    server()
    done = nigh("shell", "--detached", "--name", "work", "demo", "echo up; read x; exit $x")
    assert (done.returncode, done.stderr) == (0, b"") and ID.fullmatch(done.stdout)
    (one,) = sessions()
    assert one["terminal"] and one["keep"] and (one["columns"], one["rows"]) == (80, 24)
    child = terminal("attach", "demo")
    child.expect_exact("up\r\n")
    child.sendline("9")
    expect_end(child, 9)


# ---- which one ---------------------------------------------------------------------------------

def test_alone_it_is_the_only_one_that_runs(keep, nigh):
    keep("exit 1", "gone")
    assert nigh("wait", "demo", "gone").returncode == 1
    keep("sleep 0.3; echo out; exit 2", "build")
    done = nigh("attach", "demo")
    assert (done.returncode, done.stdout) == (2, b"out\n")


def test_of_several_one_is_chosen_at_the_terminal(keep, terminal):
    keep("echo one; sleep 1000", "a")
    keep("echo two; sleep 1000", "b")
    child = terminal("attach", "demo")
    child.expect(r"  1  ([ab]) \(.*\)\r\n  2  [ab] \(.*\)\r\nWhich\? \(1 to 2, or a name\) ")
    child.sendline("3")
    child.expect_exact("Please type a number from 1 to 2, or a name: ")
    child.sendline("b")
    child.expect_exact("two\r\n")


def test_of_several_without_a_terminal_all_are_named(keep, start_nigh):
    keep("sleep 1000", "a")
    keep("sleep 2000", "b")
    done = start_nigh("attach", "demo", start_new_session=True)
    out, err = done.communicate(timeout=PATIENCE)
    assert (done.returncode, out) == (255, b"")
    assert b"several sessions" in err and b"a (sleep 1000" in err and b"b (sleep 2000" in err


def test_what_is_not_there_is_told_with_what_is(keep, nigh):
    keep("sleep 1000", "build")
    for command, status in (("attach", 255), ("wait", 255), ("kill", 1)):
        done = nigh(command, "demo", "bulid")
        assert (done.returncode, done.stdout) == (status, b"")
        assert b"bulid" in done.stderr and done.stderr.count(b"\n") == 1


def test_a_name_is_taken_once(keep, nigh):
    keep("sleep 1000", "build")
    done = nigh("run", "--keep", "--name", "build", "demo", "--", "true")
    assert (done.returncode, done.stdout) == (255, b"") and b"build" in done.stderr


def test_more_sessions_than_are_allowed_are_refused(server, nigh, home):
    config = home.root / "serve.toml"
    config.write_text("[limits]\nsessions = 2\n")
    server("--config", config)
    for _ in range(2):
        assert nigh("run", "--keep", "demo", "--", "sleep 1000").returncode == 0
    done = nigh("run", "--keep", "demo", "--", "sleep 1000")
    assert (done.returncode, done.stdout) == (255, b"")
    assert done.stderr.startswith(b"nigh: demo: there are 2 sessions already")


# ---- ending ------------------------------------------------------------------------------------

def test_several_are_ended_at_once_and_one_that_is_not_there_is_told(keep, nigh, sessions):
    first, second = keep("sleep 1000"), keep("sleep 1000", "b")
    done = nigh("kill", "demo", first, "missing", "b")
    assert done.returncode == 1
    assert b"nigh: demo: missing: " in done.stderr and done.stderr.count(b"\n") == 1
    eventually(lambda: not any(one["running"] for one in sessions()), "both have ended")
    assert second


def test_a_signal_of_choice_is_sent(keep, nigh):
    keep("trap 'echo usr1; exit 5' USR1; echo up; while :; do sleep 0.1; done", "build")
    assert nigh("kill", "--signal", "usr1", "demo", "build").returncode == 0
    assert nigh("wait", "demo", "build").returncode == 5
    done = nigh("kill", "-s", "NONSENSE", "demo", "build")
    assert done.returncode == 1 and b"NONSENSE" in done.stderr


def test_what_has_exited_is_pruned(keep, nigh, sessions):
    keep("sleep 1000", "on")
    keep("true", "over")
    eventually(lambda: [s["running"] for s in sessions() if s["name"] == "over"] == [False], "it is over")
    done = nigh("sessions", "--prune", "--json", "demo")
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["on"]
    done = nigh("sessions", "--prune", "--idle", "1d", "--json", "demo")
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["on"]
    eventually(lambda: sessions()[0]["idle_seconds"] >= 1, "it is idle")
    nigh("sessions", "--prune", "--idle", "1s", "demo")
    eventually(lambda: not any(one["running"] for one in sessions()), "it was ended")


# ---- several at once ---------------------------------------------------------------------------

def test_two_see_the_same_and_the_smaller_window_rules(server, terminal):
    server()
    first = terminal("shell", "demo", "--name", "work", dimensions=(40, 100))
    first.sendline("PS1=ready'''> '")
    first.expect_exact("ready> ")
    second = terminal("attach", "demo", "work", dimensions=(30, 120))
    second.expect_exact("ready> ")
    second.sendline("stty size")
    for child in (first, second):
        child.expect_exact("30 100\r\n")
    second.send("~d")
    expect_end(second, 0)
    first.sendline("stty size; exit 2")
    first.expect_exact("40 100\r\n")
    expect_end(first, 2)


def test_who_only_watches_changes_nothing(server, terminal):
    server()
    first = terminal("shell", "demo", "--name", "work", dimensions=(40, 100))
    first.sendline("PS1=ready'''> '")
    first.expect_exact("ready> ")
    watching = terminal("attach", "--read-only", "demo", "work", dimensions=(10, 20))
    watching.expect_exact("ready> ")
    watching.sendline("echo typed by who watches")
    first.sendline("echo $((6*7)) ; stty size")
    for child in (first, watching):
        child.expect_exact("42\r\n40 100\r\n")
        assert "typed by" not in child.before
    watching.send("~.")
    watching.expect_exact("nigh: detached; nigh attach demo work goes on")
    expect_end(watching, 0)
    first.sendline("exit 2")
    expect_end(first, 2)


def test_attaching_shows_the_screen_and_gives_the_history(server, screen):
    server()
    window = screen("shell", "demo", "--name", "work")
    window.type("PS1='prompt> '; clear; seq 1 100", "Enter")
    window.until(lambda rows: rows[-1] == "prompt>" and rows[-2] == "100")
    shown = window.rows()
    window.type("~d")
    # At the beginning of a line only: the prompt is one, as Enter was the last key.
    window.until("nigh: detached; nigh attach demo work goes on")
    again = screen("attach", "demo", "work")
    again.until(lambda rows: rows == shown)
    assert [row for row in again.history() if row.isdigit()] == [str(i) for i in range(1, 101)]
    short = screen("attach", "--scrollback", "10", "demo", "work")
    short.until(lambda rows: rows == shown)
    numbers = [int(row) for row in short.history() if row.isdigit()]
    assert numbers[-1] == 100 and 22 <= len(numbers) <= 33
