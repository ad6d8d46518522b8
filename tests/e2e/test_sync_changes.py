# SPDX-License-Identifier: Apache-2.0
"""What a sync does about what has changed: no more than was asked for, and no more bytes than needed."""
import os
import random
import threading

import pytest

from lib.compare import differences, snapshot
from lib.transfer import Way, contents, items, rsync_would, summary
from lib.trees import copy_tree


@pytest.fixture(params=["up", "down"])
def way(request):
    return Way(request.param)


@pytest.fixture
def pair(server, home, nigh, way, tmp_path):
    """pair(prepare): a source and a target that is in step with it; .sync(*options) on them."""
    way.serve(server, home)

    class Pair:
        source, target = tmp_path / "source", tmp_path / "target"

        def sync(self, *options, status=0):
            done = nigh("sync", "--json", *options, contents(way.source(self.source)),
                        contents(way.target(self.target)))
            assert done.returncode == status, done.stderr
            return done

        def write(self, files):
            for name, content in files.items():
                path = self.source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return self

        def in_step(self):
            copy_tree(self.source, self.target)
            return self

        def both(self, name):
            return (self.source / name).read_bytes(), (self.target / name).read_bytes()

    one = Pair()
    one.source.mkdir()
    return one


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("options", [[], ["--inplace"], ["-z"]])
def test_of_a_changed_file_only_what_changed_is_sent(pair, options):
    pages, long = bytearray(noise(8 << 20)), noise(4 << 20, 2)
    pair.write({"pages": pages, "inserted": long, "cut": long, "grown": long}).in_step()
    for number in range(10):
        at = number * 800_000
        pages[at:at + 100] = noise(100, number)
    inserted, cut = long[:1_000_000] + b"some bytes" + long[1_000_000:], long[:2_000_000] + long[2_000_100:]
    if "--inplace" in options:  # there what moves may be overwritten before it could be used
        inserted, cut = long + b"some bytes", long[:-100]
    pair.write({"pages": pages, "inserted": inserted, "cut": cut, "grown": long + noise(5000, 4)})
    report = summary(pair.sync("-a", *options))
    assert differences(pair.source, pair.target) == []
    assert report["files"] == 4
    assert report["literal"] < 400_000, "of 20 MB some 7 KB have changed"
    assert report["wire_sent"] + report["wire_received"] < 800_000


def test_whole_files_are_sent_when_that_is_asked_for(pair):
    pair.write({"file": noise(1 << 20)}).in_step().write({"file": noise(1 << 20)[:-1] + b"!"})
    assert summary(pair.sync("--whole-file"))["literal"] == 1 << 20
    assert differences(pair.source, pair.target, without=["owner"]) == []


def test_what_was_renamed_is_not_sent_again(pair):
    pair.write({f"old/{n:03}": noise(20_000, n) for n in range(100)})
    pair.write({f"stays/{n}": noise(30_000, 1000 + n) for n in range(20)}).write({"large": noise(3 << 20)}).in_step()
    os.rename(pair.source / "old", pair.source / "new")
    for n in range(20):
        os.rename(pair.source / f"stays/{n}", pair.source / f"stays/renamed {n}")
    os.rename(pair.source / "large", pair.source / "new/larger")
    report = summary(pair.sync("-a", "--delete"))
    assert differences(pair.source, pair.target) == []
    assert report["literal"] == 0 and report["moved"] > 0
    assert report["wire_sent"] + report["wire_received"] < 57_000, "1 % of the data"


def test_a_renamed_file_that_changed_too_is_right(pair):
    pair.write({"a": noise(500_000), "b": noise(500_000, 2)}).in_step()
    times = os.stat(pair.source / "a").st_mtime_ns
    os.rename(pair.source / "a", pair.source / "c")
    (pair.source / "c").write_bytes(noise(500_000, 3))
    os.utime(pair.source / "c", ns=(times, times))  # looks as if it were the same
    pair.sync("-a", "--delete")
    assert differences(pair.source, pair.target) == []


