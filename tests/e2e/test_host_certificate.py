# SPDX-License-Identifier: Apache-2.0
"""Servers that a certificate authority vouches for, with certificates as ssh-keygen makes them."""
import subprocess

import pytest

from lib.home import make_key


def public(key):
    """Type and base64, as they stand in known_hosts."""
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


@pytest.fixture
def authority(home):
    return make_key(home.root / "ca", comment="authority")


def certify(home, authority, *options, principal="127.0.0.1", key=None):
    """Leaves KEY-cert.pub beside the key, which is the server's unless told."""
    subprocess.run(["ssh-keygen", "-q", "-s", authority, "-h", "-I", "id", "-n", principal, *options,
                    (key or home.host_key).with_suffix(".pub")], check=True, stderr=subprocess.DEVNULL)


def trust_only(home, *lines):
    home.known_hosts.write_text("".join(f"{line}\n" for line in lines))


def test_a_host_that_a_known_authority_certified_needs_no_line_of_its_own(server, nigh, home, authority):
    certify(home, authority)
    one = server(trust=False)
    trust_only(home, f"@cert-authority * {public(authority)}")
    before = home.known_hosts.read_text()
    done = nigh("run", "-v", "demo", "--", "echo in")
    assert (done.returncode, done.stdout) == (0, b"in\n"), done.stderr
    assert f"{home.known_hosts}:1".encode() in done.stderr
    assert home.known_hosts.read_text() == before
    assert f"host certificate {home.host_key}-cert.pub" in one.lines.seen


def test_ssh_config_may_name_the_host_that_the_certificate_is_for(server, nigh, home, authority):
    certify(home, authority, principal="web1.example.org")
    one = server(trust=False)
    trust_only(home, f"@cert-authority *.example.org {public(authority)}")
    (home.ssh / "config").write_text("Host web\n  HostName 127.0.0.1\n  HostKeyAlias web1.example.org\n")
    assert nigh("run", f"web:{one.port}", "--", "echo in").stdout == b"in\n"
    assert nigh("run", "demo", "--", "true").returncode == 255


@pytest.mark.parametrize("options, principal, why", [
    (["-V", "20200101:20210101"], "127.0.0.1", b"has expired"),
    ([], "web1.example.org", b"is not for"),
])
def test_a_certificate_out_of_its_bounds_leaves_the_host_unknown(
        server, nigh, home, authority, options, principal, why):
    certify(home, authority, *options, principal=principal)
    server(trust=False)
    trust_only(home, f"@cert-authority * {public(authority)}")
    done = nigh("run", "-v", "demo", "--", "echo in")
    assert (done.returncode, done.stdout) == (255, b"")
    assert b"is not known" in done.stderr and why in done.stderr
    assert b"host certificate does not count" in done.stderr, "among the steps"


def test_an_expired_certificate_is_warned_of_when_the_server_starts(server, home, authority):
    certify(home, authority, "-V", "20200101:20210101")
    assert "has expired" in server(trust=False).stderr()


def test_a_certificate_of_another_authority_leaves_the_host_unknown(server, nigh, home, authority):
    certify(home, make_key(home.root / "other"))
    server(trust=False)
    trust_only(home, f"@cert-authority * {public(authority)}")
    done = nigh("run", "demo", "--", "echo in")
    assert (done.returncode, done.stdout) == (255, b"")
    assert b"is not known" in done.stderr


def test_a_revoked_authority_is_refused_even_where_new_hosts_are_accepted(server, nigh, home, authority):
    certify(home, authority)
    server(trust=False)
    trust_only(home, f"@cert-authority * {public(authority)}", f"@revoked * {public(authority)}")
    done = nigh("run", "--accept-new", "demo", "--", "echo in")
    assert (done.returncode, done.stdout) == (255, b"")
    assert b"revoked" in done.stderr and f"{home.known_hosts} line 2".encode() in done.stderr


def test_a_server_whose_certificate_no_client_would_take_does_not_start(nigh, home, authority):
    other = make_key(home.root / "other")
    certify(home, authority, key=other)
    wrong = (home.root / "other-cert.pub").read_text()
    certificate = home.root / "host_key-cert.pub"
    for text, why in [(wrong, b"for another key"), (wrong[:200], b"host_key-cert.pub"),
                      (public(home.host_key), b"host_key-cert.pub")]:
        certificate.write_text(text)
        done = nigh("serve", "--check", "--host-key", home.host_key)
        assert done.returncode == 1 and why in done.stderr, done.stderr
    names = ",".join(f"{number}.{'x' * 50}.example.org" for number in range(200))
    certify(home, authority, principal=names)
    assert b"over 10 KiB" in nigh("serve", "--check", "--host-key", home.host_key).stderr
    subprocess.run(["ssh-keygen", "-q", "-s", authority, "-I", "id", "-n", "ada",
                    home.host_key.with_suffix(".pub")], check=True, stderr=subprocess.DEVNULL)
    assert b"it is for users" in nigh("serve", "--check", "--host-key", home.host_key).stderr
    certify(home, authority)
    done = nigh("serve", "--check", "--host-key", home.host_key)
    assert done.returncode == 0 and str(certificate).encode() in done.stdout
