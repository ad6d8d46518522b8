# SPDX-License-Identifier: Apache-2.0
"""Hosts that are reached over others, or through a program."""
import os
import signal
import sys

import pytest

from lib import processes
from lib.home import make_key
from lib.waiting import PATIENCE, eventually

# Between standard input and output and a port. It does not end by itself when nobody reads its output.
PIPE = """import os, socket, sys, threading
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    try:
        while piece := s.recv(65536):
            os.write(1, piece)
    except OSError:
        return
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while piece := os.read(0, 65536):
    s.sendall(piece)
s.shutdown(socket.SHUT_WR)
threading.Event().wait()
"""


def steps(done):
    return done.stderr.decode()


def test_a_host_is_reached_over_another_that_sees_no_command(server, nigh):
    target, hop = server(name="target"), server(name="hop")
    done = nigh("run", "-J", "hop", "target", "--", "sh", "-c", "cat; echo $SSH_CONNECTION >&2; exit 7",
                input=b"hello")
    assert (done.returncode, done.stdout) == (7, b"hello")
    assert f"tunnel to 127.0.0.1:{target.port}" in hop.stderr()
    assert ": session " in target.stderr()
    assert ": session " not in hop.stderr()


def test_two_hops_each_with_a_port_and_a_user(server, nigh, home):
    target, near, far = server(name="target"), server(name="near"), server(name="far")
    user = home.env["USER"]
    jump = f"{user}@127.0.0.1:{near.port},127.0.0.1:{far.port}"
    done = nigh("run", "-v", "-J", jump, "target", "--", "echo", "here")
    assert (done.returncode, done.stdout) == (0, b"here\n"), done.stderr
    assert (f"connected to 127.0.0.1:{target.port} through 127.0.0.1:{near.port} and "
            f"127.0.0.1:{far.port}") in steps(done)


def test_one_server_is_reached_over_another_of_the_same_name(server, nigh):
    target, hop = server(name="target"), server(name="hop")
    done = nigh("run", "-v", "-J", f"127.0.0.1:{hop.port}", f"127.0.0.1:{target.port}", "--", "true")
    assert done.returncode == 0, done.stderr
    assert f"connected to 127.0.0.1:{target.port} through 127.0.0.1:{hop.port}" in steps(done)


def test_the_configurations_name_jump_hosts(server, nigh, home):
    target, _ = server(name="target"), server(name="hop")

    def way(*options):
        done = nigh("run", "-v", *options, "target", "--", "true")
        assert done.returncode == 0, done.stderr
        return "through 127.0.0.1" in steps(done)
    assert not way()
    # sshd's port is not nigh's; `Host *` means the jump host, too, which is no way to itself.
    (home.ssh / "config").write_text("Host *\n  ProxyJump hop:2222\n")
    assert way()
    assert not way("-J", "none")
    with home.config_file.open("a") as config:
        config.write('[defaults]\njump = "none"\n')
    assert not way()
    text = home.config_file.read_text().replace('jump = "none"', 'jump = "hop"')
    home.config_file.write_text(text)
    (home.ssh / "config").unlink()
    assert way()


@pytest.mark.parametrize("wrong", ["target", "hop"])
def test_a_wrong_host_key_on_the_way_is_noticed(server, nigh, home, wrong):
    servers = {name: server(name=name, trust=name != wrong) for name in ("target", "hop")}
    other = make_key(home.root / "another")
    with home.known_hosts.open("a") as known:
        known.write(f"[127.0.0.1]:{servers[wrong].port} {other.with_suffix('.pub').read_text()}")
    done = nigh("run", "-J", "hop", "--accept-new", "target", "--", "echo", "no")
    assert (done.returncode, done.stdout) == (255, b""), done.stderr
    assert f"127.0.0.1:{servers[wrong].port}".encode() in done.stderr
    assert (b"jump host" in done.stderr) == (wrong == "hop")


def test_a_hop_that_may_not_forward_says_so(server, nigh, home, tmp_path):
    server(name="target")
    keys = tmp_path / "keys"
    keys.write_text("no-port-forwarding " + home.public_key.read_text())
    keys.chmod(0o600)
    hop = server("--authorized-keys", keys, name="hop")
    done = nigh("run", "-J", "hop", "target", "--", "echo", "no")
    assert (done.returncode, done.stdout) == (255, b"")
    assert f"jump host 127.0.0.1:{hop.port}: ".encode() in done.stderr


def test_a_target_that_refuses_is_named_and_so_is_the_hop(server, nigh, home):
    hop = server(name="hop")
    gone = server(name="target")
    gone.stop()
    done = nigh("run", "-J", "hop", "target", "--", "echo", "no")
    assert (done.returncode, done.stdout) == (255, b"")
    assert f"jump host 127.0.0.1:{hop.port}: ".encode() in done.stderr
    assert f"127.0.0.1:{gone.port}".encode() in done.stderr


