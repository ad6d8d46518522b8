# SPDX-License-Identifier: Apache-2.0
"""A real `nigh serve`, started and ended by a test."""
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys

from . import processes, sanitizers
from .waiting import PATIENCE, Lines

WARDEN = pathlib.Path(__file__).parent / "warden.py"


class Server:
    """Running from the constructor on, which returns when the server has said that it is ready.

    pid         of the keeper
    port        of the first address
    addresses   all that it listens on, as it printed them: "127.0.0.1:40001"
    fingerprint of its host key: "SHA256:…"
    lines       what it said on standard output (waiting.Lines)

    `grace`: seconds that orphans may take to end after it.
    """

    def __init__(self, command, env, log, grace=5):
        self.log = pathlib.Path(log)
        self.status = None  # after stop(): as subprocess counts it
        self.left = []      # after stop(): what it left running
        read, write = os.pipe()
        with self.log.open("wb") as stderr:
            self._warden = subprocess.Popen(
                [sys.executable, "-E", "-B", WARDEN, str(write), str(grace), *map(str, command)],
                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, pass_fds=[write])
        os.close(write)
        self._reports = Lines(os.fdopen(read, "rb"))
        self.lines = Lines(self._warden.stdout)
        try:
            self.pid = self._report()["pid"]
            self._read_greeting(self.lines.until("ready"))
        except BaseException as failure:
            self.kill()
            raise AssertionError(f"{failure}\nthe server's log:\n{self.stderr()}") from failure

    def _report(self):
        line = self._reports.next()
        if line is None:
            raise AssertionError("the server could not be started")
        return json.loads(line)

    def _read_greeting(self, lines):
        text = "\n".join(lines)
        self.addresses = re.findall(r"^listening on (\S+)$", text, re.M)
        self.port = int(self.addresses[0].rpartition(":")[2])
        self.fingerprint = re.search(r"^host key (SHA256:\S+) \(.+\)$", text, re.M).group(1)

    def stderr(self):
        return self.log.read_text(errors="backslashreplace")

    def processes(self):
        """The pids of the server and of all that descends from it, orphans included."""
        return processes.descendants(self._warden.pid)

    def send_signal(self, number):
        os.kill(self.pid, number)

    def wait(self):
        """Waits for the server to end; its status. What it left running is in `left`, and dead."""
        if self.status is None:
            report = self._report()
            self.status, self.left = report["status"], report["left"]
            self._warden.wait(PATIENCE)
        return self.status

    def stop(self):
        """Asks the server to end and waits until it has, or kills it when it does not."""
        if self.status is None:
            if processes.alive(self.pid):
                self.send_signal(signal.SIGTERM)
            try:
                self.wait()
            except queue.Empty:
                self.status = f"none: it had not ended {PATIENCE} s after SIGTERM"
                self.left = [f"{pid}: {processes.command_line(pid)}" for pid in self.processes()]
                self.kill()
        return self.status

    def kill(self):
        """Ends everything at once, for when nothing more is to be learned."""
        self._warden.terminate()
        self._warden.wait(PATIENCE)

    def complaints(self):
        """After stop(): what a test that expects a clean end should fail for."""
        found = []
        if self.status != 0:
            found.append(f"the server ended with status {self.status}")
        found += [f"the server left a process running: {line}" for line in self.left]
        if report := sanitizers.in_stderr(self.log.read_bytes()):
            found.append(report)
        return found
