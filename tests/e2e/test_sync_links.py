# SPDX-License-Identifier: Apache-2.0
"""Hard links after a sync: the same names are the same file, whatever was linked, split or renamed.

What is written in place must not show under a name that has become another file.
"""
import os
import shutil

import pytest

from lib.compare import differences
from lib.transfer import Way, contents
from lib.trees import copy_tree


def swap(a, b):
    os.rename(a, f"{a}.aside")
    os.rename(b, a)
    os.rename(f"{a}.aside", b)


def split(path, content=None):
    """Makes the name a file of its own: a copy with the same time, or with another content."""
    shutil.copy2(path, f"{path}.copy")
    if content is not None:
        with open(f"{path}.copy", "wb") as out:
            out.write(content)
    os.replace(f"{path}.copy", path)


def link_over(source, path):
    os.unlink(path)
    os.link(source, path)


def to_copies(s):
    """The pair goes, and two files come that are equal and yet two."""
    shutil.copy2(s / "one", s / "copy a")
    shutil.copy2(s / "one", s / "copy b")
    (s / "one").unlink()
    (s / "two").unlink()


CHANGES = {  # of a source with the pair one == two, and the files other and single
    "one of a pair is renamed": lambda s: os.rename(s / "one", s / "zero"),
    "both of a pair are renamed": lambda s: (os.rename(s / "one", s / "a"), os.rename(s / "two", s / "b")),
    "two names are swapped": lambda s: swap(s / "one", s / "other"),
    "a file is linked": lambda s: os.link(s / "single", s / "link"),
    "a file is linked and gets another mode": lambda s: (os.link(s / "single", s / "link"), (s / "link").chmod(0o600)),
    "a file is linked and gets an xattr": lambda s: (
        os.link(s / "single", s / "link"), os.setxattr(s / "single", "user.a", b"1")),
    "a pair becomes three with another mode": lambda s: (os.link(s / "two", s / "three"), (s / "two").chmod(0o600)),
    "a name is linked over another file": lambda s: link_over(s / "one", s / "other"),
    "a pair gets another mode": lambda s: (s / "two").chmod(0o600),
    "a pair gets another content": lambda s: (s / "two").write_bytes(b"new" * 700),
    "one gets another content": lambda s: split(s / "one", b"new" * 700),
    "two gets another content": lambda s: split(s / "two", b"new" * 700),
    "one is moved away and another made": lambda s: (
        os.rename(s / "one", s / "zero"), (s / "one").write_bytes(b"new" * 700)),
    "a pair is split and stays equal": lambda s: split(s / "two"),
    "a pair becomes two equal files": to_copies,
    "a copy joins a pair's folder": lambda s: shutil.copy2(s / "one", s / "copy"),
    "links to links": lambda s: ((s / "soft").symlink_to("one"), os.link(s / "soft", s / "soft 2", follow_symlinks=False)),
}


@pytest.mark.parametrize("options", [[], ["--inplace"]], ids=["replacing", "in place"])
@pytest.mark.parametrize("name", CHANGES)
def test_names_are_one_file_where_they_are_in_the_source_and_nowhere_else(server, nigh, tmp_path, name, options):
    server()
    source = tmp_path / "source"
    source.mkdir()
    for file, content in (("one", b"1" * 3000), ("other", b"other" * 1000), ("single", b"s" * 2000)):
        (source / file).write_bytes(content)
    os.link(source / "one", source / "two")
    for way in ("up", "down"):
        copy_tree(source, tmp_path / way)
    CHANGES[name](source)
    for way in (Way("up"), Way("down")):
        target = tmp_path / way.name
        done = nigh("sync", "-a", "--delete", *options, contents(way.source(source)), contents(way.target(target)))
        assert done.returncode == 0, done.stderr
        assert differences(source, target) == [], way.name


def test_a_file_is_linked_whose_folder_got_another_time(server, nigh, tmp_path):
    server()
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (source / "folder/name").write_bytes(b"n" * 3000)
    for way in ("up", "down"):
        copy_tree(source, tmp_path / way)
    os.utime(source / "folder", ns=(0, 10**18))
    os.link(source / "folder/name", source / "second")
    for way in (Way("up"), Way("down")):
        target = tmp_path / way.name
        done = nigh("sync", "-a", "--delete", contents(way.source(source)), contents(way.target(target)))
        assert done.returncode == 0, done.stderr
        assert differences(source, target) == [], way.name


@pytest.mark.parametrize("folder", ["a", "z"], ids=["before it", "behind it"])
def test_equal_files_of_two_folders_become_one(server, nigh, tmp_path, folder):
    server()
    source = tmp_path / "source"
    (source / folder).mkdir(parents=True)
    (source / "name").write_bytes(b"n" * 3000)
    shutil.copy2(source / "name", source / folder / "name")
    for way in ("up", "down"):
        copy_tree(source, tmp_path / way)
    link_over(source / "name", source / folder / "name")
    for way in (Way("up"), Way("down")):
        target = tmp_path / way.name
        done = nigh("sync", "-a", "--delete", contents(way.source(source)), contents(way.target(target)))
        assert done.returncode == 0, done.stderr
        assert differences(source, target) == [], way.name


@pytest.mark.parametrize("way", ["up", "down"])
def test_what_the_target_has_linked_to_the_outside_is_not_changed_there_without_in_place(
        server, home, nigh, tmp_path, way):
    way = Way(way)
    way.serve(server, home)
    for folder in ("source", "target"):
        (tmp_path / folder).mkdir()
    (tmp_path / "source/file").write_text("new")
    (tmp_path / "kept").write_text("a backup that shares its files with the target")
    os.link(tmp_path / "kept", tmp_path / "target/file")
    done = nigh("sync", "-a", contents(way.source(tmp_path / "source")), contents(way.target(tmp_path / "target")))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "target/file").read_text() == "new"
    assert (tmp_path / "kept").read_text() == "a backup that shares its files with the target"


def test_a_file_of_several_names_that_moves_keeps_its_holes(server, nigh, tmp_path):
    server()
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "folder/inner").mkdir(parents=True)
    with open(source / "name", "wb") as out:
        out.truncate(100_000)
    os.link(source / "name", source / "folder/inner/other name")
    copy_tree(source, target)
    os.rename(source / "name", source / "folder/new name")
    done = nigh("sync", "-a", "--delete", "--checksum", contents(source), f"demo:{contents(target)}")
    assert done.returncode == 0, done.stderr
    assert differences(source, target) == []