def test_what_is_gone_stays_unless_delete_is_asked_for(pair):
    pair.write({"a": b"a", "b": b"b", "folder/deep/c": b"c"}).in_step()
    (pair.source / "b").unlink()
    (pair.source / "folder/deep/c").unlink()
    (pair.source / "folder/deep").rmdir()
    (pair.source / "folder").rmdir()
    pair.sync("-a")
    assert (pair.target / "b").read_bytes() == b"b" and (pair.target / "folder/deep/c").read_bytes() == b"c"
    assert summary(pair.sync("-a", "--delete"))["removed"] > 0
    assert differences(pair.source, pair.target) == []


def test_kinds_change_into_each_other(pair):
    pair.write({"file to folder": b"1", "file to link": b"2", "folder to file/in it": b"3",
                "folder to link/in it": b"4", "inner": b"5"})
    for name in ("link to file", "link to folder"):
        (pair.source / name).symlink_to("inner")
    pair.in_step()
    for name in ("file to folder", "file to link", "link to file", "link to folder"):
        (pair.source / name).unlink()
    for name in ("folder to file", "folder to link"):
        (pair.source / name / "in it").unlink()
        (pair.source / name).rmdir()
    pair.write({"file to folder/in it": b"a", "folder to file": b"b", "link to file": b"c",
                "link to folder/in it": b"d"})
    for name in ("file to link", "folder to link"):
        (pair.source / name).symlink_to("nowhere")
    pair.sync("-a", "--delete")
    assert differences(pair.source, pair.target) == []


def test_a_dry_run_says_what_would_happen_and_nothing_does(pair):
    pair.write({"same": b"same", "changed": b"old", "gone": b"x", "mode": b"m", "folder/gone too": b"y"}).in_step()
    pair.write({"changed": b"new and longer", "new": b"n", "new folder/new": b"n"})
    (pair.source / "gone").unlink()
    (pair.source / "folder/gone too").unlink()
    (pair.source / "mode").chmod(0o600)
    before = snapshot(pair.target)
    done = pair.sync("-a", "--delete", "--dry-run")
    assert differences(before, pair.target) == []
    assert items(done) >= {("created", "new"), ("created", "new folder/new"), ("updated", "changed"),
                           ("attributes", "mode"), ("removed", "gone"), ("removed", "folder/gone too")}
    assert not any(path == "same" for _, path in items(done))
    assert rsync_would(pair.source, pair.target) != []


def test_a_dry_run_lists_for_people_what_is_done_afterwards(pair, nigh, way):
    pair.write({"changed": b"old", "gone": b"x", "same": b"s"}).in_step()
    pair.write({"changed": b"new and longer", "new\nline": b"n"})
    (pair.source / "gone").unlink()
    words = (contents(way.source(pair.source)), contents(way.target(pair.target)))
    shown = nigh("sync", "-an", "--delete", *words)
    assert shown.returncode == 0
    for name in (b"changed", b"gone"):
        assert sum(name in line for line in shown.stdout.splitlines()) == 1, shown.stdout
    assert b"same" not in shown.stdout and b"new\nline" not in shown.stdout


FILES = ["a.c", "a.o", "build/x", "docs/build/y", "docs/a.tmp", "docs/keep.tmp", "deep/er/z.c", "deep/er/z.o",
         "über.c"]
FILTERS = [
    (["--exclude", "*.o"], {"a.o", "deep/er/z.o"}),
    (["--exclude", "/build/"], {"build", "build/x"}),
    (["--exclude", "build"], {"build", "build/x", "docs/build", "docs/build/y"}),
    (["--exclude", "docs/build"], {"docs/build", "docs/build/y"}),
    (["--exclude", "deep/**/z.*"], {"deep/er/z.c", "deep/er/z.o"}),
    (["--exclude", "?.[co]"], {"a.c", "a.o", "deep/er/z.c", "deep/er/z.o"}),
    (["--include", "keep.tmp", "--exclude", "*.tmp"], {"docs/a.tmp"}),
    (["--exclude", "*.tmp", "--include", "keep.tmp"], {"docs/a.tmp", "docs/keep.tmp"}),
    (["--filter", "+ keep.tmp", "--filter", "- *.tmp"], {"docs/a.tmp"}),
    (["--include", "*/", "--include", "*.c", "--exclude", "*"],
     {"a.o", "build/x", "docs/build/y", "docs/a.tmp", "docs/keep.tmp", "deep/er/z.o"}),
    (["--exclude", "über.c"], {"über.c"}),
]


