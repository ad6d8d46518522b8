# SPDX-License-Identifier: Apache-2.0
"""Strangers who mean no good: they are refused and logged, and the server's memory stays flat."""
import os
import socket
import ssl
import struct

import pytest

from lib import processes
from lib.waiting import PATIENCE, eventually

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 1, 3, 4, 6, 9
END_STREAM, END_HEADERS = 1, 4
GET = b"\x82\x87\x84\x01\x01x"  # :method GET, :scheme https, :path /, :authority x


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def stranger(port):
    """A TLS connection that has not logged in, after the HTTP/2 preface."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    tls = context.wrap_socket(plain)
    tls.sendall(PREFACE + frame(SETTINGS, 0, 0))
    return tls


def ends(connection):
    """Whether the server closes the connection while we only listen."""
    try:
        while connection.recv(65536):
            pass
    except OSError:
        pass
    return True


@pytest.fixture
def guarded(server, home):
    """A server that is strict about time and, so that a test may fail often, not about sources."""
    config = home.root / "server.toml"
    config.write_text("fronts = 1\n[limits]\nlogin_seconds = 2\nunauthenticated = 20\npenalties = false\n")
    return server("--config", config)


def front_memory(server):
    (front,) = [p for p in server.processes() if processes.command_line(p).startswith("nigh-front")]
    return processes.resident_bytes(front)


def test_who_says_nothing_is_let_go_in_time(guarded):
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=PATIENCE) as silent:
        assert ends(silent)
    eventually(lambda: "the time was up" in guarded.stderr(), "the log line")


def test_who_speaks_slowly_is_let_go_in_time(guarded):
    tls = stranger(guarded.port)
    tls.sendall(frame(HEADERS, END_HEADERS, 1, GET)[:5])
    assert ends(tls)


def test_who_only_knocks_too_often_is_not_served_at_the_cost_of_others(guarded, nigh):
    crowd = [socket.create_connection(("127.0.0.1", guarded.port), timeout=PATIENCE) for _ in range(40)]
    eventually(lambda: "is turned away" in guarded.stderr(), "the limit")
    for one in crowd:
        one.close()
    eventually(lambda: nigh("run", "demo", "--", "echo in").stdout == b"in\n", "room again")


@pytest.mark.parametrize("name, attack", [
    ("garbage instead of frames", lambda tls: tls.sendall(os.urandom(5000))),
    ("a frame that claims 16 MiB", lambda tls: tls.sendall(b"\xff\xff\xff\x00\x00" + bytes(4) + bytes(3000))),
    ("100 KiB of header fields", lambda tls: [
        tls.sendall(frame(HEADERS, 0, 1, GET)),
        [tls.sendall(frame(CONTINUATION, 0, 1, b"\x00\x01a\x7f\x80\x60" + b"x" * 12415)) for _ in range(9)]]),
    ("a flood of CONTINUATION", lambda tls: [
        tls.sendall(frame(HEADERS, 0, 1, GET)),
        [tls.sendall(frame(CONTINUATION, 0, 1) * 100) for _ in range(500)]]),
    ("rapid resets", lambda tls: [
        tls.sendall(b"".join(frame(HEADERS, END_STREAM | END_HEADERS, n, GET)
                             + frame(RST_STREAM, 0, n, struct.pack("!I", 8))
                             for n in range(start, start + 200, 2))) for start in range(1, 20000, 200)]),
    ("a flood of pings", lambda tls: [tls.sendall(frame(PING, 0, 0, bytes(8)) * 100) for _ in range(500)]),
    ("a flood of settings", lambda tls: [tls.sendall(frame(SETTINGS, 0, 0) * 100) for _ in range(500)]),
])
def test_an_attack_ends_its_connection_and_no_other(guarded, nigh, name, attack):
    assert nigh("run", "demo", "--", "true").returncode == 0  # buffers that stay are there now
    before = front_memory(guarded)
    for _ in range(5):
        with stranger(guarded.port) as tls:
            try:
                attack(tls)
            except OSError:
                pass  # it hung up on us already
            assert ends(tls), name
    assert front_memory(guarded) - before < 64 << 20, "memory is not flat"
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"


def test_plain_text_and_other_protocols_are_let_go(guarded, nigh):
    for words in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", bytes(100)):
        with socket.create_connection(("127.0.0.1", guarded.port), timeout=PATIENCE) as plain:
            plain.sendall(words)
            assert ends(plain)
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"


def test_a_source_that_keeps_failing_is_turned_away_for_a_while(server, home, nigh):
    one = server("--log-level", "debug")
    home.authorized_keys.write_text("")
    for _ in range(5):
        assert nigh("run", "demo", "--", "true").returncode == 255
    eventually(lambda: nigh("run", "demo", "--", "true").returncode == 255
               and "is turned away for its failures" in one.stderr(), "the penalty")


def test_what_a_stranger_says_cannot_forge_a_line_of_the_log(guarded, nigh):
    nigh("run", "somebody\x1b[2J@demo", "--", "true")
    assert "\x1b" not in guarded.stderr()
