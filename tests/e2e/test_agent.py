# SPDX-License-Identifier: Apache-2.0
"""-A: programs on a host use the ssh-agent that is here, to sign and for nothing else."""
import os
import re
import signal
import subprocess

import pytest

from lib import processes
from lib.home import make_key
from lib.transfer import Proxy
from lib.terminal import expect_end
from lib.waiting import PATIENCE, eventually

# What an agent that was asked for this, as a frame's body in hex, answers: the type of its message.
ASK = """
import os, socket, struct, sys
for body in map(bytes.fromhex, sys.argv[1:]):
    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(os.environ["SSH_AUTH_SOCK"])
        agent.sendall(struct.pack(">I", len(body)) + body)
        print(agent.recv(5, socket.MSG_WAITALL)[4])
"""
FAILURE = "5"


class Agent:
    """A real ssh-agent that has one key, whose comment is `forwarded`."""

    def __init__(self, home):
        self.path = home.root / "agent.sock"
        said = subprocess.run(["ssh-agent", "-s", "-a", self.path], check=True, capture_output=True, text=True)
        self.pid = int(re.search(r"SSH_AGENT_PID=(\d+)", said.stdout)[1])
        self.env = {**home.env, "SSH_AUTH_SOCK": str(self.path)}
        self.key = make_key(home.root / "agent_key", comment="forwarded")
        self.add(self.key)

    def add(self, *words):
        subprocess.run(["ssh-add", "-q", *words], check=True, env=self.env, stdin=subprocess.DEVNULL)

    def keys(self):
        return subprocess.run(["ssh-add", "-L"], env=self.env, capture_output=True, text=True).stdout

    def end(self):
        processes.kill(self.pid, signal.SIGTERM)
        eventually(lambda: not processes.alive(self.pid), "the end of the agent")


@pytest.fixture
def agent(home):
    one = Agent(home)
    home.env["SSH_AUTH_SOCK"] = str(one.path)
    yield one
    one.end()


@pytest.fixture
def remote(agent, nigh):
    """remote(*command, options=("-A",)) -> standard output of a command on the host that must succeed."""
    def run(*command, options=("-A",)):
        done = nigh("run", *options, "demo", "--", *command)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()
    return run


def folders(home):
    """Those for agents that are on the server now."""
    folder = home.root / ".local/state/nigh/agent"
    return list(folder.iterdir()) if folder.exists() else []


def string(data):
    return len(data).to_bytes(4, "big") + data


# ---- what works ----------------------------------------------------------------------------------

def test_the_keys_are_listed_and_sign_on_the_host(server, agent, remote, home):
    server()
    assert "forwarded" in remote("ssh-add", "-l")
    data, public = home.root / "data", home.root / "public"
    data.write_text("what is signed")
    public.write_text(agent.key.with_suffix(".pub").read_text())  # no private half beside it
    agent.key.unlink()
    remote(f"ssh-keygen -Y sign -q -n test -f {public} < {data} > {data}.sig")
    with data.open() as stdin:
        subprocess.run(["ssh-keygen", "-Y", "check-novalidate", "-n", "test", "-s", f"{data}.sig"],
                       check=True, stdin=stdin, capture_output=True)


def test_the_socket_is_private_and_goes_with_the_command(server, remote, home):
    server()
    shown = remote('stat -c %a "$SSH_AUTH_SOCK" "$(dirname "$SSH_AUTH_SOCK")" && echo "$SSH_AUTH_SOCK"')
    *modes, path = shown.split()
    assert modes == ["600", "700"]
    assert path.startswith(f"{home.root}/.local/state/nigh/agent/")
    eventually(lambda: not folders(home), "the end of the folder")


def test_a_shell_at_a_terminal_has_it_too(server, agent, terminal, home):
    server()
    home.env["SHELL"] = "/bin/sh"
    child = terminal("-A", "demo", "ssh-add -l; echo status $?")
    child.expect_exact("forwarded")
    child.expect_exact("status 0")
    expect_end(child, 0)


def test_several_hosts_have_it(server, agent, nigh):
    server(name="one")
    server(name="two")
    done = nigh("run", "-A", "one", "two", "--", "ssh-add", "-l")
    assert done.returncode == 0 and done.stdout.count(b"forwarded") == 2, done.stderr


def test_over_a_kept_connection(server, remote, nigh):
    server()
    try:
        assert "forwarded" in remote("ssh-add", "-l", options=("-A", "--share"))
        assert "forwarded" in remote("ssh-add", "-l", options=("-A", "--share"))
    finally:
        assert nigh("disconnect", "--all").returncode == 0


@pytest.mark.parametrize("folder", [".config/nigh/config.toml", ".ssh/config"])
def test_the_configuration_may_ask_for_it(server, remote, home, folder):
    server()
    lines = {".ssh/config": "Host demo\n  ForwardAgent yes\n"}
    with (home.root / folder).open("a") as file:
        file.write(lines.get(folder, "[defaults]\nforward_agent = true\n"))
    assert "forwarded" in remote("ssh-add", "-l", options=())
    assert remote("echo ${SSH_AUTH_SOCK-none}", options=("-a",)) == "none\n"


