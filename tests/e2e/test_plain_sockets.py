# SPDX-License-Identifier: Apache-2.0
"""nigh listen and nigh connect: sockets, for programs that know nothing else."""
import hashlib
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest

from lib.waiting import PATIENCE, Lines, eventually

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
LOOPBACK = "127.0.0.1"


class Listener:
    """A running `nigh listen` and the port that it told."""

    def __init__(self, process):
        self.process = process
        self.said = Lines(process.stderr)
        process.stderr = None  # it has a reader
        self.port = None

    def wait(self):
        line = self.said.next()
        if match := re.fullmatch(r"Listening on port (\d+)", line):
            self.port = int(match[1])
            line = self.said.next()
        assert line == "Waiting for a connection...", line
        return self

    def connect(self, host=LOOPBACK):
        return socket.create_connection((host, self.port), timeout=PATIENCE)

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def listen(start_nigh):
    """listen(*arguments) -> a Listener that waits; the port is any unless `where` says otherwise."""
    def start(*arguments, where=("0",), **options):
        return Listener(start_nigh("listen", *arguments, *where, **options)).wait()
    return start


def socat(*arguments, **options):
    return subprocess.Popen(["socat", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            **options)


def python(name, *arguments):
    return subprocess.Popen([sys.executable, FIXTURES / name, *map(str, arguments)],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def receive_all(connection):
    received = b""
    while piece := connection.recv(1 << 16):
        received += piece
    return received


def test_a_ten_line_client_is_listened_to(listen):
    one = listen("--print", stdin=subprocess.DEVNULL)
    with python("plain_client.py", LOOPBACK, one.port, "hello") as client:
        assert client.wait(PATIENCE) == 0
    out, _ = one.process.communicate(timeout=PATIENCE)
    assert (one.process.returncode, out) == (0, b"Received data: hello\n")
    assert re.fullmatch(r"Connected to \('127\.0\.0\.1', \d+\)", one.said.next())
    assert one.said.next() is None


def test_a_ten_line_server_is_connected_to(nigh):
    with python("plain_server.py") as server:
        said = Lines(server.stdout)
        done = nigh("connect", LOOPBACK, said.next(), input=b"a word")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"thanks for a word", b"")
        assert said.next() == "Received data: a word"
        assert server.wait(PATIENCE) == 0


def test_standard_output_has_the_data_alone(listen):
    one = listen(stdin=subprocess.DEVNULL)
    with one.connect() as client:
        client.sendall(b"\0\xff\n\x1b[2J")
    assert one.process.communicate(timeout=PATIENCE)[0] == b"\0\xff\n\x1b[2J"


def test_what_cannot_be_printed_is_shown_safely(listen):
    one = listen("--print", stdin=subprocess.DEVNULL)
    with one.connect() as client:
        client.sendall(b"\x1b[2Jhi\n\xff")
    assert one.process.communicate(timeout=PATIENCE)[0] == b"Received data: \\x1b[2Jhi\\x0a\\xff\n"


def test_quiet_tells_nothing(start_nigh, tmp_path):
    path = tmp_path / "socket"
    one = start_nigh("listen", "-q", "--unix", path, stdin=subprocess.DEVNULL)
    eventually(path.exists, "the socket")
    with socket.socket(socket.AF_UNIX) as client:
        eventually(lambda: client.connect_ex(str(path)) == 0, "a connection")
    assert one.communicate(timeout=PATIENCE) == (b"", b"")


def test_both_loopback_addresses_and_no_other_are_listened_on(listen):
    one = listen("-k", stdin=subprocess.DEVNULL)
    with one.connect():
        assert one.said.next().startswith("Connected to ('127.0.0.1', ")
    assert one.said.next().startswith("Disconnected from ('127.0.0.1', ")
    with one.connect("::1") as client:
        port = client.getsockname()[1]
        assert one.said.next() == f"Connected to ('::1', {port}, 0, 0)"
    with pytest.raises(ConnectionRefusedError):
        one.connect("127.0.0.2")
    assert one.end() == 130


def test_an_address_or_a_name_of_this_machine_is_listened_on(listen, nigh):
    one = listen(stdin=subprocess.DEVNULL, where=("127.0.0.2", "0"))
    with one.connect("127.0.0.2") as client:
        client.sendall(b"x")
    assert one.process.communicate(timeout=PATIENCE)[0] == b"x"
    name = socket.gethostname()
    one = listen(stdin=subprocess.DEVNULL, where=(name, "0"))
    done = nigh("connect", name, one.port, input=b"by name")
    assert (done.returncode, one.process.communicate(timeout=PATIENCE)[0]) == (0, b"by name")
    done = nigh("listen", "192.0.2.1", "0")
    assert done.returncode == 1
    assert b"this machine has no such address" in done.stderr


def test_the_end_of_the_input_ends_one_half(listen, start_nigh):
    one = listen()
    other = start_nigh("connect", "-v", LOOPBACK, one.port)
    assert re.fullmatch(rb"Connected to \('127\.0\.0\.1', \d+\)\n", other.stderr.readline())
    assert one.said.next().startswith("Connected to ")
    other.stdin.write(b"question")
    other.stdin.close()
    other.stdin = None
    assert one.process.stdout.read(8) == b"question"
    one.process.stdin.write(b"answer")
    one.process.stdin.close()
    one.process.stdin = None
    assert other.communicate(timeout=PATIENCE) == (b"answer", b"")
    assert (other.returncode, one.process.wait(PATIENCE)) == (0, 0)


def test_a_hundred_megabytes_go_both_ways_at_once(listen, start_nigh, tmp_path):
    there, back = os.urandom(1 << 20) * 100, os.urandom(1 << 20) * 100
    for name, data in (("there", there), ("back", back)):
        (tmp_path / name).write_bytes(data)
    outputs = [tmp_path / "received-there", tmp_path / "received-back"]
    with (tmp_path / "back").open() as answer, outputs[0].open("wb") as received:
        one = listen(stdin=answer, stdout=received)
    with (tmp_path / "there").open() as question, outputs[1].open("wb") as received:
        other = start_nigh("connect", "localhost", one.port, stdin=question, stdout=received)
    assert (other.wait(PATIENCE), one.process.wait(PATIENCE)) == (0, 0)
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in outputs]
    assert digests == [hashlib.sha256(data).digest() for data in (there, back)]


