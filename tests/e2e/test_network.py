# SPDX-License-Identifier: Apache-2.0
"""What can be wrong between here and the server: each has its own message, in its own time."""
import socket
import struct
import subprocess
import threading

import pytest

from lib.waiting import PATIENCE


def one_line(done):
    assert done.returncode == 255
    assert done.stderr.count(b"\n") == 1, done.stderr
    return done.stderr.decode()


@pytest.fixture
def peer(home):
    """peer(serve): a TCP server, as host `peer`, that treats its one visitor with serve(socket)."""
    sockets = []

    def start(serve, name="peer"):
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)
        home.add_host(name, listener.getsockname()[1])

        def accept():
            try:
                visitor, _ = listener.accept()
            except OSError:
                return
            sockets.append(visitor)
            serve(visitor)
        threading.Thread(target=accept, daemon=True).start()
    yield start
    for one in sockets:
        one.close()


def test_nobody_listens(nigh, home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.add_host("gone", taken.getsockname()[1])
    assert "nigh serve" in one_line(nigh("run", "gone", "--", "true"))


def test_the_name_is_unknown(nigh):
    assert "no-such-host.invalid" in one_line(nigh("run", "no-such-host.invalid", "--", "true"))


def test_an_ssh_server_answers(nigh, peer):
    peer(lambda visitor: visitor.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n"))
    assert "SSH" in one_line(nigh("run", "peer", "--", "true"))


def test_a_plain_web_server_answers(nigh, peer):
    peer(lambda visitor: visitor.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert "HTTP" in one_line(nigh("run", "peer", "--", "true"))


def test_another_tls_server_answers(nigh, home):
    key, certificate = home.root / "tls.key", home.root / "tls.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=x"], check=True,
                   capture_output=True)
    with subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert",
                           certificate, "-alpn", "h2"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, stdin=subprocess.PIPE) as tls:
        try:
            line = next(line for line in tls.stdout if line.startswith(b"ACCEPT"))
            home.add_host("tls", int(line.rpartition(b":")[2]))
            assert "TLS" in one_line(nigh("run", "tls", "--", "true"))
        finally:
            tls.kill()


def test_a_server_that_says_nothing(nigh, peer):
    peer(lambda visitor: None)
    done = nigh("run", "--connect-timeout", "1s", "peer", "--", "true")
    assert "does not answer" in one_line(done)


def test_a_connection_that_is_reset(nigh, peer):
    def reset(visitor):
        visitor.recv(10)
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visitor.close()
    peer(reset)
    one_line(nigh("run", "peer", "--", "true"))


def test_all_addresses_of_a_name_are_tried(server, nigh, home):
    """localhost is ::1 and 127.0.0.1 on most machines; the server listens on one of them only."""
    one = server(trust=False)
    done = nigh("run", "--accept-new", f"localhost:{one.port}", "--", "echo in")
    assert done.stdout == b"in\n", done.stderr


def test_each_failure_in_a_fleet_is_told_beside_the_successes(server, nigh, home):
    server()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.add_host("gone", taken.getsockname()[1])
    done = nigh("run", "demo", "gone", "--", "echo in", timeout=PATIENCE)
    assert done.returncode == 255
    assert b"in\n" in done.stdout and b"gone" in done.stderr
