# SPDX-License-Identifier: Apache-2.0
"""A server that may be ended in any way and started again, and who uses its sessions without nigh's client."""
import os
import pathlib
import signal
import subprocess

from . import processes
from .h2 import Connection
from .server import Server
from .waiting import PATIENCE, eventually

COUNT = ["sh", "-c", "seq 1 300000; read x; echo got $x; exit 3"]
NUMBERS = "".join(f"{i}\n" for i in range(1, 300001)).encode()
TERMINAL = {"pty": {"term": "xterm", "columns": 80, "rows": 24}}


class World:
    """A server that may be ended in any way and started again, and who uses it with a token."""

    def __init__(self, home, binary):
        self.home, self.binary, self.servers = home, binary, []
        self.sessions = home.root / ".local/state/nigh/sessions"
        self.options = []
        self.prefix = []  # of the server's command line
        self.start()
        self.token = self.make_token()

    def start(self, port=0):
        command = [*self.prefix, self.binary, "serve", "--listen", f"127.0.0.1:{port}", "--authorized-keys",
                   self.home.authorized_keys, "--host-key", self.home.host_key, *self.options]
        log = self.home.root / f"serve-{len(self.servers)}.log"
        # Holders are this server's descendants also when another has taken over.
        self.servers.append(Server(command, self.home.env, log, grace=PATIENCE))
        self.home.add_host(f"s{len(self.servers)}", self.port)
        self.home.trust(self.port)

    @property
    def server(self):
        return self.servers[-1]

    @property
    def port(self):
        return self.server.port

    def limit(self, text):
        """Starts the server anew with these limits."""
        config = self.home.root / "server.toml"
        config.write_text(f"[limits]\n{text}\n")
        self.options = ["--config", config]
        self.restart()
        self.token = self.make_token()

    def restart(self, *prefix):
        """Starts the server anew, with this before its command line."""
        self.prefix = [*prefix]
        self.server.stop()
        self.start()

    def mount(self, *mounts):
        """Starts the server anew in a mount namespace of its own; each is what mount(8) gets."""
        script = "".join(f"mount {words}; " for words in mounts)
        self.restart("unshare", "--mount", "sh", "-ec", script + 'exec "$@"', "sh")

    def see(self, path):
        """What the server knows by this path."""
        return pathlib.Path(f"/proc/{self.server.pid}/root{path}")

    def run(self, *words, **options):
        return subprocess.run([self.binary, *map(str, words)], env=self.home.env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, **options)

    def make_token(self, *options):
        done = self.run("token", *options, f"s{len(self.servers)}")
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def connect(self, token=None, **options):
        return Connection(self.port, token or self.token, **options)

    def ask(self, method, path, token=None):
        with self.connect(token) as connection:
            return connection.ask(method, path)

    def list(self):
        status, answer = self.ask("GET", "/v1/sessions")
        assert status == 200, answer
        return answer["sessions"]

    def one(self, session):
        return self.ask("GET", f"/v1/sessions/{session}")

    def pids(self, role):
        return [pid for one in self.servers if one.status is None for pid in one.processes()
                if processes.command_line(pid).startswith(role)]

    def kill_all(self, role):
        # A look at /proc is no snapshot: under load one may be missed.
        pids = eventually(lambda: self.pids(role), role)
        for pid in pids:
            processes.kill(pid)
        for pid in pids:
            eventually(lambda: not processes.alive(pid), f"the death of {role}")

    def end(self):
        """Ends sessions and servers; what should not be."""
        complaints = []
        for pid in self.pids("nigh-holder") + self.pids("nigh-channels"):
            processes.kill(pid, signal.SIGTERM)
        for one in self.servers:
            one.stop()
            if one.left or "Sanitizer" in one.stderr():
                complaints += [*one.left, one.stderr()]
        left = os.listdir(self.sessions) if self.sessions.exists() else []
        return complaints + [f"session {one} was left behind" for one in left]