def test_three_clients_at_a_time(listen):
    one = listen("--keep-open")
    clients = [one.connect() for _ in range(3)]
    for _ in clients:
        assert one.said.next().startswith("Connected to ")
    one.process.stdin.write(b"to all")
    one.process.stdin.flush()
    for client in clients:
        assert client.recv(6, socket.MSG_WAITALL) == b"to all"
    for number, client in enumerate(clients):
        client.sendall(b"from %d" % number)
        assert one.process.stdout.read(6) == b"from %d" % number
    clients[1].close()
    assert one.said.next().startswith("Disconnected from ")
    one.process.stdin.write(b"again")
    one.process.stdin.close()
    one.process.stdin = None
    for client in (clients[0], clients[2]):
        assert receive_all(client) == b"again"
        client.close()
        assert one.said.next().startswith("Disconnected from ")
    with one.connect() as late:  # for whom nothing is left
        assert receive_all(late) == b""
    assert one.end(signal.SIGTERM) == 143


def test_nobody_comes_after_the_first(listen):
    one = listen()
    with one.connect() as client:
        client.sendall(b"x")
        assert one.process.stdout.read(1) == b"x"
        with pytest.raises(ConnectionRefusedError):
            one.connect()
    assert one.process.communicate(timeout=PATIENCE)[0] == b""


def test_ctrl_c_ends_one_that_waits(listen):
    assert listen().end() == 130


def test_output_that_nobody_reads_ends_it(listen):
    one = listen("-k", stdin=subprocess.DEVNULL)
    one.process.stdout.close()
    one.process.stdout = None
    with one.connect() as client:
        client.sendall(b"x")
        assert one.process.wait(PATIENCE) == 141


