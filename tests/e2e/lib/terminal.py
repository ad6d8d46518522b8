# SPDX-License-Identifier: Apache-2.0
"""nigh at a terminal: one that pexpect plays, or one of tmux, whose screen can be looked at."""
import shlex
import subprocess

import pexpect

from .waiting import PATIENCE, eventually

# Runs nigh with the words after it, then says its status and whether the terminal is as it was.
SHELL = '''
trap : INT QUIT  # keys of the terminal go to this shell too
before=$(stty -g)
sh -c 'echo pid $$; exec "$@"' sh "$@"
echo "status $?"
[ "$before" = "$(stty -g)" ] && echo "terminal as before"
'''


def start(command, env, dimensions=(24, 80), encoding="utf-8"):
    """A pexpect child in which `command` runs; `nigh` is its pid."""
    child = pexpect.spawn("/bin/sh", ["-c", SHELL, "sh", *map(str, command)],
                          env={**env, "NO_COLOR": "1"}, encoding=encoding, timeout=PATIENCE,
                          dimensions=dimensions)
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

    def close(self):
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._env, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
