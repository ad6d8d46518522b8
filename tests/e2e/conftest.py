# SPDX-License-Identifier: Apache-2.0
"""Fixtures for black-box tests of the real program.

NIGH names it (default: build/dev/nigh). A test's name is a sentence. Nothing sleeps and nothing is
retried: wait for a line (Lines), for an end (communicate, wait), else with eventually().
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

import lib.terminal
from lib import sanitizers
from lib.forwards import Forwards, Target
from lib.home import Home
from lib.server import Server
from lib.waiting import PATIENCE, eventually
from lib.world import World

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than ten seconds on a release build")
    # A shell's job in the background ignores these, and so would everything that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


SERVERS = pytest.StashKey()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the servers' logs when a test fails."""
    report = (yield).get_result()
    if call.when == "call" and report.failed:
        for number, one in enumerate(item.stash.get(SERVERS, [])):
            report.sections.append((f"log of server {number}", one.stderr()))


@pytest.fixture(scope="session")
def nigh_binary():
    path = pathlib.Path(os.environ.get("NIGH", ROOT / "build/dev/nigh")).resolve()
    assert os.access(path, os.X_OK), f"{path} is not there: ./dev build, or set NIGH"
    return path


class SanitizerReports:
    """Collects what sanitizers found while one test ran."""

    def __init__(self, folder):
        self.folder = folder
        self.seen = []

    def look_at(self, stderr):
        if stderr and (report := sanitizers.in_stderr(stderr)):
            self.seen.append(report)

    def all(self):
        return self.seen + sanitizers.reports(self.folder)


@pytest.fixture(autouse=True)
def sanitizer_reports():
    """Fails every test during which a nigh process wrote a sanitizer report."""
    with tempfile.TemporaryDirectory(prefix="nigh-san-") as folder:
        os.chmod(folder, 0o1777)  # a process of another account may have something to report too
        found = SanitizerReports(folder)
        yield found
        if reports := found.all():
            pytest.fail("a sanitizer reported:\n" + "\n".join(reports), pytrace=False)


@pytest.fixture
def home(sanitizer_reports):
    """A temporary home with an ed25519 key that may log in, a host key, and XDG folders."""
    root = tempfile.mkdtemp(prefix="nigh-", dir="/tmp")
    yield Home(root, sanitizers.environment(sanitizer_reports.folder, os.environ))
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def server(home, nigh_binary, request):
    """Factory: server(*options, listen=[…], name="demo", trust=True, clean_end=True) -> lib.server.Server.

    The client of `home` finds it as `name`, and knows its key unless trust is off. When the test is
    over it is told to end, and must do so with status 0, without a sanitizer's report and leaving
    no process behind; clean_end=False is for tests that end it otherwise. Commands of clients that
    were killed are hung up after a second, unless another configuration is among the options.
    """
    started = []
    servers = request.node.stash[SERVERS] = []
    home.server_config.write_text("[limits]\nhangup_seconds = 1\n")

    def start(*options, listen=("127.0.0.1:0",), name="demo", trust=True, clean_end=True, env=None):
        if "--config" not in options:
            options = ("--config", home.server_config, *options)
        command = [nigh_binary, "serve", *(word for one in listen for word in ("--listen", one)),
                   "--authorized-keys", home.authorized_keys, "--host-key", home.host_key, *options]
        log = home.root / f"serve-{len(started)}.log"
        one = Server(command, {**home.env, **(env or {})}, log)
        servers.append(one)
        started.append((one, clean_end))
        home.add_host(name, one.port)
        if trust:
            home.trust(one.port)
        return one

    yield start
    complaints = []
    for one, clean_end in started:
        one.stop()
        if clean_end and one.complaints():
            complaints += [*one.complaints(), "its log:", one.stderr()]
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def nigh(home, nigh_binary, sanitizer_reports):
    """nigh(*args, input=b"", timeout=…, env={…}) -> CompletedProcess with bytes, as the user of `home`.

    Without `input`, standard input is empty. Other keywords go to subprocess.run.
    """
    def run(*args, input=None, timeout=PATIENCE, env=None, **options):
        if input is None and "stdin" not in options:
            options["stdin"] = subprocess.DEVNULL
        if "stdout" not in options:
            options["stdout"] = subprocess.PIPE
        if "stderr" not in options:
            options["stderr"] = subprocess.PIPE
        done = subprocess.run([nigh_binary, *map(str, args)], input=input, timeout=timeout,
                              env={**home.env, **(env or {})}, **options)
        stderr = done.stderr
        sanitizer_reports.look_at(stderr.encode() if isinstance(stderr, str) else stderr)
        return done
    return run


