# SPDX-License-Identifier: Apache-2.0
"""What the program says about itself: help, usage errors, narrow terminals. No server needed."""
import os

import pexpect
import pytest

from lib.waiting import PATIENCE

COMMANDS = ["run", "shell", "attach", "sessions", "kill", "wait", "serve", "token", "doctor", "version", "help"]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_the_overview_lists_commands_and_examples(nigh, arguments):
    done = nigh(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.count("\n  nigh ") == 5 and "tar c . | nigh run" in text
    assert all(f"\n  {command} " in text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(nigh, command):
    done = nigh(command, "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"nigh {command}: ".encode())
    assert b"\nUsage:\n" in done.stdout and b"\nExamples:\n" in done.stdout
    assert nigh("help", command).stdout == done.stdout


def test_help_is_plain_where_nobody_sees_colours(nigh):
    assert b"\x1b" not in nigh("run", "--help").stdout


@pytest.mark.parametrize("arguments, status, says", [
    (["rnu"], 2, "nigh: there is no command 'rnu'; did you mean run? If it is a host: nigh shell rnu (nigh --help)\n"),
    (["help", "docter"], 2, "nigh: there is no command 'docter'; did you mean doctor? (nigh --help)\n"),
    (["\x1b[2J"], 2, "nigh: there is no command '\\x1b[2J' (nigh --help)\n"),
    (["shell"], 255, "nigh: no host: nigh shell HOST (nigh shell --help)\n"),
    (["--nmae", "work", "web1"], 255,
     "nigh: unknown option '--nmae'; did you mean --name? (nigh shell --help)\n"),
    (["attach"], 255, "nigh: no host: nigh attach HOST (nigh attach --help)\n"),
    (["kill", "web1"], 2,
     "nigh: no session: nigh kill web1 ID; nigh sessions web1 lists them (nigh kill --help)\n"),
    (["wait", "web1"], 255,
     "nigh: no session: nigh wait web1 ID; nigh sessions web1 lists them (nigh wait --help)\n"),
    (["run"], 255, "nigh: no host: nigh run HOST -- COMMAND (nigh run --help)\n"),
    (["run", "web1"], 255, "nigh: no command for web1: nigh run web1 -- COMMAND (nigh run --help)\n"),
    (["run", "--jsn", "web1", "ls"], 255,
     "nigh: unknown option '--jsn'; did you mean --json? (nigh run --help)\n"),
    (["run", "--timeout", "soon", "web1", "ls"], 255,
     "nigh: --timeout: 'soon' is not a duration: write 10s, 5m, 1h30m or a number of seconds, "
     "at most a year (nigh run --help)\n"),
    (["token"], 2, "nigh: no host: nigh token HOST (nigh token --help)\n"),
    (["doctor", "a", "b"], 2, "nigh: 'b' is one word too many: nigh doctor takes one host (nigh doctor --help)\n"),
    (["serve", "now"], 2, "nigh: 'now' makes no sense here: nigh serve takes only options (nigh serve --help)\n"),
    (["version", "now"], 2, "nigh: version takes no arguments (nigh version --help)\n"),
])
def test_a_usage_error_is_one_line_that_says_what_to_do(nigh, arguments, status, says):
    done = nigh(*arguments)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (status, b"", says)


@pytest.mark.parametrize("argument", ["version", "--version", "-V"])
def test_the_version_is_one_line(nigh, argument):
    done = nigh(argument)
    assert done.returncode == 0
    words = done.stdout.decode().split()
    assert words[0] == "nigh" and words[1].count(".") == 2 and len(words) == 2


@pytest.mark.parametrize("command", [[], *([command, "--help"] for command in COMMANDS)])
@pytest.mark.parametrize("columns", [20, 33, 60, 132])
def test_help_fits_the_terminal(nigh_binary, home, command, columns):
    text, status = pexpect.run(
        " ".join([str(nigh_binary), *command]), timeout=PATIENCE, withexitstatus=True,
        encoding="utf-8", env={**home.env, "NO_COLOR": "1"}, dimensions=(24, columns))
    assert status == 0
    assert "Examples:" in text
    assert max(map(len, text.split("\r\n"))) <= columns


def test_help_is_painted_on_a_terminal(nigh_binary, home):
    text = pexpect.run(f"{nigh_binary} --help", env=home.env, timeout=PATIENCE)
    assert b"\x1b[1mExamples:\x1b[0m" in text
    assert b"\x1b" not in pexpect.run(f"{nigh_binary} --help", env={**home.env, "NO_COLOR": "1"},
                                      timeout=PATIENCE)


def test_a_reader_that_leaves_early_is_no_error(nigh):
    read, write = os.pipe()
    os.close(read)
    done = nigh("help", "run", stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_it_runs_with_all_streams_closed(nigh_binary, home):
    script = 'exec "$0" version <&- >&- 2>&-'
    assert os.spawnve(os.P_WAIT, "/bin/sh", ["sh", "-c", script, str(nigh_binary)], home.env) == 0
