# SPDX-License-Identifier: Apache-2.0
"""nigh at a terminal: one that pexpect plays, or one of tmux, whose screen can be looked at."""
import os
import select
import shlex
import subprocess

import pexpect

from . import processes
from .waiting import PATIENCE, eventually

# Runs nigh with the words after it, then says its status and whether the terminal is as it was.
SHELL = '''
trap : INT QUIT  # keys of the terminal go to this shell too
before=$(stty -g)
sh -c 'echo pid $$; exec "$@"' sh "$@"
echo "status $?"
[ "$before" = "$(stty -g)" ] && echo "terminal as before"
'''


class Child(pexpect.spawn):
    """A program at a terminal of its own, which is there until the program has ended.

    A hangup would continue the program (SIGCONT), also where LeakSanitizer has just stopped it to
    look at it: then both would wait for ever, on a core of their own.
    """

    def __init__(self, command, env, **options):
        command, *arguments = map(str, command)
        super().__init__(command, arguments, env=env, timeout=PATIENCE, **options)
        self.ptyproc.delayafterclose = 0

    def close(self, force=True):
        """Ends, by SIGKILL, what still runs at the terminal; then there is no more terminal."""
        if self.closed:
            return
        if self.isalive():
            for pid in (self.pid, *processes.descendants(self.pid)):
                processes.kill(pid)
        self._drain()
        if self.isalive():
            self.wait()
        super().close(force)

    def _drain(self):
        """Reads until nobody has the terminal open: who writes to it can end."""
        while select.select([self.child_fd], [], [], PATIENCE)[0]:
            try:
                if not os.read(self.child_fd, 1 << 16):
                    return
            except OSError:  # EIO: the end
                return
        raise AssertionError("somebody kept the terminal open")

    def hang_up(self):
        """Takes the terminal away, as who closes its window. See above: not from LeakSanitizer."""
        super().close(force=True)


def start(command, env, dimensions=(24, 80), encoding="utf-8"):
    """A Child in which `command` runs; `nigh` is its pid."""
    child = Child(["/bin/sh", "-c", SHELL, "sh", *command], {**env, "NO_COLOR": "1"},
                  encoding=encoding, dimensions=dimensions)
    child.expect(rb"pid (\d+)\r\n" if encoding is None else r"pid (\d+)\r\n")
    child.nigh = int(child.match.group(1))
    return child


def expect_end(child, status):
    child.expect(r"status (\d+)\r\n")
    assert int(child.match.group(1)) == status
    child.expect_exact("terminal as before")


class Screen:
    """A terminal of tmux that shows a command. What is on it is text, as a person sees it."""

    def __init__(self, folder, env, command, rows=24, columns=80):
        self._socket = f"{folder}/tmux"
        self._env = env
        words = " ".join(shlex.quote(str(word)) for word in command)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows,
                   f"{words}; status=$?; echo; echo status $status; exec cat")
        self._tmux("set-option", "-g", "status", "off")

    def _tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self._socket, *map(str, arguments)], env=self._env,
                              check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def rows(self):
        """The screen, without what is blank at the end of each row."""
        return self._tmux("capture-pane", "-p").split("\n")[:-1]

    def text(self):
        return "\n".join(self.rows())

    def picture(self):
        """The rows with colours and the like as sequences, and where the cursor is."""
        return [*self._tmux("capture-pane", "-p", "-e").split("\n")[:-1], self.cursor()]

    def cursor(self):
        return self._tmux("display-message", "-p", "cursor in #{cursor_x},#{cursor_y}").strip()

    def history(self):
        """What has scrolled away, and the screen."""
        return self._tmux("capture-pane", "-p", "-S", "-").split("\n")[:-1]

    def type(self, *keys):
        """As tmux's send-keys: "Enter", "C-c", or text."""
        self._tmux("send-keys", "--", *keys)

    def until(self, wanted):
        """Waits until the screen has `wanted` (text, or what a function of the rows finds)."""
        test = wanted if callable(wanted) else lambda rows: wanted in "\n".join(rows)
        return eventually(lambda: test(self.rows()), f"{wanted!r} on the screen")

    def _processes(self):
        asked = subprocess.run(["tmux", "-S", self._socket, "display-message", "-p", "#{pid}"],
                               env=self._env, check=False, capture_output=True)
        return processes.descendants(int(asked.stdout)) if asked.returncode == 0 else []

    def close(self):
        """Ends what runs in it by SIGKILL, for the reason that Child has."""
        for pid in self._processes():
            processes.kill(pid)
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._env, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
