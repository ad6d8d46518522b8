# SPDX-License-Identifier: Apache-2.0
"""The processes that serve requests about files: what they are, and how they end."""
import os
import pathlib
import random
import signal
import subprocess
import urllib.parse

import pytest

from lib import processes
from lib.waiting import PATIENCE, eventually

SIZE = 64 << 20  # more than all buffers between a file and a client that does not read


class Api:
    def __init__(self, one, token):
        self.server = one
        self.base = f"https://127.0.0.1:{one.port}"
        self.token = token

    def words(self, path, *options):
        return ["curl", "-sSk", "--http2", "-H", f"Authorization: Bearer {self.token}",
                *map(str, options), f"{self.base}/v1/files/{urllib.parse.quote(str(path)).lstrip('/')}"]

    def curl(self, path, *options, **more):
        return subprocess.run(self.words(path, *options), capture_output=True, timeout=PATIENCE, **more)

    def stalled(self, path, *options):
        """A download that nobody reads, once it has begun."""
        done = subprocess.Popen(self.words(path, "-N", *options), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, bufsize=0)
        assert done.stdout.read(1)
        return done

    def pids(self, role="nigh-files"):
        return [pid for pid in self.server.processes()
                if processes.command_line(pid).startswith(role + " ")]


@pytest.fixture
def api(server, nigh):
    one = server()
    return Api(one, nigh("token", "demo").stdout.decode().strip())


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(random.Random(1).randbytes(SIZE))
    return path


@pytest.fixture
def download(api, big):
    """A download that stands still: its client, and the process that serves it."""
    client = api.stalled(big)
    (pid,) = api.pids()
    yield client, pid
    client.kill()
    client.communicate(timeout=PATIENCE)


def gone(api):
    eventually(lambda: not api.pids(), "the end of the file process")


def rest_of(client):
    out, err = client.communicate(timeout=PATIENCE)
    return out, err.decode(), client.returncode


def test_each_request_has_a_process_in_the_home_with_two_pipes_and_it_ends(api, home, download):
    client, pid = download
    assert os.readlink(f"/proc/{pid}/cwd") == str(home.root)
    environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert any(word.startswith(b"SSH_CONNECTION=127.0.0.1 ") for word in environment)
    pipes = [to for to in processes.open_descriptors(pid).values() if to.startswith("pipe:")]
    assert len(set(pipes)) <= 3, "stdin, stdout and the log, and nothing of other requests"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    soft, hard = next(line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files"))
    assert soft == hard
    out, _, status = rest_of(client)
    assert status == 0 and len(out) == SIZE - 1
    gone(api)


def test_two_requests_have_two_processes(api, big, download):
    assert api.curl(big).stdout == big.read_bytes(), "while the other stands still"
    assert len(api.pids()) == 1


def test_a_client_that_leaves_takes_its_process_with_it(api, download):
    client, _ = download
    client.kill()
    gone(api)


def test_a_process_that_dies_breaks_its_answer_off_and_nothing_else(api, big, download):
    client, pid = download
    os.kill(pid, signal.SIGKILL)
    out, err, status = rest_of(client)
    assert status != 0 and len(out) < SIZE, "what is cut short does not look complete"
    assert api.curl(big).stdout == big.read_bytes()
    assert "broke off" in api.server.stderr()


def test_a_process_that_is_told_to_end_ends(api, download):
    client, pid = download
    os.kill(pid, signal.SIGTERM)
    gone(api)
    assert rest_of(client)[2] != 0


def test_fronts_that_die_take_their_processes_with_them(api, download):
    client, _ = download
    for front in api.pids("nigh-front"):
        os.kill(front, signal.SIGKILL)
    gone(api)
    assert rest_of(client)[2] != 0


def test_a_server_that_is_told_to_end_lets_a_transfer_finish(api, big, download):
    client, _ = download
    api.server.send_signal(signal.SIGTERM)
    out, _, status = rest_of(client)
    assert status == 0 and len(out) == SIZE - 1
    assert api.server.wait() == 0


def test_features_name_files(api):
    done = subprocess.run(["curl", "-sk", "--http2", "-H", f"Authorization: Bearer {api.token}",
                           api.base + "/v1/"], capture_output=True, timeout=PATIENCE)
    assert b'"files"' in done.stdout
