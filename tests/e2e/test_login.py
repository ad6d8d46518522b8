# SPDX-License-Identifier: Apache-2.0
"""Who may come in, with keys of every kind as ssh-keygen makes them, and a real agent."""
import datetime
import re
import subprocess

import pytest

from lib.home import make_key


def public(key):
    return key.with_suffix(".pub").read_text()


@pytest.mark.parametrize("kind, bits", [("ed25519", None), ("ecdsa", 256), ("ecdsa", 384),
                                        ("ecdsa", 521), ("rsa", 2048), ("rsa", 3072)])
def test_every_kind_of_key_logs_in(server, nigh, home, kind, bits):
    server()
    key = make_key(home.root / "other", kind, "other", *(["-b", str(bits)] if bits else []))
    assert nigh("run", "-i", key, "demo", "--", "true").returncode == 255
    with home.authorized_keys.open("a") as keys:
        keys.write(public(key))
    assert nigh("run", "-i", key, "demo", "--", "echo in").stdout == b"in\n"


@pytest.fixture
def agent(home):
    """A real ssh-agent with no keys yet; the environment that points at it."""
    socket = home.root / "agent"
    one = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE)
    one.stdout.readline()  # it says where it listens once it does
    yield {"SSH_AUTH_SOCK": str(socket)}
    one.kill()
    one.wait()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_that_only_the_agent_has_logs_in(server, nigh, home, agent, kind):
    server()
    key = make_key(home.root / "in-agent", kind)
    subprocess.run(["ssh-add", "-q", key], env={**home.env, **agent}, check=True)
    key.unlink()
    home.key.unlink()
    home.authorized_keys.write_text(public(key))
    assert nigh("run", "demo", "--", "echo in", env=agent).stdout == b"in\n"


