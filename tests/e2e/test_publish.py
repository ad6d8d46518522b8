# SPDX-License-Identifier: Apache-2.0
"""Machines behind NAT, which are reached through a relay under a name that they publish there."""
import os
import signal

import pytest

from lib import processes
from lib.home import make_key
from lib.waiting import PATIENCE, eventually


def says(server, text, times=1):
    eventually(lambda: server.stderr().count(text) >= times, f"{text!r} in the log")


@pytest.fixture
def known(home):
    """known(name="web1", key=…): the client knows that machine's host key."""
    def add(name="web1", key=None):
        with home.known_hosts.open("a") as file:
            file.write(f"[{name}]:7722 {key or home.host_public_key()}\n")
    return add


@pytest.fixture
def published(server, known):
    """published(*options, name="web1", relay="bastion", host="direct") -> a server that is reached by that
    name, and directly as `host`."""
    def start(*options, name="web1", relay="bastion", host="direct", **keywords):
        one = server("--publish", f"{name}@{relay}", *options, name=host, **keywords)
        says(one, f"published as {name} at {relay}")
        return one
    known()
    return start


@pytest.fixture
def somebody_else(home, tmp_path):
    """somebody_else() -> the environment of an account with another key, which may log in everywhere."""
    def move_in():
        key = make_key(tmp_path / "another_key")
        with home.authorized_keys.open("a") as authorized:
            authorized.write(key.with_suffix(".pub").read_text())
        folder = tmp_path / "config/nigh"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(
            f'[defaults]\nidentities = ["{key}"]\nidentities_only = true\n' + home.config_file.read_text())
        return {"XDG_CONFIG_HOME": str(folder.parent)}
    return move_in


def reach(nigh, name="web1", relay="bastion"):
    done = nigh("run", "-J", relay, name, "--", "echo", "here")
    assert (done.returncode, done.stdout) == (0, b"here\n"), done.stderr


def kill(server, role):
    for pid in processes.descendants(server.pid):
        if processes.command_line(pid).startswith(role):
            processes.kill(pid, signal.SIGKILL)


def test_a_machine_that_nobody_can_connect_to_is_reached_through_a_relay(server, published, nigh, tmp_path):
    relay, machine = server(name="bastion"), published()
    done = nigh("run", "-J", "bastion", "web1", "--", "sh", "-c", "cat; echo $SSH_CONNECTION >&2; exit 7",
                input=b"hello")
    assert (done.returncode, done.stdout) == (7, b"hello"), done.stderr
    assert done.stderr == b"relay:bastion/127.0.0.1 0 localhost 0\n"
    assert "relay:bastion/127.0.0.1 logged in as" in machine.stderr()
    assert "tunnel to web1:7722" in relay.stderr()
    assert ": session " not in relay.stderr()

    data = os.urandom(5 << 20)
    (tmp_path / "here").write_bytes(data)
    for source, target in (tmp_path / "here", f"web1:{tmp_path}/there"), (f"web1:{tmp_path}/there", tmp_path / "back"):
        done = nigh("cp", "-J", "bastion", source, target)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "back").read_bytes() == data


def test_a_machine_is_reached_over_several_relays(server, known, nigh, home):
    known()
    server(name="one"), server(name="two")
    home.server_config.write_text(home.server_config.read_text().replace(
        "[limits]", 'publish = ["web1@one", "web1@two"]\n[limits]'))
    machine = server(name="direct")
    for relay in ("one", "two"):
        says(machine, f"published as web1 at {relay}")
    for relay in ("one", "two"):
        reach(nigh, relay=relay)


def test_a_relay_that_comes_back_elsewhere_is_found_again(server, published, nigh, home):
    relay, machine = server(name="bastion"), published()
    relay.stop()
    says(machine, "lost web1 at bastion: ")
    back = server(name="again")
    text = home.config_file.read_text().replace(f"port = {relay.port}\n", f"port = {back.port}\n")
    (home.root / "config.new").write_text(text)
    (home.root / "config.new").rename(home.config_file)
    says(machine, "published as web1 at bastion", times=2)
    reach(nigh)


@pytest.mark.parametrize("died", ["nigh-front", "nigh-worker"])
def test_a_relay_whose_processes_die_has_the_name_again(server, published, nigh, died):
    relay, machine = server(name="bastion"), published()
    kill(relay, died)
    says(machine, "lost web1 at bastion: ")
    says(machine, "published as web1 at bastion", times=2)
    reach(nigh)


