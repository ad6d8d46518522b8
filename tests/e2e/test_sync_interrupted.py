# SPDX-License-Identifier: Apache-2.0
"""A transfer that was cut off, by whatever, goes on where it was. What passes is counted on the wire."""
import os
import random
import signal

import pytest

from lib import processes
from lib.compare import differences
from lib.transfer import Proxy, Way, contents, names_in, partial_files, remove_stale
from lib.waiting import PATIENCE

MIB = 1 << 20


@pytest.fixture(params=["up", "down"])
def way(request):
    return Way(request.param)


@pytest.fixture
def line(server, home):
    """The counted line to a server, which is its `server`."""
    with Proxy(home, (one := server(name="direct", clean_end=False)).port) as proxy:
        proxy.process = one
        yield proxy


def large_tree(root, size):
    root.mkdir()
    for name, seed in (("one", 1), ("two", 2)):
        (root / name).write_bytes(random.Random(seed).randbytes(size // 2))
    return size


def small_tree(root, count):
    for number in range(count):
        folder = root / f"{number % 20:02}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(random.Random(number).randbytes(4096))
    return count * 4096


def bytes_there(target):
    """What has been written below the target, under real names and in the files of which a transfer
    makes use when it goes on."""
    return sum(min(status.st_size, status.st_blocks * 512) for where, _, files in os.walk(target)
               for name in files if not name.startswith(".nigh-tmp-")
               for status in [os.stat(os.path.join(where, name))])


def nothing_half_written(source, target):
    """Every file that has a name in the target is whole."""
    for name in names_in(target):
        if (source / name).is_file():
            assert (target / name).read_bytes() == (source / name).read_bytes(), name


def killers(line, start):
    """What may die, each as a function that a number of bytes sets off."""
    def kill(name):
        for pid in line.process.processes():
            if processes.command_line(pid).startswith(name):
                processes.kill(pid)
    return {
        "the client": lambda: start["client"].kill(),
        "the file process": lambda: kill("nigh-files"),
        "the worker": lambda: kill("nigh-worker"),
        "the front": lambda: kill("nigh-front"),
        "the network": line.cut,
    }


@pytest.mark.parametrize("grow, amount", [(large_tree, 48 * MIB), (small_tree, 6000)])
def test_what_is_killed_at_random_goes_on_and_nothing_that_is_there_is_sent_again(
        line, start_nigh, way, grow, amount, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    size = grow(source, amount)
    chance = random.Random(amount)
    words = ("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    running = {}
    for victim, kill in [*killers(line, running).items(), (None, lambda: None)]:
        line.when(int(chance.uniform(0.1, 0.2) * size), kill)
        missing, before = size - bytes_there(target), line.sent + line.received
        running["client"] = start_nigh(*words)
        out, err = running["client"].communicate(timeout=PATIENCE)
        carried = line.sent + line.received - before
        assert carried <= 1.05 * missing + 2 * MIB, f"{carried} bytes when {missing} were missing, {victim} dies"
        assert running["client"].returncode in ((0,) if victim is None else (0, 1, 23, -signal.SIGKILL)), err
        nothing_half_written(source, target)
    remove_stale(target)
    assert differences(source, target) == []
    assert partial_files(target) == [], "what is complete has left nothing behind"


def test_control_c_ends_with_130_and_the_next_run_sends_the_rest(line, start_nigh, way, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    size = large_tree(source, 48 * MIB)
    words = ("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    running = {}
    line.when(size // 2, lambda: running["client"].send_signal(signal.SIGINT))
    running["client"] = start_nigh(*words)
    out, err = running["client"].communicate(timeout=PATIENCE)
    assert running["client"].returncode == 130, err
    assert b"Traceback" not in err and err.count(b"\n") <= 3
    nothing_half_written(source, target)
    before = line.sent + line.received
    second = start_nigh(*words)
    out, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, err
    assert differences(source, target) == []
    assert line.sent + line.received - before <= size // 2 + 8 * MIB, "what was there is not sent again"


def test_partial_data_is_verified_and_not_believed(line, start_nigh, way, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    size = large_tree(source, 32 * MIB)
    words = ("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    running = {}
    line.when(size * 3 // 4, lambda: running["client"].kill())
    running["client"] = start_nigh(*words)
    running["client"].communicate(timeout=PATIENCE)
    found = partial_files(target)
    assert found, "the second file was under way"
    for path in found:
        with open(path, "r+b") as partial:
            for offset in range(0, os.path.getsize(path), MIB):
                os.pwrite(partial.fileno(), b"spoilt by a bad disk", offset)
    last = start_nigh(*words)
    out, err = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0, err
    assert differences(source, target) == []


def test_a_source_that_changed_since_is_not_mixed_with_what_was_there(line, start_nigh, way, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    size = large_tree(source, 32 * MIB)
    words = ("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    running = {}
    line.when(size * 3 // 4, lambda: running["client"].kill())
    running["client"] = start_nigh(*words)
    running["client"].communicate(timeout=PATIENCE)
    for name in ("one", "two"):
        (source / name).write_bytes(random.Random(name).randbytes(size // 2))
    last = start_nigh(*words)
    out, err = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0, err
    assert differences(source, target) == []


def test_partial_files_of_others_are_never_sent(line, nigh, way, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in (".nigh-part-0123456789abcdef", ".nigh-tmp-x", "real"):
        (source / name).write_text(name)
    done = nigh("sync", "-a", contents(way.source(source)), contents(way.target(target)))
    assert done.returncode == 0, done.stderr
    assert os.listdir(target) == ["real"]


def test_two_transfers_into_the_same_file_do_not_mix(line, start_nigh, way, tmp_path):
    (tmp_path / "target").mkdir()
    contents_of = {}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        contents_of[name] = random.Random(name).randbytes(16 * MIB)
        (tmp_path / name / "file").write_bytes(contents_of[name])
    both = [start_nigh("sync", "-a", contents(way.source(tmp_path / name)), contents(way.target(tmp_path / "target")))
            for name in ("a", "b")]
    ends = [(*one.communicate(timeout=PATIENCE), one.returncode) for one in both]
    assert 0 in [status for _, _, status in ends] and {status for _, _, status in ends} <= {0, 1, 23}, ends
    assert (tmp_path / "target/file").read_bytes() in contents_of.values()
