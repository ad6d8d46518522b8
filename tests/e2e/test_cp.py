# SPDX-License-Identifier: Apache-2.0
"""nigh cp as people know cp and scp."""
import os
import pathlib
import random
import shutil

import pytest

from lib import trees
from lib.compare import NOT_ASKED_FOR, differences
from lib.transfer import Proxy, Way, names_in, partial_files, summary
from lib.trees import NAMES, Tree
from lib.waiting import PATIENCE


@pytest.fixture(params=Way.ALL)
def way(request):
    return Way(request.param)


@pytest.fixture
def cp(server, home, nigh, way):
    """cp(*words, status=0): the last is the target, the others are sources or options."""
    way.serve(server, home)

    def run(*words, status=0, **options):
        *sources, target = words
        sources = [one if str(one).startswith("-") else way.source(one) for one in sources]
        done = nigh("cp", *sources, way.target(target), **options)
        assert status in (None, done.returncode), done.stderr
        return done
    return run


def test_a_file_gets_a_new_name_or_goes_into_a_folder(cp, tmp_path):
    source = tmp_path / "file"
    source.write_bytes(b"content")
    source.chmod(0o640)
    os.utime(source, ns=(0, 10**18 + 7))
    (tmp_path / "folder").mkdir()
    cp(source, tmp_path / "renamed")
    cp(source, tmp_path / "folder")
    cp(source, f"{tmp_path}/folder/inside")
    for copy in ("renamed", "folder/file", "folder/inside"):
        assert (tmp_path / copy).read_bytes() == b"content"
        assert (tmp_path / copy).stat().st_mode & 0o777 == 0o640
        assert (tmp_path / copy).stat().st_mtime_ns == 10**18 + 7


