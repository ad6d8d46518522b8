# SPDX-License-Identifier: Apache-2.0
"""A program that is fed and read at the same time."""
import subprocess
import threading

from .waiting import PATIENCE


class Filter:
    """A program with data through it both ways; what comes back is kept.

    Without data its input stays open for one write().
    """

    def __init__(self, command, env, data):
        self.stderr = b""
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        self.out = bytearray()
        self._threads = [threading.Thread(target=one, args=arguments, daemon=True) for one, arguments in
                         ((self.write, (data,)), (self._read, ()), (self._read_stderr, ()))
                         if data is not None or one != self.write]
        for one in self._threads:
            one.start()

    def write(self, data):
        with self._process.stdin as pipe:
            pipe.write(data)

    def _read(self):
        while piece := self._process.stdout.read1(1 << 16):
            self.out += piece

    def _read_stderr(self):
        while piece := self._process.stderr.read1(1 << 16):
            self.stderr += piece

    def wait(self, timeout=3 * PATIENCE):
        status = self._process.wait(timeout)
        for one in self._threads:
            one.join(PATIENCE)
        return status

    def kill(self):
        self._process.kill()
        self._process.wait()
