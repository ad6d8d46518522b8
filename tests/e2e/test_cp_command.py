# SPDX-License-Identifier: Apache-2.0
"""What nigh cp and nigh sync say about their arguments, and how they show what they do."""
import json
import os
import re
import signal

import pexpect
import pytest

from lib.waiting import PATIENCE


@pytest.mark.parametrize("command", ["cp", "sync"])
def test_both_have_help_with_examples(nigh, command):
    done = nigh(command, "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"nigh {command}: ".encode())
    assert b"\nExamples:\n" in done.stdout and b"--exclude PATTERN" in done.stdout
    assert (b"--delete" in done.stdout) == (command == "sync")


@pytest.mark.parametrize("words, says", [
    (["cp"], "nothing to copy: nigh cp SRC... HOST:DST (nigh cp --help)"),
    (["cp", "a", "./b:c"], "no host among these paths: write HOST:PATH for one of them (within this "
     "machine cp does it) (nigh cp --help)"),
    (["cp", "--delete", "a", "w:"], "unknown option '--delete' (nigh cp --help)"),
    (["cp", "--limit", "fast", "a", "w:"], "--limit: 'fast' is no number of bytes: write 500000, 512K, "
     "10M or 1.5G (nigh cp --help)"),
    (["cp", "--direct", "a", "w:"], "--direct is for copies from one host to another host (nigh cp --help)"),
    (["cp", "-", "w:folder/"], "w:folder/: name the file that standard input is to become"),
    (["sync", "a", "b", "w:c"], "'w:c' is one path too many: nigh sync SRC/ HOST:DST/ (nigh sync --help)"),
    (["sync", "--filter", "*.o", "a", "w:c"], "--filter: '*.o' is no rule: write '+ PATTERN', "
     "'- PATTERN' or ':- NAME' (of ignore files) (nigh sync --help)"),
])
def test_a_usage_error_is_one_line_that_says_what_to_do(nigh, words, says):
    done = nigh(*words)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"nigh: {says}\n")


def test_a_pattern_that_makes_no_sense_is_a_usage_error(server, nigh, tmp_path):
    server()
    (tmp_path / "a").mkdir()
    done = nigh("sync", "--exclude", "[a", tmp_path / "a", f"demo:{tmp_path}/b")
    assert done.returncode == 2 and b"'[a'" in done.stderr and b"']'" in done.stderr
    assert not (tmp_path / "b").exists()


def test_cp_is_silent_in_scripts_and_sync_sums_up(server, nigh, tmp_path):
    server()
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_bytes(b"x" * 1500)
    done = nigh("cp", tmp_path / "a/file", f"demo:{tmp_path}/copy")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = nigh("sync", tmp_path / "a/", f"demo:{tmp_path}/b/")
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.fullmatch(rb"nigh: copied 1 file, 1\.5 kB.* in [0-9.]+ s.*\n", done.stderr), done.stderr
    done = nigh("sync", "-q", tmp_path / "a/", f"demo:{tmp_path}/b/")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_items_have_signs_and_digests(server, nigh, tmp_path):
    server()
    (tmp_path / "a").mkdir()
    for name in ("changed", "same", "new\n"):
        (tmp_path / "a" / name).write_text("x")
    sync = ("sync", tmp_path / "a/", f"demo:{tmp_path}/b/")
    assert nigh(*sync).returncode == 0
    (tmp_path / "b/extra").write_text("y")
    (tmp_path / "a/changed").write_text("more")
    (tmp_path / "b/new\n").unlink()
    done = nigh(*sync, "-n", "--delete")
    assert sorted(done.stdout.splitlines()) == [b"* changed", b"+ new\\x0a", b"- extra"], done.stderr
    assert (tmp_path / "b/extra").exists()
    done = nigh(*sync, "-v", "--delete")
    assert done.returncode == 0
    assert re.search(rb"^\* changed  xxh3:[0-9a-f]{32}$", done.stdout, re.M), done.stdout


def test_json_is_one_object_a_line(server, nigh, tmp_path):
    server()
    (tmp_path / "a").mkdir()
    (tmp_path / "a/good").write_text("x")
    os.mkfifo(tmp_path / "a/fifo")
    with open(os.fsencode(tmp_path / "a") + b"/\xff", "wb"):
        pass
    done = nigh("sync", "--json", tmp_path / "a", f"demo:{tmp_path}/b")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["type"] for line in lines[:-1]].count("item") == len(lines) - 1
    assert {"type": "item", "action": "created", "kind": "file", "path": "good"}.items() <= next(
        line for line in lines if line.get("path") == "good").items()
    assert any(line.get("path_base64") == "/w==" for line in lines)
    summary = lines[-1]
    assert (summary["type"], summary["status"], summary["files"], summary["skipped"]) == ("summary", 0, 2, 1)