def test_a_command_outlives_a_relay_that_is_killed_and_started_again(server, published, start_nigh):
    relay, machine = server(name="bastion", clean_end=False), published()
    one = start_nigh("run", "-J", "bastion", "web1", "--", "sh", "-c", "echo up; cat")
    assert one.stdout.readline() == b"up\n"
    for pid in relay.processes():
        processes.kill(pid, signal.SIGKILL)
    relay.wait()
    server(name="again", listen=[f"127.0.0.1:{relay.port}"])
    says(machine, "published as web1 at bastion", times=2)
    out, err = one.communicate(b"after\n", timeout=PATIENCE)
    assert (one.returncode, out) == (0, b"after\n"), err


def test_a_publisher_that_dies_is_started_again(server, published, nigh):
    server(name="bastion")
    machine = published()
    kill(machine, "nigh-publish")
    says(machine, "the publisher has died")
    says(machine, "published as web1 at bastion", times=2)
    reach(nigh)


def test_a_name_belongs_to_the_key_that_came_first(server, published, nigh, somebody_else):
    server(name="bastion")
    first = published()
    second = server("--publish", "web1@bastion", name="other", env=somebody_else())
    says(second, "cannot publish web1 at bastion: ")
    assert "web1 belongs to another key here" in second.stderr()
    reach(nigh)
    assert "logged in as" in first.stderr()
    assert "logged in as" not in second.stderr()


def test_of_two_machines_with_one_key_the_newer_has_the_name(server, published, nigh):
    server(name="bastion")
    first = published()
    second = published(host="other")
    says(first, "lost web1 at bastion: web1 is published over a newer connection")
    first.stop()
    reach(nigh)
    assert "logged in as" in second.stderr()


def test_a_name_whose_machine_is_away_is_nobody_elses(server, published, nigh):
    relay, machine = server(name="bastion"), published()
    machine.stop()
    relay.stop()
    server(name="later")
    done = nigh("run", "-J", "later", "web1", "--", "true")
    assert (done.returncode, b"web1 is published here, but is not connected now" in done.stderr) == (255, True)


def test_a_key_publishes_what_permitlisten_says(server, known, nigh, home, somebody_else):
    relay = server(name="bastion")
    env = somebody_else()
    own, other = home.authorized_keys.read_text().splitlines()
    home.authorized_keys.write_text(
        f'{own}\nrestrict,port-forwarding,permitlisten="web2:7722",permitopen="localhost:1",command="/bin/false" {other}\n')
    machine = server("--publish", "web1@bastion", "--publish", "web2@bastion", name="direct", env=env)
    says(machine, "cannot publish web1 at bastion: ")
    says(machine, "published as web2 at bastion")
    assert "this key may not listen on web1:7722 (permitlisten)" in machine.stderr()
    assert "publish web1:7722" in relay.stderr()
    known("web2")
    reach(nigh, "web2")


def test_who_visits_needs_leave_to_forward(server, published, nigh, home, somebody_else):
    relay = server(name="bastion")
    published(env=somebody_else())
    text = home.authorized_keys.read_text().splitlines(keepends=True)
    home.authorized_keys.write_text('permitopen="web2:7722" ' + "".join(text))
    done = nigh("run", "-J", "bastion", "web1", "--", "true")
    assert (done.returncode, done.stdout) == (255, b"")
    assert f"jump host 127.0.0.1:{relay.port}: ".encode() in done.stderr
    assert b"(permitopen)" in done.stderr


def test_an_impostor_is_noticed(server, published, nigh, tmp_path):
    server(name="bastion")
    machine = published("--host-key", make_key(tmp_path / "another_host_key"))
    done = nigh("run", "-J", "bastion", "--accept-new", "web1", "--", "echo", "no")
    assert (done.returncode, done.stdout) == (255, b"")
    assert b"[web1]:7722" in done.stderr
    assert "logged in as" not in machine.stderr()


def test_a_key_for_some_addresses_alone_is_not_let_in_over_a_relay(server, published, nigh, home, tmp_path):
    server(name="bastion")
    keys = tmp_path / "keys"
    keys.write_text('from="*,127.0.0.1" ' + home.public_key.read_text())
    keys.chmod(0o600)
    machine = published("--authorized-keys", keys)
    assert nigh("run", "direct", "--", "true").returncode == 0
    assert nigh("run", "-J", "bastion", "web1", "--", "true").returncode == 255
    says(machine, "relay:bastion/127.0.0.1 is not let in as ")


def test_what_cannot_be_published_is_said_before_anything_listens(nigh, home):
    for wrong, why in (("web1", b"write NAME@RELAY"), ("10.0.0.1@bastion", b"a name is up to 63")):
        done = nigh("serve", "--check", "--host-key", home.host_key, "--publish", wrong)
        assert (done.returncode, why in done.stderr) == (1, True)
    home.server_config.write_text('publish = ["web1@bastion", "web1@bastion"]\n')
    done = nigh("serve", "--check", "--host-key", home.host_key, "--config", home.server_config)
    assert (done.returncode, b"server.toml:1: publish is wrong: " in done.stderr) == (1, True)
