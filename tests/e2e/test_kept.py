# SPDX-License-Identifier: Apache-2.0
"""Connections that a process in the background keeps, for the commands that come after."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import signal
import stat
import subprocess

import pytest

from lib import processes
from lib.home import make_key
from lib.link import Link
from lib.waiting import PATIENCE, eventually


def keepers(home):
    """The pids of the processes that keep connections for `home`."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            mine = f"HOME={home.root}".encode() in (entry / "environ").read_bytes().split(b"\0")
            role = (entry / "cmdline").read_bytes() == b"nigh-keep\0"
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if mine and role and processes.alive(int(entry.name)):
            found.append(int(entry.name))
    return found


@pytest.fixture
def kept(server, home, nigh):
    """kept(*HOST) -> what `nigh status --json` lists, parsed. Ends them all afterwards."""
    server()

    def status(*host):
        done = nigh("status", "--json", *host)
        assert (done.returncode, done.stderr) == (0, b"")
        return [json.loads(line) for line in done.stdout.splitlines()]

    yield status
    assert nigh("disconnect", "--all").returncode == 0
    for pid in keepers(home):
        processes.kill(pid, signal.SIGCONT)
    eventually(lambda: not keepers(home), "the end of all that keep connections")


def sockets(home):
    return sorted((home.root / "run/nigh").glob("*.socket"))


def test_commands_after_the_first_go_over_its_connection(kept, nigh, home):
    done = nigh("run", "--share", "demo", "--", "echo one")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"one\n", b"")
    (first,) = kept()
    assert keepers(home) == [first["process"]]
    # Over it there is no key to offer and no host key to check.
    home.key.rename(home.root / "away")
    home.known_hosts.write_text("")
    done = nigh("run", "demo", "--", "cat; echo err >&2; exit 7", input=b"input" * 100_000)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"input" * 100_000, b"err\n")
    done = nigh("run", "-v", "--share", "demo", "--", "true")
    assert done.returncode == 0 and b"kept connection to 127.0.0.1:" in done.stderr
    (same,) = kept("demo")
    assert same["process"] == first["process"] and same["since"] == first["since"]
    assert nigh("run", "--no-share", "demo", "--", "true").returncode == 255


def test_files_and_sessions_go_over_it(kept, nigh, home, sessions):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    home.key.rename(home.root / "away")
    data = os.urandom(3_000_000)
    (home.root / "file").write_bytes(data)
    done = nigh("cp", home.root / "file", "demo:copy")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (home.root / "copy").read_bytes() == data
    done = nigh("cat", "demo:copy")
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(data).digest()
    assert b"copy" in nigh("ls", "demo:").stdout
    (home.root / "tree").mkdir()
    (home.root / "tree/leaf").write_bytes(b"leaf")
    assert nigh("sync", str(home.root / "tree") + "/", "demo:twin").returncode == 0
    assert (home.root / "twin/leaf").read_bytes() == b"leaf"
    one = nigh("run", "--keep", "demo", "--", "echo out; exit 4").stdout.decode().strip()
    assert [session["id"] for session in sessions()] == [one]
    assert nigh("attach", "demo", one).stdout == b"out\n"
    (home.root / "away").rename(home.key)


def test_a_shell_goes_over_it(kept, nigh, terminal):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    child = terminal("shell", "demo")
    child.sendline("echo 4$((1+1))")
    child.expect_exact("42\r\n")
    (one,) = kept()
    assert (one["clients"], one["streams"], one["ends"]) == (1, 1, None)
    child.sendline("exit")
    child.expect(pytest.importorskip("pexpect").EOF)


def test_status_tells_all_of_it(kept, nigh, server, home):
    for arguments in [], ["--json"]:
        done = nigh("status", *arguments)
        assert (done.returncode, done.stdout) == (0, b"")
    done = nigh("status", "demo")
    assert (done.returncode, done.stderr) == (1, b"nigh: no connection to demo is kept\n")
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    (one,) = kept()
    assert one["tls"] == "1.3" and one["cipher"].startswith("TLS_") and one["group"]
    assert one["address"] == one["peer"] and one["address"].startswith("127.0.0.1:")
    assert one["host_key"].startswith("SHA256:") and one["key"].startswith("SHA256:")
    assert one["version"].encode() in nigh("version").stdout
    assert one["keep_seconds"] == 600 and one["ends"] and one["streams"] == one["clients"] == 0
    assert 0 <= one["round_trip_ms"] < 1000
    text = nigh("status", "demo").stdout.decode()
    assert one["address"] in text and "ends in 9 min" in text and one["cipher"] in text


