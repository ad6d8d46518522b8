# SPDX-License-Identifier: Apache-2.0
"""nigh run on several hosts, nigh token and nigh doctor."""
import json
import signal
import socket
import subprocess

import pytest

from lib.waiting import PATIENCE, eventually


@pytest.fixture
def hosts(server, home):
    """Two names of one server, and one of a port where nobody listens."""
    one = server(name="a")
    home.add_host("web22", one.port)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home.add_host("gone", gone.getsockname()[1])
    return one


def test_lines_carry_the_host_and_a_summary_ends_them(hosts, nigh):
    done = nigh("run", "a", "web22", "--", "echo one; printf two; echo err >&2")
    assert done.returncode == 0
    assert sorted(done.stdout.decode().splitlines()) == [
        "a:     one", "a:     two", "web22: one", "web22: two"]
    *errors, summary = done.stderr.decode().splitlines()
    assert sorted(errors) == ["a:     err", "web22: err"]
    assert summary == "2 ok"


def test_the_worst_status_counts_and_the_others_finish(hosts, nigh):
    done = nigh("run", "a", "gone", "web22", "--", "echo x; exit 3")
    assert done.returncode == 255
    assert sorted(done.stdout.decode().splitlines()) == ["a:     x", "web22: x"]
    error, summary = done.stderr.decode().splitlines()
    assert error.startswith("nigh: gone: ")
    assert summary == ("0 ok, 2 failed (a: exit 3, web22: exit 3), "
                       "1 unreachable (gone: unavailable)")
    assert nigh("run", "a", "web22", "--", "exit 3").returncode == 3


def test_no_input_is_sent_to_many(hosts, nigh):
    done = nigh("run", "a", "web22", "--", "cat", input=b"unwanted")
    assert (done.returncode, done.stdout) == (0, b"")


def test_json_gives_an_object_a_line(hosts, nigh):
    done = nigh("run", "--json", "a", "gone", "web22", "--", "echo", "hi")
    results = {result["host"]: result for result in map(json.loads, done.stdout.splitlines())}
    assert sorted(results) == ["a", "gone", "web22"]
    assert results["a"]["stdout"] == results["web22"]["stdout"] == "hi\n"
    assert results["gone"]["error"]["code"] == "unavailable"
    assert done.stderr.decode().splitlines()[-1] == "2 ok, 1 unreachable (gone: unavailable)"


def test_one_at_a_time_when_asked_for(hosts, nigh):
    done = nigh("run", "--parallel", "1", "a", "web22", "a", "--", "echo begin; echo end")
    assert [line.split()[1] for line in done.stdout.decode().splitlines()] == ["begin", "end"] * 3


def test_an_interrupt_reaches_all_of_them(hosts, start_nigh):
    one = start_nigh("run", "a", "web22", "--", "echo up; exec sleep 1000")
    assert sorted([one.stdout.readline(), one.stdout.readline()]) == [b"a:     up\n", b"web22: up\n"]
    one.send_signal(signal.SIGTERM)
    assert one.wait(PATIENCE) == 143
    assert one.stderr.read() == b"0 ok, 2 failed (a: signal TERM, web22: signal TERM)\n"


def test_hosts_that_wait_do_not_begin_after_an_interrupt(hosts, start_nigh):
    one = start_nigh("run", "--parallel", "1", "a", "web22", "--", "echo up; exec sleep 1000")
    assert one.stdout.readline() == b"a:     up\n"
    one.send_signal(signal.SIGTERM)
    assert one.wait(PATIENCE) == 255
    assert one.stderr.read().decode().splitlines() == [
        "nigh: web22: interrupted before it began",
        "0 ok, 1 failed (a: signal TERM), 1 not run (web22: cancelled)"]


def test_a_reader_that_leaves_early_ends_all_quietly(hosts, nigh_binary, home):
    done = subprocess.run(["sh", "-c", '"$0" run a web22 -- yes | head -n 1', nigh_binary],
                          env=home.env, capture_output=True, timeout=PATIENCE)
    assert done.stdout.endswith(b" y\n") and done.stderr == b""


def test_an_output_that_nobody_reads_does_not_keep_who_insists(hosts, start_nigh):
    one = start_nigh("run", "a", "web22", "--", "yes")
    one.stdout.read(1)  # then no more: the pipe fills, and nigh waits for it

    def ended():
        one.send_signal(signal.SIGTERM)
        return one.poll() is not None
    eventually(ended, "the end of nigh")
    assert one.returncode == 143


def test_only_the_token_is_on_standard_output(hosts, nigh):
    done = nigh("token", "--for", "10m", "a")
    assert done.returncode == 0 and len(done.stdout.split()) == 1
    assert b" is good for " in done.stderr and done.stdout.strip() not in done.stderr
    made = json.loads(nigh("token", "--json", "a").stdout)
    assert sorted(made) == ["expires", "id", "token"]
    revoked = nigh("token", "--revoke", made["id"], "a")
    assert (revoked.returncode, revoked.stdout) == (0, b"")


def test_the_doctor_finds_nothing_wrong_with_a_good_host(hosts, nigh):
    done = nigh("doctor", "a")
    assert done.returncode == 0
    assert all(line.startswith(("ok ", " ")) for line in done.stdout.decode().splitlines())
    report = json.loads(nigh("doctor", "--json", "a").stdout)
    assert report["ok"] and len(report["findings"]) >= 5


def test_the_doctor_says_what_is_wrong_and_what_to_do(hosts, nigh):
    done = nigh("doctor", "gone")
    assert done.returncode == 1
    assert "\nFAIL  port " in done.stdout.decode()
    report = json.loads(nigh("doctor", "--json", "gone").stdout)
    assert not report["ok"] and report["findings"][-1]["advice"]
