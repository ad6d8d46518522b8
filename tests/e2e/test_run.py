# SPDX-License-Identifier: Apache-2.0
"""The main job with real programs: what goes in comes out, and what ends is told."""
import hashlib
import os
import signal
import subprocess
import threading

import pytest

from lib import processes
from lib.waiting import PATIENCE, eventually


@pytest.mark.parametrize("code", [0, 1, 3, 127, 255])
def test_the_exit_status_is_that_of_the_command(server, nigh, code):
    server()
    done = nigh("run", "demo", "--", f"exit {code}")
    assert done.returncode == code
    assert done.stderr == b""


def test_death_by_a_signal_is_128_and_its_number(server, nigh):
    server()
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        assert nigh("run", "demo", "--", f"kill -{int(number)} $$").returncode == 128 + number


def test_a_command_that_is_not_there_is_nigh_s_own_failure_and_says_so(server, nigh):
    server()
    done = nigh("run", "demo", "--", "no-such-program", "x")
    assert done.returncode == 255
    assert done.stderr.count(b"\n") == 1
    assert b"no-such-program" in done.stderr


def test_stdout_and_stderr_are_apart_and_binary_clean(server, nigh):
    server()
    every_byte = bytes(range(256)) * 300
    done = nigh("run", "demo", "--", "sh", "-c", "cat; printf 'on stderr' >&2", input=every_byte)
    assert done.stdout == every_byte
    assert done.stderr == b"on stderr"


def test_words_may_hold_any_byte(server, nigh):
    server()
    raw = os.fsdecode(b"caf\xe9 \xff\n'\"$(x)")
    assert nigh("run", "demo", "--", "printf", "%s", raw).stdout == os.fsencode(raw)


def test_input_that_ends_is_an_end_of_file_there_while_output_goes_on(server, start_nigh):
    server()
    one = start_nigh("run", "demo", "--", "sh", "-c", "cat >/dev/null; echo ended; read x; echo $?")
    one.stdin.close()
    assert one.stdout.read() == b"ended\n1\n"
    assert one.wait(PATIENCE) == 0


def digest_while_feeding(one, total, seed):
    """Feeds `total` bytes to a process and hashes what comes back; the two digests."""
    sent, got = hashlib.sha256(), hashlib.sha256()
    block = hashlib.shake_128(seed).digest(1 << 20)

    def feed():
        for number in range(total >> 20):
            piece = block[number % 997:] + block[:number % 997]
            sent.update(piece)
            one.stdin.write(piece)
        one.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    while piece := one.stdout.read(1 << 20):
        got.update(piece)
    feeder.join()
    return sent.digest(), got.digest()


@pytest.mark.slow
def test_a_gigabyte_goes_through_both_ways_unchanged(server, start_nigh):
    server()
    one = start_nigh("run", "demo", "--", "cat")
    sent, got = digest_while_feeding(one, 1 << 30, b"gigabyte")
    assert sent == got
    assert one.wait(PATIENCE) == 0


def test_many_megabytes_go_through_both_ways_unchanged(server, start_nigh):
    server()
    one = start_nigh("run", "demo", "--", "cat")
    sent, got = digest_while_feeding(one, 64 << 20, b"megabytes")
    assert sent == got
    assert one.wait(PATIENCE) == 0


def test_two_hundred_commands_at_once(server, start_nigh):
    server()
    all_of_them = [start_nigh("run", "demo", "--", f"cat; exit {n % 7}") for n in range(200)]
    for number, one in enumerate(all_of_them):
        out, err = one.communicate(f"number {number}".encode(), timeout=4 * PATIENCE)
        assert (out, err) == (f"number {number}".encode(), b"")
        assert one.returncode == number % 7


