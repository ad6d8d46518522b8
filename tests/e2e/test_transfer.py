# SPDX-License-Identifier: Apache-2.0
"""The tools of the tests of transfers themselves: the counted line, mounts, rsync as an oracle."""
import os
import socket
import subprocess
import threading
import types

import pytest

from lib.transfer import WITHOUT_PRIVILEGE, Mounts, Proxy, Way, json_lines, rsync_would, summary, wrapper
from lib.trees import copy_tree
from lib.trees_edits import Edits
from lib.waiting import PATIENCE


@pytest.fixture
def line(home):
    """A line to something that sends everything back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            while True:
                visitor, _ = listener.accept()
                threading.Thread(target=echo, args=(visitor,), daemon=True).start()
        except OSError:
            pass

    def echo(visitor):
        try:
            while piece := visitor.recv(65536):
                visitor.sendall(piece)
            visitor.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    threading.Thread(target=serve, daemon=True).start()
    with Proxy(home, listener.getsockname()[1]) as proxy:
        yield proxy
    listener.close()


def visit(line):
    return socket.create_connection(("127.0.0.1", line.port), timeout=PATIENCE)


def test_a_line_carries_and_counts(line, home):
    with visit(line) as one:
        one.sendall(b"x" * 100_000)
        one.shutdown(socket.SHUT_WR)
        got = b""
        while piece := one.recv(65536):
            got += piece
    assert got == b"x" * 100_000
    assert (line.sent, line.received) == (100_000, 100_000)
    assert f"port = {line.port}" in home.config_file.read_text()


def test_a_line_is_cut_after_so_many_bytes(line):
    cuts = []
    line.when(500_000, lambda: (cuts.append(line.sent + line.received), line.cut()))
    with visit(line) as one:
        with pytest.raises(OSError):
            while True:
                one.sendall(b"x" * 10_000)
                if not one.recv(65536):
                    raise OSError("the end")
    assert len(cuts) == 1 and 500_000 < cuts[0] < 500_000 + 200_000
    with visit(line) as again:
        again.sendall(b"still there")
        assert again.recv(100) == b"still there"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount")
def test_a_mounted_disk_is_full_when_it_is_and_gone_afterwards(tmp_path):
    with Mounts(["-t", "tmpfs", "-o", "size=1m", "small", tmp_path]) as mounts:
        script = f"echo in > {tmp_path}/file; head -c 2000000 /dev/zero > {tmp_path}/large"
        done = subprocess.run([*mounts.inside.split(), "sh", "-c", script], capture_output=True)
        assert b"No space left" in done.stderr
        with open(f"{mounts.see(tmp_path)}/file") as file:
            assert file.read() == "in\n"
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give up privileges")
def test_without_privilege_a_mode_holds_for_root_too(tmp_path):
    (tmp_path / "file").write_text("secret")
    (tmp_path / "file").chmod(0)
    program = wrapper("/bin/cat", tmp_path)
    for prefix, status in (("", 0), (WITHOUT_PRIVILEGE, 1)):
        done = subprocess.run([program, tmp_path / "file"], capture_output=True,
                              env={**os.environ, "PREFIX": prefix})
        assert done.returncode == status, done.stderr


def test_rsync_sees_what_edits_have_changed(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    edits = Edits(source, seed=1)
    edits.some(30)
    copy_tree(source, tmp_path / "target")
    assert rsync_would(source, tmp_path / "target") == []
    for _ in range(10):
        edits.some(3)
        assert rsync_would(source, tmp_path / "target") != []
        copy_tree(source, tmp_path / "target", "--delete")


def test_the_summary_is_the_last_object_that_has_one():
    done = types.SimpleNamespace(stdout=b'{"action":"created","path":"a"}\ntext\n{"literal":1}\n{"literal":2}\n',
                                 stderr=b"")
    assert summary(done) == {"literal": 2} and len(json_lines(done.stdout)) == 3
    done.stdout = b"nothing"
    with pytest.raises(AssertionError):
        summary(done)


def test_a_way_names_hosts_where_they_belong():
    assert [(Way(name).source("/a"), Way(name).target(b"/b\xff")) for name in Way.ALL] == [
        ("/a", "demo:/b\udcff"), ("demo:/a", "/b\udcff"), ("demo:/a", "other:/b\udcff")]
