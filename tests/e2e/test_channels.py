# SPDX-License-Identifier: Apache-2.0
"""Channels: `nigh send`, `nigh recv`, and what the HTTP API tells of them."""
import contextlib
import hashlib
import json
import os
import random
import signal
import threading

import pytest

from lib import processes
from lib.waiting import PATIENCE, eventually


@pytest.fixture
def channels(world, start_nigh):
    """What of the list of channels has that name, and commands on the first server's host."""
    class Channels:
        def __init__(self):
            self.world, self.start = world, start_nigh

        def facts(self, name):
            status, answer = world.ask("GET", "/v1/channels")
            assert status == 200, answer
            return next((one for one in answer["channels"] if one["name"] == name), None)

        def until(self, name, **facts):
            def there():
                now = self.facts(name)
                return now and all(now[key] == value for key, value in facts.items())
            eventually(there, f"{name} with {facts}")

        def recv(self, *words):
            return start_nigh("recv", *words)

        def send(self, *words):
            return start_nigh("send", *words)

        def run(self, *words, input=b""):
            process = start_nigh(*words)
            out, err = process.communicate(input, timeout=PATIENCE)
            return process.returncode, out, err
    return Channels()


def ended(process, status=0):
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, err
    return out


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_a_stream_arrives_whole(channels, tmp_path):
    content = random.Random(1).randbytes(20_000_000)
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "got").open("wb") as got:
        receiver = channels.start("recv", "s1:data", stdout=got)
        sender = channels.send("s1:data", str(tmp_path / "file"))
        ended(sender)
        ended(receiver)
    assert digest((tmp_path / "got").read_bytes()) == digest(content)


def test_lines_are_messages_that_receivers_share(channels):
    receivers = [channels.recv("--lines", "--window", "1", "s1:log") for _ in range(2)]
    channels.until("log", receivers=2)
    senders = [channels.send("--lines", "s1:log") for _ in range(2)]
    for number, sender in enumerate(senders):
        sender.stdin.write(b"".join(b"%d %d\n" % (number, i) for i in range(200)))
        sender.stdin.close()
    for sender in senders:
        sender.stdin = None
        ended(sender)
    for receiver in receivers:
        receiver.send_signal(signal.SIGINT)
    outs = [receiver.communicate(timeout=PATIENCE)[0].splitlines() for receiver in receivers]
    assert sorted(outs[0] + outs[1]) == sorted(b"%d %d" % (n, i) for n in range(2) for i in range(200))
    assert all(outs), "one has had them all"


def test_a_sender_waits_for_a_receiver_and_says_so(channels):
    sender = channels.send("--message", "--json", "s1:a")
    sender.stdin.write(b"hello\n\xff")
    sender.stdin.close()
    sender.stdin = None
    assert json.loads(sender.stdout.readline()) == {"event": "waiting"}
    assert ended(channels.recv("s1:a")) == b"hello\n\xff"
    events = [json.loads(line) for line in ended(sender).splitlines()]
    assert events[0] == {"event": "receivers", "receivers": 1}
    assert events[-1] == {"event": "taken", "messages": 1, "bytes": 7}


def test_a_sender_is_told_when_the_last_receiver_leaves(channels):
    sender = channels.send("--lines", "--json", "s1:log")
    assert json.loads(sender.stdout.readline()) == {"event": "waiting"}
    for text in (b"one\n", b"two\n"):
        receiver = channels.recv("--lines", "--count", "1", "s1:log")
        assert json.loads(sender.stdout.readline()) == {"event": "receivers", "receivers": 1}
        sender.stdin.write(text)
        sender.stdin.flush()
        assert ended(receiver) == text
        assert json.loads(sender.stdout.readline()) == {"event": "waiting"}
    assert [json.loads(line) for line in ended(sender).splitlines()] == [{"event": "taken", "messages": 2, "bytes": 6}]


class Feed:
    """Writes to a process as it takes it; `taken` says how much that was."""

    def __init__(self, process, content):
        self.taken = 0
        self._thread = threading.Thread(target=self._write, args=(process.stdin, content), daemon=True)
        process.stdin = None  # ours
        self._thread.start()

    def _write(self, pipe, content):
        with contextlib.suppress(BrokenPipeError), pipe:
            while self.taken < len(content):
                self.taken += os.write(pipe.fileno(), content[self.taken:self.taken + 65536])