def test_unix_sockets_both_ways_with_socat(listen, nigh, tmp_path):
    path = tmp_path / "socket"
    one = listen(stdin=subprocess.DEVNULL, where=("--unix", path))
    with socat("-", f"UNIX-CONNECT:{path}") as peer:
        assert peer.communicate(b"from socat", timeout=PATIENCE)[0] == b""
    assert one.process.communicate(timeout=PATIENCE)[0] == b"from socat"
    assert re.fullmatch(rf"Connected to process \d+ of account {os.getuid()}", one.said.next())
    assert not path.exists()
    with socat(f"UNIX-LISTEN:{path}", "SYSTEM:cat") as peer:
        eventually(lambda: listens(path), "socat")
        done = nigh("connect", "--unix", path, input=b"to socat")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"to socat", b"")
        peer.communicate(timeout=PATIENCE)


def listens(path):
    """Whether a unix socket is bound and listening: its row in the kernel's table has the flag."""
    rows = pathlib.Path("/proc/net/unix").read_text().splitlines()
    return any(row.split()[-1] == str(path) and row.split()[3] == "00010000" for row in rows)


def test_an_interrupt_removes_the_unix_socket(listen, nigh, tmp_path):
    path = tmp_path / "socket"
    one = listen(where=("--unix", path))
    done = nigh("listen", "--unix", path)
    assert (done.returncode, b"it exists" in done.stderr) == (1, True)
    assert one.end() == 130
    assert not path.exists()


def test_udp_with_python_both_ways(listen, start_nigh):
    one = listen("--udp", "--print", where=(LOOPBACK, "0"))
    with socket.socket(type=socket.SOCK_DGRAM) as peer:
        peer.settimeout(PATIENCE)
        peer.sendto(b"one", (LOOPBACK, one.port))
        assert one.process.stdout.readline() == b"Received data: one\n"
        assert one.said.next() == f"Connected to ('127.0.0.1', {peer.getsockname()[1]})"
        one.process.stdin.write(b"an answer")
        one.process.stdin.flush()
        assert peer.recv(100) == b"an answer"
        peer.sendto(b"two", (LOOPBACK, one.port))
        assert one.process.stdout.readline() == b"Received data: two\n"
    assert one.end() == 130

    with socket.socket(type=socket.SOCK_DGRAM) as peer:
        peer.settimeout(PATIENCE)
        peer.bind((LOOPBACK, 0))

        def answer():
            data, address = peer.recvfrom(100)
            peer.sendto(b"you said " + data, address)
        thread = threading.Thread(target=answer)
        thread.start()
        one = start_nigh("connect", "--udp", LOOPBACK, peer.getsockname()[1])
        one.stdin.write(b"hm")
        one.stdin.flush()
        assert one.stdout.read(11) == b"you said hm"
        thread.join(PATIENCE)
        one.send_signal(signal.SIGINT)
        assert one.wait(PATIENCE) == 130


def test_tcp_and_udp_with_socat(listen, nigh):
    patient = f"-t{PATIENCE}"  # once one half has ended
    one = listen(stdin=subprocess.DEVNULL)
    with socat(patient, "-", f"TCP:{LOOPBACK}:{one.port}") as peer:
        assert peer.communicate(b"from socat", timeout=PATIENCE)[0] == b""
    assert one.process.communicate(timeout=PATIENCE)[0] == b"from socat"

    with socat("-d", "-d", patient, f"TCP-LISTEN:0,bind={LOOPBACK}", "SYSTEM:cat", stderr=subprocess.PIPE) as peer:
        said = Lines(peer.stderr)
        peer.stderr = None
        while not (match := re.search(r"listening on .*:(\d+)", said.next())):
            pass
        done = nigh("connect", LOOPBACK, match[1], input=b"to socat")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"to socat", b"")

    one = listen("--udp", where=(LOOPBACK, "0"))
    with socat("-", f"UDP:{LOOPBACK}:{one.port}") as peer:
        peer.stdin.write(b"question")
        peer.stdin.flush()
        assert one.process.stdout.read(8) == b"question"
        one.process.stdin.write(b"answer")
        one.process.stdin.flush()
        assert peer.stdout.read(6) == b"answer"
        peer.kill()
    assert one.end() == 130


