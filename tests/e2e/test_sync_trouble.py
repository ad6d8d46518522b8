# SPDX-License-Identifier: Apache-2.0
"""When a part of a transfer cannot be done the rest is, each failure is named, and the status says so."""
import os
import random
import threading

import pytest

from lib import trees
from lib.compare import differences
from lib.transfer import PARTIAL, WITHOUT_PRIVILEGE, Mounts, Way, contents, names_in, wrapper
from lib.waiting import PATIENCE, eventually

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount or to give up privileges")


@pytest.fixture(scope="session")
def nigh_binary(nigh_binary, tmp_path_factory):
    """PREFIX in the environment runs it inside something."""
    return wrapper(nigh_binary, tmp_path_factory.mktemp("wrapper"))


@pytest.fixture(params=["up", "down"])
def way(request):
    return Way(request.param)


@pytest.fixture
def sync(server, home, nigh, way):
    """sync(source, target, *options, at_source=PREFIX, at_target=PREFIX): where either side runs."""
    def run(source, target, *options, at_source="", at_target="", command="sync"):
        here, there = (at_source, at_target) if way.name == "up" else (at_target, at_source)
        way.serve(server, home, env={"PREFIX": there})
        words = [way.source(source), way.target(target)]
        if command == "sync":
            words = map(contents, words)
        return nigh(command, *options, *words, env={"PREFIX": here})
    return run


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


