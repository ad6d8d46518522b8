# SPDX-License-Identifier: Apache-2.0
"""What a person sees with `nigh HOST`, and who attaches to it, is what ssh shows: editor, shell, pager."""
import shlex

import pytest

import lib.terminal
from lib.ssh import Ssh
from lib.waiting import eventually

pytestmark = pytest.mark.usefixtures("sessions")


class Both:
    """The same command in a terminal over nigh and in one over ssh; what is typed goes to both."""

    def __init__(self, over_nigh, over_ssh):
        self.nigh, self.ssh = over_nigh, over_ssh

    def type(self, *keys, until):
        """Types keys one after another, and waits until both screens have `until`, and are alike."""
        for one in (self.nigh, self.ssh):
            one.type(*keys)
        self.alike(until)

    def alike(self, mark):
        self.ssh.until(mark)
        self._same(self.nigh, lambda one: one.picture())

    def looks(self, screen):
        """As the others, but for colours that cannot be seen."""
        self._same(screen, lambda one: [*one.rows(), one.cursor()])

    def _same(self, screen, look):
        try:
            eventually(lambda: look(screen) == look(self.ssh), "the same screen")
        except AssertionError as failure:
            shown = "\n".join(look(screen)), "\n".join(look(self.ssh))
            raise AssertionError("{}; over nigh:\n{}\nover ssh:\n{}".format(failure, *shown)) from failure


@pytest.fixture
def both(server, screen, home):
    """both(command) -> Both. The environment of the command is the same, and nothing but this."""
    server()
    over_ssh = []

    def start(*command):
        line = (f"cd {home.root} && exec env -i TERM=$TERM LANG=C.UTF-8 PATH=$PATH HOME={home.root} "
                + shlex.join(command))
        folder = home.root / "over-ssh"
        folder.mkdir(mode=0o700)
        over_ssh.append(lib.terminal.Screen(folder, home.env, Ssh(home).command(line)))
        return Both(screen("shell", "demo", "--name", "work", line), over_ssh[0])

    yield start
    for one in over_ssh:
        one.close()


def test_an_editor_looks_as_over_ssh(both, screen, home):
    (home.root / "lines").write_text("".join(f"line {i} \t äöü 漢字 🙂 {'=' * i}\n" for i in range(1, 120)))
    two = both("vim.tiny", "-u", "NONE", "-i", "NONE", "-N", "-n", "lines")
    two.alike("line 22")
    two.type(":set ruler showmode showcmd hlsearch incsearch nu nowrap", "Enter",
             until="1,1")
    two.type("/line 42", "Enter", until="42,1")
    two.type("zz", "20dd", "P", "Y", "5p", "ihello \t", "Escape", until="hello")
    two.type(":split", "Enter", "C-w", "j", "G", "o", "bottom of it", until="bottom of it")
    two.looks(screen("attach", "demo", "work"))
    two.type("Escape", ":q!", "Enter", ":q!", "Enter", until="status 0")


def prompts(rows):
    """A shell that has said so reads keys, and echoes them itself."""
    return [row for row in rows if row][-1:] == ["ready>"]


def test_a_shell_looks_as_over_ssh(both, screen):
    two = both("bash", "--norc", "--noprofile", "-i")
    two.alike(lambda rows: rows[0].startswith("bash-"))
    two.type("PS1='\\[\\e[1;32m\\]ready>\\[\\e[0m\\] '", "Enter", until=prompts)
    two.type("seq 1 60; printf '\\e[31mred\\e[7mback\\e[0m 漢字\\n'", "Enter", until=prompts)
    two.type("echo " + "long " * 30, "Home", "C-Right", " these are", "C-e", "DC", "C-w", " end", until="these")
    two.type("Enter", until=prompts)
    two.type("C-r", "seq", until="reverse")
    two.type("C-g", "printf '\\e[2J\\e[5;10H\\e[44mblue\\e[K\\e[0m\\e[2;2Hx\\e[20;1H'", "Enter", until=prompts)
    two.looks(screen("attach", "demo", "work"))
    two.type("C-l", "exit", until="ready> exit")
    two.type("Enter", until="status 0")


def test_a_pager_looks_as_over_ssh(both, screen, home):
    (home.root / "text").write_text("".join(f"\x1b[1mword{i}\x1b[0m " * 9 + "\n" for i in range(1, 300)))
    two = both("less", "-R", "-N", "text")
    two.alike("word15")
    two.type("Space", "Space", "b", until="word35")
    two.type("/word120", "Enter", until="word120")
    two.type("-S", "Enter", "Right", until="word120")
    two.looks(screen("attach", "demo", "work"))
    two.type("G", until="(END)")
    two.type("q", until="status 0")