def test_streams_do_not_mix(channels):
    """Two at a time, to two receivers; the third waits for one."""
    contents = [bytes([digit]) * 3_000_000 for digit in b"123"]
    senders = [channels.send("s1:data") for _ in contents]
    for sender, content in zip(senders, contents, strict=True):
        Feed(sender, content)
    receivers = [channels.recv("s1:data"), channels.recv("--count", "2", "s1:data")]
    outs = [None, None]

    def read(index):
        outs[index] = receivers[index].stdout.read()
    readers = [threading.Thread(target=read, args=(index,)) for index in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(PATIENCE)
    assert [receiver.wait(PATIENCE) for receiver in receivers] == [0, 0]
    assert [sender.wait(PATIENCE) for sender in senders] == [0, 0, 0]
    both = outs[0] + outs[1]
    whole = [both[at:at + 3_000_000] for at in range(0, len(both), 3_000_000)]
    assert sorted(map(digest, whole)) == sorted(map(digest, contents))


@pytest.mark.parametrize("somebody", [False, True], ids=["nobody", "a receiver that does not read"])
def test_a_sender_is_held_while_nobody_reads(channels, somebody):
    """Of 8 MiB; a channel holds one, and some is on its way. Meanwhile another passes all of them."""
    lines = b"".join(b"%0999d\n" % i for i in range(8192))
    reader, writer = os.pipe()  # which is not read
    if somebody:
        channels.start("recv", "--lines", "s1:held", stdout=writer)
        channels.until("held", receivers=1)
    os.close(writer)
    held = channels.send("--lines", "s1:held")
    fed = Feed(held, lines)
    channels.until("held", senders=1)
    receiver = channels.recv("--lines", "--count", "8192", "s1:other")
    sender = channels.send("--lines", "s1:other")
    Feed(sender, lines)
    assert digest(receiver.stdout.read()) == digest(lines)
    assert sender.wait(PATIENCE) == 0
    assert fed.taken < len(lines) * 3 // 4
    if somebody:
        with open(reader, "rb") as late:
            assert digest(late.read(len(lines))) == digest(lines)
    else:
        os.close(reader)
        late = channels.recv("--lines", "--count", "8192", "s1:held")
        assert digest(late.stdout.read()) == digest(lines)
    assert held.wait(PATIENCE) == 0


def test_who_does_not_wait_is_told(channels):
    status, _, err = channels.run("send", "--no-wait", "s1:a", input=b"x")
    assert status == 3 and b"nobody receives" in err
    status, out, err = channels.run("recv", "--no-wait", "s1:a")
    assert (status, out, err) == (3, b"", b"")


def test_a_mailbox_outlives_everything(channels, world):
    assert channels.run("send", "--keep", "--lines", "s1:jobs", input=b"one\ntwo\nthree\n")[0] == 0
    assert channels.facts("jobs")["kept"] == {"messages": 3, "bytes": 11}
    assert channels.run("recv", "s1:jobs") == (0, b"one", b"")
    world.kill_all("nigh-channels")
    assert channels.run("recv", "s1:jobs") == (0, b"two", b"")
    port = world.port
    os.kill(world.server.pid, signal.SIGKILL)
    eventually(lambda: not world.pids("nigh-front") + world.pids("nigh-worker"), "the end of all")
    world.start(port)
    assert channels.run("recv", "--no-wait", "--lines", "s1:jobs") == (0, b"three\n", b"")
    assert channels.facts("jobs") is None


def test_what_was_not_acknowledged_is_delivered_again(channels):
    assert channels.run("send", "--keep", "--lines", "s1:jobs", input=b"one\ntwo\n")[0] == 0
    # A receiver that nobody reads from: it has them, and cannot write them.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    stuck = channels.start("recv", "--lines", "s1:jobs", stdout=writer)
    os.close(writer)
    channels.until("jobs", receivers=1)
    stuck.kill()
    stuck.wait(PATIENCE)
    os.close(reader)
    channels.until("jobs", receivers=0)
    assert channels.run("recv", "--no-wait", "--lines", "s1:jobs") == (0, b"one\ntwo\n", b"")


@pytest.mark.parametrize("victims", [["nigh-channels"], ["nigh-worker", "nigh-channels"]])
def test_programs_that_wait_survive_the_death_of_the_channels(channels, world, victims):
    receiver = channels.recv("--lines", "s1:log")
    sender = channels.send("--lines", "s1:log")
    sender.stdin.write(b"before\n")
    sender.stdin.flush()
    assert receiver.stdout.readline() == b"before\n"
    for victim in victims:
        world.kill_all(victim)
    sender.stdin.write(b"after\n")
    sender.stdin.flush()
    line = receiver.stdout.readline()
    assert line == b"after\n", line or receiver.stderr.read()
    sender.stdin.close()
    sender.stdin = None
    ended(sender)


def test_programs_that_wait_survive_a_restart_of_the_server(channels, world):
    receiver = channels.recv("--lines", "s1:log")
    channels.until("log", receivers=1)
    port = world.port
    world.server.send_signal(signal.SIGTERM)
    eventually(lambda: not processes.alive(world.server.pid), "the end of the server")
    world.start(port)
    assert channels.run("send", "--lines", "s1:log", input=b"hello\n")[0] == 0
    assert receiver.stdout.readline() == b"hello\n"


def test_a_stream_that_breaks_is_no_short_file(channels, world):
    receiver = channels.recv("s1:data")
    sender = channels.send("s1:data")
    sender.stdin.write(b"begin")
    sender.stdin.flush()
    assert receiver.stdout.read(5) == b"begin"
    sender.kill()
    _, err = receiver.communicate(timeout=PATIENCE)
    assert receiver.returncode == 1 and b"broken off" in err
    sender = channels.send("s1:data")
    receiver = channels.recv("s1:data")
    sender.stdin.write(b"again")
    sender.stdin.flush()
    assert receiver.stdout.read(5) == b"again"
    receiver.kill()
    receiver.wait(PATIENCE)
    _, err = sender.communicate(b"", timeout=PATIENCE)
    assert sender.returncode == 1 and b"the receiver is gone" in err


def test_a_quota_that_is_reached_is_an_error(channels, world):
    world.limit("mailbox_messages = 2")
    host = f"s{len(world.servers)}:jobs"
    status, _, err = channels.run("send", "--keep", "--lines", host, input=b"1\n2\n3\n")
    assert status == 4 and b"2 messages are kept" in err
    assert channels.run("recv", "--no-wait", "--lines", host)[1] == b"1\n2\n"


@pytest.mark.parametrize("restriction", ["restrict", 'command="true"'])
def test_a_restricted_key_has_no_channels(channels, home, restriction):
    home.authorized_keys.write_text(f"{restriction} " + home.public_key.read_text())
    for words in (["send", "s1:a"], ["recv", "s1:a"]):
        status, _, err = channels.run(*words)
        assert status == 1 and b"restricted" in err


@pytest.mark.parametrize("name", ["", "a/b", "a b", "..", "x" * 65])
def test_a_name_that_is_none_is_refused(channels, name, world):
    status, _, err = channels.run("recv", f"s1:{name}")
    assert status == 2, err
    if name and " " not in name and "/" not in name:
        assert world.ask("GET", f"/v1/channels/{name}")[0] == 405


def test_a_url_names_a_channel_of_a_server_on_any_port(channels, world):
    url = f"nigh://localhost:{world.port}/jobs"
    known = ["--accept-new"]
    assert channels.run("send", *known, "--keep", "--message", url, input=b"x")[0] == 0
    assert channels.facts("jobs")["kept"]["messages"] == 1
    assert channels.run("recv", *known, url) == (0, b"x", b"")


def test_json_has_text_and_what_is_none(channels):
    assert channels.run("send", "--keep", "--message", "s1:a", input=b"text")[0] == 0
    assert channels.run("send", "--keep", "--message", "s1:a", input=b"\xff")[0] == 0
    status, out, _ = channels.run("recv", "--json", "--count", "2", "s1:a")
    first, second = (json.loads(line) for line in out.splitlines())
    assert status == 0 and first["message"] == "text" and first["sequence"] == 1
    assert second["message_base64"] == "/w=="
