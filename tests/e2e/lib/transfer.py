# SPDX-License-Identifier: Apache-2.0
"""Transfers between two folders of this machine, of which one or both are behind a server."""
import contextlib
import json
import os
import socket
import subprocess
import threading

PARTIAL = (".nigh-part-", ".nigh-tmp-")


class Way:
    """Which side is remote: "up" the target, "down" the source, "across" both (two hosts)."""

    ALL = ("up", "down", "across")

    def __init__(self, name):
        self.name = name
        self.remote_source, self.remote_target = name in ("down", "across"), name in ("up", "across")

    def source(self, path):
        return ("demo:" if self.remote_source else "") + os.fsdecode(path)

    def target(self, path):
        host = "other:" if self.name == "across" else "demo:" if self.remote_target else ""
        return host + os.fsdecode(path)

    def serve(self, server, home, **options):
        """Starts what this way needs; the server."""
        one = server(**options)
        if self.name == "across":
            home.add_host("other", one.port)
        return one


def contents(path):
    """As `nigh sync` and rsync want it: what is in the folder."""
    return os.fsdecode(path) + "/"


def json_lines(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith(b"{")]


def summary(done):
    """The report at the end of --json: files, literal, wire_sent …"""
    for line in reversed(json_lines(done.stdout)):
        for found in (line, line.get("summary"), line.get("report")):
            if isinstance(found, dict) and "literal" in found:
                return found
    raise AssertionError(f"no summary in {done.stdout!r}; stderr: {done.stderr!r}")


def items(done):
    """{(action, path)} of --json."""
    return {(line["action"], line["path"]) for line in json_lines(done.stdout) if "action" in line}


def rsync_would(source, target, *options):
    """What rsync, as an oracle, would still do to make the target like the source: lines."""
    command = ["rsync", "-aHAXn", "--checksum", "--numeric-ids", "--delete", "--modify-window=-1", "--itemize-changes",
               *options, os.path.join(os.fsencode(source), b""), os.path.join(os.fsencode(target), b"")]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def names_in(folder):
    """The names below a folder as a reader sees them, so without the partial files of transfers."""
    found = set()
    for where, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            if not name.startswith(PARTIAL):
                found.add(os.path.relpath(os.path.join(where, name), folder))
    return found


def partial_files(folder):
    """What a transfer would continue from; none when all is complete."""
    return [os.path.join(where, name) for where, _, files in os.walk(folder)
            for name in files if name.startswith(PARTIAL[0])]


def remove_stale(folder):
    """What a killed receiver was writing under a name of no meaning: it goes by itself after a day."""
    for where, _, files in os.walk(folder):
        time = os.stat(where).st_mtime_ns
        for name in files:
            if name.startswith(PARTIAL[1]):
                os.remove(os.path.join(where, name))
        os.utime(where, ns=(time, time))


class Proxy:
    """A TCP connection that counts what passes, and acts when a number of bytes has.

    It is host `name` of `home` and leads to the server's port. `sent` is what came from clients,
    `received` what came from the server, on all connections together.
    """

    def __init__(self, home, port, name="demo"):
        self.server = ("127.0.0.1", port)
        self.sent = self.received = 0
        self._lock = threading.Lock()
        self._limit, self._action = None, None
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        home.add_host(name, self.port)
        home.trust(self.port)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()
        self.cut()

    def when(self, count, action):
        """Calls action() once, before more than `count` further bytes have passed either way."""
        with self._lock:
            self._limit, self._action = self.sent + self.received + count, action

    def cut(self):
        """Ends all connections, as if their network had."""
        with self._lock:
            connections, self._open = self._open, set()
        self._end(connections)

    @staticmethod
    def _end(connections):
        for one in connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self.server)
            except OSError:
                return
            with self._lock:
                self._open |= {client, server}
            for source, sink, name in ((client, server, "sent"), (server, client, "received")):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(source, sink, name), daemon=True).start()

    def _pump(self, source, sink, name):
        try:
            while piece := source.recv(1 << 16):
                self._count(name, len(piece))
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one side is gone: let both know
            self._end({source, sink})

    def _count(self, name, size):
        action = None
        with self._lock:
            setattr(self, name, getattr(self, name) + size)
            if self._limit is not None and self.sent + self.received > self._limit:
                action, self._limit, self._action = self._action, None, None
        if action:
            action()


class Mounts:
    """A mount namespace with file systems of its own, for as long as the context lasts. What runs
    `inside` (a prefix of a command line) sees them; see() is the same path seen from outside."""

    def __init__(self, *mounts):
        """Each is the argument list of a mount(8)."""
        self._script = " && ".join("mount " + " ".join(map(str, words)) for words in mounts)

    def __enter__(self):
        self._holder = subprocess.Popen(["unshare", "--mount", "sh", "-ec", self._script + "; echo; exec cat"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout.readline() == b"\n", "the file systems could not be mounted"
        self.inside = f"nsenter --mount=/proc/{self._holder.pid}/ns/mnt --"
        return self

    def __exit__(self, *_):
        self._holder.communicate()

    def see(self, path):
        return f"/proc/{self._holder.pid}/root{path}"


# For root, which may do everything, what files forbid does not hold; with this in front it does.
WITHOUT_PRIVILEGE = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all --"


def wrapper(binary, folder):
    """A program that is `binary`, run by the command line in the variable PREFIX."""
    path = folder / "nigh"
    path.write_text(f'#!/bin/sh\nprefix=$PREFIX; unset PREFIX\nexec $prefix {binary} "$@"\n')
    path.chmod(0o755)
    return path


class FreezingProxy(Proxy):
    """One whose connections can fall silent, while new ones work: an address that is not ours any more."""

    def __init__(self, *arguments):
        self._frozen, self._thawed = set(), threading.Event()
        self._pumping = set()
        super().__init__(*arguments)

    def freeze(self):
        self._frozen |= self._pumping

    def __exit__(self, *_):
        self._thawed.set()
        super().__exit__()

    def _count(self, name, size):
        me = threading.current_thread()
        self._pumping.add(me)
        if me in self._frozen:
            self._thawed.wait()
        super()._count(name, size)
