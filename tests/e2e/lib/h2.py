# SPDX-License-Identifier: Apache-2.0
"""As much of an HTTP/2 client as speaks to nigh's server without nigh's client: hand-written frames
(RFC 9113) and header blocks (RFC 7541), one thread, and a connection that can be cut."""
import json
import socket
import ssl
import struct

from .waiting import PATIENCE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
WHOLE_WINDOW = (1 << 31) - 1
STATUS = {0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500}
DIGITS = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5",
          "011100": "6", "011101": "7", "011110": "8", "011111": "9"}


class Cut(Exception):
    """The connection, or the stream, is gone."""


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def _text(text):
    """A string literal: its length as a 7-bit prefix integer, then the bytes as they are."""
    data, rest = text.encode(), len(text.encode()) - 127
    if rest < 0:
        return bytes([len(data)]) + data
    prefix = b"\x7f"
    while rest >= 128:
        prefix += bytes([rest % 128 + 128])
        rest //= 128
    return prefix + bytes([rest]) + data


def _status(block):
    """The first field of a header block is :status."""
    while 0x20 <= block[0] < 0x40:  # the size of the table
        block = block[1:]
    if block[0] in STATUS:
        return STATUS[block[0]]
    size, value = block[1] & 0x7F, block[2:]
    if not block[1] & 0x80:
        return int(value[:size])
    bits, digits = "".join(f"{byte:08b}" for byte in value[:size]), ""
    while len(digits) < 3:
        code = next(code for code in DIGITS if bits.startswith(code))
        digits, bits = digits + DIGITS[code], bits[len(code):]
    return int(digits)


class Stream:
    """One request. `data` grows as it comes; take from its front what is understood."""

    def __init__(self, connection, number):
        self.connection, self.number = connection, number
        self.status, self.data, self.ended = None, b"", False

    def send(self, data, end=False):
        """Without looking at the server's windows: for no more than fits into them."""
        for at in range(0, max(len(data), 1), 16384):
            piece = data[at:at + 16384]
            last = end and at + 16384 >= len(data)
            self.connection.write(frame(DATA, END_STREAM if last else 0, self.number, piece))

    def until(self, condition):
        """Reads on until condition() is true. Cut when the stream or the connection ends first."""
        while not (value := condition()):
            if self.ended:
                raise Cut("the stream has ended")
            self.connection.read_frame()
        return value

    def answer(self):
        """(status, JSON body), of an answer that ends."""
        self.until(lambda: self.ended)
        return self.status, json.loads(self.data)

    def reset(self):
        self.connection.write(frame(RST_STREAM, 0, self.number, struct.pack("!I", 8)))


class Connection:
    """Logged in with a bearer token. `window`: how much each stream may send us; the rest of it is
    given by read_on()."""

    def __init__(self, port, token, window=WHOLE_WINDOW):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        self._socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE))
        self.token, self.streams, self._next, self._input = token, {}, 1, b""
        settings = struct.pack("!HIHI", 1, 0, 4, window)  # no table of header fields
        self.write(PREFACE + frame(SETTINGS, 0, 0, settings) +
                   frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", WHOLE_WINDOW - 65535)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def cut(self):
        """As when the network is gone: nothing is said."""
        self._socket.close()

    def write(self, data):
        try:
            self._socket.sendall(data)
        except OSError as gone:
            raise Cut(str(gone)) from gone

    def request(self, method, path, protocol=None, body=None):
        stream = Stream(self, self._next)
        self.streams[stream.number] = stream
        self._next += 2
        fields = [(":method", method), (":scheme", "https"), (":authority", "h"), (":path", path)]
        if protocol:
            fields.append((":protocol", protocol))
        fields.append(("authorization", f"Bearer {self.token}"))
        block = b"".join(b"\x10" + _text(name) + _text(value) for name, value in fields)
        ends = protocol is None and body is None
        self.write(frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream.number, block))
        if body is not None:
            stream.send(body, end=True)
        return stream

    def ask(self, method, path, body=None):
        return self.request(method, path, body=body).answer()

    def read_on(self, stream):
        self.write(frame(WINDOW_UPDATE, 0, stream.number, struct.pack("!I", WHOLE_WINDOW >> 1)))

    def read_frame(self):
        head = self._read(9)
        kind, flags, number = struct.unpack("!BBI", head[3:])
        payload = self._read(int.from_bytes(head[:3], "big"))
        stream = self.streams.get(number & 0x7FFFFFFF)
        if kind == SETTINGS and not flags & ACK:
            self.write(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.write(frame(PING, ACK, 0, payload))
        elif stream and kind == HEADERS:
            stream.status = _status(payload)
        elif stream and kind == DATA:
            stream.data += payload
            if payload:
                self.write(frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", len(payload))))
        if stream and (kind == RST_STREAM or kind in (HEADERS, DATA) and flags & END_STREAM):
            stream.ended = True

    def _read(self, size):
        while len(self._input) < size:
            try:
                more = self._socket.recv(1 << 20)
            except OSError as gone:
                raise Cut(str(gone)) from gone
            if not more:
                raise Cut("the connection has ended")
            self._input += more
        data, self._input = self._input[:size], self._input[size:]
        return data
