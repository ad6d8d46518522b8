# SPDX-License-Identifier: Apache-2.0
"""nigh run at a terminal: raw mode, window size, and that all is restored on every way out."""
import os
import signal

import pytest

from lib import processes
from lib.terminal import expect_end


def test_the_command_gets_a_terminal_of_the_same_size_and_kind(server, terminal):
    server()
    child = terminal("run", "-t", "demo", "--", "stty size; echo term $TERM; tty", dimensions=(33, 77))
    child.expect_exact("33 77\r\n")
    child.expect_exact("term xterm\r\n")
    child.expect(r"/dev/pts/\d+\r\n")
    expect_end(child, 0)


def test_a_resized_window_is_resized_there(server, terminal):
    server()
    child = terminal("run", "-t", "demo", "--",
                     "trap 'stty size; exit 5' WINCH; echo up; while :; do sleep 0.1; done")
    child.expect_exact("up\r\n")
    child.setwinsize(41, 99)
    child.expect_exact("41 99\r\n")
    expect_end(child, 5)


def test_keys_go_to_the_command_as_they_are(server, terminal):
    server()
    child = terminal("run", "-t", "demo", "--",
                     "stty raw -echo; printf 'up\\r\\n'; head -c 3 | od -An -tx1")
    child.expect_exact("up\r\n")
    child.send("\x03\x1a\x04")
    child.expect_exact("03 1a 04")
    expect_end(child, 0)


def test_an_interrupt_key_reaches_the_command(server, terminal):
    server()
    child = terminal("run", "-t", "demo", "--", "echo up; exec sleep 1000")
    child.expect_exact("up\r\n")
    child.send("\x03")
    expect_end(child, 130)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_that_ends_the_command_leaves_the_terminal_as_it_was(server, terminal, number):
    server()
    child = terminal("run", "-t", "demo", "--", "ulimit -c 0; echo up; exec sleep 1000")
    child.expect_exact("up\r\n")
    os.kill(child.nigh, number)
    expect_end(child, 128 + number)


def test_who_insists_ends_nigh_although_the_command_does_not_end(server, terminal, sessions):
    server()
    child = terminal("run", "-t", "demo", "--",
                     "trap 'echo still here' TERM; echo up; while :; do sleep 0.1; done")
    child.expect_exact("up\r\n")
    for _ in range(3):
        os.kill(child.nigh, signal.SIGTERM)
        if child.expect_exact(["still here\r\n", "status 143\r\n"]) == 1:
            break
    else:
        pytest.fail("three signals were not enough")
    child.expect_exact("terminal as before")
    assert len(sessions()) == 1  # which is a session, and goes on


def test_a_server_that_dies_leaves_the_terminal_as_it_was(server, terminal):
    one = server(clean_end=False)
    child = terminal("run", "--no-resume", "-t", "demo", "--", "echo up; exec sleep 1000")
    child.expect_exact("up\r\n")
    for pid in one.processes():
        processes.kill(pid)
    one.wait()
    child.expect_exact("nigh: demo: ")
    expect_end(child, 255)


def test_without_a_terminal_there_is_none_unless_twice_asked_for(server, nigh):
    server()
    done = nigh("run", "-t", "demo", "--", "tty")
    assert done.stdout == b"not a tty\n"
    assert b"no terminal for the command" in done.stderr
    assert nigh("run", "-tt", "demo", "--", "tty").stdout.startswith(b"/dev/pts/")


def test_an_unknown_host_is_asked_about(server, terminal):
    one = server(trust=False)
    child = terminal("run", "demo", "--", "echo in")
    child.expect_exact(one.fingerprint)
    child.expect_exact("(yes, no, or the fingerprint) ")
    child.sendline("y")
    child.expect_exact("Please type yes, no, or the fingerprint: ")
    child.sendline(one.fingerprint)
    child.expect_exact("in\r\n")
    expect_end(child, 0)
    again = terminal("run", "demo", "--", "echo in")
    again.expect_exact(["in\r\n", "(yes, no"])
    assert again.after == "in\r\n"
    expect_end(again, 0)


def test_a_host_that_is_not_accepted_is_refused(server, terminal):
    server(trust=False)
    child = terminal("run", "demo", "--", "echo in")
    child.expect_exact("(yes, no, or the fingerprint) ")
    child.sendline("no")
    child.expect("nigh: demo: the host key .* was not accepted\r\n")
    expect_end(child, 255)


def test_a_question_can_be_interrupted(server, terminal):
    server(trust=False)
    child = terminal("run", "demo", "--", "echo in")
    child.expect_exact("(yes, no, or the fingerprint) ")
    child.send("\x03")
    child.expect_exact("^C\r\n")  # what comes next is on a line of its own
    expect_end(child, 130)
