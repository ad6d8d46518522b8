# SPDX-License-Identifier: Apache-2.0
"""A client of tunnels on top of somebody else's HTTP/2 (python3-h2). One thread; no call waits for
anything but the socket."""
import json
import socket
import ssl

import h2.config
import h2.connection
import h2.events

from .waiting import PATIENCE


class Stream:
    """One request: what has come for it so far."""

    def __init__(self, client, number):
        self.client, self.number = client, number
        self.status, self.headers, self.data = None, {}, b""
        self.ended, self.reset_code = False, None

    def send(self, data, end=False):
        """No more than fits into the server's windows."""
        self.client.h2.send_data(self.number, data, end_stream=end)
        self.client.flush()

    def end(self):
        self.send(b"", end=True)

    def reset(self):
        self.client.h2.reset_stream(self.number, 8)
        self.client.flush()

    def until(self, condition):
        """Reads on until condition() is true."""
        while not condition():
            assert not self.over, f"the stream is over: {self.status} {self.data!r} {self.reset_code}"
            self.client.read()
        return self

    @property
    def over(self):
        return self.ended or self.reset_code is not None

    def until_status(self):
        return self.until(lambda: self.status is not None)

    def until_data(self, expected):
        self.until(lambda: len(self.data) >= len(expected))
        assert self.data == expected

    def until_over(self):
        while not self.over:
            self.client.read()
        return self

    def problem(self):
        """(status, the last part of the type) of a refusal."""
        self.until_over()
        document = json.loads(self.data)
        assert document["status"] == self.status and document["detail"]
        return self.status, document["type"].removeprefix("urn:nigh:problem:")

    def line(self):
        """The next line of JSON."""
        self.until(lambda: b"\n" in self.data)
        line, _, self.data = self.data.partition(b"\n")
        return json.loads(line)


class Client:
    """Logged in with a bearer token."""

    def __init__(self, port, token):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        tls.set_alpn_protocols(["h2"])
        self.socket = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE))
        # Its check of requests knows no CONNECT.
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False))
        self.streams = {}
        self.credentials = [("authorization", f"Bearer {token}")]  # of each request
        self.h2.initiate_connection()
        self.flush()
        while not self.h2.remote_settings.enable_connect_protocol:
            self.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def read(self):
        data = self.socket.recv(1 << 16)
        assert data, "the server has ended the connection"
        for event in self.h2.receive_data(data):
            stream = self.streams.get(getattr(event, "stream_id", None))
            if stream is None:
                continue
            if isinstance(event, h2.events.ResponseReceived):
                stream.headers = dict(event.headers)
                stream.status = int(stream.headers[":status"])
            elif isinstance(event, h2.events.DataReceived):
                stream.data += event.data
                if event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, stream.number)
            elif isinstance(event, h2.events.StreamEnded):
                stream.ended = True
            elif isinstance(event, h2.events.StreamReset):
                stream.reset_code = int(event.error_code)
        self.flush()

    def request(self, fields, end=False):
        stream = Stream(self, self.h2.get_next_available_stream_id())
        self.streams[stream.number] = stream
        self.h2.send_headers(stream.number, [*fields, *self.credentials], end)
        self.flush()
        return stream

    def connect(self, authority):
        return self.request([(":method", "CONNECT"), (":authority", authority)])

    def connect_as(self, protocol, path, *more):
        return self.request([(":method", "CONNECT"), (":protocol", protocol), (":scheme", "https"),
                             (":authority", "h"), (":path", path), *more])

    def post(self, path, document):
        stream = self.request([(":method", "POST"), (":scheme", "https"), (":authority", "h"),
                               (":path", path)])
        stream.send(json.dumps(document).encode(), end=True)
        return stream

    def listen(self, **document):
        """The stream, and what it says of where it listens."""
        stream = self.post("/v1/listen", document).until_status()
        assert stream.status == 200, stream.problem()
        return stream, stream.line()["listening"]

    def fetch(self, listener):
        """The tunnel of the next connection that came to that listener."""
        return self.connect_as("nigh-accepted", "/v1/listen/" + listener.line()["accepted"]["id"])
