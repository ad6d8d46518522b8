# SPDX-License-Identifier: Apache-2.0
"""nigh sync makes the target like the source, whatever is in it; rsync is asked whether it is."""
import pytest

from lib import trees
from lib.compare import NOT_ASKED_FOR, differences, snapshot
from lib.transfer import Way, contents, rsync_would, summary
from lib.trees import WITHOUT_A, Tree, long_chain
from lib.trees_edits import Edits
from lib.trees_rounds import Rounds


@pytest.fixture(scope="session")
def whole_tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole") / "tree"
    tree = Tree(root, seed=11).grow()
    yield root
    trees.remove(tree.root)


@pytest.fixture(params=Way.ALL)
def way(request):
    return Way(request.param)


def sync(nigh, way, source, target, *options, status=0):
    done = nigh("sync", "--json", *options, contents(way.source(source)), contents(way.target(target)))
    assert done.returncode == status, done.stderr.decode(errors="backslashreplace")[-3000:]
    return done


def test_a_tree_of_everything_arrives_with_everything_and_the_next_sync_sends_nothing(
        server, home, nigh, way, whole_tree, tmp_path):
    way.serve(server, home)
    target = tmp_path / "target"
    sync(nigh, way, whole_tree, target, "-a", "--delete")
    assert differences(whole_tree, target) == []
    assert rsync_would(whole_tree, target) == []
    again = summary(sync(nigh, way, whole_tree, target, "-a", "--delete"))
    assert [again[name] for name in ("files", "directories", "removed", "literal", "moved")] == [0] * 5
    assert again["unchanged"] > 700
    assert again["wire_sent"] + again["wire_received"] < 8192, "what is equal is told in a few bytes"
    assert differences(whole_tree, target) == []


def test_without_a_modes_and_times_are_kept_and_links_stay_links(server, nigh, tmp_path):
    server()
    tree = Tree(tmp_path / "source", seed=12).grow(*WITHOUT_A, "symlinks")
    done = nigh("sync", contents(tree.root), contents(f"demo:{tmp_path}/target"))
    assert done.returncode == 0, done.stderr
    assert differences(tree.root, tmp_path / "target", without=NOT_ASKED_FOR) == []


def test_a_folder_of_five_thousand_files_and_one_of_two_hundred_levels(server, nigh, tmp_path):
    server()
    tree = Tree(tmp_path / "source", wide=5000, deep=200).grow("wide", "deep")
    for source, target in ((tree.root, f"demo:{tmp_path}/up"), (f"demo:{tmp_path}/up", tmp_path / "down")):
        done = nigh("sync", "-a", contents(source), contents(target))
        assert done.returncode == 0, done.stderr
    assert differences(tree.root, tmp_path / "up") == differences(tree.root, tmp_path / "down") == []


@pytest.mark.parametrize("name", ["up", "down"])
def test_a_sparse_file_of_five_gigabytes_costs_what_is_in_it(server, home, nigh, name, tmp_path):
    way = Way(name)
    way.serve(server, home)
    tree = Tree(tmp_path / "source", apparent=5 << 30).grow("sparse")
    done = sync(nigh, way, tree.root, tmp_path / "target", "-a")
    assert differences(tree.root, tmp_path / "target") == []
    report = summary(done)
    assert report["wire_sent"] + report["wire_received"] < 4 << 20


def test_what_no_path_can_reach_is_copied_or_named(server, nigh, tmp_path):
    server()
    (tmp_path / "source").mkdir()
    (tmp_path / "source/after").write_text("the rest")
    long_chain(tmp_path / "source")
    done = nigh("sync", "-a", contents(tmp_path / "source"), contents(f"demo:{tmp_path}/target"))
    missing = differences(tmp_path / "source", tmp_path / "target", without=["mtime"])
    if done.returncode == 0:
        assert missing == []
    else:
        assert done.returncode == 23 and b"too long" in done.stderr.lower()
        assert (tmp_path / "target/after").read_text() == "the rest"


def test_the_target_is_made_and_what_else_was_in_it_stays(server, nigh, tmp_path):
    server()
    source, target = tmp_path / "source", tmp_path / "target"
    Tree(source, wide=5).grow("wide", "empty")
    assert nigh("sync", contents(source), f"demo:{target}").returncode == 0
    (target / "own").write_text("mine")
    before = snapshot(target)
    assert nigh("sync", contents(source), contents(f"demo:{target}")).returncode == 0
    assert differences(before, target, without=["mtime"]) == []


def test_forty_rounds_of_random_edits_leave_rsync_nothing_to_do(server, nigh, tmp_path):
    server()
    rounds = Rounds(nigh, tmp_path, seed=20)
    for _ in range(40):
        rounds.next()


def test_an_edited_tree_of_everything_is_followed(server, home, nigh, tmp_path):
    server()
    source, target = tmp_path / "source", tmp_path / "target"
    Tree(source, seed=13, wide=30).grow("names", "sizes", "symlinks", "hard_links", "xattrs", "acls", "set_id")
    for seed in range(4):
        sync(nigh, Way("up"), source, target, "-a", "--delete")
        assert differences(source, target) == [] and rsync_would(source, target) == []
        Edits(source, seed).some(60)