def test_a_lost_connection_brings_it_back_at_the_same_path(server, agent, start_nigh, home):
    running = server()
    with Proxy(home, running.port, "far") as proxy:
        one = start_nigh("run", "-A", "far", "--", "sh")

        def ask(line):
            one.stdin.write(line.encode() + b"\n")
            one.stdin.flush()
            return one.stdout.readline().decode()

        path = ask('echo "$SSH_AUTH_SOCK"').strip()

        def made():
            try:
                status = os.stat(path)
            except FileNotFoundError:
                return None
            return status.st_ino, status.st_ctime_ns

        before = made()
        assert "forwarded" in ask("ssh-add -l")
        proxy.cut()
        eventually(lambda: made() not in (None, before), "the next listener")
        assert "forwarded" in ask("ssh-add -l")
        one.stdin.close()
        assert one.wait(PATIENCE) == 0


def test_keys_for_some_hosts_alone_are_for_these(server, agent, remote, home):
    """The agent is told which host asks: OpenSSH's destination constraints hold."""
    server()
    other = make_key(home.root / "other_host", comment="other")
    known = home.root / "known"
    known.write_text(f"first {home.host_public_key()}\nsecond {other.with_suffix('.pub').read_text()}")
    for name, hops in {"through": ["first", "first>second"], "not-through": ["first", "second"],
                       "elsewhere": ["second"]}.items():
        key = make_key(home.root / name, comment=name)
        agent.add("-H", known, *(word for hop in hops for word in ("-h", hop)), key)
    shown = [line.split()[2] for line in remote("ssh-add", "-l").splitlines()]
    assert sorted(shown) == ["forwarded", "through"]


# ---- what does not -------------------------------------------------------------------------------

def test_it_is_off_unless_it_is_asked_for(server, remote):
    server()
    assert remote("echo ${SSH_AUTH_SOCK-none}", options=()) == "none\n"


def test_nothing_else_reaches_the_agent(server, agent, remote):
    server()
    before = agent.keys()
    refused = {
        "add": b"\x11" + string(b"ssh-ed25519"),
        "remove all": b"\x13",
        "remove": b"\x12" + string(b"key"),
        "add a card": b"\x14" + string(b"/usr/lib/x.so") + string(b""),
        "lock": b"\x16" + string(b"secret"),
        "unlock": b"\x17" + string(b"secret"),
        "another extension": b"\x1b" + string(b"restrict-destination-v00@openssh.com"),
    }
    asked = [body.hex() for body in refused.values()]
    assert remote("/usr/bin/python3", "-c", ASK, *asked).split() == [FAILURE] * len(refused)
    assert agent.keys() == before != ""


def test_ssh_add_on_the_host_changes_nothing(server, agent, nigh):
    server()
    before = agent.keys()
    assert nigh("run", "-A", "demo", "--", "ssh-add", "-D").returncode != 0
    assert nigh("run", "-A", "demo", "--", "ssh-add", str(agent.key)).returncode != 0
    assert agent.keys() == before


@pytest.mark.parametrize("options, word", [("no-agent-forwarding", "no-agent-forwarding"),
                                           ("restrict,port-forwarding", "restrict")])
def test_a_restricted_key_goes_without_and_says_so(server, agent, nigh, home, options, word):
    server()
    home.authorized_keys.write_text(f"{options} {home.public_key.read_text()}")
    done = nigh("run", "-A", "demo", "--", "echo ${SSH_AUTH_SOCK-none}")
    assert (done.returncode, done.stdout) == (0, b"none\n")
    assert b"this key may not forward an agent" in done.stderr and word.encode() in done.stderr


def test_a_key_with_a_command_of_its_own_may_unless_it_is_restricted(server, agent, nigh, home):
    server()
    home.authorized_keys.write_text(f'command="ssh-add -l" {home.public_key.read_text()}')
    assert b"forwarded" in nigh("run", "-A", "demo", "--", "true").stdout
    stolen = nigh("run", "--env", f"SSH_AUTH_SOCK={agent.path}", "demo", "--", "true")
    assert b"forwarded" not in stolen.stdout, "another socket of the account"


def test_a_server_that_forwards_nothing_takes_no_agent(server, agent, nigh, home):
    home.server_config.write_text("forwarding = false\n")
    server()
    done = nigh("run", "-A", "demo", "--", "echo ${SSH_AUTH_SOCK-none}")
    assert (done.returncode, done.stdout) == (0, b"none\n")
    assert b"forwarding = false" in done.stderr


def test_without_an_agent_here_it_says_what_to_do(server, nigh):
    server()
    done = nigh("run", "-A", "demo", "--", "echo ${SSH_AUTH_SOCK-none}")
    assert (done.returncode, done.stdout) == (0, b"none\n")
    assert b"SSH_AUTH_SOCK is not set" in done.stderr and b"ssh-add" in done.stderr


def test_an_agent_that_has_gone_is_told_of(server, agent, start_nigh):
    server()
    one = start_nigh("run", "-A", "demo", "--", "sh", "-c", "echo ready; read go; ssh-add -l; echo status $?")
    assert one.stdout.readline() == b"ready\n"
    agent.end()
    one.stdin.write(b"go\n")
    one.stdin.flush()
    assert one.stdout.readline().startswith(b"status ")
    assert b"asked for the ssh-agent: cannot reach" in one.stderr.readline()
    one.stdin.close()
    assert one.wait(PATIENCE) == 0


@pytest.mark.parametrize("words", [("run", "-A", "--keep", "demo", "--", "true"),
                                   ("shell", "-A", "--detached", "demo")])
def test_what_outlives_nigh_cannot_have_it(nigh, words):
    done = nigh(*words)
    assert done.returncode == 255 and b"-A lasts as long as nigh" in done.stderr