def test_when_nobody_reads_the_list_nigh_ends_as_others_do(server, start_nigh, tmp_path):
    server()
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_text("x")
    one = start_nigh("sync", "-v", "--watch", tmp_path / "a", f"demo:{tmp_path}/b")
    one.stdout.close()
    assert one.wait(PATIENCE) == 141


def test_several_hosts_take_turns(server, home, nigh, tmp_path):
    home.add_host("other", server().port)
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    words = (f"demo:{tmp_path}/a", f"other:{tmp_path}/b")
    done = nigh("cp", *words, tmp_path / "none")
    assert done.returncode == 1 and b"none is none" in done.stderr
    assert not (tmp_path / "none").exists()
    for number, prefix in enumerate(("", "demo:")):
        folder = tmp_path / f"there{number}"
        folder.mkdir()
        done = nigh("cp", *words, f"{prefix}{folder}")
        assert done.returncode == 0, done.stderr
        assert sorted(os.listdir(folder)) == ["a", "b"]


def test_input_takes_the_place_of_a_file_and_keeps_its_mode(server, nigh, tmp_path):
    server()
    (tmp_path / "secret").write_text("old")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "link").symlink_to("secret")
    assert nigh("cp", "-", f"demo:{tmp_path}/link", input=b"new").returncode == 0
    assert (tmp_path / "secret").read_text() == "new"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "link").is_symlink()
    done = nigh("cp", "-", f"demo:{tmp_path}", input=b"x")
    assert done.returncode == 2 and b"is a directory: name a file" in done.stderr
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".nigh")]


def test_an_interrupted_upload_leaves_nothing(server, start_nigh, tmp_path):
    server()
    folder = tmp_path / "there"
    folder.mkdir()
    one = start_nigh("cp", "-", f"demo:{folder}/file")
    one.stdin.write(b"x" * 3_000_000)
    one.stdin.flush()
    while not os.listdir(folder):
        pass
    one.send_signal(signal.SIGINT)
    assert one.wait(PATIENCE) == 130
    assert os.listdir(folder) == []


def test_an_interrupted_transfer_says_how_to_go_on(server, start_nigh, tmp_path):
    server()
    (tmp_path / "big").write_bytes(os.urandom(4 << 20))
    one = start_nigh("cp", "--limit", "256K", "--progress", tmp_path / "big", f"demo:{tmp_path}/copy")
    assert b" of 4.2 MB" in one.stderr.readline()
    one.send_signal(signal.SIGINT)
    _, err = one.communicate(timeout=PATIENCE)
    assert one.returncode == 130
    assert b"nigh: interrupted after 0 of 1 file, " in err and b"goes on from there" in err
    assert not (tmp_path / "copy").exists()


def test_the_first_host_is_asked_to_copy_to_the_second(server, home, nigh, tmp_path):
    """Whether its account has a nigh in its PATH or not."""
    home.add_host("other", server().port)
    (tmp_path / "a b").write_text("x")
    done = nigh("cp", "--direct", f"demo:{tmp_path}/a*", f"other:{tmp_path}/copy")
    assert done.returncode in (0, 1), done.stderr
    if done.returncode == 0:
        assert (tmp_path / "copy").read_text() == "x"
    else:
        assert done.stderr.startswith(b"nigh: ") and b"nigh" in done.stderr.removeprefix(b"nigh: ")
    done = nigh("cp", "--direct", f"demo:{tmp_path}/none*", f"other:{tmp_path}/copy")
    assert done.returncode == 1 and done.stderr.startswith(b"nigh: demo: ") and b"none*" in done.stderr


@pytest.mark.parametrize("columns", [20, 80])
def test_progress_stays_on_its_line(server, nigh_binary, at_terminal, tmp_path, columns):
    server()
    (tmp_path / "big").write_bytes(os.urandom(2 << 20))
    child = at_terminal([nigh_binary, "cp", "--limit", "1M", tmp_path / "big", f"demo:{tmp_path}/copy"],
                        env={"TERM": "xterm"}, dimensions=(24, columns))
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    *drawn, end = child.before.decode().rstrip("\r\n").split("\n")
    shown = [line for part in drawn for line in part.split("\r")] + end.split("\r")
    assert any("%" in line and "MB/s" in line for line in shown), shown
    assert all(len(line) < columns for line in shown if "%" in line), shown
    assert "copied 1 file, 2.1 MB in" in shown[-1]