@pytest.mark.parametrize("options, left_out", FILTERS)
def test_filters_leave_out_what_they_say_and_guard_it_in_the_target(pair, options, left_out):
    pair.write({name: b"x" for name in FILES})
    everything = {os.fsdecode(path) for path in snapshot(pair.source)} - {"."}
    pair.sync(*options)
    assert {os.fsdecode(path) for path in snapshot(pair.target)} - {"."} == everything - left_out
    for name in left_out & set(FILES):  # what is left out is not superfluous either
        (pair.target / name).parent.mkdir(parents=True, exist_ok=True)
        (pair.target / name).write_bytes(b"the target's own")
    pair.sync("--delete", *options)
    assert {os.fsdecode(path) for path in snapshot(pair.target)} - {"."} == everything


def test_ignore_files_hold_where_they_lie(pair):
    pair.write({name: b"x" for name in FILES})
    pair.write({".gitignore": b"# objects\n*.o\n\n/build/\n*.tmp\n", "docs/.gitignore": b"!keep.tmp\nbuild/\n",
                "deep/.gitignore": b"!*.o\n"})
    pair.sync("--filter", ":- .gitignore")
    assert {os.fsdecode(path) for path, entry in snapshot(pair.target).items() if entry.kind == "file"} == {
        "a.c", "docs/keep.tmp", "deep/er/z.c", "deep/er/z.o", "über.c", ".gitignore", "docs/.gitignore",
        "deep/.gitignore"}


def test_checksum_finds_what_size_and_time_do_not_tell(pair):
    pair.write({"file": b"x" * 100_000, "small": b"abc"}).in_step()
    for name, content in (("file", b"x" * 50_000 + b"y" + b"x" * 49_999), ("small", b"abd")):
        time = (pair.target / name).stat().st_mtime_ns
        (pair.target / name).write_bytes(content)
        os.utime(pair.target / name, ns=(time, time))
    assert summary(pair.sync("-a"))["files"] == 0
    assert pair.both("small") == (b"abc", b"abd")
    assert summary(pair.sync("-a", "--checksum"))["files"] == 2
    assert differences(pair.source, pair.target) == []
    assert summary(pair.sync("-a", "--checksum"))["files"] == 0


def test_in_place_is_the_same_file_and_otherwise_it_is_replaced_at_once(pair):
    pair.write({"small": b"old", "large": noise(3 << 20)}).in_step()
    for options, same in ((["--inplace"], True), ([], False)):
        before = {name: (pair.target / name).stat().st_ino for name in ("small", "large")}
        pair.write({"small": b"new %d" % same, "large": noise(3 << 20)[:-5] + b"%05d" % same})
        pair.sync("-a", *options)
        assert differences(pair.source, pair.target) == []
        for name, inode in before.items():
            assert ((pair.target / name).stat().st_ino == inode) == same, name


def test_a_reader_sees_the_old_file_or_the_new_one(pair):
    size = 16 << 20
    pair.write({"file": b"a" * size}).in_step().write({"file": b"b" * (size + 1)})
    seen, over = set(), threading.Event()

    def look():
        while not over.is_set():
            with open(pair.target / "file", "rb", buffering=0) as file:
                first = os.pread(file.fileno(), 1, 0)
                end = os.fstat(file.fileno()).st_size
                seen.add((first, os.pread(file.fileno(), 1, end - 1), end))
    reader = threading.Thread(target=look)
    reader.start()
    pair.sync("-a")
    over.set()
    reader.join()
    assert seen <= {(b"a", b"a", size), (b"b", b"b", size + 1)}


def test_holes_are_made_where_the_source_has_got_them(pair):
    pair.write({"file": noise(2 << 20)}).in_step()
    with open(pair.source / "file", "wb") as out:
        out.truncate(8 << 20)
        os.pwrite(out.fileno(), noise(4096, 2), 5 << 20)
    pair.sync("-a")
    assert differences(pair.source, pair.target) == []
    assert (pair.target / "file").stat().st_blocks * 512 < 1 << 20