@pytest.fixture
def start_nigh(home, nigh_binary, sanitizer_reports, server):
    """As `nigh`, but returns the running Popen (three pipes unless told otherwise).

    What still runs when the test is over is killed, before the servers end.
    """
    started = []

    def start(*args, env=None, **options):
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        one = subprocess.Popen([nigh_binary, *map(str, args)],
                               env={**home.env, **(env or {})}, **{**pipes, **options})
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        with one:
            if one.stderr and not one.stderr.closed:
                sanitizer_reports.look_at(one.stderr.read())


@pytest.fixture
def at_terminal(home, server):
    """at_terminal(command, env={…}, …) -> lib.terminal.Child, which ends with the test, before the servers."""
    children = []

    def start(command, env=None, **options):
        children.append(lib.terminal.Child(command, {**home.env, **(env or {})}, **options))
        return children[-1]

    yield start
    for child in children:
        child.close()


@pytest.fixture
def terminal(nigh_binary, home, server):
    """terminal(*args, dimensions=…) -> lib.terminal.Child in which nigh runs with these arguments.

    `child.nigh` is its pid; lib.terminal.expect_end() tells how it went. What still runs when the
    test is over is killed, before the servers end.
    """
    children = []

    def start(*arguments, **options):
        children.append(lib.terminal.start([nigh_binary, *arguments], home.env, **options))
        return children[-1]

    yield start
    for child in children:
        child.close()


@pytest.fixture
def screen(nigh_binary, home):
    """screen(*args, rows=…, columns=…) -> lib.terminal.Screen in which nigh runs with these arguments."""
    screens = []

    def show(*arguments, **options):
        folder = home.root / f"screen-{len(screens)}"
        folder.mkdir(mode=0o700)
        screens.append(lib.terminal.Screen(folder, home.env, [nigh_binary, *arguments], **options))
        return screens[-1]

    yield show
    for one in screens:
        one.close()


@pytest.fixture
def sessions(server, nigh):
    """sessions(name="demo") -> what `nigh sessions --all --json` lists, parsed. Ends them all afterwards."""
    asked = {"demo"}

    def listed(name="demo"):
        asked.add(name)
        done = nigh("sessions", "--all", "--json", name)
        assert (done.returncode, done.stderr) == (0, b"")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ended(name):
        ids = [one["id"] for one in listed(name)]
        for options in (["-s", "KILL"], []):
            ids and nigh("kill", *options, name, *ids)
        return not ids

    yield listed
    for name in asked:
        if nigh("run", name, "--", "true").returncode == 0:  # else the server has gone
            eventually(lambda name=name: ended(name), "the end of all sessions")


@pytest.fixture
def world(home, nigh_binary):
    """A lib.world.World; nothing of its sessions may be left when the test is over."""
    home.env["SHELL"] = "/bin/sh"
    one = World(home, nigh_binary)
    yield one
    if complaints := one.end():
        pytest.fail("\n".join(complaints + [server.stderr() for server in one.servers]), pytrace=False)


@pytest.fixture
def forward(start_nigh):
    """forward(*words, count=1) -> Forwards, as long as the test lasts."""
    def start(*words, count=1, host="demo"):
        return Forwards(start_nigh("forward", "--json", *words, host), count)
    return start


@pytest.fixture
def target():
    one = Target()
    yield one
    one.close()
