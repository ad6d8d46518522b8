# SPDX-License-Identifier: Apache-2.0
"""nigh serve as a process among processes: addresses, configuration, deaths and the drain."""
import os
import signal
import socket
import subprocess

import pytest

from lib import processes
from lib.waiting import PATIENCE, eventually


def roles(server, name):
    return [p for p in server.processes() if processes.command_line(p).startswith(name)]


def test_it_listens_on_several_addresses_and_shows_the_port_it_got(server, nigh, home):
    one = server(listen=("127.0.0.1:0", "[::1]:0"))
    assert len(one.addresses) == 2
    assert one.addresses[0].startswith("127.0.0.1:") and one.addresses[1].startswith("[::1]:")
    v6_port = int(one.addresses[1].rpartition(":")[2])
    home.trust(v6_port, "::1")
    assert nigh("run", f"[::1]:{v6_port}", "--", "echo $NIGH_CONNECTION").stdout.startswith(b"::1 ")


def test_the_fingerprint_is_what_ssh_keygen_says(server, home):
    one = server()
    listed = subprocess.run(["ssh-keygen", "-lf", home.host_key], capture_output=True, check=True)
    assert one.fingerprint.encode() in listed.stdout


def test_it_makes_its_own_host_key_where_there_is_none_to_read(nigh_binary, home):
    done = subprocess.run([nigh_binary, "serve", "--check", "--authorized-keys", home.authorized_keys,
                           "--host-key", home.root / "none"], env=home.env, capture_output=True)
    assert done.returncode == 1
    assert b"none" in done.stderr and done.stderr.count(b"\n") == 1


def test_an_address_in_use_is_a_clear_error(server, nigh, home):
    one = server()
    done = nigh("serve", "--listen", f"127.0.0.1:{one.port}", "--host-key", home.host_key)
    assert done.returncode == 1
    assert f"127.0.0.1:{one.port}".encode() in done.stderr
    assert b"Address already in use" in done.stderr


def test_check_finds_what_is_wrong_in_a_configuration(nigh, home):
    config = home.root / "server.toml"
    config.write_text('listen = "127.0.0.1:0"\n\n[limits]\nlogin_secs = 3\n')
    done = nigh("serve", "--check", "--config", config, "--host-key", home.host_key)
    assert done.returncode == 1
    assert f"{config}:4: login_secs is not a setting".encode() in done.stderr
    config.write_text('listen = "127.0.0.1:0"\n\n[limits]\nlogin_seconds = 3\n')
    done = nigh("serve", "--check", "--config", config, "--host-key", home.host_key)
    assert done.returncode == 0, done.stderr


def test_it_tells_the_service_manager_that_it_is_ready(server, home):
    path = home.root / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(PATIENCE)
        server(env={"NOTIFY_SOCKET": str(path)})
        assert manager.recv(100) == b"READY=1"


def test_a_front_that_is_killed_comes_back_and_the_server_keeps_serving(server, nigh, home):
    config = home.root / "server.toml"
    config.write_text("fronts = 2\n")
    one = server("--config", config)
    # A look at /proc is no snapshot: under load one of the two may be missed.
    before = eventually(lambda: len(found := roles(one, "nigh-front")) == 2 and found, "two fronts")
    for front in before:
        os.kill(front, signal.SIGKILL)
    eventually(lambda: len(roles(one, "nigh-front")) == len(before)
               and not set(before) & set(roles(one, "nigh-front")), "new fronts")
    assert nigh("run", "demo", "--", "echo served").stdout == b"served\n"


def test_the_death_of_a_front_is_told_and_hangs_its_commands_up(server, start_nigh):
    one = server()
    client = start_nigh("run", "--no-resume", "demo", "--", "sh", "-c", "echo $$; exec sleep 1000")
    pid = int(client.stdout.readline())
    for front in roles(one, "nigh-front"):
        os.kill(front, signal.SIGKILL)
    assert client.wait(PATIENCE) == 255
    assert client.stderr.read().count(b"\n") == 1
    eventually(lambda: not processes.alive(pid), "the end of the command")


def test_a_worker_that_is_killed_comes_back(server, nigh, home):
    one = server()
    (worker,) = roles(one, "nigh-worker")
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: roles(one, "nigh-worker") not in ([], [worker]), "another worker")
    # The fronts learn of it through the keeper, before any later connection.
    assert nigh("run", "demo", "--", "echo served").stdout == b"served\n"


def test_sigterm_lets_what_runs_finish_and_takes_nothing_new(server, start_nigh, nigh):
    one = server()
    client = start_nigh("run", "demo", "--", "sh", "-c", "echo up; read line; echo got $line")
    assert client.stdout.readline() == b"up\n"
    one.send_signal(signal.SIGTERM)
    def refused():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", one.port)) != 0
    eventually(refused, "the end of listening")
    client.stdin.write(b"the rest\n")
    client.stdin.close()
    assert client.stdout.read() == b"got the rest\n"
    assert client.wait(PATIENCE) == 0
    assert one.wait() == 0 and one.left == []


def test_the_drain_has_a_limit(server, start_nigh, home):
    config = home.root / "server.toml"
    config.write_text("[limits]\ndrain_seconds = 0\n")
    one = server("--config", config)
    client = start_nigh("run", "--no-resume", "demo", "--", "sh", "-c", "echo up; sleep 1000")
    assert client.stdout.readline() == b"up\n"
    one.send_signal(signal.SIGTERM)
    assert one.wait() == 0 and one.left == []
    assert client.wait(PATIENCE) == 255


def test_without_keys_it_starts_and_says_that_nobody_can_log_in(nigh_binary, home):
    home.authorized_keys.unlink()
    one = subprocess.Popen([nigh_binary, "serve", "--listen", "127.0.0.1:0", "--host-key",
                            home.host_key], env=home.env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    assert b"listening" in one.stdout.readline()
    assert b"nobody can log in yet" in one.stderr.readline()
    one.terminate()
    one.communicate(timeout=PATIENCE)
    assert one.returncode == 0


def test_the_front_holds_no_file_and_has_no_host_key(server, home):
    one = server()
    for front in roles(one, "nigh-front"):
        opened = processes.open_descriptors(front).values()
        assert not [path for path in opened if path.startswith(str(home.root))
                    and not path.endswith(".log")]


def test_a_limit_of_commands_is_told(server, nigh, start_nigh, home):
    config = home.root / "server.toml"
    config.write_text("[limits]\nprocesses = 1\n")
    server("--config", config)
    client = start_nigh("run", "demo", "--", "sh", "-c", "echo up; read x")
    assert client.stdout.readline() == b"up\n"
    done = nigh("run", "demo", "--", "true")
    assert done.returncode == 255
    assert b"1 commands run already" in done.stderr
    client.stdin.close()
    assert client.wait(PATIENCE) == 1


def status_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)


def test_the_front_is_in_its_sandbox(server, nigh, home):
    config = home.root / "server.toml"
    config.write_text("fronts = 1\n")
    one = server("--config", config)
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"  # so it has begun its work
    (front,) = roles(one, "nigh-front")
    if int(status_of(front)["VmSize"].split()[0]) > 1 << 30:
        pytest.skip("a sanitizer's runtime needs more than the sandbox allows")
    assert status_of(front)["Seccomp"] == "2" and status_of(front)["NoNewPrivs"] == "1"
