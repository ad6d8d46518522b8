# SPDX-License-Identifier: Apache-2.0
"""Files over HTTP, as docs/protocol/files.md has them, with curl as everybody has it."""
import collections
import email.utils
import json
import os
import pathlib
import random
import signal
import subprocess
import urllib.parse

import pytest

from lib.transfer import WITHOUT_PRIVILEGE, Mounts, wrapper
from lib.waiting import PATIENCE, eventually

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount or to give up privileges")

# Announces the length of its body: then a refusal comes when it is sent. (-T is for what succeeds.)
PUT = ["-X", "PUT", "--data-binary", "@-"]

Answer = collections.namedtuple("Answer", "status headers body")


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def quoted(path):
    """A path as it stands in a URL, without its first slash."""
    return urllib.parse.quote(os.fsencode(path)).lstrip("/")


def names_in(folder):
    return sorted(os.listdir(os.fsencode(folder)))


@pytest.fixture(scope="session")
def nigh_binary(nigh_binary, tmp_path_factory):
    """PREFIX in the environment runs it inside something."""
    return wrapper(nigh_binary, tmp_path_factory.mktemp("wrapper"))


class Api:
    def __init__(self, one, token, scratch):
        self.base = f"https://127.0.0.1:{one.port}"
        self.token = token
        self.scratch = scratch

    def words(self, path, *options):
        return ["curl", "-sk", "--http2", "-H", f"Authorization: Bearer {self.token}", *map(str, options),
                self.base + path]

    def curl(self, path, *options, input=b""):
        head, body = self.scratch / "head", self.scratch / "body"
        body.write_bytes(b"")
        done = subprocess.run(self.words(path, "-D", head, "-o", body, *options),
                              input=input, capture_output=True, timeout=PATIENCE)
        assert done.returncode == 0, (done.returncode, done.stderr)
        first, *lines = head.read_text().strip().splitlines()
        fields = dict(line.split(": ", 1) for line in lines)
        return Answer(int(first.split()[1]), fields, body.read_bytes())

    def file(self, path, *options, **more):
        return self.curl("/v1/files/" + quoted(path), *options, **more)

    def tree(self, path, query=""):
        answer = self.curl("/v1/tree/" + quoted(path) + query)
        assert answer.status == 200, answer
        return [json.loads(line) for line in answer.body.splitlines()]

    def problem(self, path, *options, **more):
        answer = self.file(path, *options, **more)
        assert answer.headers["content-type"] == "application/problem+json", answer
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status and problem["type"].startswith("urn:nigh:problem:")
        return answer.status, problem["detail"]


@pytest.fixture
def api(server, nigh, tmp_path_factory):
    """api(PREFIX): a server, a token for it, and curl ready to use them."""
    def start(prefix=""):
        one = server(env={"PREFIX": prefix})
        return Api(one, nigh("token", "demo").stdout.decode().strip(), tmp_path_factory.mktemp("curl"))
    return start


def test_what_is_uploaded_can_be_downloaded_and_is_the_same(api, tmp_path):
    curl = api()
    sent, there = tmp_path / "sent", tmp_path / "there"
    sent.write_bytes(noise(20_000_003))
    sent.chmod(0o600)
    made = curl.file(there, "-T", sent)
    assert made.status == 201 and made.body == b""
    assert there.read_bytes() == sent.read_bytes()
    got = curl.file(there)
    assert got.status == 200 and got.headers["content-length"] == "20000003"
    assert got.body == sent.read_bytes()
    assert got.headers["etag"] == made.headers["etag"]
    assert got.headers["nigh-mode"] == f"{there.stat().st_mode & 0o7777:04o}"
    assert got.headers["nigh-mtime"] == "{}.{:09}".format(*divmod(there.stat().st_mtime_ns, 10**9))
    assert names_in(tmp_path) == [b"sent", b"there"]


