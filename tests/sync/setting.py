# SPDX-License-Identifier: Apache-2.0
"""A server and a client for long runs, from the parts of the end-to-end tests."""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from lib import sanitizers  # noqa: E402
from lib.home import Home  # noqa: E402
from lib.server import Server  # noqa: E402


class Setting:
    """A temporary folder (below `scratch`) with a home in it, and a running server called `name`."""

    def __init__(self, binary, scratch, name="demo"):
        self.binary, self.scratch, self.name = pathlib.Path(binary).resolve(), scratch, name

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(
                tempfile.TemporaryDirectory(prefix="nigh-long-", dir=self.scratch)))
            root = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nigh-", dir="/tmp")))
            self.reports = self.folder / "reports"
            self.reports.mkdir()
            self.reports.chmod(0o1777)
            self.home = Home(root, sanitizers.environment(self.reports, os.environ))
            self.server = Server([self.binary, "serve", "--listen", "127.0.0.1:0", "--authorized-keys",
                                  self.home.authorized_keys, "--host-key", self.home.host_key],
                                 self.home.env, self.folder / "serve.log")
            stack.callback(self.server.stop)
            self.home.add_host(self.name, self.server.port)
            self.home.trust(self.server.port)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        if failure[0]:
            print(f"the server's log:\n{self.server.stderr()[-5000:]}", file=sys.stderr)
        self._stack.__exit__(*failure)

    def nigh(self, *args):
        """Runs the program as the user of the home; AssertionError when a sanitizer complains."""
        done = subprocess.run([self.binary, *map(str, args)], env=self.home.env, capture_output=True,
                              stdin=subprocess.DEVNULL)
        self.check()
        return done

    def start(self, *args):
        return subprocess.Popen([self.binary, *map(str, args)], env=self.home.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def check(self):
        assert not (found := sanitizers.reports(self.reports)), "\n".join(found)
