# SPDX-License-Identifier: Apache-2.0
"""`nigh forward`, and -L and -R of other commands: ports and sockets that lead through a host."""
import contextlib
import hashlib
import pathlib
import random
import shutil
import signal
import socket
import stat
import subprocess
import threading

import pytest

from lib.forwards import Target, assert_reset, closed_port, connect, echo, receive, receive_all, reset
from lib.waiting import PATIENCE


@pytest.fixture
def tunnel(server, forward, target):
    """Both ends of a connection through -L, and the forwards."""
    server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as near, target.accept() as far:
        yield near, far, forwards


def neighbours(count=2):
    """The first of some ports in a row that were free on two addresses of the loopback, and listeners at the first."""
    for first in range(20000, 60000, count):
        held = []
        try:
            for port in range(first, first + count):
                socket.create_server(("127.0.0.2", port)).close()
                held.append(socket.create_server(("127.0.0.1", port)))
                held[-1].settimeout(PATIENCE)
            return first, held
        except OSError:
            for one in held:
                one.close()
    raise AssertionError("no two ports in a row are free")


# ---- one connection ------------------------------------------------------------------------------

def test_bytes_pass_both_ways_and_are_counted(tunnel):
    near, far, forwards = tunnel
    opened = forwards.event("opened")
    assert opened["peer"] == "127.0.0.1:%d" % near.getsockname()[1]
    near.sendall(b"question")
    assert receive(far, 8) == b"question"
    far.sendall(b"answers")
    assert receive(near, 7) == b"answers"
    near.close()
    assert far.recv(1) == b""
    far.close()
    closed = forwards.event("closed")
    assert (closed["sent"], closed["received"]) == (8, 7)
    assert closed["connection"] == opened["connection"]


def test_much_passes_both_ways_at_once(tunnel):
    near, far, _ = tunnel
    data = random.Random(1).randbytes(8 << 20)
    threading.Thread(target=echo, args=(far,), daemon=True).start()
    threading.Thread(target=lambda: (near.sendall(data), near.shutdown(socket.SHUT_WR)), daemon=True).start()
    assert hashlib.sha256(receive_all(near)).digest() == hashlib.sha256(data).digest()


def test_each_half_ends_by_itself(tunnel):
    near, far, _ = tunnel
    near.sendall(b"all")
    near.shutdown(socket.SHUT_WR)
    assert receive_all(far) == b"all"
    far.sendall(b"still here")
    far.close()
    assert receive_all(near) == b"still here"


def test_the_targets_half_ends_by_itself(tunnel):
    near, far, _ = tunnel
    far.sendall(b"all")
    far.shutdown(socket.SHUT_WR)
    assert receive_all(near) == b"all"
    near.sendall(b"still here")
    near.close()
    assert receive_all(far) == b"still here"


def test_a_reset_goes_through_to_the_target(tunnel):
    near, far, forwards = tunnel
    reset(near)
    assert_reset(far)
    assert forwards.event("failed")["error"]["code"] == "closed"


def test_a_reset_of_the_target_comes_back(tunnel):
    near, far, forwards = tunnel
    reset(far)
    assert_reset(near)
    forwards.event("failed")


def test_who_does_not_read_holds_up_nobody_else(server, forward, target):
    server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as stalled, target.accept() as writer:
        writer.setblocking(False)
        with pytest.raises(BlockingIOError):  # everything on the way is full
            while True:
                writer.send(b"x" * 65536)
        with forwards.connect() as near, target.accept() as far:
            near.sendall(b"through")
            assert receive(far, 7) == b"through"
        assert stalled.recv(1) == b"x"


def test_many_resets_do_not_cost_the_connection(server, forward, target):
    server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as lasting, target.accept() as other_end:
        for _ in range(250):
            near = forwards.connect()
            with target.accept() as far:
                reset(near)
                assert_reset(far)
        lasting.sendall(b"there")
        assert receive(other_end, 5) == b"there"


# ---- targets and listeners -----------------------------------------------------------------------

def test_a_target_that_refuses_is_a_reset(server, forward):
    server()
    with closed_port() as closed:
        forwards = forward("-L", f"0:127.0.0.1:{closed.getsockname()[1]}")
        with forwards.connect() as near:
            assert_reset(near)
    failed = forwards.event("failed")
    assert failed["error"]["code"] == "unavailable"
    assert "refused" in failed["error"]["message"]


def test_a_target_that_the_key_may_not_reach_is_a_reset(server, home, forward, target):
    server()
    home.authorized_keys.write_text(f'permitopen="127.0.0.1:{target.port}" {home.public_key.read_text()}\n')
    with closed_port() as other:
        forwards = forward("-L", f"0:127.0.0.1:{other.getsockname()[1]}", "-L", f"0:{target.spec}", count=2)
        with forwards.connect(0) as near:
            assert_reset(near)
    assert forwards.event("failed")["error"]["code"] == "refused"
    with forwards.connect(1) as near, target.accept() as far:
        near.sendall(b"permitted")
        assert receive(far, 9) == b"permitted"


