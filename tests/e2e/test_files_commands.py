# SPDX-License-Identifier: Apache-2.0
"""nigh ls, cat, rm, mkdir, mv, stat and du as people use them."""
import base64
import hashlib
import json
import os
import re
import socket
import stat
import subprocess

import pexpect
import pytest

from lib.waiting import PATIENCE

HOSTILE = [b"plain", b"a b", b"new\nline", b"esc\x1b[2J", b"\xff\xfe", b"-rf", b"%41", b"a?b#c", b"*",
           "ü".encode(), b"quote'\"", b"back\\slash", b"~", b"a:b"]


@pytest.fixture
def there(server, tmp_path):
    """A folder on the host "demo"."""
    server()
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


def on(path):
    return "demo:" + os.fsdecode(path)


def lines(done):
    assert done.stderr == b"", done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def name_of(entry):
    return base64.b64decode(entry["name_base64"]) if "name_base64" in entry else entry["name"].encode()


def fill(folder, *names):
    for name in names:
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(os.fsencode(name))


# ---- ls ----------------------------------------------------------------------------------------

def test_ls_lists_what_a_folder_holds_by_name(nigh, there):
    fill(there, "b", "a", "B", ".hidden", "folder/inside")
    assert nigh("ls", on(there)).stdout == b"B\na\nb\nfolder\n"
    assert nigh("ls", "-a", on(there)).stdout == b".hidden\nB\na\nb\nfolder\n"
    assert nigh("ls", "-r", on(there)).stdout == b"folder\nb\na\nB\n"


def test_ls_in_a_pipe_gives_names_byte_for_byte(nigh, there):
    fill(there, *HOSTILE)
    done = nigh("ls", "-a", on(there))
    assert done.stdout == b"".join(name + b"\n" for name in sorted(HOSTILE))
    entries = lines(nigh("ls", "-a", "--json", on(there)))
    assert [name_of(entry) for entry in entries] == sorted(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_can_be_asked_for(nigh, there, name):
    fill(there, name)
    path = b"demo:" + os.fsencode(there) + b"/" + name
    command = [os.fsdecode(path)]
    assert nigh("ls", *command).stdout == path[5:] + b"\n"
    assert nigh("cat", *command).stdout == name
    assert nigh("rm", *command).returncode == 0
    assert os.listdir(there) == []


def test_ls_l_lines_up_like_ls_l(nigh, there):
    fill(there, "file")
    os.chmod(there / "file", 0o640)
    os.utime(there / "file", (0, 86400 * 200))
    os.symlink("file", there / "link")
    done = nigh("ls", "-l", on(there), env={"TZ": "UTC", "LC_ALL": "C"})
    expected = subprocess.run(["ls", "-lA", there], env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.environ["PATH"]},
                              capture_output=True).stdout.split(b"\n", 1)[1]
    assert done.stdout == expected


def test_ls_sorts_by_time_and_by_size(nigh, there):
    for name, size, time in [("old", 1, 1000), ("new", 5, 3000), ("mid", 9, 2000)]:
        (there / name).write_bytes(b"x" * size)
        os.utime(there / name, (time, time))
    assert nigh("ls", "-t", on(there)).stdout == b"new\nmid\nold\n"
    assert nigh("ls", "-S", on(there)).stdout == b"mid\nnew\nold\n"
    assert nigh("ls", "-tr", on(there)).stdout == b"old\nmid\nnew\n"


def test_ls_r_shows_each_folder_under_its_name(nigh, there):
    fill(there, "a", "d/b", "d/e/c", ".h/x")
    where = os.fsencode(there)
    assert nigh("ls", "-R", on(there)).stdout == (
        b"demo:%s:\na\nd\n\ndemo:%s/d:\nb\ne\n\ndemo:%s/d/e:\nc\n" % (where, where, where))
    paths = {entry["path"] for entry in lines(nigh("ls", "-Ra", "--json", on(there)))}
    assert paths == {f"{there}/{name}" for name in ("a", "d", "d/b", "d/e", "d/e/c", ".h", ".h/x")}


def test_ls_of_files_and_folders_shows_files_first(nigh, there):
    fill(there, "f", "d/x")
    done = nigh("ls", on(there / "d"), on(there / "f"))
    assert done.stdout == b"demo:%s/f\n\ndemo:%s/d:\nx\n" % ((os.fsencode(there),) * 2)
    assert nigh("ls", "-d", on(there / "d")).stdout == os.fsencode(there / "d") + b"\n"