def test_udp_to_nobody_says_so(nigh):
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.bind((LOOPBACK, 0))
        port = one.getsockname()[1]
    done = nigh("connect", "--udp", LOOPBACK, port, input=b"hm")
    assert (done.returncode, done.stderr) == (1, f"nigh: nothing listens on UDP port 127.0.0.1:{port}\n".encode())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The path of a file with a key and a certificate for localhost that it signed itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes(cert.read_bytes() + key.read_bytes())
    return both


def test_tls_to_socat_and_from_it(listen, nigh, certificate):
    with socat("-d", "-d", "OPENSSL-LISTEN:0,bind=127.0.0.1,verify=0,cert=" + str(certificate),
               "SYSTEM:cat", stderr=subprocess.PIPE) as peer:
        said = Lines(peer.stderr)
        peer.stderr = None
        while not (match := re.search(r"listening on .*:(\d+)", said.next())):
            pass
        done = nigh("connect", "--tls", "--tls-ca", certificate, "localhost", match[1], input=b"sealed")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"sealed", b"")
        peer.kill()
    one = listen("--tls", "--tls-cert", certificate, stdin=subprocess.DEVNULL)
    with socat("-", f"OPENSSL:localhost:{one.port},cafile={certificate}") as peer:
        peer.communicate(b"from socat", timeout=PATIENCE)
    assert one.process.communicate(timeout=PATIENCE)[0] == b"from socat"


def test_a_certificate_that_is_not_trusted_is_refused(listen, nigh, certificate):
    def attempt(*options):
        one = listen("--tls", "--tls-cert", certificate, stdin=subprocess.DEVNULL, where=(LOOPBACK, "0"))
        done = nigh("connect", "--tls", *options, LOOPBACK, one.port, input=b"x")
        one.process.communicate(timeout=PATIENCE)
        return done
    done = attempt()
    assert (done.returncode, b"is not trusted: self-signed certificate" in done.stderr) == (1, True)
    done = attempt("--tls-ca", certificate, "--tls-name", "example.org")
    assert (done.returncode, b"of example.org is not trusted: hostname mismatch" in done.stderr) == (1, True)
    assert attempt("--tls-no-check").returncode == 0
    assert attempt("--tls-ca", certificate).returncode == 0


def test_python_speaks_tls_to_a_listener_and_half_closes_nothing(listen, certificate):
    one = listen("--tls", "--tls-cert", certificate)
    context = ssl.create_default_context(cafile=certificate)
    with context.wrap_socket(one.connect(), server_hostname="localhost") as client:
        client.sendall(b"a" * 100_000)
        assert one.process.stdout.read(100_000) == b"a" * 100_000
        one.process.stdin.write(b"b" * 100_000)
        one.process.stdin.close()
        one.process.stdin = None
        assert receive_all(client) == b"b" * 100_000
    assert one.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("words, reason", [
    (["connect", "localhost"], "no port"),
    (["connect", "localhost", "0"], "give a number from 1 to 65535"),
    (["connect", "localhost", "ssh"], "'ssh' is not a port"),
    (["connect", "--udp", "--tls", "localhost", "1"], "excludes"),
    (["connect", "--unix", "x", "localhost"], "one word too many"),
    (["listen"], "no port"),
    (["listen", "a", "b", "1"], "one word too many"),
    (["listen", "--tls", "1"], "--tls-cert"),
])
def test_what_makes_no_sense_is_a_usage_error(nigh, words, reason):
    done = nigh(*words)
    assert (done.returncode, reason in done.stderr.decode()) == (2, True), done.stderr


def test_failures_say_what_is_wrong(nigh, tmp_path):
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        done = nigh("listen", LOOPBACK, port)
        assert (done.returncode, done.stderr) == (
            1, f"nigh: cannot listen on 127.0.0.1:{port}: another program uses this port\n".encode())
    done = nigh("connect", LOOPBACK, port)
    assert (done.returncode, done.stderr) == (1, f"nigh: nothing listens on 127.0.0.1:{port}\n".encode())
    done = nigh("connect", "no-such-name.invalid", "1")
    assert (done.returncode, b"no-such-name.invalid" in done.stderr) == (1, True)
    done = nigh("connect", "--unix", tmp_path / "absent")
    assert (done.returncode, b"No such file" in done.stderr) == (1, True)