def test_unix_sockets_on_both_sides(server, home, forward):
    server()
    near_path, far_path = home.root / "near.sock", home.root / "far.sock"
    target = Target(far_path)
    forwards = forward("-L", f"{near_path}:{far_path}")
    assert forwards.listening[0]["address"] == str(near_path)
    assert stat.S_IMODE(near_path.stat().st_mode) == 0o600
    with connect(str(near_path)) as near, target.accept() as far:
        near.sendall(b"hello")
        near.shutdown(socket.SHUT_WR)
        assert receive_all(far) == b"hello"
    target.close()
    assert forwards.end(signal.SIGINT) == 0
    assert not near_path.exists()


def test_a_socket_that_a_dead_program_left_makes_way(server, home, forward, target):
    server()
    path = home.root / "left.sock"
    left = Target(path)
    left.close()
    forward("-L", f"{path}:{target.spec}")
    with connect(str(path)), target.accept():
        pass


def test_a_range_leads_each_port_to_its_own(server, forward):
    server()
    first, targets = neighbours()
    last = first + len(targets) - 1
    forwards = forward("-L", f"127.0.0.2:{first}-{last}:127.0.0.1:{first}-{last}", count=2)
    for number, one in enumerate(targets):
        with forwards.connect(number) as near, one.accept()[0] as far:
            near.sendall(b"%d" % number)
            far.settimeout(PATIENCE)
            assert far.recv(1) == b"%d" % number
        one.close()


def test_many_short_connections_at_once_lose_none(server, forward, target):
    server()
    target.answer_each(echo)
    forwards = forward("-L", f"0:{target.spec}")
    answers = [None] * 200

    def visit(number):
        with forwards.connect() as near:
            near.sendall(b"%d" % number)
            near.shutdown(socket.SHUT_WR)
            answers[number] = receive_all(near)

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(len(answers))]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join(PATIENCE)
    assert answers == [b"%d" % number for number in range(len(answers))]


# ---- the host listens ----------------------------------------------------------------------------

def test_the_host_listens_and_we_connect(server, forward, target):
    server()
    forwards = forward("-R", f"0:{target.spec}")
    assert forwards.listening[0]["kind"] == "remote"
    with forwards.connect() as far, target.accept() as near:
        far.sendall(b"from there")
        far.shutdown(socket.SHUT_WR)
        assert receive_all(near) == b"from there"
        near.sendall(b"from here!!")
        near.close()
        assert receive_all(far) == b"from here!!"
    closed = forwards.event("closed")
    assert (closed["sent"], closed["received"]) == (10, 11)


@pytest.mark.parametrize("option", ["-L", "-R", "-D"])
def test_localhost_is_one_port_of_both_families(server, forward, target, option):
    server()
    forwards = forward(option, "0" if option == "-D" else f"0:{target.spec}")
    host, port = forwards.listening[0]["address"].rsplit(":", 1)
    assert host == "localhost" and len(forwards.listening) == 1
    for address in ("127.0.0.1", "::1"):
        with socket.create_connection((address, int(port)), PATIENCE) as one:
            if option == "-D":
                one.sendall(b"CONNECT %b HTTP/1.1\r\n\r\n" % target.spec.encode())
                assert receive(one, 12) == b"HTTP/1.1 200"
            with target.accept() as other:
                one.sendall(b"by either")
                assert receive(other, 9) == b"by either"


def test_a_target_here_that_refuses_is_a_reset_there(server, forward):
    server()
    with closed_port() as closed:
        forwards = forward("-R", f"0:127.0.0.1:{closed.getsockname()[1]}")
        with forwards.connect() as far:
            assert_reset(far)
    assert forwards.event("failed")["error"]["code"] == "unavailable"


def test_the_host_listens_at_a_socket(server, home, forward):
    server()
    near = Target(home.root / "near.sock")
    forwards = forward("-R", f"{home.root}/far.sock:{near.spec}")
    with connect(str(home.root / "far.sock")) as far, near.accept() as here:
        far.sendall(b"hello")
        assert receive(here, 5) == b"hello"
    near.close()
    assert forwards.listening[0]["address"] == f"{home.root}/far.sock"


# ---- datagrams -----------------------------------------------------------------------------------

def datagram_socket():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    one.settimeout(PATIENCE)
    return one


def test_datagrams_keep_their_boundaries_and_find_back_to_their_sender(server, forward):
    server()
    with datagram_socket() as far, datagram_socket() as near, datagram_socket() as other:
        forwards = forward("-L", "udp:0:127.0.0.1:%d" % far.getsockname()[1])
        for one, payload in ((near, b"first"), (other, b""), (near, b"x" * 1400)):
            one.sendto(payload, forwards.address())
            received, back = far.recvfrom(65536)
            assert received == payload
            far.sendto(b"re: " + payload, back)
            assert one.recv(65536) == b"re: " + payload
    assert forwards.event("opened")["protocol"] == "udp"


