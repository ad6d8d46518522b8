# SPDX-License-Identifier: Apache-2.0
"""Tunnels, as an HTTP/2 client uses them that is not ours: python3-h2."""
import os
import socket
import stat
import struct
import urllib.parse

import pytest

from lib import processes
from lib.h2_client import Client
from lib.waiting import PATIENCE, eventually

CONNECT_ERROR = 10


@pytest.fixture
def client(server, nigh):
    """client() -> a Client that has logged in with a token of the test's key, on the one server."""
    clients, of = [], {}

    def connect(config=None):
        if not of:
            of["server"] = server(*(("--config", config) if config else ()))
            of["token"] = nigh("token", "demo").stdout.decode().strip()
        clients.append(Client(of["server"].port, of["token"]))
        return clients[-1]
    connect.log = lambda: of["server"].stderr()
    yield connect
    for one in clients:
        one.socket.close()


class Target:
    """A listening socket, and its address as CONNECT has it."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]
        self.authority = f"127.0.0.1:{self.port}"

    def accept(self):
        connection, _ = self.socket.accept()
        connection.settimeout(PATIENCE)
        return connection


@pytest.fixture
def target():
    one = Target()
    yield one
    one.socket.close()


@pytest.fixture
def tunnel(client, target):
    """A stream, and the socket at its other end."""
    stream = client().connect(target.authority)
    with target.accept() as connection:
        assert stream.until_status().status == 200
        yield stream, connection


def receive(connection, size):
    data = b""
    while len(data) < size and (more := connection.recv(size - len(data))):
        data += more
    return data


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def was_reset(connection):
    with pytest.raises(ConnectionResetError):
        while connection.recv(1000):
            pass
        raise AssertionError("it ended well")
    return True


# ---- outward -------------------------------------------------------------------------------------

def test_bytes_pass_both_ways(tunnel):
    stream, connection = tunnel
    assert "content-length" not in stream.headers
    stream.send(b"question")
    assert receive(connection, 8) == b"question"
    connection.sendall(b"answer")
    stream.until_data(b"answer")


def test_what_is_sent_before_the_answer_arrives_and_many_tunnels_share_a_connection(client, target):
    one = client()
    streams = [one.connect(f"localhost:{target.port}") for _ in range(10)]
    for number, stream in enumerate(streams):
        stream.send(b"%d" % number)
    connections = [target.accept() for _ in streams]
    for connection in connections:
        connection.sendall(connection.recv(1) * 1000)
        connection.close()
    for number, stream in enumerate(streams):
        assert stream.until_over().data == b"%d" % number * 1000 and stream.ended


def test_the_clients_half_ends_by_itself(tunnel):
    stream, connection = tunnel
    stream.send(b"all", end=True)
    assert receive(connection, 100) == b"all"
    connection.sendall(b"still here")
    connection.close()
    stream.until_over()
    assert (stream.data, stream.ended, stream.reset_code) == (b"still here", True, None)


def test_the_targets_half_ends_by_itself(tunnel):
    stream, connection = tunnel
    connection.sendall(b"greeting")
    connection.shutdown(socket.SHUT_WR)
    stream.until_over()
    assert (stream.data, stream.ended) == (b"greeting", True)
    stream.send(b"still here", end=True)
    assert receive(connection, 100) == b"still here"


def test_a_target_that_resets_resets_the_stream(tunnel):
    stream, connection = tunnel
    reset(connection)
    assert stream.until_over().reset_code == CONNECT_ERROR


def test_a_client_that_resets_resets_the_target(tunnel):
    stream, connection = tunnel
    stream.reset()
    assert was_reset(connection)


def test_a_client_that_is_lost_resets_the_target(tunnel):
    stream, connection = tunnel
    stream.client.socket.close()
    assert was_reset(connection)


def test_unix_sockets_are_reached_by_their_path(client, home):
    path = str(home.root / "my socket")

    def encoded(name):
        return "/v1/unix/" + urllib.parse.quote(name, safe="")
    one = client()
    assert one.connect_as("nigh-unix", encoded(path)).problem() == (404, "not-found")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert one.connect_as("nigh-unix", encoded(path)).problem() == (502, "connection-refused")
        listener.listen()
        listener.settimeout(PATIENCE)
        stream = one.connect_as("nigh-unix", encoded(path))
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            stream.send(b"question", end=True)
            assert receive(connection, 100) == b"question"
            connection.sendall(b"answer")
        assert stream.until_over().data == b"answer" and stream.ended


def test_datagrams_keep_their_boundaries(client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target:
        target.bind(("127.0.0.1", 0))
        target.settimeout(PATIENCE)
        stream = client().connect_as("connect-udp", "/.well-known/masque/udp/127.0.0.1/%d/" %
                                     target.getsockname()[1], ("capsule-protocol", "?1"))
        assert stream.until_status().status == 200
        assert stream.headers["capsule-protocol"] == "?1"
        stream.send(b"\x00\x04\x00one\x00\x01\x00")
        data, address = target.recvfrom(100)
        assert data == b"one" and target.recv(100) == b""
        for answer in (b"a", b"", b"bc"):
            target.sendto(answer, address)
        stream.until_data(b"\x00\x02\x00a\x00\x01\x00\x00\x03\x00bc")
        stream.end()
        assert stream.until_over().ended


# ---- refusals ------------------------------------------------------------------------------------

def test_refusals_say_what_happened(client):
    one = client()
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        refused = one.connect(f"127.0.0.1:{bound.getsockname()[1]}")
        assert refused.problem() == (502, "connection-refused")
    assert one.connect("x" * 64 + ".invalid:80").problem() == (502, "name-not-found")
    assert one.connect("255.255.255.255:80").problem() == (502, "unreachable")
    assert one.connect("127.0.0.1").problem() == (400, "bad-request")
    assert one.connect("127.0.0.1:0").problem() == (400, "bad-request")


def test_the_next_worker_is_waited_for(server, nigh, target):
    running = server()
    with Client(running.port, nigh("token", "demo").stdout.decode().strip()) as one:
        assert one.connect(target.authority).until_status().status == 200
        for pid in running.processes():
            if processes.command_line(pid).startswith("nigh-worker"):
                processes.kill(pid)
                eventually(lambda pid=pid: not processes.alive(pid), "its end")
        # It does not know us: we have to log in again.
        assert one.connect(target.authority).problem() == (401, "unauthorized")


def problems(client, target, home):
    """What a key gets for one tunnel of each kind: what opened says 200."""
    path = str(home.root / "there")
    if not os.path.exists(path):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
    asked = {
        "tcp": client.connect(target.authority),
        "name": client.connect(f"localhost:{target.port}"),
        "udp": client.connect_as("connect-udp", f"/.well-known/masque/udp/127.0.0.1/{target.port}/"),
        "unix": client.connect_as("nigh-unix", "/v1/unix/" + urllib.parse.quote(path, safe="")),
        "listen": client.post("/v1/listen", {}),
        "wide": client.post("/v1/listen", {"address": "0.0.0.0"}),
        "file": client.post("/v1/listen", {"unix": str(home.root / "new")}),
    }
    got = {name: stream.until_status().status for name, stream in asked.items()}
    for stream in asked.values():
        if not stream.over:
            stream.reset()
    return got


OPEN, NO = 200, 403
NOBODY_THERE = 502  # it was let through
ALL = dict(tcp=OPEN, name=OPEN, udp=OPEN, unix=NOBODY_THERE, listen=OPEN, wide=NO, file=OPEN)


@pytest.mark.parametrize("options, differs", [
    ("", {}),
    ('command="true"', {}),
    ("no-pty", {}),
    ("no-port-forwarding", dict.fromkeys(ALL, NO)),
    ("restrict", dict.fromkeys(ALL, NO)),
    ("restrict,port-forwarding", {}),
    ('permitopen="127.0.0.1:*"', {"name": NO, "udp": NO, "unix": NO}),
    ('permitopen="localhost:{port}"', {"tcp": NO, "udp": NO, "unix": NO}),
    ('permitopen="localhost:1"', {"tcp": NO, "name": NO, "udp": NO, "unix": NO}),
    ('permitlisten="localhost:*"', {"file": NO}),
    ('permitlisten="1"', {"listen": NO, "file": NO}),
])
def test_the_options_of_a_key_decide(client, target, home, options, differs):
    client().socket.close()  # a restricted key makes no tokens: this one was made before
    options = options.format(port=target.port)
    home.authorized_keys.write_text(f"{options} {home.public_key.read_text()}".lstrip())
    assert problems(client(), target, home) == {**ALL, **differs}
    log = client.log()
    assert f"tunnel to 127.0.0.1:{target.port}" in log and "key SHA256:" in log


@pytest.mark.parametrize("setting, expected", [
    ("forwarding = false", dict.fromkeys(ALL, NO)), ("gateway_ports = true", {**ALL, "wide": OPEN}),
])
def test_the_configuration_of_a_server_decides(client, target, home, setting, expected):
    home.server_config.write_text(setting + "\n")
    assert problems(client(config=home.server_config), target, home) == expected


# ---- inward --------------------------------------------------------------------------------------

def test_who_connects_to_a_listener_is_fetched_by_a_stream(client):
    one = client()
    listener, listening = one.listen(address="127.0.0.1", port=0)
    assert listening["address"] == "127.0.0.1" and listener.headers["content-type"] == "application/x-ndjson"
    with socket.create_connection(("127.0.0.1", listening["port"]), PATIENCE) as visitor:
        tunnel = one.fetch(listener)
        visitor.sendall(b"question")
        tunnel.until_data(b"question")
        listener.reset()  # what was fetched goes on
        tunnel.send(b"answer", end=True)
        assert receive(visitor, 100) == b"answer"
    assert tunnel.until_over().ended


def test_a_connection_is_fetched_once_and_on_its_own_connection_only(client):
    one, other = client(), client()
    listener, listening = one.listen()
    with socket.create_connection(("127.0.0.1", listening["port"]), PATIENCE):
        path = "/v1/listen/" + listener.line()["accepted"]["id"]
        assert other.connect_as("nigh-accepted", path).problem() == (404, "not-found")
        assert one.connect_as("nigh-accepted", path).until_status().status == 200
        assert one.connect_as("nigh-accepted", path).problem() == (404, "not-found")


def test_the_end_of_a_listener_frees_the_port_and_resets_who_waits(client):
    one = client()
    listener, listening = one.listen()
    port = listening["port"]
    assert one.post("/v1/listen", {"port": port}).problem() == (409, "in-use")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as visitor:
        listener.line()
        listener.reset()
        visitor.settimeout(PATIENCE)
        assert was_reset(visitor)
    again, listening = one.listen(port=port)
    assert listening["port"] == port
    one.socket.close()  # as the end of the connection does

    def is_free():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0
    eventually(is_free, "the end of the listener")


def test_a_unix_socket_is_private_and_goes_with_its_listener(client, home):
    path = str(home.root / "inward")
    one = client()
    listener, listening = one.listen(unix=path)
    assert listening == {"unix": path}
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.settimeout(PATIENCE)
        visitor.connect(path)
        tunnel = one.fetch(listener)
        tunnel.send(b"hello", end=True)
        assert receive(visitor, 100) == b"hello"
    assert one.post("/v1/listen", {"unix": path}).problem() == (409, "in-use")
    listener.reset()
    eventually(lambda: not os.path.exists(path), "the removal of the file")


def test_only_a_socket_that_nobody_listens_on_is_replaced(client, home):
    one, path = client(), home.root / "file"
    path.write_text("precious")
    assert one.post("/v1/listen", {"unix": str(path)}).problem() == (409, "in-use")
    assert path.read_text() == "precious"
    stale = str(home.root / "stale")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(stale)
    one.listen(unix=stale)
    assert one.post("/v1/listen", {"unix": str(home.root / "no/such")}).problem() == (404, "not-found")
    assert one.post("/v1/listen", {"unix": "relative"}).problem() == (400, "bad-request")
    assert one.post("/v1/listen", {"address": "203.0.113.1"}).problem() == (403, "not-permitted")
    assert one.post("/v1/listen", {"address": "no address"}).problem() == (400, "bad-request")