def test_an_encrypted_key_file_is_used_through_the_agent(server, nigh, home, agent):
    server()
    subprocess.run(["ssh-add", "-q", home.key], env={**home.env, **agent}, check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-f", home.key], check=True)
    assert nigh("run", "demo", "--", "echo in", env=agent).stdout == b"in\n"
    refused = nigh("run", "demo", "--", "true")
    assert refused.returncode == 255


def certificate(home, *options, principal=None):
    """A CA, and a certificate of it for the user's key."""
    ca = make_key(home.root / "ca")
    subprocess.run(["ssh-keygen", "-q", "-s", ca, "-I", "id", "-n", principal or home.env["USER"],
                    *options, home.public_key], check=True, stderr=subprocess.DEVNULL)
    return ca


def test_a_certificate_of_a_listed_authority_logs_in(server, nigh, home):
    server()
    ca = certificate(home)
    home.authorized_keys.write_text("cert-authority " + public(ca))
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"


@pytest.mark.parametrize("options, principal", [
    (["-V", "20200101:20210101"], None), ([], "somebody-else")])
def test_a_certificate_out_of_its_bounds_does_not(server, nigh, home, options, principal):
    one = server()
    ca = certificate(home, *options, principal=principal)
    home.authorized_keys.write_text("cert-authority " + public(ca))
    assert nigh("run", "demo", "--", "true").returncode == 255
    assert "is not let in" in one.stderr()


def test_a_forced_command_runs_whatever_is_asked_for(server, nigh, home):
    server()
    home.authorized_keys.write_text('command="echo forced; echo $SSH_ORIGINAL_COMMAND" ' + public(home.key))
    done = nigh("run", "--env", "LD_PRELOAD=/none", "demo", "--", "rm", "-rf", "x")
    assert done.stdout == b"forced\nrm -rf x\n"


def test_options_are_allow_lists(server, nigh, home):
    one = server()
    key = public(home.key)
    yesterday = (datetime.date.today() - datetime.timedelta(2)).strftime("%Y%m%d")
    for options in ['from="10.0.0.0/8"', f'expiry-time="{yesterday}"', "no-such-option"]:
        home.authorized_keys.write_text(f"{options} {key}")
        done = nigh("run", "demo", "--", "true")
        assert done.returncode == 255 and b"SHA256:" in done.stderr, options
    home.authorized_keys.write_text(f'from="127.0.0.1",environment="A=from key" {key}')
    assert nigh("run", "demo", "--", "echo $A").stdout == b"from key\n"
    home.authorized_keys.write_text(f"restrict {key}")
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"
    done = nigh("run", "-tt", "demo", "--", "true")
    assert done.returncode == 255 and b"may not have a terminal" in done.stderr
    assert "no-such-option" in one.stderr()


def test_a_key_file_that_others_can_write_lets_nobody_in(server, nigh, home):
    one = server()
    home.authorized_keys.chmod(0o666)
    assert nigh("run", "demo", "--", "true").returncode == 255
    assert "can be written by others" in one.stderr()


def test_another_account_is_refused(server, nigh):
    server()
    done = nigh("run", "somebody-else@demo", "--", "true")
    assert done.returncode == 255 and b"somebody-else" in done.stderr


def test_without_any_key_it_says_what_to_do(server, nigh, home):
    server()
    home.key.unlink()
    home.public_key.unlink()
    done = nigh("run", "demo", "--", "true")
    assert done.returncode == 255 and b"ssh-keygen" in done.stderr


def test_a_changed_host_key_is_refused_with_file_and_line(server, nigh, home):
    one = server(trust=False)
    other = public(make_key(home.root / "other"))
    home.known_hosts.write_text(f"# comment\n[127.0.0.1]:{one.port} {other}")
    done = nigh("run", "--accept-new", "demo", "--", "true")
    assert done.returncode == 255
    assert f"{home.known_hosts} line 2".encode() in done.stderr


def test_a_revoked_host_key_is_refused_even_if_another_line_allows_it(server, nigh, home):
    one = server()
    with home.known_hosts.open("a") as known:
        known.write(f"@revoked * {home.host_public_key()}\n")
    done = nigh("run", "demo", "--", "true")
    assert done.returncode == 255 and b"revoked" in done.stderr
    assert one.fingerprint


def test_a_hashed_known_hosts_is_understood(server, nigh, home):
    server()
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", home.known_hosts], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert b"127.0.0.1" not in home.known_hosts.read_bytes()
    assert nigh("run", "demo", "--", "echo in").stdout == b"in\n"


def test_what_accept_new_writes_ssh_keygen_finds(server, nigh, home):
    one = server(trust=False)
    assert nigh("run", "--accept-new", "demo", "--", "true").returncode == 0
    found = subprocess.run(["ssh-keygen", "-F", f"[127.0.0.1]:{one.port}", "-f", home.known_hosts],
                           capture_output=True)
    assert found.returncode == 0 and home.host_public_key().split()[1].encode() in found.stdout


def test_ssh_config_names_the_host_the_user_and_the_key(server, nigh, home):
    one = server()
    key = make_key(home.root / "special")
    home.authorized_keys.write_text(public(key))
    (home.ssh / "config").write_text(
        f"Include {home.root}/more\nHost * !other\n  IdentitiesOnly yes\n")
    (home.root / "more").write_text(
        f"Host web\n  HostName 127.0.0.1\n  IdentityFile {key}\n  User {home.env['USER']}\n")
    assert nigh("run", f"web:{one.port}", "--", "echo in").stdout == b"in\n"


def test_nothing_secret_is_logged_or_told(server, nigh, home):
    one = server("--log-level", "debug")
    done = nigh("run", "-v", "demo", "--", "true")
    token = nigh("token", "demo").stdout.decode().strip()
    private = re.sub(r"\s|-----[A-Z ]+-----", "", home.key.read_text())
    for text in (done.stderr.decode(), one.stderr()):
        assert token.rpartition(".")[2] not in text
        assert private[80:120] not in text