@needs_root
def test_what_may_not_be_read_is_named_and_the_rest_arrives(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in ("a", "locked", "z"):
        (source / folder).mkdir(parents=True)
        for number in range(3):
            (source / folder / f"{number}").write_bytes(b"x" * 1000 * number)
    (source / "large").write_bytes(noise(2 << 20))
    for name in ("a/1", "large"):
        (source / name).chmod(0)
    (source / "locked").chmod(0)
    done = sync(source, target, "-a", at_source=WITHOUT_PRIVILEGE)
    assert done.returncode == 23, done.stderr
    for name in (b"a/1", b"large", b"locked"):
        assert any(name in line for line in done.stderr.splitlines()), done.stderr
    assert b"denied" in done.stderr.lower()
    assert names_in(target) - {"locked"} == {"a", "a/0", "a/2", "z", "z/0", "z/1", "z/2"}


@needs_root
def test_what_could_not_be_read_is_not_deleted_at_the_other_end(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "locked").mkdir(parents=True)
    for name in ("locked/inner", "file", "gone"):
        (source / name).write_text(name)
    trees.copy_tree(source, target)
    (source / "gone").unlink()
    (source / "locked").chmod(0)
    done = sync(source, target, "-a", "--delete", at_source=WITHOUT_PRIVILEGE)
    assert done.returncode == 23, done.stderr
    assert (target / "locked/inner").read_text() == "locked/inner"


@needs_root
def test_what_may_not_be_written_is_named_and_the_rest_arrives(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in ("a", "locked", "z"):
        (source / folder).mkdir(parents=True)
        (source / folder / "file").write_text(folder)
    trees.copy_tree(source, target)
    for folder in ("a", "locked", "z"):
        (source / folder / "new").write_text("new")
    os.chown(target / "locked", 65534, 65534)
    os.chown(source / "locked", 65534, 65534)
    for root in (source, target):
        os.utime(root / "locked", ns=(0, 10**18))
    done = sync(source, target, at_target=WITHOUT_PRIVILEGE)
    assert done.returncode == 23, done.stderr
    assert b"locked" in done.stderr
    assert {"a/new", "z/new"} <= names_in(target) and "locked/new" not in names_in(target)


@needs_root
def test_a_full_disk_leaves_nothing_half_written_under_a_name(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for number in range(20):
        (source / f"{number:02}").write_bytes(noise(100_000, number))
    (source / "10 large").write_bytes(noise(20 << 20))
    with Mounts(["-t", "tmpfs", "-o", "size=8m", "small", target]) as mounts:
        done = sync(source, target, "-a", at_target=mounts.inside)
        assert done.returncode in (1, 23), done.stderr
        assert b"10 large" in done.stderr and b"space" in done.stderr.lower()
        there = os.listdir(mounts.see(target))
        for name in there:
            if not name.startswith(PARTIAL):
                with open(f"{mounts.see(target)}/{name}", "rb") as file:
                    assert file.read() == (source / name).read_bytes(), name
    assert os.listdir(target) == []


@needs_root
def test_a_quota_of_names_is_told_as_such(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for number in range(60):
        (source / f"{number:02}").write_bytes(b"x" * number)
    with Mounts(["-t", "tmpfs", "-o", "size=8m,nr_inodes=20", "few", target]) as mounts:
        done = sync(source, target, "-a", at_target=mounts.inside)
        assert done.returncode in (1, 23), done.stderr
        assert b"space" in done.stderr.lower()
        whole = [name for name in os.listdir(mounts.see(target)) if name.isdigit()]
        assert whole and all(os.stat(f"{mounts.see(target)}/{name}").st_size == int(name) for name in whole)


@needs_root
def test_a_target_that_is_read_only_says_so(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "file").write_text("x")
    with Mounts(["-t", "tmpfs", "-o", "ro", "none", target]) as mounts:
        done = sync(source, target, "-a", at_target=mounts.inside)
    assert done.returncode in (1, 23)
    assert b"read-only" in done.stderr.lower(), done.stderr


@needs_root
def test_a_place_where_no_file_can_be_made_is_no_source_that_vanished(sync, tmp_path):
    (tmp_path / "source").write_text("x")
    done = sync(tmp_path / "source", "/proc/nothing", command="cp")
    assert done.returncode == 23, done.stderr
    assert b"/proc/nothing" in done.stderr
    assert b"B/s" not in done.stderr, "nothing was copied"


def test_a_source_that_is_not_there_is_told_and_the_target_stays(sync, tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "target/file").write_text("mine")
    done = sync(tmp_path / "no such", tmp_path / "target", "-a", "--delete")
    assert done.returncode == 1 and b"no such" in done.stderr
    assert (tmp_path / "target/file").read_text() == "mine"


def test_a_target_that_is_a_file_is_told_and_stays(sync, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/x").write_text("x")
    (tmp_path / "target").write_text("mine")
    done = sync(tmp_path / "source", tmp_path / "target", "-a", "--delete")
    assert done.returncode in (1, 23) and b"target" in done.stderr
    assert (tmp_path / "target").read_text() == "mine"


def test_a_name_that_is_too_long_is_told(sync, tmp_path):
    (tmp_path / "file").write_text("x")
    done = sync(tmp_path / "file", tmp_path / ("x" * 300), command="cp")
    assert done.returncode in (1, 23) and b"too long" in done.stderr.lower(), done.stderr


def test_what_vanishes_meanwhile_is_told_apart_from_failures(way, server, home, start_nigh, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    way.serve(server, home)
    source.mkdir()
    for number in range(20):
        (source / f"{number:02}").write_bytes(noise(400_000, number))
    one = start_nigh("sync", "-a", "--limit", "1M", contents(way.source(source)), contents(way.target(target)))
    eventually(lambda: target.exists() and os.listdir(target), "a first file")
    for number in range(5, 20):
        (source / f"{number:02}").unlink()
    out, err = one.communicate(timeout=PATIENCE)
    assert one.returncode == 24, err
    assert b"19" in err and {"00", "01", "02"} <= names_in(target)


def test_a_file_that_grows_meanwhile_arrives_as_it_was_at_some_time(way, server, home, start_nigh, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    way.serve(server, home)
    source.mkdir()
    (source / "steady").write_bytes(b"steady")
    grown = noise(4 << 20)
    (source / "log").write_bytes(grown)
    one = start_nigh("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    with open(source / "log", "ab") as log:
        while one.poll() is None and len(grown) < 256 << 20:
            piece = random.Random(len(grown)).randbytes(50_000)
            log.write(piece)
            log.flush()
            grown += piece
    out, err = one.communicate(timeout=PATIENCE)
    assert one.returncode in (0, 23), err
    assert (target / "steady").read_bytes() == b"steady"
    if one.returncode == 0:
        assert (target / "log").exists()
    else:
        assert b"log" in err
    assert not (target / "log").exists() or grown.startswith((target / "log").read_bytes())


def test_a_file_that_is_rewritten_meanwhile_is_not_mixed(way, server, home, start_nigh, tmp_path):
    """Each version is a whole file of one byte, put there at once; a mixture was never there."""
    source, target = tmp_path / "source", tmp_path / "target"
    way.serve(server, home)
    source.mkdir()
    (source / "file").write_bytes(b"0" * (4 << 20))
    over = threading.Event()

    def rewrite():
        number = 0
        while not over.is_set():
            number += 1
            (tmp_path / "next").write_bytes(b"%d" % (number % 10) * (4 << 20))
            os.replace(tmp_path / "next", source / "file")
    writer = threading.Thread(target=rewrite)
    writer.start()
    one = start_nigh("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    out, err = one.communicate(timeout=PATIENCE)
    over.set()
    writer.join()
    assert one.returncode in (0, 23, 24), err
    assert one.returncode != 0 or (target / "file").exists()
    if (target / "file").exists():
        content = (target / "file").read_bytes()
        assert len(content) == 4 << 20 and content == content[:1] * len(content)


def test_many_failures_are_many_lines_and_one_status(sync, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for number in range(30):
        (source / f"{number:02}").write_text("a file here")
        (target / f"{number:02}" / "full").mkdir(parents=True)  # a folder there, which is not removed unasked
    (source / "good").write_text("good")
    done = sync(source, target)
    assert done.returncode == 23, done.stderr
    assert (target / "good").read_text() == "good"
    assert sum(b"%02d" % number in done.stderr for number in range(30)) == 30
    assert all((target / f"{number:02}" / "full").is_dir() for number in range(30))
    assert differences(source, target) != []
