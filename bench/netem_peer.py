# SPDX-License-Identifier: Apache-2.0
"""The two ends of the emulator's own check, which run inside its namespaces.

    netem_peer.py serve ADDRESS               answers connections and datagrams until it is killed
    netem_peer.py connect ADDRESS             prints the seconds that a TCP connect takes
    netem_peer.py send ADDRESS MIB            prints bytes per second, as the receiver has seen them
    netem_peer.py datagrams ADDRESS COUNT     prints how many of COUNT come back
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time

PORT = 5001
CHUNK = 1 << 20


def serve(address: str) -> None:
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((address, PORT))
    threading.Thread(target=echo, args=(datagrams,), daemon=True).start()
    listener = socket.create_server((address, PORT))
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=receive, args=(connection,), daemon=True).start()


def echo(datagrams: socket.socket) -> None:
    while True:
        data, source = datagrams.recvfrom(2048)
        datagrams.sendto(data, source)


def receive(connection: socket.socket) -> None:
    """Answers with the rate of the second half, when the sender has left its slow start."""
    with connection:
        header = connection.recv(8, socket.MSG_WAITALL)
        if len(header) < 8:
            return
        (total,) = struct.unpack("!Q", header)
        buffer = bytearray(CHUNK)
        got, half_at = 0, 0.0
        while got < total:
            n = connection.recv_into(buffer)
            if n == 0:
                return
            if got < total / 2 <= got + n:
                half_at = time.monotonic()
                half = got + n
            got += n
        connection.sendall(struct.pack("!d", (total - half) / (time.monotonic() - half_at)))


def connect(address: str) -> None:
    begin = time.monotonic()
    socket.create_connection((address, PORT), timeout=5).close()
    print(time.monotonic() - begin)


def send(address: str, mebibytes: int) -> None:
    with socket.create_connection((address, PORT), timeout=60) as connection:
        connection.sendall(struct.pack("!Q", mebibytes << 20))
        chunk = bytes(CHUNK)
        for _ in range(mebibytes):
            connection.sendall(chunk)
        (rate,) = struct.unpack("!d", connection.recv(8, socket.MSG_WAITALL))
        print(rate)


def datagrams(address: str, count: int) -> None:
    """A hundred at a time, far below what any queue on the way holds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.5)
        back = 0
        for first in range(0, count, 100):
            for index in range(first, min(first + 100, count)):
                sender.sendto(struct.pack("!I", index), (address, PORT))
            try:
                for _ in range(first, min(first + 100, count)):
                    sender.recv(16)
                    back += 1
            except TimeoutError:
                continue
        print(back)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", where]:
            serve(where)
        case ["connect", where]:
            connect(where)
        case ["send", where, size]:
            send(where, int(size))
        case ["datagrams", where, number]:
            datagrams(where, int(number))
        case _:
            sys.exit(__doc__)
