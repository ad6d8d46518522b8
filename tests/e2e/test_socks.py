# SPDX-License-Identifier: Apache-2.0
"""`nigh forward -D`: a proxy whose other end is the host."""
import http.server
import socket
import subprocess
import threading

import pytest

from lib.forwards import Forwards, Target, closed_port, receive, receive_all
from lib.waiting import PATIENCE

GREETING = b"\x05\x01\x00"
GREETED = b"\x05\x00"


@pytest.fixture
def proxy(server, start_nigh):
    """A proxy through the server, by its Forwards."""
    server()
    return Forwards(start_nigh("forward", "--json", "-D", "0", "demo"), 1)


@pytest.fixture
def target():
    one = Target()
    yield one
    one.close()


@pytest.fixture
def web():
    """The port of a web server that says who it is."""
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-length", "6")
            self.end_headers()
            self.wfile.write(b"inside")

        def log_message(self, *_):
            pass
    one = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one.server_port
    one.shutdown()
    one.server_close()


def curl(*words):
    command = ["curl", "--silent", "--show-error", "--noproxy", "", "--max-time", str(PATIENCE), *words]
    return subprocess.run(command, capture_output=True, timeout=2 * PATIENCE)


@pytest.mark.parametrize("how", [("-x", "socks5://{}"), ("-x", "socks4a://{}"), ("-p", "-x", "http://{}")])
def test_curl_goes_through_it(proxy, web, how):
    address = "%s:%d" % proxy.address()
    done = curl(*(word.format(address) for word in how), f"http://127.0.0.1:{web}/")
    assert (done.returncode, done.stdout) == (0, b"inside"), done.stderr


def test_names_are_resolved_by_the_host(proxy, web):
    done = curl("-x", "socks5h://%s:%d" % proxy.address(), f"http://localhost:{web}/")
    assert (done.returncode, done.stdout) == (0, b"inside"), done.stderr
    assert proxy.event("opened")["target"] == f"localhost:{web}"


def socks_request(port, host=b"127.0.0.1"):
    return b"\x05\x01\x00\x03" + bytes([len(host)]) + host + port.to_bytes(2, "big")


def test_what_is_sent_with_the_request_is_for_the_target(proxy, target):
    with proxy.connect() as near:
        near.sendall(GREETING + socks_request(target.port) + b"early")
        with target.accept() as far:
            assert receive(far, 5) == b"early"
            far.sendall(b"late")
            far.close()
        answer = receive_all(near)
        assert answer[:4] == GREETED + b"\x05\x00" and answer[12:] == b"late"


def test_a_target_that_refuses_is_a_code(proxy):
    with closed_port() as closed:
        port = closed.getsockname()[1]
        with proxy.connect() as near:
            near.sendall(GREETING + socks_request(port))
            assert receive_all(near)[:4] == GREETED + b"\x05\x05"
        with proxy.connect() as near:
            near.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % port)
            assert receive_all(near).startswith(b"HTTP/1.1 502 ")
    assert proxy.event("failed")["error"]["code"] == "unavailable"


def test_what_it_cannot_do_is_told_in_the_clients_own_words(proxy):
    with proxy.connect() as near:
        near.sendall(GREETING + b"\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00")  # UDP ASSOCIATE
        assert receive_all(near)[:4] == GREETED + b"\x05\x07"
    with proxy.connect() as near:
        near.sendall(b"GET http://localhost/ HTTP/1.1\r\nhost: localhost\r\n\r\n")
        near.shutdown(socket.SHUT_WR)
        assert receive_all(near).startswith(b"HTTP/1.1 501 ")
    assert proxy.event("failed")["error"]["code"] == "malformed"


def test_permitopen_is_a_code(server, home, start_nigh):
    server()
    home.authorized_keys.write_text(f'permitopen="db:5432" {home.public_key.read_text()}\n')
    proxy = Forwards(start_nigh("forward", "--json", "-D", "0", "demo"), 1)
    with proxy.connect() as near:
        near.sendall(GREETING + socks_request(80))
        assert receive_all(near)[:4] == GREETED + b"\x05\x02"
    assert proxy.event("failed")["error"]["code"] == "refused"
