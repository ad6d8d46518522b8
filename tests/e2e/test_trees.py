# SPDX-License-Identifier: Apache-2.0
"""What the tests of transfers rely on: trees are grown as they say, and no difference goes unseen."""
import os
import socket
import stat

import pytest

from lib import trees
from lib.compare import NOT_ASKED_FOR, PROMISES, differences, snapshot
from lib.trees import Tree, acl, copy_tree, long_chain

ROOT = os.geteuid() == 0


def test_the_same_seed_grows_the_same_tree(tmp_path):
    one, two = (Tree(tmp_path / name, seed=3, wide=20).grow() for name in ("one", "two"))
    assert differences(one.root, two.root) == []
    other = Tree(tmp_path / "other", seed=4, wide=20).grow()
    assert differences(one.root, other.root) != []


def test_a_tree_has_all_kinds(tmp_path):
    there = snapshot(Tree(tmp_path / "tree", wide=20).grow().root)
    kinds = {entry.kind for entry in there.values()}
    assert kinds >= {"file", "directory", "symlink", "fifo", "socket"}
    assert not ROOT or kinds >= {"char-device", "block-device"}
    names = {os.path.basename(path) for path in there}
    assert set(trees.NAMES) <= names and max(map(len, names)) == 255
    assert sum(path.startswith(b"deep/") and entry.kind == "directory" for path, entry in there.items()) == 200
    sizes = {entry.status.st_size for entry in there.values() if entry.kind == "file"}
    assert {0, 1, 4095, 65535, 65536, 65537, (4 << 20) + 1} <= sizes
    times = {entry.status.st_mtime_ns for path, entry in there.items() if path.startswith(b"times/")}
    assert min(times) < 0 and max(times) > 2**32 * 10**9 and any(time % 1000 for time in times)
    modes = {stat.S_IMODE(entry.status.st_mode) for entry in there.values()}
    assert {0o4755, 0o2775, 0o1777} <= modes and (not ROOT or 0 in modes)
    assert any(name.startswith("system.posix_acl_default") for e in there.values() for name in e.xattrs)


def test_a_sparse_file_may_be_larger_than_the_disk(tmp_path):
    tree = Tree(tmp_path / "tree", apparent=5 << 30).grow("sparse")
    for name, entry in snapshot(tree.root).items():
        if entry.status.st_size == 5 << 30:
            assert entry.status.st_blocks * 512 < 1 << 20, name


def test_a_copy_with_all_that_rsync_keeps_is_no_different(tmp_path):
    tree = Tree(tmp_path / "tree", seed=2, wide=20).grow()
    assert differences(tree.root, copy_tree(tree.root, tmp_path / "copy")) == []


def test_a_path_may_be_longer_than_any_call_takes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        names = long_chain(tmp_path / name)
    assert len(b"/".join(names)) > 4096
    assert differences(tmp_path / "one", tmp_path / "two", without=["mtime"]) == []
    assert b"/".join([*names, b"bottom"]) in snapshot(tmp_path / "one")


@pytest.fixture
def pair(tmp_path):
    """Two equal small trees, of which a test changes the second."""
    source = tmp_path / "a"
    (source / "folder").mkdir(parents=True)
    (source / "file").write_bytes(b"x" * 1000)
    (source / "one").write_bytes(b"linked")
    (source / "two").hardlink_to(source / "one")
    (source / "link").symlink_to("file")
    os.setxattr(source / "file", "user.a", b"1")
    os.mkfifo(source / "fifo")
    with open(source / "sparse", "wb") as out:
        out.truncate(1 << 20)
    return source, copy_tree(source, tmp_path / "b")


def keeping_times(change):
    def changed(b):
        before = {path: path.lstat().st_mtime_ns for path in [b, *b.rglob("*")]}
        change(b)
        for path, time in before.items():
            if os.path.lexists(path):
                os.utime(path, ns=(0, time), follow_symlinks=False)
    return changed


def replace_hard_link(b):
    (b / "two").unlink()
    (b / "two").write_bytes(b"linked")


def replace_fifo(b):
    (b / "fifo").unlink()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(b / "fifo"))


def fill_hole(b):
    with open(b / "sparse", "r+b") as out:
        out.write(bytes(1 << 20))


def relink(b):
    (b / "link").unlink()
    (b / "link").symlink_to("fild")


def set_time(path, time=5):
    os.utime(path, ns=(0, time), follow_symlinks=False)


CHANGES = {  # name: (the promise, what breaks it, the line that tells)
    "content of the same size": (
        "content", lambda b: (b / "file").write_bytes(b"x" * 999 + b"y"), "file: has other content"),
    "another size": ("content", lambda b: os.truncate(b / "file", 7), "file: has 7 bytes instead of 1000"),
    "a mode": ("mode", lambda b: (b / "folder").chmod(0o700), "folder: has mode 0700 instead of 0755"),
    "a set-id bit": ("set_id", lambda b: (b / "file").chmod(0o4644), "file: has mode 4644 instead of 0644"),
    "a nanosecond": (
        "mtime", lambda b: set_time(b / "file", (b / "file").stat().st_mtime_ns + 1), "file: has the time"),
    "the time of the root": ("mtime", set_time, ".: has the time 5 instead of"),
    "the time of a link": ("link_mtime", lambda b: set_time(b / "link"), "link: has the time 5"),
    "a target": ("symlinks", relink, "link: leads to b'fild' instead of b'file'"),
    "a hard link": (
        "hard_links", replace_hard_link, "two: is one file with [b'two'] instead of [b'one', b'two']"),
    "an xattr": (
        "xattrs", lambda b: os.setxattr(b / "file", "user.a", b"2"), "file: xattr user.a is b'2' instead of b'1'"),
    "an xattr less": (
        "xattrs", lambda b: os.removexattr(b / "file", "user.a"), "file: xattr user.a is None instead of b'1'"),
    "a default ACL": (
        "xattrs", lambda b: os.setxattr(b / "folder", "system.posix_acl_default", acl(7, 5, 5)),
        "folder: xattr system.posix_acl_default"),
    "a filled hole": ("holes", fill_hole, "sparse: takes 1048576 bytes on disk instead of 0"),
    "another kind": (None, replace_fifo, "fifo: is a socket instead of a fifo"),
    "a loss": (None, lambda b: (b / "file").unlink(), "file: is missing"),
    "a gain": ("extra", lambda b: (b / "new").mkdir(), "new: is extra: a directory"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_difference_is_found_unless_it_was_not_promised(pair, name):
    promise, change, line = CHANGES[name]
    source, target = pair
    assert differences(source, target) == []
    (change if "time" in (promise or "") else keeping_times(change))(target)
    found = differences(source, target)
    assert any(one.startswith(line) for one in found), found
    if promise:
        without = [promise]
        assert differences(source, target, without=without) == []


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_owners_and_device_numbers_are_compared(pair):
    source, target = pair
    os.chown(target / "link", 5, 6, follow_symlinks=False)
    assert differences(source, target) == ["link: belongs to (5, 6) instead of (0, 0)"]
    for folder, minor in ((source, 3), (target, 5)):
        os.mknod(folder / "device", stat.S_IFCHR | 0o600, os.makedev(1, minor))
        os.utime(folder / "device", ns=(0, 0))
        os.utime(folder, ns=(0, 0))
    assert differences(source, target, without=["owner"]) == ["device: is device 0x105 instead of 0x103"]


def test_a_promise_that_there_is_not_cannot_be_taken_away(pair):
    with pytest.raises(ValueError):
        differences(*pair, without=["modes"])
    assert set(NOT_ASKED_FOR) < set(PROMISES)