def test_a_link_to_a_folder_is_that_folder_but_for_l_and_d(nigh, there):
    fill(there, "d/x")
    os.symlink("d", there / "l")
    os.symlink("nowhere", there / "broken")
    assert nigh("ls", on(there / "l")).stdout == b"x\n"
    assert nigh("ls", "-l", on(there / "l")).stdout.endswith(b"/l -> d\n")
    assert nigh("ls", "-l", on(there / "l") + "/").stdout.endswith(b" x\n")
    assert nigh("ls", "-d", on(there / "l")).stdout.endswith(b"/l\n")
    assert nigh("ls", on(there / "broken")).stdout.endswith(b"/broken\n")


def test_patterns_are_expanded_on_the_host(nigh, there):
    fill(there, "a.log", "b.log", "c.txt", "[x].log")
    assert nigh("ls", on(there / "*.txt")).stdout == os.fsencode(there / "c.txt") + b"\n"
    assert nigh("cat", on(there / "?.log")).stdout == b"a.logb.log"
    assert nigh("cat", on(there / "[x].log")).stdout == b"[x].log"  # it exists as it is written
    assert nigh("rm", on(there / "*.log")).returncode == 0
    assert os.listdir(there) == ["c.txt"]


def test_a_path_without_a_slash_is_in_the_home_directory(nigh, there):
    home = nigh("run", "demo", "pwd").stdout.decode().strip()
    name = f"nigh-test-{os.getpid()}"
    assert nigh("mkdir", f"demo:{name}").returncode == 0
    try:
        assert os.path.isdir(f"{home}/{name}")
        fill(f"{home}/{name}", "x")
        assert nigh("ls", f"demo:{name}").stdout == b"x\n"
        assert nigh("ls", f"demo:~/{name}/*").stdout == f"~/{name}/x\n".encode()
        assert nigh("ls", f"demo:{name}/*").stdout == f"{name}/x\n".encode()
        assert lines(nigh("stat", "--json", f"demo:{name}"))[0]["path"] == name
        assert name.encode() in nigh("ls", "demo:").stdout.splitlines()
    finally:
        assert nigh("rm", "-r", f"demo:{name}").returncode == 0
    assert not os.path.exists(f"{home}/{name}")


def test_ls_at_a_terminal_has_columns_and_cannot_be_steered(nigh_binary, at_terminal, there):
    fill(there, "a", "b", "esc\x1b[2J")
    child = at_terminal([nigh_binary, "ls", on(there)], env={"NO_COLOR": "1"})
    child.expect(pexpect.EOF)
    assert child.before == b"a  b  esc\\x1b[2J\r\n"
    child.close()
    assert child.exitstatus == 0


def test_a_folder_of_many_files_is_listed(nigh, there):
    names = [f"{i:05}" for i in range(5000)]
    for name in names:
        (there / name).touch()
    assert nigh("ls", on(there)).stdout.decode().split() == names


# ---- cat ---------------------------------------------------------------------------------------

def test_cat_writes_every_byte_of_many_files_in_order(nigh, there):
    big = os.urandom(1 << 20) * 37 + b"end"
    (there / "big").write_bytes(big)
    (there / "empty").touch()
    fill(there, "small")
    done = nigh("cat", on(there / "small"), on(there / "empty"), on(there / "big"), on(there / "small"))
    assert done.returncode == 0 and done.stderr == b""
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(b"small" + big + b"small").digest()


def test_cat_to_a_file_writes_every_byte(nigh, there, tmp_path):
    big = os.urandom(1 << 20) * 9
    (there / "big").write_bytes(big)
    with open(tmp_path / "copy", "wb") as copy:
        assert nigh("cat", on(there / "big"), stdout=copy).returncode == 0
    assert (tmp_path / "copy").read_bytes() == big


def test_cat_reads_what_has_no_size(nigh, there):
    done = nigh("cat", "demo:/proc/self/status")
    assert done.returncode == 0 and b"\nUid:" in done.stdout