def test_a_pipe_can_be_uploaded_and_an_empty_file_too(api, tmp_path):
    curl = api()
    data = noise(3_000_000)
    assert curl.file(tmp_path / "piped", "-T", "-", input=data).status == 201
    assert (tmp_path / "piped").read_bytes() == data
    assert curl.file(tmp_path / "piped", "-T", "-", input=b"").status == 204
    assert (tmp_path / "piped").read_bytes() == b""
    empty = curl.file(tmp_path / "piped")
    assert empty.status == 200 and empty.headers["content-length"] == "0"


def test_a_download_that_was_cut_is_continued(api, tmp_path):
    curl = api()
    data = noise(5_000_000)
    (tmp_path / "there").write_bytes(data)
    (tmp_path / "part").write_bytes(data[:3_999_999])
    url = "/v1/files/" + quoted(tmp_path / "there")
    done = subprocess.run(curl.words(url, "-C", "-", "-o", tmp_path / "part", "-w", "%{http_code} %{size_download}"),
                          capture_output=True, timeout=PATIENCE, check=True)
    assert done.stdout == b"206 1000001"
    assert (tmp_path / "part").read_bytes() == data


def test_an_upload_that_was_cut_is_continued(api, tmp_path):
    curl = api()
    data = noise(5_000_000)
    (tmp_path / "source").write_bytes(data)
    first = curl.file(tmp_path / "there", "-T", "-", "-H", "Content-Range: bytes 0-3999998/5000000",
                      input=data[:3_999_999])
    assert first.status == 202 and first.headers["content-range"] == "bytes 0-3999998/5000000"
    assert not (tmp_path / "there").exists()
    ahead = curl.file(tmp_path / "there", *PUT, "-H", "Content-Range: bytes 4500000-4999999/5000000",
                      input=data[4_500_000:])
    assert ahead.status == 416 and ahead.headers["content-range"] == "bytes */3999999"
    last = curl.file(tmp_path / "there", "-C", 3_999_999, "-T", tmp_path / "source")
    assert last.status == 201
    assert (tmp_path / "there").read_bytes() == data
    assert names_in(tmp_path) == [b"source", b"there"]


@pytest.mark.parametrize("options", [["-T", "-"], ["-T", "-", "-H", "Content-Length: 5000000"]],
                         ids=["of unknown length", "of known length"])
def test_an_upload_whose_client_vanishes_changes_nothing(api, tmp_path, options):
    curl = api()
    (tmp_path / "there").write_text("old")
    client = subprocess.Popen(curl.words("/v1/files/" + quoted(tmp_path / "there"), *options),
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with client:
        client.stdin.write(noise(2_000_000))
        client.stdin.flush()
        eventually(lambda: len(names_in(tmp_path)) == 2, "the beginning of the upload")
        client.send_signal(signal.SIGKILL)
    eventually(lambda: names_in(tmp_path) == [b"there"], "the end of the upload")
    assert (tmp_path / "there").read_bytes() == b"old"


def test_ranges(api, tmp_path):
    curl = api()
    (tmp_path / "f").write_text("0123456789")
    part = curl.file(tmp_path / "f", "-r", "3-5")
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"345", "bytes 3-5/10")
    assert curl.file(tmp_path / "f", "-r", "-2").body == b"89"
    assert curl.file(tmp_path / "f", "-r", "0-1,4-5").status == 200
    beyond = curl.file(tmp_path / "f", "-r", "10-")
    assert beyond.status == 416 and beyond.headers["content-range"] == "bytes */10"
    head = curl.file(tmp_path / "f", "-I")
    assert head.status == 200 and head.headers["content-length"] == "10" and head.headers["accept-ranges"] == "bytes"


