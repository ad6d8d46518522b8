# SPDX-License-Identifier: Apache-2.0
"""nigh sync --watch copies what changes until it is told to stop; --limit takes its time."""
import os
import random
import signal
import time

import pytest

from lib.compare import differences
from lib.transfer import Way, contents, summary
from lib.trees_edits import Edits
from lib.waiting import PATIENCE, eventually


@pytest.fixture(params=["up", "down"])
def way(request):
    return Way(request.param)


@pytest.fixture
def watched(server, home, start_nigh, way, tmp_path):
    """A source with a file in it, a target that follows it, and the process that makes it."""
    way.serve(server, home)
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "folder").mkdir(parents=True)
    (source / "file").write_text("first")
    one = start_nigh("sync", "-a", "--delete", "--watch", contents(way.source(source)), contents(way.target(target)),
                     stdout=open(tmp_path / "stdout", "wb"), stderr=open(tmp_path / "stderr", "wb"))
    eventually(lambda: in_step(source, target), "the first pass")
    yield source, target, one
    one.send_signal(signal.SIGINT)
    assert one.wait(PATIENCE) in (0, 130), (tmp_path / "stderr").read_bytes()
    assert in_step(source, target)


def in_step(source, target):
    try:
        return target.exists() and differences(source, target) == []
    except FileNotFoundError:
        return False  # it changed while we looked


def test_what_changes_is_copied(watched):
    source, target, one = watched
    for change in (
        lambda: (source / "file").write_text("second, and longer"),
        lambda: (source / "new").write_text("new"),
        lambda: (source / "new").rename(source / "folder/renamed"),
        lambda: (source / "file").chmod(0o600),
        lambda: (source / "folder/renamed").unlink(),
        lambda: os.setxattr(source / "file", "user.x", b"y"),
        lambda: os.utime(source / "file", ns=(0, 10**18)),
    ):
        change()
        eventually(lambda: in_step(source, target), "the change")
    assert one.poll() is None


def test_new_folders_are_watched_from_their_first_moment(watched):
    source, target, _ = watched
    (source / "a/b/c/d").mkdir(parents=True)
    for folder in ("a", "a/b", "a/b/c", "a/b/c/d"):
        (source / folder / "at once").write_text(folder)
    eventually(lambda: in_step(source, target), "the new folders")
    (source / "a/b/c/d/later").write_text("later")
    eventually(lambda: in_step(source, target), "the file in a new folder")
    (source / "a/b").rename(source / "folder/moved")
    (source / "folder/moved/c/later still").write_text("x")
    eventually(lambda: in_step(source, target), "the folder that moved")


def test_many_changes_at_once_are_followed(watched):
    source, target, _ = watched
    edits = Edits(source, seed=5)
    for _ in range(6):
        edits.some(30)
        eventually(lambda: in_step(source, target), "thirty edits")


def test_a_file_that_never_rests_and_then_goes_leaves_nothing(watched, tmp_path):
    source, target, _ = watched
    (source / "restless").write_bytes(random.Random(2).randbytes(1 << 20))
    when = 1
    while b"it changed while it was read" not in (tmp_path / "stderr").read_bytes():
        os.utime(source / "restless", ns=(0, when))
        when += 1
    (source / "restless").unlink()
    eventually(lambda: in_step(source, target), "the end of the file")


def test_a_limit_is_kept_to(server, home, nigh, way, tmp_path):
    way.serve(server, home)
    (tmp_path / "source").mkdir()
    (tmp_path / "source/file").write_bytes(random.Random(1).randbytes(4 << 20))
    begin = time.monotonic()
    done = nigh("sync", "--json", "--limit", "2M", contents(way.source(tmp_path / "source")),
                contents(way.target(tmp_path / "target")))
    took = time.monotonic() - begin
    assert done.returncode == 0, done.stderr
    assert summary(done)["literal"] == 4 << 20
    assert took > 1, "4 MiB at 2 MB/s take two seconds, less what may go at once"
