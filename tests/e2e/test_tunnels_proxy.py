# SPDX-License-Identifier: Apache-2.0
"""The server as an HTTP/2 proxy of clients that know nothing of nigh but a token."""
import base64
import contextlib
import http.server
import json
import os
import select
import shutil
import signal
import ssl
import subprocess
import threading

import pytest

from lib.h2_client import Client
from lib.waiting import PATIENCE


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = b"<p>inside</p>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(tls=None):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as one:
        if tls:
            one.socket = tls.wrap_socket(one.socket, server_side=True)
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one.server_port
        one.shutdown()


@pytest.fixture
def web():
    """The port of a web server that says who it is."""
    with serving() as port:
        yield port


@pytest.fixture
def secure_web(tmp_path):
    """The same with TLS and a certificate that nobody signed: browsers use CONNECT for it."""
    both = tmp_path / "both.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", both, "-out", tmp_path / "cert.pem", "-subj", "/CN=localhost"],
                   check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", both)
    with serving(tls) as port:
        yield port


@pytest.fixture
def token(server, nigh):
    """(the port of a server, a token for it)"""
    running = server()
    return running.port, nigh("token", "demo").stdout.decode().strip()


def basic(user, password):
    return [("proxy-authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())]


def test_a_proxy_asks_who_it_is_and_takes_a_token_as_password(token, web):
    port, secret = token
    with Client(port, secret) as one:
        one.credentials = []
        asked = one.connect(f"127.0.0.1:{web}")
        assert asked.problem() == (407, "unauthorized")
        assert asked.headers["proxy-authenticate"] == 'Basic realm="nigh"'
        one.credentials = basic("anybody", "wrong")
        assert one.connect(f"127.0.0.1:{web}").problem() == (407, "unauthorized")
        one.credentials = basic("anybody", secret)
        for _ in range(2):
            tunnel = one.connect(f"127.0.0.1:{web}").until_status()
            assert tunnel.status == 200
            tunnel.send(b"GET / HTTP/1.0\r\n\r\n")
            assert tunnel.until_over().data.endswith(b"inside</p>") and tunnel.ended


def test_a_bearer_goes_to_the_proxy_too(token, web):
    port, secret = token
    with Client(port, secret) as one:
        one.credentials = [("proxy-authorization", f"Bearer {secret}")]
        assert one.connect(f"127.0.0.1:{web}").until_status().status == 200


class Browser:
    """Chromium without a window, told what to do by its DevTools protocol over two pipes."""

    def __init__(self, program, folder, proxy):
        ours, theirs = os.pipe(), os.pipe()
        # It expects them at 3 and 4.
        command = f'exec "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, "-", program, "--headless", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", f"--user-data-dir={folder}", f"--proxy-server=https://{proxy}",
             "--proxy-bypass-list=<-loopback>", "--ignore-certificate-errors", "--disable-background-networking",
             "--disable-component-update", "about:blank"],
            pass_fds=(ours[0], theirs[1]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(ours[0])
        os.close(theirs[1])
        self.to, self.come = open(ours[1], "wb", buffering=0), open(theirs[0], "rb", buffering=0)
        self.said, self.asked, self.session = b"", 0, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.to.close()
        self.come.close()

    def tell(self, method, **parameters):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        return self.asked

    def next(self):
        while b"\0" not in self.said:
            ready, _, _ = select.select([self.come], [], [], PATIENCE)
            assert ready, "the browser says nothing"
            more = self.come.read(65536)
            assert more, "the browser has ended"
            self.said += more
        message, _, self.said = self.said.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **parameters):
        """What it answers. Events in between are lost."""
        number = self.tell(method, **parameters)
        while (message := self.next()).get("id") != number:
            pass
        assert "result" in message, message
        return message["result"]

    def page(self, url, user, password):
        """The text of a page, for which a proxy wants to know who we are."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Fetch.enable", handleAuthRequests=True)
        self.tell("Page.navigate", url=url)
        answer = {"response": "ProvideCredentials", "username": user, "password": password}
        while (message := self.next()).get("method") != "Page.loadEventFired":
            if message.get("method") == "Fetch.requestPaused":
                self.tell("Fetch.continueRequest", requestId=message["params"]["requestId"])
            elif message.get("method") == "Fetch.authRequired":
                assert message["params"]["authChallenge"]["source"] == "Proxy"
                self.tell("Fetch.continueWithAuth", requestId=message["params"]["requestId"],
                          authChallengeResponse=answer)
        return self.ask("Runtime.evaluate", expression="document.body.innerText")["result"]["value"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_chromium_browses_through_it(token, home, secure_web):
    port, secret = token
    with Browser(shutil.which("chromium"), home.root / "browser", f"localhost:{port}") as browser:
        assert browser.page(f"https://127.0.0.1:{secure_web}/", "anybody", secret) == "inside"
