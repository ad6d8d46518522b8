# SPDX-License-Identifier: Apache-2.0
"""The library as its users meet it: installed, found by CMake, linked, run against a server."""
import pathlib
import re
import shutil
import subprocess

import pytest

from lib.waiting import PATIENCE

ROOT = pathlib.Path(__file__).resolve().parents[2]


def setting(build, name):
    cache = (build / "CMakeCache.txt").read_text()
    return re.search(rf"^{name}:\w+=(.*)$", cache, re.MULTILINE).group(1)


def quietly(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def prefix(nigh_binary, tmp_path_factory):
    """A clean folder with what `cmake --install` puts there."""
    where = tmp_path_factory.mktemp("prefix")
    quietly("cmake", "--install", nigh_binary.parent, "--prefix", where)
    return where


@pytest.fixture(scope="session")
def examples(nigh_binary, prefix, tmp_path_factory):
    """The examples, built outside of nigh's tree from the installed files alone."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(ROOT / "examples", folder / "source")
    build = nigh_binary.parent
    quietly("cmake", "-S", folder / "source", "-B", folder / "build",
            f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={setting(build, 'CMAKE_CXX_COMPILER')}")
    quietly("cmake", "--build", folder / "build")
    return folder / "build"


def run(home, program, *arguments):
    return subprocess.run([program, *arguments], env=home.env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=PATIENCE)


def test_the_prefix_holds_program_headers_library_package_and_manual(prefix):
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert {"bin/nigh", "include/nigh/nigh.hpp", "include/nigh/async.hpp"} <= files
    for name in ("libnigh.a", "nighConfig.cmake", "nighConfigVersion.cmake", "nigh.1"):
        assert any(file.endswith("/" + name) for file in files), name


def test_the_blocking_example_runs_commands(home, server, examples):
    server()
    done = run(home, examples / "hello_blocking", "demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "hello from Linux\napple\nbanana\ncherry\nsort ended with 0\n"


def test_the_asynchronous_example_runs_a_command_on_each_host(home, server, examples):
    server(name="one")
    server(name="two")
    done = run(home, examples / "hello_async", "one", "two")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["one: Linux", "two: Linux"]


def test_the_example_of_tunnels_has_both_ends_of_one(home, server, examples):
    server()
    done = run(home, examples / "inside_out", "demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Who is there?\nIt is us.\nnot-found\n", done.stderr
    assert "here leads to 127.0.0.1:" in done.stderr


def test_the_examples_say_what_is_wrong(home, server, examples):
    server(trust=False)
    done = run(home, examples / "hello_blocking", "demo")
    assert done.returncode == 1
    assert "host key" in done.stderr and "not known" in done.stderr


def test_the_example_of_transfers_copies_a_folder_and_reads_it_there(home, nigh, server, examples, tmp_path):
    server()
    (tmp_path / "a").write_text("some text that is long")
    try:
        for report in ("1 files written, 0 unchanged", "0 files written, 1 unchanged"):
            done = run(home, examples / "copy_folder", tmp_path, "demo")
            assert done.returncode == 0, done.stderr
            assert done.stdout.splitlines() == [report, "a: file, 22 bytes",
                                                "  begins with 16 bytes: some text that i"]
    finally:
        assert nigh("rm", "-rf", "demo:copied").returncode == 0
