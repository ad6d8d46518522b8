# SPDX-License-Identifier: Apache-2.0
"""Programs that we did not write, at both ends of forwarded ports."""
import contextlib
import http.server
import socket
import struct
import subprocess
import threading

import pytest

from lib.forwards import Forwards
from lib.waiting import PATIENCE, Lines, eventually


@pytest.fixture
def forward(server, start_nigh):
    """forward(*words, count=1) -> Forwards through a server."""
    server()

    def start(*words, count=1):
        return Forwards(start_nigh("forward", "--json", *words, "demo"), count)
    return start


def tool(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, timeout=2 * PATIENCE, check=False,
                          **options)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


@contextlib.contextmanager
def running(*words, **options):
    """A program that goes when its test does."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    with subprocess.Popen([str(word) for word in words], **pipes) as process:
        try:
            yield process
        finally:
            process.terminate()


def accepts(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


# ---- a data base ---------------------------------------------------------------------------------

@pytest.fixture
def redis(home):
    """The path at which a redis-server listens, and nowhere else."""
    path = home.root / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", path, "--dir", home.root, "--save", "",
               "--appendonly", "no", "--daemonize", "no"]
    with running(*command, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: accepts(path) or process.poll() is not None, "redis")
        assert process.poll() is None, "redis-server did not start"
        yield path


def test_redis_behind_a_port_and_behind_a_socket(forward, home, redis):
    near = home.root / "near.sock"
    forwards = forward("-L", f"0:{redis}", "-L", f"{near}:{redis}", count=2)
    ways = (["-h", "127.0.0.1", "-p", forwards.address()[1]], ["-s", near])
    for number, way in enumerate(ways):
        value = f"value {number}\n" * 10_000
        assert tool("redis-cli", *way, "-x", "SET", f"key{number}", input=value.encode()) == b"OK\n"
        other = ways[1 - number]
        assert tool("redis-cli", *other, "--raw", "GET", f"key{number}") == value.encode() + b"\n"
    many = "".join(f"INCR counter\r\nAPPEND log {i},\r\n" for i in range(1000))
    said = tool("redis-cli", *ways[0], "--pipe", input=many.encode())
    assert b"errors: 0, replies: 2000" in said
    assert tool("redis-cli", *ways[1], "GET", "counter") == b"1000\n"


def test_what_redis_publishes_comes_at_once(forward, redis):
    port = forward("-L", f"0:{redis}").address()[1]
    with running("redis-cli", "-p", port, "SUBSCRIBE", "news") as subscriber:
        lines = Lines(subscriber.stdout)
        assert [lines.next() for _ in range(3)] == ["subscribe", "news", "1"]
        assert tool("redis-cli", "-p", port, "PUBLISH", "news", "today") == b"1\n"
        assert [lines.next() for _ in range(3)] == ["message", "news", "today"]


# ---- the web -------------------------------------------------------------------------------------

class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what was put."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_curl_through_a_forwarded_port(forward, tmp_path):
    sent = tmp_path / "sent"
    sent.write_bytes(bytes(range(256)) * 10_000)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        forwards = forward("-L", f"0:127.0.0.1:{web.server_port}", "-R", f"0:127.0.0.1:{web.server_port}", count=2)
        for number in range(2):
            url = "http://%s:%d/" % forwards.address(number)
            # Two requests on one connection.
            got = tool("curl", "-sS", "--noproxy", "*", "--max-time", PATIENCE, "-T", sent, url, "-T", sent, url)
            assert got == 2 * sent.read_bytes()
        web.shutdown()


# ---- names ---------------------------------------------------------------------------------------

def question(name):
    """A DNS query for the address of `name`."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 4711, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def answer(query, address):
    """The answer to it."""
    record = struct.pack("!3HIH", 0xc00c, 1, 1, 60, 4) + socket.inet_aton(address)
    return query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + query[12:] + record


def test_names_are_looked_up_over_the_udp_forward(forward):
    names = {question(f"host{i}.example.org"): f"192.0.2.{i}" for i in range(20)}
    with socket.socket(type=socket.SOCK_DGRAM) as resolver, socket.socket(type=socket.SOCK_DGRAM) as asker:
        resolver.bind(("127.0.0.1", 0))
        for one in (resolver, asker):
            one.settimeout(PATIENCE)
        asker.connect(forward("-L", "udp:0:127.0.0.1:%d" % resolver.getsockname()[1]).address())
        for query, address in names.items():
            asker.send(query)
            asked, source = resolver.recvfrom(1000)
            assert asked == query
            resolver.sendto(answer(asked, names[asked]), source)
            assert asker.recv(1000) == answer(query, address)


# ---- socat ---------------------------------------------------------------------------------------

def test_socat_at_both_ends_of_tcp_and_unix(forward, home):
    far, near = home.root / "far.sock", home.root / "near.sock"
    patient = f"-t{PATIENCE}"  # once one half has ended
    with running("socat", patient, f"UNIX-LISTEN:{far},fork", "SYSTEM:tr a-z A-Z"):
        eventually(lambda: accepts(far), "socat")
        forwards = forward("-L", f"0:{far}", "-L", f"{near}:{far}", count=2)
        for way in ("TCP:%s:%d" % forwards.address(), f"UNIX-CONNECT:{near}"):
            assert tool("socat", patient, "-", way, input=b"all of it") == b"ALL OF IT"
