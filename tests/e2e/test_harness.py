# SPDX-License-Identifier: Apache-2.0
"""What the other tests rely on: the harness sees what it is there to see."""
import os
import signal
import subprocess

import pytest

from lib import processes, sanitizers
from lib.server import Server
from lib.waiting import eventually

GREETING = "trap 'exit 0' TERM; echo listening on 127.0.0.1:4711; echo 'host key SHA256:abc (/k)'; echo ready; "
UNTIL_TERM = "while :; do read line <&9; done"


def shell_server(tmp_path, script, **options):
    """A stand-in for nigh serve. Descriptor 9 is a pipe in which nothing ever comes."""
    fifo = tmp_path / "never"
    os.mkfifo(fifo)
    return Server(["sh", "-c", f"exec 9<>{fifo}; {script}"], dict(os.environ), tmp_path / "log",
                  **options)


def test_a_server_that_ends_cleanly_gives_no_complaint(tmp_path):
    server = shell_server(tmp_path, GREETING + UNTIL_TERM)
    assert (server.port, server.addresses, server.fingerprint) == (
        4711, ["127.0.0.1:4711"], "SHA256:abc")
    assert server.stop() == 0
    assert server.complaints() == []


def test_a_server_that_ends_before_it_is_ready_fails_with_its_log(tmp_path):
    with pytest.raises(AssertionError, match="no such key"):
        shell_server(tmp_path, "echo listening on 127.0.0.1:1; echo no such key >&2")


def test_a_failing_status_is_a_complaint(tmp_path):
    server = shell_server(tmp_path, GREETING + "exit 3")
    assert server.wait() == 3
    assert server.complaints() == ["the server ended with status 3"]


def test_an_orphan_in_another_session_is_found_and_killed(tmp_path):
    server = shell_server(tmp_path, "setsid -f sleep 1000 >&-; " + GREETING + UNTIL_TERM, grace=0.1)
    orphan = eventually(lambda: [pid for pid in server.processes()
                                 if processes.command_line(pid) == "sleep 1000"])[0]
    server.stop()
    assert server.complaints() == [f"the server left a process running: {orphan}: sleep 1000"]
    assert not processes.alive(orphan)


def test_a_server_that_is_killed_leaves_nothing(tmp_path):
    server = shell_server(tmp_path, GREETING + UNTIL_TERM)
    server.kill()
    assert not processes.alive(server.pid)


def test_a_signal_reaches_the_server_and_shows_in_its_status(tmp_path):
    server = shell_server(tmp_path, GREETING + UNTIL_TERM)
    server.send_signal(signal.SIGKILL)
    assert server.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def overflow(tmp_path_factory):
    """A program in which AddressSanitizer finds something."""
    program = tmp_path_factory.mktemp("asan") / "overflow"
    subprocess.run(["clang++-19", "-fsanitize=address", "-g1", "-x", "c++", "-o", program, "-"],
                   input=b"int main(int c, char**) { int* p = new int[1]; return p[c]; }", check=True)
    return program


def test_a_report_of_a_sanitizer_lands_in_the_folder(overflow, tmp_path):
    done = subprocess.run([overflow], env=sanitizers.environment(tmp_path, os.environ),
                          capture_output=True)
    assert done.returncode == sanitizers.EXIT_STATUS
    assert sanitizers.in_stderr(done.stderr) is None
    [report] = sanitizers.reports(tmp_path)
    assert "heap-buffer-overflow" in report


def test_a_report_that_cannot_be_written_shows_on_standard_error(overflow, tmp_path):
    env = sanitizers.environment(tmp_path / "absent" / "deeper", os.environ)
    (tmp_path / "absent").write_text("a file where a folder would be")
    done = subprocess.run([overflow], env=env, capture_output=True)
    assert sanitizers.in_stderr(done.stderr) is not None


def test_a_wait_for_what_never_happens_fails():
    with pytest.raises(AssertionError, match="the moon did not happen"):
        eventually(lambda: False, "the moon", timeout=0.05)


def test_who_is_left_at_a_terminal_ends_before_it(at_terminal):
    child = at_terminal(["sh", "-c", "trap '' HUP INT TERM; sh -c 'echo pid $$; exec sleep 1000'; echo more"])
    child.expect(rb"pid (\d+)\r\n")
    below = int(child.match.group(1))
    child.close()
    eventually(lambda: not processes.alive(below), "the end of what ran below it")
    assert child.signalstatus == signal.SIGKILL