def test_two_who_change_one_file_notice_each_other(api, tmp_path):
    curl = api()
    etag = curl.file(tmp_path / "f", "-T", "-", "-H", "If-None-Match: *", input=b"one").headers["etag"]
    assert curl.file(tmp_path / "f", *PUT, "-H", "If-None-Match: *", input=b"two").status == 412
    second = curl.file(tmp_path / "f", "-T", "-", "-H", f"If-Match: {etag}", input=b"two")
    assert second.status == 204 and second.headers["etag"] != etag
    status, detail = curl.problem(tmp_path / "f", *PUT, "-H", f"If-Match: {etag}", input=b"three")
    assert status == 412 and str(tmp_path / "f") in detail
    assert (tmp_path / "f").read_text() == "two"
    assert curl.file(tmp_path / "f", "-X", "DELETE", "-H", f"If-Match: {etag}").status == 412


def test_what_is_known_is_not_sent_again(api, tmp_path):
    curl = api()
    (tmp_path / "f").write_text("x")
    assert curl.file(tmp_path / "f", "--etag-save", tmp_path / "tag").status == 200
    again = curl.file(tmp_path / "f", "--etag-compare", tmp_path / "tag")
    assert again.status == 304 and again.body == b""
    modified = (tmp_path / "f").stat().st_mtime
    assert curl.file(tmp_path / "f", "-z", email.utils.formatdate(modified, usegmt=True)).status == 304
    assert curl.file(tmp_path / "f", "-z", email.utils.formatdate(modified - 1, usegmt=True)).status == 200


def test_mode_time_and_links_are_kept(api, tmp_path):
    curl = api()
    options = ["-T", "-", "-H", "nigh-mode: 0751", "-H", "nigh-mtime: 1234567890.987654321"]
    assert curl.file(tmp_path / "f", *options, input=b"x").status == 201
    assert (tmp_path / "f").stat().st_mode & 0o7777 == 0o751
    assert (tmp_path / "f").stat().st_mtime_ns == 1234567890987654321
    (tmp_path / "link").symlink_to("f")
    assert curl.file(tmp_path / "link", "-T", "-", input=b"new").status == 204
    assert (tmp_path / "link").is_symlink() and (tmp_path / "f").read_text() == "new"
    assert (tmp_path / "f").stat().st_mode & 0o7777 == 0o751


def test_directories_are_made_moved_and_removed(api, tmp_path):
    curl = api()
    assert curl.file(tmp_path / "a/b", "-X", "MKCOL").status == 409
    assert curl.curl(f"/v1/files/{quoted(tmp_path / 'a/b')}?parents=1", "-X", "MKCOL").status == 201
    assert curl.curl(f"/v1/files/{quoted(tmp_path / 'a/b')}?parents=1", "-X", "MKCOL").status == 200
    assert curl.file(tmp_path / "a/b", "-X", "MKCOL").status == 405
    (tmp_path / "a/f").write_text("x")

    def move(source, target, *options):
        destination = "destination: /v1/files/" + quoted(tmp_path / target)
        return curl.file(tmp_path / source, "-X", "MOVE", "-H", destination, *options).status
    assert move("a", "c") == 201
    assert (tmp_path / "c/f").read_text() == "x"
    (tmp_path / "g").write_text("y")
    assert move("g", "c/f", "-H", "overwrite: F") == 412
    assert move("g", "c/f") == 204
    assert move("none", "x") == 404
    assert curl.problem(tmp_path / "c", "-X", "DELETE")[0] == 409
    assert curl.file(tmp_path / "c/b", "-X", "DELETE").status == 204
    assert curl.curl(f"/v1/files/{quoted(tmp_path / 'c')}?recursive=1", "-X", "DELETE").status == 204
    assert names_in(tmp_path) == []


