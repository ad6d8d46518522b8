# SPDX-License-Identifier: Apache-2.0
"""nigh run's own part without a terminal: signals, streams, and what it says when it fails."""
import fcntl
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from lib.waiting import PATIENCE


def test_one_word_is_for_the_shell_and_several_are_an_argv(server, nigh):
    server()
    assert nigh("run", "demo", "--", "echo $((6*7)) | tr 4 5").stdout == b"52\n"
    assert nigh("run", "demo", "--", "printf", "%s.", "$HOME", "a b", "").stdout == b"$HOME.a b.."
    assert nigh("run", "demo", "printf", "%s", "-n").stdout == b"-n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_reaches_the_command(server, start_nigh, number):
    server()
    name = number.name.removeprefix("SIG")
    one = start_nigh("run", "demo", "--",
                     f"trap 'echo {name}; exit 7' {name}; echo up; while :; do sleep 0.1; done")
    assert one.stdout.readline() == b"up\n"
    one.send_signal(number)
    assert one.stdout.readline() == name.encode() + b"\n"
    assert one.wait(PATIENCE) == 7


def test_a_signal_that_is_ignored_here_is_not_forwarded(server, start_nigh):
    server()
    one = start_nigh("run", "demo", "--", "cat",
                     preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    for line in [b"one\n", b"two\n"]:
        one.stdin.write(line)
        one.stdin.flush()
        assert one.stdout.readline() == line
        one.send_signal(signal.SIGHUP)
    one.stdin.close()
    assert one.wait(PATIENCE) == 0


def test_before_there_is_a_command_a_signal_ends_nigh(home, start_nigh):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        home.add_host("silent", silent.getsockname()[1])
        one = start_nigh("run", "silent", "--", "true")
        peer, _ = silent.accept()
        with peer:
            one.send_signal(signal.SIGINT)
            assert one.wait(PATIENCE) == 130
    assert one.stderr.read() == b""


def test_standard_input_may_be_closed(server, nigh_binary, home):
    server()
    done = subprocess.run(["sh", "-c", 'exec "$0" run demo -- cat <&-', nigh_binary], env=home.env,
                          capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_n_sends_no_input(server, nigh, options):
    server()
    done = nigh("run", "-n", *options, "demo", "--", "cat", input=b"unwanted")
    assert done.returncode == 0 and b"unwanted" not in done.stdout


def test_a_reader_that_leaves_early_ends_the_command_quietly(server, nigh_binary, home):
    server()
    done = subprocess.run(["sh", "-c", '"$0" run demo -- yes | head -n 1', nigh_binary],
                          env=home.env, capture_output=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == (b"y\n", b"")


def test_descriptors_that_are_shared_stay_blocking(server, nigh):
    server()
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb"), os.fdopen(theirs, "rb") as terminal:
        assert nigh("run", "demo", "--", "true", stdin=terminal).returncode == 0
        assert fcntl.fcntl(terminal, fcntl.F_GETFL) & os.O_NONBLOCK == 0


def test_the_environment_holds_the_locale_and_what_was_asked_for(server, nigh):
    server()
    done = nigh("run", "--env", "A=b c", "--env", "LC_TIME=C", "--cwd", "/usr", "demo", "--",
                "echo $A,$LANG,$LC_TIME,$SECRET,$PWD",
                env={"LANG": "C.UTF-8", "LC_TIME": "de_DE", "SECRET": "x"})
    assert done.stdout == b"b c,C.UTF-8,C,,/usr\n"


def test_the_time_limit_ends_the_command(server, nigh):
    server()
    done = nigh("run", "--timeout", "100ms", "demo", "--", "exec sleep 1000")
    assert done.returncode == 124
    assert done.stderr == b"nigh: demo: ended by the time limit of 100 ms\n"


def test_an_unknown_host_is_refused_without_a_terminal(server, nigh):
    one = server(trust=False)
    done = nigh("run", "demo", "--", "true", start_new_session=True)
    text = done.stderr.decode()
    assert done.returncode == 255 and text.count("\n") == 1
    assert one.fingerprint in text and "--accept-new" in text
    assert nigh("run", "--accept-new", "demo", "--", "true", start_new_session=True).returncode == 0
    assert nigh("run", "demo", "--", "true", start_new_session=True).returncode == 0


def test_v_tells_the_steps_with_their_times(server, nigh):
    server()
    done = nigh("run", "-v", "demo", "--", "true")
    assert done.returncode == 0
    lines = done.stderr.decode().splitlines()
    assert len(lines) >= 3
    assert all(re.fullmatch(r"nigh: demo: +\d+\.\d ms  \S.*", line) for line in lines)


def test_json_holds_the_whole_run(server, nigh):
    server()
    done = nigh("run", "--json", "demo", "--", "sh", "-c", "cat; printf '\\377' >&2; exit 3", input=b"in")
    result = json.loads(done.stdout)
    assert done.returncode == 3 and done.stderr == b""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", result.pop("started"))
    assert result.pop("seconds") > 0
    assert result == {"host": "demo", "argv": ["sh", "-c", "cat; printf '\\377' >&2; exit 3"],
                      "exit": 3, "signal": None, "timed_out": False, "status": 3, "stdout": "in",
                      "stderr_base64": "/w=="}


def test_json_says_which_signal(server, nigh):
    server()
    result = json.loads(nigh("run", "--json", "demo", "--", "kill -9 $$").stdout)
    assert (result["exit"], result["signal"], result["status"]) == (None, "KILL", 137)
    assert result["command"] == "kill -9 $$"


def test_json_of_a_failure_holds_the_error(home, nigh):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home.add_host("gone", gone.getsockname()[1])
    done = nigh("run", "--json", "gone", "--", "true")
    result = json.loads(done.stdout)
    assert done.returncode == result["status"] == 255
    assert result["error"]["code"] == "unavailable"
    assert done.stderr.decode() == f"nigh: gone: {result['error']['message']}\n"


def test_json_refuses_to_keep_too_much(server, nigh):
    server()
    done = nigh("run", "--json", "demo", "--", "head -c 70000000 /dev/zero")
    result = json.loads(done.stdout)
    assert done.returncode == 255 and result["error"]["code"] == "too-large"