def test_a_command_that_does_not_read_holds_its_input_back(server, start_nigh):
    """Nothing piles up beyond the windows, and a signal still gets through."""
    one_server = server()
    one = start_nigh("run", "demo", "--", "sh", "-c", "echo $$; exec sleep 1000",
                     stdin=subprocess.PIPE)
    pid = int(one.stdout.readline())
    os.set_blocking(one.stdin.fileno(), False)
    block = bytes(1 << 16)
    sent = idle = 0
    def stuck():
        nonlocal sent, idle
        try:
            sent += os.write(one.stdin.fileno(), block)
            idle = 0
        except BlockingIOError:
            idle += 1
        return idle > 100
    eventually(stuck, "back-pressure")
    assert sent < 40 << 20
    assert all(processes.resident_bytes(p) < 400 << 20 for p in one_server.processes())
    one.send_signal(signal.SIGTERM)
    assert one.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not processes.alive(pid)


def test_a_slow_reader_holds_the_command_back(server, start_nigh):
    server()
    one = start_nigh("run", "demo", "--", "sh", "-c", "head -c 100000000 /dev/zero; echo done >&2")
    assert one.stdout.read(1) == b"\0"
    # The command cannot be done: 100 MB are more than every buffer on the way together.
    os.set_blocking(one.stderr.fileno(), False)
    assert one.stderr.read() is None
    os.set_blocking(one.stderr.fileno(), True)
    assert len(one.stdout.read()) == 100_000_000 - 1
    assert one.stderr.read() == b"done\n"
    assert one.wait(PATIENCE) == 0


def test_a_client_that_is_killed_hangs_the_command_up(server, start_nigh, home):
    server()
    # bash reports the sleep's death on stderr, which nobody reads any more: hence 2>/dev/null.
    one = start_nigh("run", "demo", "--", "exec 2>/dev/null; trap 'echo hup > hung-up; exit' HUP; "
                     "echo $$; while :; do sleep 0.05; done")
    pid = int(one.stdout.readline())
    one.kill()
    one.wait(PATIENCE)
    eventually(lambda: not processes.alive(pid), "the end of the command")
    assert (home.root / "hung-up").exists()


def test_output_of_background_children_is_not_lost(server, nigh):
    server()
    assert nigh("run", "demo", "--", "(sleep 0.3; echo late) & echo early").stdout == b"early\nlate\n"


def test_the_environment_is_a_clean_login_environment(server, nigh, home):
    server(env={"SECRET_OF_THE_SERVER": "x", "LD_LIBRARY_PATH": "/none"})
    lines = nigh("run", "demo", "--", "env").stdout.decode().splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line)
    assert variables["HOME"] == str(home.root)
    assert variables["USER"] == variables["LOGNAME"]
    assert variables["SHELL"].startswith("/")
    assert "/usr/bin" in variables["PATH"]
    connection = variables["NIGH_CONNECTION"].split()
    assert connection[0] == connection[2] == "127.0.0.1" and len(connection) == 4
    assert variables["SSH_CONNECTION"] == variables["NIGH_CONNECTION"]
    assert "SECRET_OF_THE_SERVER" not in variables and "LD_LIBRARY_PATH" not in variables


def test_directory_and_variables_as_told(server, nigh, tmp_path):
    server()
    done = nigh("run", "--cwd", tmp_path, "--env", "A=b c", "demo", "--", 'pwd; echo "$A"')
    assert done.stdout.decode().splitlines() == [str(tmp_path), "b c"]
    gone = nigh("run", "--cwd", tmp_path / "gone", "demo", "--", "true")
    assert gone.returncode == 255
    assert str(tmp_path / "gone").encode() in gone.stderr


def test_the_limits_of_the_server_are_not_those_of_its_commands(server, nigh):
    server()
    here = subprocess.run(["sh", "-c", "ulimit -n"], capture_output=True, check=True).stdout
    assert nigh("run", "demo", "--", "sleep 0.1; ulimit -n").stdout == here


def test_no_descriptor_of_the_server_leaks_into_a_command(server, nigh):
    server()
    assert nigh("run", "demo", "--", "ls /proc/$$/fd; true").stdout.split() == [b"0", b"1", b"2"]