def test_disconnecting_ends_it(kept, nigh, home):
    done = nigh("disconnect", "demo")
    assert (done.returncode, done.stderr) == (1, b"nigh: no connection to demo is kept\n")
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    done = nigh("disconnect", "demo")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert kept() == [] and sockets(home) == []
    eventually(lambda: not keepers(home), "the end of the process")
    assert nigh("run", "demo", "--", "echo on").stdout == b"on\n"


def test_draining_waits_for_what_runs(kept, nigh, start_nigh, home):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    (pid,) = keepers(home)
    one = start_nigh("run", "demo", "--", "echo up; read x; echo $x")
    assert one.stdout.readline() == b"up\n"
    assert nigh("disconnect", "--drain", "demo").returncode == 0
    assert kept() == [] and processes.alive(pid)
    out, err = one.communicate(b"on\n", timeout=PATIENCE)
    assert (one.returncode, out, err) == (0, b"on\n", b"")
    eventually(lambda: not processes.alive(pid), "the end of the process")


def test_without_use_it_ends_by_itself(kept, nigh, home):
    home.config_file.write_text('[defaults]\nkeep = "100ms"\n' + home.config_file.read_text())
    assert nigh("run", "demo", "--", "true").returncode == 0
    eventually(lambda: not keepers(home), "the end of the process")
    assert sockets(home) == []


def test_the_configuration_keeps_connections_of_every_command(kept, nigh, home):
    hosts = home.config_file.read_text()
    home.config_file.write_text('[defaults]\nkeep = "5m"\n' + hosts)
    assert nigh("ls", "demo:").returncode == 0
    (one,) = kept()
    assert one["keep_seconds"] == 300
    home.config_file.write_text('[defaults]\nkeep = "5m"\n' + hosts + 'keep = "off"\n')
    assert nigh("disconnect", "--all").returncode == 0
    assert nigh("ls", "demo:").returncode == 0
    assert kept() == []
    home.config_file.write_text('[defaults]\nkeep = "soon"\n' + hosts)
    done = nigh("ls", "demo:")
    assert done.returncode != 0 and b"'soon' is not a time" in done.stderr


def test_what_another_process_left_is_no_hindrance(kept, nigh, home):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    (pid,) = keepers(home)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes.alive(pid), "the end of the process")
    assert len(sockets(home)) == 1
    done = nigh("run", "demo", "--", "echo on")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"on\n", b"")
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    (one,) = kept()
    assert one["process"] != pid
    os.kill(one["process"], signal.SIGKILL)
    eventually(lambda: not processes.alive(one["process"]), "the end of the process")
    assert kept() == [] and sockets(home) == []


def test_a_process_that_is_killed_breaks_off_what_cannot_go_on(kept, nigh, start_nigh, home):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    (pid,) = keepers(home)
    one = start_nigh("run", "--no-resume", "demo", "--", "echo up; sleep 1000")
    assert one.stdout.readline() == b"up\n"
    assert kept()[0]["streams"] == 1
    os.kill(pid, signal.SIGKILL)
    _, err = one.communicate(timeout=PATIENCE)
    assert one.returncode == 255 and b"that another process keeps was lost" in err


def test_a_session_goes_on_without_it(kept, nigh, start_nigh, home, sessions):
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    assert nigh("run", "--keep", "--name", "work", "demo", "--",
                "echo up; while [ ! -e go ]; do sleep 0.05; done; echo on; exit 5").returncode == 0
    one = start_nigh("attach", "demo", "work")
    assert one.stdout.readline() == b"up\n"
    (pid,) = keepers(home)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes.alive(pid), "the end of the process")
    (home.root / "go").touch()
    out, _ = one.communicate(timeout=PATIENCE)
    assert (one.returncode, out) == (5, b"on\n")


def test_a_directory_that_others_may_enter_is_refused(kept, nigh, home):
    folder = home.root / "run/nigh"
    folder.mkdir(mode=0o700)
    folder.chmod(0o755)
    done = nigh("run", "--share", "demo", "--", "true")
    assert done.returncode == 255 and b"chmod 700" in done.stderr
    assert keepers(home) == []
    # Who did not ask for it is not bothered, and not put at risk.
    done = nigh("run", "demo", "--", "echo on")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"on\n", b"")
    folder.chmod(0o700)
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_runtime_directory_it_is_in_the_state_directory(kept, nigh, home):
    del home.env["XDG_RUNTIME_DIR"]
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    assert len(list((home.root / ".local/state/nigh/kept").glob("*.socket"))) == 1


