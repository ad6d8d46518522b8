# SPDX-License-Identifier: Apache-2.0
"""Links in the target, put there by somebody who means no good, lead no byte out of it."""
import contextlib
import ctypes
import os
import threading

import pytest

from lib.compare import differences, snapshot
from lib.transfer import Way, contents
from lib.waiting import PATIENCE

RENAME_EXCHANGE = 2


@pytest.fixture(params=["up", "down"])
def way(request):
    return Way(request.param)


@pytest.fixture
def outside(tmp_path):
    """What must stay as it is: it has names that the source has too."""
    folder = tmp_path / "outside"
    (folder / "inner").mkdir(parents=True)
    for name in ("file", "000", "inner/file", "precious"):
        (folder / name).write_text(f"the {name} outside")
    yield folder


def exchange(one, two):
    """Both names change places at once: no moment without either."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(two), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


@pytest.mark.parametrize("options", [["-a"], ["-a", "--delete"], [], ["--inplace"], ["-a", "--inplace", "--delete"]])
def test_a_link_where_the_source_has_a_folder_is_not_followed(server, home, nigh, way, outside, tmp_path, options):
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "folder/inner").mkdir(parents=True)
    (source / "folder/file").write_text("new")
    (source / "folder/inner/file").write_text("new too")
    (source / "after").write_text("the rest")
    target.mkdir()
    (target / "folder").symlink_to(outside)
    before = snapshot(outside)
    done = nigh("sync", *options, contents(way.source(source)), contents(way.target(target)))
    assert differences(before, outside) == []
    assert (target / "after").read_text() == "the rest"
    assert done.returncode in (0, 23), done.stderr
    if done.returncode == 0:
        assert (target / "folder/inner/file").read_text() == "new too" and not (target / "folder").is_symlink()
    else:
        assert b"folder" in done.stderr


@pytest.mark.parametrize("options", [["-a"], [], ["--inplace"]])
def test_a_link_where_the_source_has_a_file_is_not_written_through(server, home, nigh, way, outside, tmp_path, options):
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for name, size in (("small", 10), ("large", 6 << 20)):
        (source / name).write_bytes(b"n" * size)
        (target / name).symlink_to(outside / "precious")
    (target / "dangling").symlink_to(outside / "made")
    (source / "dangling").write_text("x")
    before = snapshot(outside)
    done = nigh("sync", *options, contents(way.source(source)), contents(way.target(target)))
    assert differences(before, outside) == []
    assert done.returncode == 0, done.stderr
    for name, size in (("small", 10), ("large", 6 << 20)):
        assert not (target / name).is_symlink() and (target / name).read_bytes() == b"n" * size


def test_delete_removes_links_and_not_what_they_lead_to(server, home, nigh, way, outside, tmp_path):
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (target / "folder").mkdir(parents=True)
    for link in ("one", "folder/two"):
        (target / link).symlink_to(outside)
    (target / "hard").hardlink_to(outside / "precious")
    before = snapshot(outside)
    assert nigh("sync", "-a", "--delete", contents(way.source(source)), contents(way.target(target))).returncode == 0
    assert os.listdir(target) == []
    assert differences(before, outside, without=["hard_links"]) == []


@pytest.mark.parametrize("options", [["-a"], ["-a", "--delete", "--inplace"]])
def test_a_folder_that_turns_into_a_link_again_and_again_leads_nothing_out(
        server, home, start_nigh, way, outside, tmp_path, options):
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in ("folder", "folder/inner"):
        (source / folder).mkdir(parents=True)
        for number in range(400):
            (source / folder / f"{number:03}").write_bytes(b"%d" % number * 100)
    (target / "folder/inner").mkdir(parents=True)
    for number in range(0, 400, 2):
        (target / "folder" / f"old {number:03}").write_text("superfluous")
    (tmp_path / "link").symlink_to(outside)
    over = threading.Event()

    def swap():
        while not over.is_set():
            with contextlib.suppress(OSError):  # the transfer may remove or replace either
                exchange(target / "folder", tmp_path / "link")
    before = snapshot(outside)
    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        one = start_nigh("sync", *options, contents(way.source(source)), contents(way.target(target)))
        out, err = one.communicate(timeout=PATIENCE)
    finally:
        over.set()
        swapping.join()
    assert differences(before, outside) == []
    assert one.returncode in (0, 1, 23), err
    for path in (target / "folder", tmp_path / "link"):
        if path.is_symlink() and path.readlink() == outside:
            path.unlink()
    last = start_nigh("sync", "-a", "--delete", contents(way.source(source)), contents(way.target(target)))
    out, err = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0, err
    assert differences(source, target) == [] and differences(before, outside) == []


def test_a_link_that_the_source_sends_is_not_walked_through_afterwards(server, home, nigh, way, outside, tmp_path):
    """First a link, then a folder of the same name with something in it: an old trick."""
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "a").symlink_to(outside)
    words = ("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    assert nigh(*words).returncode == 0 and (target / "a").is_symlink()
    (source / "a").unlink()
    (source / "a").mkdir()
    (source / "a/file").write_text("inside")
    before = snapshot(outside)
    assert nigh(*words).returncode == 0
    assert differences(before, outside) == []
    assert (target / "a/file").read_text() == "inside"


def test_set_id_bits_and_devices_come_only_when_they_were_asked_for(server, home, nigh, way, tmp_path):
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "tool").write_text("x")
    (source / "tool").chmod(0o6755)
    os.mkfifo(source / "fifo")
    done = nigh("sync", contents(way.source(source)), contents(way.target(target)))
    assert done.returncode == 0, done.stderr
    assert os.listdir(target) == ["tool"] and (target / "tool").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("restriction", ["restrict", 'command="echo forced"'])
def test_a_key_that_is_for_less_may_not_transfer(server, home, nigh, tmp_path, restriction):
    server()
    home.authorized_keys.write_text(f"{restriction} {home.public_key.read_text()}")
    (tmp_path / "file").write_text("x")
    for words in (("cp", tmp_path / "file", f"demo:{tmp_path}/copy"),
                  ("cp", f"demo:{tmp_path}/file", tmp_path / "copy"),
                  ("sync", f"{tmp_path}/", f"demo:{tmp_path}/copy/")):
        done = nigh(*words)
        assert done.returncode == 1 and done.stderr, words
    assert not (tmp_path / "copy").exists()