def test_a_reader_that_leaves_early_ends_cat_quietly(there, nigh_binary, home):
    with open(there / "big", "wb") as file:
        file.truncate(1 << 30)
    done = subprocess.run(["sh", "-c", '"$0" cat "$1" | head -c 5', nigh_binary, on(there / "big")],
                          env=home.env, capture_output=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == (b"\0" * 5, b"")


def test_cat_says_what_it_cannot_read_and_goes_on(nigh, there):
    fill(there, "a", "d/x")
    done = nigh("cat", on(there / "missing"), on(there / "d"), on(there / "a"))
    assert (done.returncode, done.stdout) == (23, b"a")
    missing, folder = done.stderr.decode().splitlines()
    assert missing.startswith("nigh: demo: ") and "missing" in missing and "No such file" in missing
    assert "directory" in folder
    assert nigh("cat", on(there / "missing")).returncode == 1


# ---- rm, mkdir, mv -----------------------------------------------------------------------------

def test_rm_takes_folders_only_with_r(nigh, there):
    fill(there, "d/e/x")
    (there / "empty").mkdir()
    for folder in ("d", "empty"):
        done = nigh("rm", on(there / folder))
        assert done.returncode == 1 and b"is a directory (-r" in done.stderr
    assert sorted(os.listdir(there)) == ["d", "empty"]
    done = nigh("rm", "-rv", on(there / "d"), on(there / "empty"))
    assert done.returncode == 0
    assert done.stdout.decode() == f"removed {on(there / 'd')}\nremoved {on(there / 'empty')}\n"
    assert os.listdir(there) == []


def test_rm_removes_a_link_and_not_what_it_leads_to(nigh, there):
    fill(there, "d/x")
    os.symlink("d", there / "l")
    assert nigh("rm", "-r", on(there / "l")).returncode == 0
    assert os.listdir(there) == ["d"] and os.listdir(there / "d") == ["x"]


def test_rm_f_does_not_mind_what_is_missing(nigh, there):
    fill(there, "a")
    assert nigh("rm", on(there / "missing")).returncode == 1
    assert nigh("rm", "-f", on(there / "missing"), on(there / "no*")).returncode == 0
    done = nigh("rm", on(there / "missing"), on(there / "a"))
    assert done.returncode == 23 and os.listdir(there) == []


@pytest.mark.parametrize("path", ["", "/", "~", "~/", ".", "/tmp/..", "//"])
def test_rm_refuses_roots_and_homes(nigh, there, path):
    fill(there, "a")
    done = nigh("rm", "-rf", on(there / "a"), "demo:" + path)
    assert done.returncode == 2 and b"is not to be removed" in done.stderr
    assert os.listdir(there) == ["a"]


def test_rm_of_many_removes_all_of_them(nigh, there):
    fill(there, *(f"x{i}" for i in range(100)), "y")
    done = nigh("rm", "--json", on(there / "x*"))
    assert done.returncode == 0 and os.listdir(there) == ["y"]
    assert len(lines(done)) == 100 and all(line["done"] == "removed" for line in lines(done))


def test_mkdir_makes_folders(nigh, there):
    assert nigh("mkdir", "-m", "700", on(there / "a")).returncode == 0
    assert stat.S_IMODE(os.stat(there / "a").st_mode) == 0o700
    done = nigh("mkdir", on(there / "a"), on(there / "b/c"))
    assert done.returncode == 1
    assert b"exists" in done.stderr and done.stderr.count(b"\n") == 2
    assert nigh("mkdir", "-p", on(there / "a"), on(there / "b/c/d")).returncode == 0
    assert (there / "b/c/d").is_dir()


def test_mv_renames_replaces_and_moves_into_folders(nigh, there):
    fill(there, "a", "b", "d/old")
    assert nigh("mv", on(there / "a"), on(there / "b")).returncode == 0
    assert (there / "b").read_bytes() == b"a" and not (there / "a").exists()
    assert nigh("mv", on(there / "b"), on(there / "d")).returncode == 0
    assert (there / "d/b").read_bytes() == b"a"
    fill(there, "x1", "x2")
    assert nigh("mv", on(there / "x*"), on(there / "d")).returncode == 0
    assert sorted(os.listdir(there / "d")) == ["b", "old", "x1", "x2"]


def test_mv_of_several_needs_a_folder(nigh, there):
    fill(there, "a", "b")
    done = nigh("mv", on(there / "a"), on(there / "b"), on(there / "c"))
    assert done.returncode == 1 and b"is no folder" in done.stderr
    assert sorted(os.listdir(there)) == ["a", "b"]


def test_mv_n_keeps_what_is_there(nigh, there):
    fill(there, "a", "b")
    assert nigh("mv", "-n", on(there / "a"), on(there / "b")).returncode == 0
    assert (there / "b").read_bytes() == b"b" and (there / "a").exists()
    assert nigh("mv", "-n", on(there / "a"), on(there / "c")).returncode == 0
    assert (there / "c").read_bytes() == b"a"


def test_mv_stays_on_one_host(nigh):
    done = nigh("mv", "one:a", "two:b")
    assert done.returncode == 2 and b"nigh cp" in done.stderr


# ---- stat, du ----------------------------------------------------------------------------------

def test_stat_tells_all(nigh, there):
    fill(there, "a")
    os.chmod(there / "a", 0o604)
    os.utime(there / "a", ns=(0, 1_000_000_000_123_456_789))
    os.symlink("a", there / "l")
    text = nigh("stat", on(there / "a"), env={"TZ": "UTC"}).stdout.decode()
    for part in ("type: file", "size: 1 bytes", "mode: 0604 -rw----r--", "2001-09-09 01:46:40.123456789 +0000"):
        assert part in text
    one, = lines(nigh("stat", "--json", on(there / "a")))
    status = os.stat(there / "a")
    assert (one["size"], one["mode"], one["uid"], one["links"]) == (1, "0604", status.st_uid, 1)
    assert one["mtime"] == "2001-09-09T01:46:40.123456789Z"
    link, = lines(nigh("stat", "--json", on(there / "l")))
    assert (link["type"], link["target"]) == ("symlink", "a")


def test_du_sums_up_as_du_does(nigh, there):
    (there / "a").write_bytes(b"x" * 100_000)
    fill(there, "d/b", "d/e/c")
    os.link(there / "a", there / "d/again")
    expected = subprocess.run(["du", "-s", there], capture_output=True).stdout.split()[0]
    assert nigh("du", on(there)).stdout == expected + b"\tdemo:" + os.fsencode(there) + b"\n"
    one, = lines(nigh("du", "--json", on(there)))
    assert one["bytes"] >= 100_000 and one["bytes"] < 200_000 and one["directories"] == 3
    per_folder = nigh("du", "-h", "-d", "1", on(there)).stdout.decode().splitlines()
    assert [line.split("\t")[1] for line in per_folder] == [on(there / "d"), on(there)]
    assert all(re.fullmatch(r"[\d.]+K", line.split("\t")[0]) for line in per_folder)


# ---- all of them -------------------------------------------------------------------------------

@pytest.mark.parametrize("command", ["ls", "cat", "rm", "mkdir", "stat", "du"])
def test_a_path_of_this_machine_is_a_usage_error(nigh, command):
    done = nigh(command, "./demo:x")
    assert done.returncode == 2 and b"is a path of this machine" in done.stderr


def test_a_host_that_is_not_there_is_told_once(nigh, there, home):
    fill(there, "a")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home.add_host("gone", gone.getsockname()[1])
    done = nigh("cat", "gone:a", on(there / "a"), "gone:b")
    assert done.returncode == 23 and done.stdout == b"a"
    assert all(line.startswith(b"nigh: gone: ") for line in done.stderr.splitlines())
    done = nigh("ls", "--json", "gone:a")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "unavailable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_has_a_line_and_the_rest_is_shown(nigh, there):
    fill(there, "a", "closed/x")
    os.chmod(there / "closed", 0)
    try:
        done = nigh("ls", "-R", on(there))
        assert done.returncode == 23 and b"a\nclosed\n" in done.stdout
        assert b"closed" in done.stderr and b"Permission denied" in done.stderr
    finally:
        os.chmod(there / "closed", 0o700)


def test_urls_name_files_too(nigh, there, home):
    fill(there, "a b")
    port = re.search(r"port = (\d+)", home.config_file.read_text()).group(1)
    done = nigh("cat", f"nigh://127.0.0.1:{port}{there}/a%20b")
    assert (done.returncode, done.stdout) == (0, b"a b"), done.stderr


def test_a_restricted_key_may_do_none_of_it(server, nigh, home, tmp_path):
    key = home.authorized_keys.read_text()
    home.authorized_keys.write_text('restrict,command="true" ' + key)
    server()
    done = nigh("ls", on(tmp_path))
    assert done.returncode == 1 and done.stdout == b""