def test_different_ways_do_not_share(kept, nigh, server, home):
    other = make_key(home.ssh / "other")
    with home.authorized_keys.open("a") as keys:
        keys.write(other.with_suffix(".pub").read_text())
    server(name="second")
    assert nigh("run", "--share", "demo", "--", "true").returncode == 0
    assert nigh("run", "--share", "second", "--", "true").returncode == 0
    assert nigh("run", "--share", "-i", other, "demo", "--", "true").returncode == 0
    all_of_them = kept()
    assert len({one["address"] for one in all_of_them}) == 2
    assert len({one["key"] for one in all_of_them}) == 2
    assert len(all_of_them) == 3 and len(kept("demo")) == 2 and len(kept("second")) == 1
    # A user who may not come in gets the answer that he gets without.
    for options in [], ["--share"]:
        done = nigh("run", *options, "nobody-there@demo", "--", "true")
        assert done.returncode == 255 and b"does not let nobody-there in" in done.stderr
    assert len(kept()) == 3


def test_commands_that_start_at_once_make_one_connection(kept, nigh, home):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(nigh, "run", "--share", "demo", "--", f"echo {n}") for n in range(4)]
        for number, run in enumerate(runs):
            done = run.result()
            assert (done.returncode, done.stdout, done.stderr) == (0, b"%d\n" % number, b"")
    assert len(kept()) == 1 and len(keepers(home)) == 1


def test_failures_are_those_of_a_connection_of_ones_own(kept, nigh, home):
    home.known_hosts.write_text("")
    alone, shared = (nigh("run", *options, "demo", "--", "true") for options in ([], ["--share"]))
    assert (alone.returncode, alone.stderr) == (shared.returncode, shared.stderr)
    assert b"the host is not known" in shared.stderr
    done = nigh("run", "--share", "--accept-new", "demo", "--", "true")
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_question_about_an_unknown_host_is_asked(kept, terminal, home):
    home.known_hosts.write_text("")
    child = terminal("run", "--share", "demo", "--", "echo in")
    child.expect_exact("Trust it from now on?")
    child.sendline("yes")
    child.expect_exact("in\r\n")
    assert len(kept()) == 1


def test_a_passphrase_is_asked_for_once(kept, nigh, terminal, home):
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "correct horse", "-f", home.key], check=True)
    child = terminal("run", "--share", "demo", "--", "echo in")
    child.expect("passphrase")
    child.sendline("correct horse")
    child.expect_exact("in\r\n")
    assert nigh("run", "demo", "--", "echo again").stdout == b"again\n"


def test_it_holds_nothing_of_who_started_it(kept, nigh, home):
    # communicate() waits for the ends of all pipes: a process that kept one would hang this.
    read, write = os.pipe()
    assert nigh("run", "--share", "demo", "--", "true", pass_fds=[write]).returncode == 0
    os.close(write)
    assert os.read(read, 1) == b""
    (pid,) = keepers(home)
    assert os.readlink(f"/proc/{pid}/cwd") == "/" and os.getsid(pid) == pid
    assert {processes.open_descriptors(pid)[fd] for fd in range(3)} == {"/dev/null"}


def test_a_server_that_ends_takes_it_along(nigh, server, home, kept):
    other = server(name="second")
    assert nigh("run", "--share", "second", "--", "true").returncode == 0
    other.stop()
    eventually(lambda: not keepers(home), "the end of the process")
    assert sockets(home) == []


def test_a_connection_without_contact_is_not_used(nigh, server, home, kept):
    link = Link(home, server(name="direct").port, name="far")
    try:
        assert nigh("run", "--share", "far", "--", "true").returncode == 0
        link.cut()
        eventually(lambda: not keepers(home), "the end of the process")
        link.restore()
        assert nigh("run", "far", "--", "echo on").stdout == b"on\n"
    finally:
        link.close()


def test_without_contact_sessions_leave_it_and_go_on(server, nigh, start_nigh, home, kept):
    link = Link(home, server(name="direct").port, name="far")
    try:
        assert nigh("run", "--share", "far", "--", "true").returncode == 0
        one = start_nigh("run", "far", "--", "echo up; read x; echo $x; exit 5")
        assert one.stdout.readline() == b"up\n"
        assert kept("far")[0]["streams"] == 1
        link.hold()
        one.stdin.write(b"on\n")
        one.stdin.flush()
        eventually(lambda: kept("far")[0]["streams"] == 0, "the session's leaving")
        link.restore()
        out, _ = one.communicate(timeout=PATIENCE)
        assert (one.returncode, out) == (5, b"on\n")
    finally:
        link.close()