def test_a_hop_that_is_not_there_is_named(server, nigh):
    server(name="target")
    hop = server(name="hop")
    hop.stop()
    done = nigh("run", "-J", "hop", "target", "--", "echo", "no")
    assert (done.returncode, done.stdout) == (255, b"")
    assert f"jump host 127.0.0.1:{hop.port}: nothing listens".encode() in done.stderr


def test_hosts_that_lead_through_each_other_end(server, nigh, home):
    with home.config_file.open("a") as config:
        config.write('[host.a]\njump = "b"\n[host.b]\njump = "a"\n')
    done = nigh("run", "a", "--", "true")
    assert (done.returncode, b"lead through each other" in done.stderr) == (255, True)


def test_a_proxy_command_is_a_way(server, nigh, home, tmp_path):
    server(name="target")
    script = tmp_path / "pipe.py"
    script.write_text(PIPE)
    (home.ssh / "config").write_text(
        f'Host target\n  ProxyCommand "{sys.executable}" {script} %h %p # %n %r %%\n')
    data = os.urandom(1 << 20)
    done = nigh("run", "target", "--", "cat", input=data)
    assert (done.returncode, done.stdout) == (0, data), done.stderr
    (home.ssh / "config").write_text("ProxyCommand exit 3\n")
    done = nigh("run", "target", "--", "true")
    assert (done.returncode, b"through ProxyCommand" in done.stderr) == (255, True)
    assert nigh("run", "-J", "none", "target", "--", "true").returncode == 0


def test_files_are_copied_over_a_hop(server, nigh, home, tmp_path):
    server(name="target"), server(name="hop")
    data = os.urandom(3 << 20)
    (tmp_path / "there").write_bytes(data)
    done = nigh("cp", "-J", "hop", tmp_path / "there", f"target:{tmp_path}/copy")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy").read_bytes() == data


@pytest.mark.parametrize("died", ["target", "hop"])
def test_a_command_goes_on_over_the_whole_way_again(server, start_nigh, died):
    servers = {name: server(name=name, clean_end=False) for name in ("target", "hop")}
    one = start_nigh("run", "-J", "hop", "target", "--", "sh", "-c", "echo $$; cat")
    assert one.stdout.readline().strip().isdigit()
    one.stdin.write(b"before\n")
    one.stdin.flush()
    assert one.stdout.readline() == b"before\n"
    for pid in processes.descendants(servers[died].pid):
        if processes.command_line(pid).startswith("nigh-front"):
            processes.kill(pid, signal.SIGKILL)
    out, err = one.communicate(b"after\n", timeout=PATIENCE)
    assert (one.returncode, out) == (0, b"after\n"), err


def test_a_command_outlives_a_hop_that_is_killed_and_started_again(server, start_nigh):
    server(name="target")
    hop = server(name="hop", clean_end=False)
    one = start_nigh("run", "-J", "hop", "target", "--", "sh", "-c", "echo $$; cat")
    pid = int(one.stdout.readline())
    for each in hop.processes():
        processes.kill(each, signal.SIGKILL)
    hop.wait()
    server(name="again", listen=[f"127.0.0.1:{hop.port}"])
    out, err = one.communicate(b"after\n", timeout=PATIENCE)
    assert (one.returncode, out) == (0, b"after\n"), err
    eventually(lambda: not processes.alive(pid), "the end of the command")


def test_the_last_word_of_a_client_arrives_over_all_hops(server, nigh):
    # A session of whose end nobody has heard would be kept for ten minutes.
    server(name="target"), server(name="near"), server(name="far")
    for jump in ("near", "near,far"):
        done = nigh("run", "-J", jump, "target", "--", "seq", "100000")
        assert (done.returncode, done.stdout.count(b"\n")) == (0, 100000), done.stderr
    eventually(lambda: not nigh("sessions", "--all", "--json", "target").stdout, "the end of the sessions")


def test_doctor_and_status_tell_the_way(server, nigh, home):
    target, hop = server(name="target"), server(name="hop")
    done = nigh("doctor", "-J", "hop", "target")
    assert done.returncode == 0, done.stdout
    way = f"127.0.0.1:{target.port} through 127.0.0.1:{hop.port}".encode()
    assert way in b" ".join(done.stdout.split())
    try:
        for _ in range(2):
            done = nigh("run", "--share", "-J", "hop", "target", "--", "echo", "kept")
            assert (done.returncode, done.stdout) == (0, b"kept\n"), done.stderr
        done = nigh("status")
        assert way in b" ".join(done.stdout.split())
        # Over no hop it is another connection.
        assert b"kept connection" not in nigh("run", "-v", "target", "--", "true").stderr
    finally:
        assert nigh("disconnect", "--all").returncode == 0
        eventually(lambda: not nigh("status").stdout, "the end of the kept connection")