def test_listings(api, tmp_path):
    curl = api()
    (tmp_path / "d/sub").mkdir(parents=True)
    (tmp_path / "d/b.log").write_text("bb")
    (tmp_path / "d/sub/a.log").write_text("a")
    (tmp_path / "d/link").symlink_to("b.log")
    lines = curl.tree(tmp_path / "d")
    assert [(line["name"], line["type"]) for line in lines] == [
        ("b.log", "file"), ("link", "symlink"), ("sub", "directory")]
    assert lines[0]["size"] == 2 and lines[0]["etag"] == curl.file(tmp_path / "d/b.log", "-I").headers["etag"]
    assert lines[1]["target"] == "b.log"
    assert [line["path"] for line in curl.tree(tmp_path / "d", "?depth=infinity")] == [
        "b.log", "link", "sub", "sub/a.log"]
    assert [line["path"] for line in curl.tree(tmp_path / "d/*.log", "?glob=1")] == [str(tmp_path / "d/b.log")]
    assert [line["name"] for line in curl.tree(tmp_path / "d", "?depth=0")] == ["d"]
    sums = curl.tree(tmp_path / "d", "?summary=1&depth=1")
    assert [(os.path.basename(line["path"]), line["files"], line["bytes"]) for line in sums] == [
        ("sub", 1, 1), ("d", 3, 3)]
    du = subprocess.run(["du", "-s", "-B1", tmp_path / "d"], capture_output=True, check=True).stdout
    assert sums[-1]["allocated"] == int(du.split()[0])
    assert curl.curl("/v1/tree/" + quoted(tmp_path / "none")).status == 404


def test_a_large_tree_is_listed_as_a_whole(api, tmp_path):
    curl = api()
    for folder in range(20):
        (tmp_path / f"{folder:02}").mkdir()
        for number in range(100):
            (tmp_path / f"{folder:02}/{number:02}").touch()
    paths = [line["path"] for line in curl.tree(tmp_path, "?depth=infinity")]
    expected = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]
    assert len(paths) == 2020 and paths == sorted(expected)


@pytest.mark.parametrize("name", [
    b"a b", b"-rf", b"%41", b"100%", b"~", b"a+b&c=d?e#f", b"caf\xc3\xa9", b"\xff\xfe", b"new\nline", b"\"'\\",
    b"[x]*?", b".hidden", b"x" * 255], ids=lambda name: urllib.parse.quote(name)[:20])
def test_names_are_bytes(api, tmp_path, name):
    curl = api()
    path = os.fsencode(tmp_path) + b"/" + name
    assert curl.file(path, "-T", "-", input=b"odd").status == 201
    assert names_in(tmp_path) == [name]
    assert curl.file(path).body == b"odd"
    line, = curl.tree(tmp_path)
    assert urllib.parse.unquote_to_bytes(quoted(path)).endswith(name)
    if "name" in line:
        assert line["name"].encode() == name
    else:
        assert line["name_base64"] == "//4=" and name == b"\xff\xfe"
    assert curl.file(path, "-X", "DELETE").status == 204
    assert names_in(tmp_path) == []


def test_the_home_is_a_tilde(api, tmp_path):
    curl = api()
    ran = curl.curl("/v1/run", "-d", '{"command":"cd && pwd -P && echo hello > tilde-test"}')
    there = pathlib.Path(json.loads(ran.body)["stdout"].strip())
    try:
        assert curl.curl("/v1/files/~/tilde-test").body == b"hello\n"
        assert curl.curl("/v1/files/" + quoted(there / "tilde-test")).body == b"hello\n"
        assert "tilde-test" in [line["name"] for line in curl.tree("~")]
    finally:
        (there / "tilde-test").unlink()


@pytest.mark.parametrize("path, options, status", [
    ("none", [], 404), ("", [], 409), ("fifo", [], 409), ("f/x", [], 404), ("none/x", [*PUT], 409),
    ("", [*PUT, "--path-as-is"], 409), ("fifo", [*PUT], 409), ("f", ["-X", "POST"], 405),
    ("f", ["-X", "MOVE"], 400), ("x", [*PUT, "-H", "nigh-mode: rw"], 400),
    ("x", [*PUT, "-H", "content-range: bytes 5-1/9"], 400), (".nigh-tmp-x", [*PUT], 400),
])
def test_what_cannot_be_done_is_a_problem_document(api, tmp_path, path, options, status):
    curl = api()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "f").write_text("x")
    whole = f"{tmp_path}/{path}".rstrip("/")
    assert curl.problem(whole, *options)[0] == status
    assert names_in(tmp_path) == [b"f", b"fifo"] and (tmp_path / "f").read_text() == "x"