# ---- what goes wrong -----------------------------------------------------------------------------

@pytest.mark.parametrize("option", ["-L", "-R", "-D"])
def test_a_port_in_use_is_told_at_once(server, nigh, target, option):
    server()
    spec = f"{target.port}" if option == "-D" else f"{target.port}:localhost:1"
    done = nigh("forward", "demo", option, spec)
    assert done.returncode == 1
    assert b"in use" in done.stderr


def test_what_makes_no_sense_is_a_usage_error(nigh):
    done = nigh("forward", "demo", "-L", "8080:80")
    assert done.returncode == 2
    assert b"'8080:80'" in done.stderr
    assert nigh("forward", "demo").returncode == 2


def test_a_key_that_may_not_listen_is_told_at_once(server, home, nigh, target):
    server()
    home.authorized_keys.write_text(f"restrict {home.public_key.read_text()}\n")
    done = nigh("forward", "demo", "-R", f"0:{target.spec}")
    assert done.returncode == 1
    assert b"demo: " in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_how_it_ends(server, forward, target, number):
    server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as near, target.accept() as far:
        forwards.event("opened")
        assert forwards.end(number) == 0
        with pytest.raises(ConnectionResetError):
            receive_all(far)
        near.close()


def test_who_leaves_while_much_is_coming_is_heard(server, forward, target):
    """What still comes makes our kernel send a reset, which must not overtake our goodbye."""
    server()
    forwards = forward("-L", f"0:{target.spec}")
    with forwards.connect() as near, target.accept() as far:
        def pour():
            with contextlib.suppress(OSError):
                while True:
                    far.sendall(bytes(1 << 20))
            ended.append(True)
        ended = []
        pouring = threading.Thread(target=pour)
        pouring.start()
        for _ in range(8):
            near.recv(1 << 20, socket.MSG_WAITALL)
        assert forwards.end(signal.SIGINT) == 0
        pouring.join(PATIENCE)
        assert ended


def test_people_are_told_what_listens_where(server, start_nigh, target):
    server()
    process = start_nigh("forward", "demo", f"0:{target.spec}")
    line = process.stderr.readline().decode()
    assert line.startswith("nigh: localhost:") and line.endswith(f" here leads to {target.spec} from demo\n")


# ---- other commands ------------------------------------------------------------------------------

def run_beside(start_nigh, spec):
    """nigh run with a forward, whose command runs: then it listens, too."""
    process = start_nigh("run", "-L", spec, "demo", "--", "cat")
    process.stdin.write(b"x")
    process.stdin.flush()
    assert process.stdout.read(1) == b"x"
    return process


def test_run_has_forwards_as_long_as_its_command(server, home, start_nigh):
    server()
    path, target = home.root / "with-run.sock", Target(home.root / "target.sock")
    process = run_beside(start_nigh, f"{path}:{target.spec}")
    with connect(str(path)) as near, target.accept() as far:
        near.sendall(b"beside it")
        assert receive(far, 9) == b"beside it"
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert not path.exists()
    target.close()


def test_what_goes_through_run_ends_with_its_command(server, home, start_nigh, target):
    server()
    path = home.root / "with-run.sock"
    process = run_beside(start_nigh, f"{path}:{target.spec}")
    with connect(str(path)) as near, target.accept() as far:
        near.sendall(b"beside it")
        assert receive(far, 9) == b"beside it"
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert_reset(far)


def test_run_does_not_begin_without_its_forwards(server, nigh, target):
    server()
    done = nigh("run", "-L", f"{target.port}:localhost:1", "demo", "--", "echo", "never")
    assert done.returncode == 255
    assert done.stdout == b""
    assert b"in use" in done.stderr


def test_a_host_without_a_terminal_has_them_too(server, home, nigh, target):
    server()
    done = nigh("demo", "-L", f"{home.root}/shell.sock:{target.spec}", "test", "-S", f"{home.root}/shell.sock")
    assert done.returncode == 0, done.stderr


def test_git_clones_through_it(server, home, forward):
    git = shutil.which("git")
    assert git, "git is not installed"
    source = pathlib.Path(home.root / "source")
    env = {**home.env, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}

    def run(*words):
        subprocess.run([git, *words], check=True, env=env, capture_output=True, timeout=PATIENCE)
    run("init", "-q", source)
    (source / "file").write_text("content")
    run("-C", source, "add", "file")
    run("-C", source, "commit", "-qm", "one")
    server()
    daemon = Target()

    def serve(connection):
        with connection:
            subprocess.run([git, "daemon", "--inetd", "--export-all", f"--base-path={home.root}"],
                           stdin=connection, stdout=connection, env=env, check=False)
    daemon.answer_each(serve)
    forwards = forward("-L", f"0:{daemon.spec}")
    run("clone", "-q", "git://%s:%d/source" % forwards.address(), home.root / "copy")
    assert (home.root / "copy" / "file").read_text() == "content"
    daemon.close()