def test_an_existing_file_is_replaced_and_the_same_one_left(cp, tmp_path):
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old and longer")
    cp(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "new"
    assert summary(cp("--json", tmp_path / "a", tmp_path / "b"))["literal"] == 0


def test_a_folder_is_copied_into_one_or_becomes_it(cp, tmp_path):
    Tree(tmp_path / "tree", wide=10).grow("wide", "sizes", "times", "empty")
    (tmp_path / "there").mkdir()
    cp(tmp_path / "tree", tmp_path / "there")
    cp(tmp_path / "tree", tmp_path / "fresh")
    cp(f"{tmp_path}/tree/", tmp_path / "contents")
    for copy in ("there/tree", "fresh", "contents"):
        assert differences(tmp_path / "tree", tmp_path / copy, without=NOT_ASKED_FOR) == [], copy


def test_without_a_a_link_to_a_file_is_copied_as_that_file(cp, tmp_path):
    (tmp_path / "tree/folder").mkdir(parents=True)
    (tmp_path / "tree/file").write_text("content")
    (tmp_path / "tree/file").chmod(0o640)
    os.utime(tmp_path / "tree/file", ns=(0, 10**18))
    for name, target in (("link", "file"), ("folder/link", "../link"), ("to folder", "folder"), ("dangling", "none")):
        (tmp_path / "tree" / name).symlink_to(target)
    cp(f"{tmp_path}/tree/", tmp_path / "copy")
    assert names_in(tmp_path / "copy") == {"file", "folder", "folder/link", "link"}
    for name in ("link", "folder/link"):
        status = (tmp_path / "copy" / name).lstat()
        assert (status.st_mode, status.st_mtime_ns) == (0o100640, 10**18)
        assert (tmp_path / "copy" / name).read_text() == "content"


def test_with_a_everything_is_kept(cp, tmp_path):
    Tree(tmp_path / "tree", wide=10, apparent=1 << 20, seed=5).grow()
    (tmp_path / "there").mkdir()
    cp("-a", tmp_path / "tree", tmp_path / "there")
    assert differences(tmp_path / "tree", tmp_path / "there/tree") == []
    trees.remove(tmp_path / "tree")
    trees.remove(tmp_path / "there")


def test_several_sources_go_into_a_folder(cp, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "c").mkdir()
    (tmp_path / "c/d").write_text("d")
    (tmp_path / "there").mkdir()
    cp(tmp_path / "a", tmp_path / "b", tmp_path / "c", tmp_path / "there")
    assert names_in(tmp_path / "there") == {"a", "b", "c", "c/d"}


def test_several_sources_do_not_go_into_a_file(cp, tmp_path):
    for name in ("a", "b", "file"):
        (tmp_path / name).write_text(name)
    done = cp(tmp_path / "a", tmp_path / "b", tmp_path / "file", status=None)
    assert done.returncode in (1, 2) and b"file" in done.stderr
    assert (tmp_path / "file").read_text() == "file"


def test_a_missing_source_is_told_and_the_others_are_copied(cp, tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "there").mkdir()
    done = cp(tmp_path / "none", tmp_path / "a", tmp_path / "there", status=23)
    assert b"none" in done.stderr and done.stderr.count(b"\n") <= 2
    assert (tmp_path / "there/a").read_text() == "a"
    assert b"none" in cp(tmp_path / "none", tmp_path / "there", status=1).stderr


def test_every_name_that_linux_allows_can_be_typed(cp, tmp_path):
    for folder in ("names", "there"):
        (tmp_path / folder).mkdir()
    for name in NAMES:
        pathlib.Path(os.fsdecode(os.fsencode(tmp_path / "names/") + b"/" + name)).write_bytes(name)
    cp(*(os.fsencode(tmp_path / "names") + b"/" + name for name in NAMES), tmp_path / "there")
    assert sorted(map(os.fsencode, os.listdir(tmp_path / "there"))) == sorted(NAMES)
    assert differences(tmp_path / "names", tmp_path / "there", without=["mtime"]) == []


def test_a_target_may_have_every_name_too(server, nigh, tmp_path):
    server()
    (tmp_path / "source").write_text("x")
    for name in (b"new\nline", b"caf\xe9", b" ", b"-rf", b"a'b\"c", b"x*y", b"$(id)", b"colon:colon", b"x" * 255):
        for target in (f"demo:{tmp_path}/up-{os.fsdecode(name)[:250]}", f"{tmp_path}/down-{os.fsdecode(name)[:250]}"):
            source = tmp_path / "source" if target.startswith("demo:") else f"demo:{tmp_path}/source"
            done = nigh("cp", source, target)
            assert done.returncode == 0, done.stderr
            assert pathlib.Path(target.removeprefix("demo:")).read_text() == "x"


def test_relative_paths_are_below_here_and_below_the_home_there(server, nigh, home, tmp_path):
    server()
    account = nigh("run", "demo", "--", "cd; pwd").stdout.decode().rstrip("\n")
    folder = pathlib.Path(account, f"nigh-test-{tmp_path.name}-{os.getpid()}")
    (tmp_path / "-x:y").write_text("x")
    folder.mkdir()
    try:
        for number, target in enumerate((f"demo:{folder.name}/0", f"demo:~/{folder.name}/1", f"demo:{folder}/2")):
            assert nigh("cp", "./-x:y", target, cwd=tmp_path).returncode == 0
            assert (folder / str(number)).read_text() == "x"
        assert nigh("cp", "--", f"demo:{folder.name}/0", "-back", cwd=tmp_path).returncode == 0
        assert (tmp_path / "-back").read_text() == "x"
        assert nigh("cp", f"demo:{folder.name}/0", ".", cwd=tmp_path).returncode == 0
        assert (tmp_path / "0").read_text() == "x"
    finally:
        shutil.rmtree(folder)


def test_the_host_expands_patterns_without_a_shell(server, nigh, tmp_path):
    server()
    (tmp_path / "source").mkdir()
    for name in ("a.txt", "b.txt", "c.log", ".hidden.txt", "it's.txt", "$(id).txt", "with space.txt", "new\nline.txt"):
        (tmp_path / "source" / name).write_text(name)
    for number, (pattern, wanted) in enumerate([
            ("*.txt", {"a.txt", "b.txt", "it's.txt", "$(id).txt", "with space.txt", "new\nline.txt"}),
            ("[ab].txt", {"a.txt", "b.txt"}), ("?.log", {"c.log"}), ("* *", {"with space.txt"}),
            (".*", {".hidden.txt"})]):
        (tmp_path / f"{number}").mkdir()
        done = nigh("cp", f"demo:{tmp_path}/source/{pattern}", tmp_path / f"{number}")
        assert done.returncode == 0, done.stderr
        assert set(os.listdir(tmp_path / f"{number}")) == wanted
    done = nigh("cp", f"demo:{tmp_path}/source/*.none", tmp_path)
    assert done.returncode == 1 and b"*.none" in done.stderr


def test_what_is_called_like_a_pattern_means_itself(server, nigh, tmp_path):
    server()
    for folder in ("source", "there"):
        (tmp_path / folder).mkdir()
    for name in ("a*", "ab", "[x]", "x"):
        (tmp_path / "source" / name).write_text(name)
    for pattern in ("a*", "[x]"):
        assert nigh("cp", f"demo:{tmp_path}/source/{pattern}", tmp_path / "there").returncode == 0
    assert set(os.listdir(tmp_path / "there")) == {"a*", "[x]"}


def test_a_dash_is_standard_input_or_output(server, nigh, tmp_path):
    server()
    for content in (b"", bytes(range(256)), random.Random(1).randbytes(9_000_001)):
        assert nigh("cp", "-", f"demo:{tmp_path}/file", input=content).returncode == 0
        assert (tmp_path / "file").read_bytes() == content
        done = nigh("cp", f"demo:{tmp_path}/file", "-")
        assert (done.returncode, done.stdout) == (0, content), done.stderr


def test_input_that_was_cut_off_leaves_no_file(server, start_nigh, tmp_path):
    server()
    one = start_nigh("cp", "-", f"demo:{tmp_path}/file")
    one.stdin.write(b"x" * 5_000_000)
    one.stdin.flush()
    one.kill()
    one.wait(PATIENCE)
    assert not (tmp_path / "file").exists()


def test_from_one_host_to_another_goes_through_here(server, home, nigh, tmp_path):
    """Two servers that do not know each other."""
    server(name="one")
    server(name="two")
    Tree(tmp_path / "tree", wide=10, apparent=1 << 20).grow("names", "thresholds", "sparse", "hard_links", "xattrs")
    done = nigh("sync", "-a", f"one:{tmp_path}/tree/", f"two:{tmp_path}/copy/")
    assert done.returncode == 0, done.stderr
    assert differences(tmp_path / "tree", tmp_path / "copy") == []


def test_a_copy_that_was_cut_off_goes_on(server, home, start_nigh, tmp_path):
    with Proxy(home, server(name="direct", clean_end=False).port) as line:
        content = random.Random(3).randbytes(32 << 20)
        (tmp_path / "file").write_bytes(content)
        line.when(24 << 20, line.cut)
        first = start_nigh("cp", tmp_path / "file", f"demo:{tmp_path}/copy")
        first.communicate(timeout=PATIENCE)
        assert (tmp_path / "copy").exists() == (first.returncode == 0)
        second = start_nigh("cp", tmp_path / "file", f"demo:{tmp_path}/copy")
        out, err = second.communicate(timeout=PATIENCE)
        assert second.returncode == 0, err
        assert (tmp_path / "copy").read_bytes() == content and partial_files(tmp_path) == []
        assert line.sent < 45 << 20


@pytest.mark.parametrize("words", [
    ["cp"], ["cp", "only-one"], ["cp", "/a", "/b"], ["cp", "--no-such-option", "a", "demo:b"],
    ["sync", "/a/", "/b/"], ["sync", "demo:/a/"], ["sync", "/a", "/b", "demo:/c"]])
def test_what_makes_no_sense_is_a_usage_error(server, nigh, words):
    server()
    done = nigh(*words)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_a_host_that_cannot_be_reached_is_status_1(nigh, tmp_path):
    (tmp_path / "file").write_text("x")
    done = nigh("cp", tmp_path / "file", "no-such-host.invalid:x")
    assert done.returncode == 1 and b"no-such-host.invalid" in done.stderr and done.stderr.count(b"\n") == 1