@pytest.mark.parametrize("restriction", ["restrict", 'command="true"'])
def test_a_restricted_key_has_no_files(api, home, tmp_path, restriction):
    curl = api()
    (tmp_path / "f").write_text("secret")
    assert curl.file(tmp_path / "f").body == b"secret"
    home.authorized_keys.write_text(f"{restriction} " + home.public_key.read_text())
    for options in ([], ["-X", "PUT"], ["-X", "DELETE"], ["-X", "MKCOL"], ["-X", "MOVE"]):
        answer = curl.file(tmp_path / "f", *options)
        assert answer.status == 403 and b"secret" not in answer.body
    assert curl.curl("/v1/tree/" + quoted(tmp_path)).status == 403
    assert (tmp_path / "f").read_text() == "secret"


@needs_root
def test_what_the_account_may_not_do_is_forbidden(api, tmp_path):
    curl = api(WITHOUT_PRIVILEGE)
    (tmp_path / "d/locked").mkdir(parents=True)
    (tmp_path / "d/f").write_text("x")
    (tmp_path / "d/f").chmod(0)
    (tmp_path / "d/locked").chmod(0)
    assert curl.problem(tmp_path / "d/f")[0] == 403
    (tmp_path / "d/f").chmod(0o600)
    (tmp_path / "d").chmod(0o500)
    for options in (PUT, ["-X", "DELETE"]):
        status, detail = curl.problem(tmp_path / "d/f", *options, input=b"y")
        assert status == 403 and "ermission denied" in detail
    assert curl.file(tmp_path / "d/new", "-X", "MKCOL").status == 403
    lines = curl.tree(tmp_path, "?depth=infinity")
    assert [line["path"] for line in lines] == ["d", "d/f", "d/locked", "d/locked"]
    assert "error" in lines[-1]


@needs_root
def test_a_full_disk_is_said_and_leaves_nothing(api, tmp_path):
    target = tmp_path / "small"
    target.mkdir()
    with Mounts(["-t", "tmpfs", "-o", "size=1m", "small", target]) as mounts:
        curl = api(mounts.inside)
        assert curl.file(target / "fits", "-T", "-", input=noise(500_000)).status == 201
        for name in "big", "fits":
            status, detail = curl.problem(target / name, *PUT, input=noise(1_900_000, 2))
            assert status == 507 and "No space left" in detail
            assert names_in(mounts.see(target)) == [b"fits"]
        with open(mounts.see(target / "fits"), "rb") as kept:
            assert kept.read() == noise(500_000)
        assert curl.problem(tmp_path / "elsewhere", "-X", "MOVE",
                            "-H", f"destination: /v1/files/{quoted(target / 'x')}")[0] == 404
        (tmp_path / "elsewhere").write_text("x")
        status, detail = curl.problem(tmp_path / "elsewhere", "-X", "MOVE",
                                      "-H", f"destination: /v1/files/{quoted(target / 'x')}")
        assert status == 409 and "different file systems" in detail


def test_many_files_at_once_over_one_connection(api, tmp_path):
    curl = api()
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    for number in range(60):
        (tmp_path / f"there/{number:02}").write_bytes(noise(10_000 * number, number))
    base = f"{curl.base}/v1/files/{quoted(tmp_path / 'there')}"
    words = ["curl", "-sk", "--http2", "-Z", "--parallel-max", "30", "--fail", "-H",
             f"Authorization: Bearer {curl.token}", "-o", tmp_path / "here/#1", base + "/[00-59]"]
    subprocess.run(words, capture_output=True, timeout=PATIENCE, check=True)
    for number in range(60):
        assert (tmp_path / f"here/{number:02}").read_bytes() == noise(10_000 * number, number)
