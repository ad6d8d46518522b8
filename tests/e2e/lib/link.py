# SPDX-License-Identifier: Apache-2.0
"""A network between a client and a server that a test can break."""
import contextlib
import socket
import threading


class Link:
    """The way of host `name` of `home` to the server's port.

    hold()      nothing passes any more, and nobody is told: a cable was pulled
    cut()       connections end, and new ones are refused
    restore()   all is well again; what was held passes
    """

    def __init__(self, home, port, name="demo"):
        self._server = ("127.0.0.1", port)
        self._passes = threading.Event()
        self._passes.set()
        self._refuses = False
        self._lock = threading.Lock()
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        home.add_host(name, port)
        home.trust(port)
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self):
        self._passes.clear()

    def cut(self):
        with self._lock:
            self._refuses = True
            self._end(self._open)

    def restore(self):
        self._refuses = False
        self._passes.set()

    def close(self):
        self._listener.close()
        self.cut()
        self._passes.set()

    @staticmethod
    def _end(connections):
        for one in connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._refuses:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        try:
            while piece := source.recv(1 << 16):
                self._passes.wait()
                sink.sendall(piece)
        except OSError:
            pass
        self._passes.wait()  # the end does not get through either
        self._end({source, sink})
