# SPDX-License-Identifier: Apache-2.0
"""As little of an HTTP/2 client as can make an authenticated connection and then keep it idle.

Hand-written frames (RFC 9113, RFC 7541 without Huffman coding and without a dynamic table), because
a thousand connections of a complete client would measure the client.

    h2client.py ADDRESS PORT PATH COUNT    with a token on standard input: GET of a small file, again and
                                           again on one connection; the seconds of each, a line each
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import time

from harness import CaseFailed

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
STATUS_200 = 0x88  # index 8 of the static table


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def hpack_string(text: str) -> bytes:
    """Length as a 7-bit prefix integer, then the bytes as they are."""
    data = text.encode("ascii")
    if len(data) < 127:
        return bytes([len(data)]) + data
    rest, prefix = len(data) - 127, b"\x7f"
    while rest >= 128:
        prefix += bytes([rest % 128 + 128])
        rest //= 128
    return prefix + bytes([rest]) + data


def get_request(path: str, authority: str, token: str) -> bytes:
    """A header block: indexed method and scheme; path, authority and authorization as literals."""
    block = b"\x82\x87" + b"\x04" + hpack_string(path) + b"\x01" + hpack_string(authority)
    return block + b"\x1f\x08" + hpack_string(f"Bearer {token}")  # never indexed, name index 23


class IdleConnection:
    """Connects, makes one authenticated request, and then only stays."""

    def __init__(self, address: str, port: int, token: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # the host key is not what is measured
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection((address, port), timeout=10)
        self.socket = context.wrap_socket(plain)
        self.authority, self.token, self.stream = f"{address}:{port}", token, 1
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0) + self._request("/v1/"))
        self._read_answer()

    def close(self) -> None:
        self.socket.close()

    def fetch(self, path: str) -> bytes:
        """GET on the connection that is there; for bodies far below the 64 KiB of its window."""
        self.stream += 2
        self.socket.sendall(self._request(path))
        return self._read_answer()

    def open_tunnels(self, target: str, count: int, kept: bool = False) -> None:
        """`CONNECT target`, so many times at once, until the last is open. kept: they survive their connection."""
        block = b"\x02" + hpack_string("CONNECT") + b"\x01" + hpack_string(target)
        if kept:
            block += b"\x00" + hpack_string("nigh-resumable") + hpack_string("?1")
        numbers = range(self.stream + 2, self.stream + 2 + 2 * count, 2)
        self.socket.sendall(b"".join(frame(HEADERS, END_HEADERS, n, block) for n in numbers))
        self.stream = numbers[-1]
        waiting = set(numbers)
        while waiting:
            kind, flags, stream, payload = self._read_frame()
            if kind == SETTINGS and not flags & ACK:
                self.socket.sendall(frame(SETTINGS, ACK, 0))
            elif kind in (RST_STREAM, GOAWAY):
                raise CaseFailed(f"the server ended a tunnel: frame {kind}, {payload!r}")
            elif kind == HEADERS:
                self._check_status(flags, payload)
                waiting.discard(stream)

    def _request(self, path: str) -> bytes:
        block = get_request(path, self.authority, self.token)
        return frame(HEADERS, END_STREAM | END_HEADERS, self.stream, block)

    def _read_answer(self) -> bytes:
        body = b""
        while True:
            kind, flags, stream, payload = self._read_frame()
            if kind == SETTINGS and not flags & ACK:
                self.socket.sendall(frame(SETTINGS, ACK, 0))
            elif kind in (RST_STREAM, GOAWAY):
                raise CaseFailed(f"the server ended the request: frame {kind}, {payload!r}")
            elif kind == HEADERS and stream == self.stream:
                self._check_status(flags, payload)
            elif kind == DATA and stream == self.stream:
                body += payload
            if kind in (DATA, HEADERS) and stream == self.stream and flags & END_STREAM:
                return body

    def _check_status(self, flags: int, block: bytes) -> None:
        block = block[(flags & PADDED > 0) + 5 * (flags & PRIORITY > 0) :]
        while block and 0x20 <= block[0] < 0x40:  # a change of the table's size
            block = block[1:]
        if not block or block[0] != STATUS_200:
            raise CaseFailed("the server does not answer 200")

    def _read_frame(self) -> tuple[int, int, int, bytes]:
        head = self._read(9)
        kind, flags, stream = struct.unpack("!BBI", head[3:])
        return kind, flags, stream & 0x7FFFFFFF, self._read(int.from_bytes(head[:3], "big"))

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise CaseFailed("the server closed the connection")
            data += more
        return data


def main() -> None:
    address, port, path, count = sys.argv[1:]
    connection = IdleConnection(address, int(port), sys.stdin.read().strip())
    for _ in range(int(count)):
        begin = time.perf_counter()
        connection.fetch(path)
        print(time.perf_counter() - begin)


if __name__ == "__main__":
    main()
