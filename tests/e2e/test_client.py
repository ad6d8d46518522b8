# SPDX-License-Identifier: Apache-2.0
"""How the client finds hosts, keys and trust where other programs or a person must help."""
import subprocess

import pexpect
import pytest


@pytest.fixture
def asking(nigh_binary, at_terminal):
    """asking(*args) -> pexpect child: nigh itself, with a terminal."""
    return lambda *arguments: at_terminal([nigh_binary, *arguments], encoding="utf-8")


def ends_with(child, status):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus == status


def encrypt(key, passphrase):
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", key], check=True)


def test_the_passphrase_of_a_key_is_asked_for_on_the_terminal(server, home, asking):
    server()
    encrypt(home.key, "correct horse")
    child = asking("run", "demo", "--", "echo", "in")
    child.expect("passphrase")
    child.sendline("correct horse")
    child.expect("in\r\n")
    assert ends_with(child, 0)


def test_a_wrong_passphrase_is_told(server, home, asking):
    server()
    encrypt(home.key, "correct horse")
    child = asking("run", "demo", "--", "echo", "in")
    child.expect("passphrase")
    child.sendline("battery staple")
    child.expect("there is no key to prove to")
    assert ends_with(child, 255)


def test_without_a_terminal_an_encrypted_key_is_passed_over(server, home, nigh):
    server()
    encrypt(home.key, "correct horse")
    done = nigh("run", "demo", "--", "true", start_new_session=True)
    assert done.returncode == 255
    assert b"add it to an ssh-agent" in done.stderr


def test_a_host_key_that_a_person_accepts_is_remembered(server, home, asking, nigh):
    one = server(trust=False)
    child = asking("run", "demo", "--", "echo", "in")
    child.expect("SHA256:")
    child.expect(r"\?")
    child.sendline("yes")
    child.expect("in\r\n")
    assert ends_with(child, 0)
    found = subprocess.run(["ssh-keygen", "-F", f"[127.0.0.1]:{one.port}", "-f", home.known_hosts],
                           capture_output=True, check=True, text=True)
    assert home.host_public_key() in found.stdout
    assert nigh("run", "demo", "--", "true").returncode == 0


def test_match_blocks_of_ssh_config_are_sshs_to_answer(server, home, nigh):
    one = server(name="unused")
    (home.ssh / "config").write_text(
        "Match originalhost nickname exec true\n  HostName 127.0.0.1\n"
        f"  UserKnownHostsFile {home.known_hosts}\n  IdentityFile {home.key}\n")
    done = nigh("run", f"nickname:{one.port}", "--", "echo", "in")
    assert (done.stdout, done.stderr) == (b"in\n", b"")


def test_a_named_identity_is_the_only_one_that_is_offered(server, home, nigh):
    server()
    other = home.root / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    done = nigh("run", "--identity", other, "demo", "--", "true")
    assert done.returncode == 255
    assert str(other).encode() in done.stderr and b"id_ed25519" not in done.stderr
    assert nigh("run", "--identity", home.key, "demo", "--", "true").returncode == 0


def test_a_mistake_in_the_configuration_names_file_and_line(server, home, nigh):
    server()
    with home.config_file.open("a") as config:
        config.write("[host.other]\nprot = 1\n")
    done = nigh("run", "demo", "--", "true")
    assert done.returncode == 255
    line = home.config_file.read_text().splitlines().index("prot = 1") + 1
    assert f"{home.config_file}:{line}: 'prot'".encode() in done.stderr
