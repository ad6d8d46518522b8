# SPDX-License-Identifier: Apache-2.0
"""`nigh forward` while it runs, and what stands at the ends of its tunnels."""
import json
import os
import socket
import struct
import threading

import pytest

from lib.waiting import PATIENCE, Lines


class Forwards:
    """A running `nigh forward --json`. Begins when all of it listens."""

    def __init__(self, process, count):
        self.process = process
        self.lines = Lines(process.stdout)
        self.listening = [self.event("listening") for _ in range(count)]

    def event(self, name):
        """The next event of that name; what comes before it is skipped."""
        while (line := self.lines.next()) is not None:
            if (event := json.loads(line))["event"] == name:
                return event
        raise AssertionError(f"it ended without {name}: {self.process.stderr.read()}")

    def address(self, number=0):
        """Of a port that is here."""
        host, port = self.listening[number]["address"].rsplit(":", 1)
        return "127.0.0.1" if host == "localhost" else host, int(port)

    def connect(self, number=0):
        return connect(self.address(number))

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def connect(address):
    """To (host, port) or a path."""
    one = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
    one.settimeout(PATIENCE)
    one.connect(address)
    return one


class Target:
    """A listening socket, TCP or at a path."""

    def __init__(self, path=None):
        if path is None:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=500)
            self.port = self.socket.getsockname()[1]
            self.spec = f"127.0.0.1:{self.port}"
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(os.fspath(path))
            self.socket.listen()
            self.spec = os.fspath(path)
        self.socket.settimeout(PATIENCE)

    def accept(self):
        connection, _ = self.socket.accept()
        connection.settimeout(PATIENCE)
        return connection

    def answer_each(self, answer):
        """Serves every connection to come in a thread of its own: answer(connection)."""
        def serve():
            self.socket.settimeout(None)
            while True:
                try:
                    connection, _ = self.socket.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # a thread in accept() hears of it
        except OSError:
            pass
        self.socket.close()


def echo(connection):
    """Sends back what comes, and ends when that does."""
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def receive(connection, size):
    data = b""
    while len(data) < size and (more := connection.recv(size - len(data))):
        data += more
    return data


def receive_all(connection):
    data = b""
    while more := connection.recv(65536):
        data += more
    return data


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def assert_reset(connection):
    """Nothing comes but a reset."""
    with pytest.raises(ConnectionResetError):
        data = connection.recv(100)
        raise AssertionError(f"it was not reset: {data!r}")


def closed_port():
    """Of this machine, at which nobody listens: it stays bound as long as the result lives."""
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one
