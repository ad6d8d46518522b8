# SPDX-License-Identifier: Apache-2.0
"""What copies files between two folders: nigh and its peers, each as a pipeline of command lines.

"up" is from the client to the server, "down" the other way; both folders are on this machine. A
target that is not there becomes the copy of the source.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness import CaseFailed, Context, Unavailable
from peers import Nigh, OpenSsh, Place, tool
from processes import Sample, Server, run_pipeline

AES = ("-c", "aes128-gcm@openssh.com")  # ssh's fastest cipher
Pipeline = Sequence[Sequence[str]]


@dataclasses.dataclass
class Copier:
    """`commands(way, source, target)`: the pipeline. `server`: None where there is none."""

    name: str
    commands: Callable[[str, Path, Path], Pipeline]
    env: dict[str, str]
    errors: Path
    server: Server | None = None

    def copy(self, way: str, source: Path, target: Path) -> Sample:
        """Once, timed; CaseFailed unless all of it ends well."""
        return run_pipeline(self.commands(way, source, target), self.env, self.errors)

    def fresh(self, way: str, source: Path, target: Path) -> Sample:
        """Once into a target that is not there, which is removed again when it has been looked at."""
        remove(target)
        os.sync()
        sample = self.copy(way, source, target)
        compare(self.name, source, target)
        remove(target)
        return sample


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def compare(name: str, source: Path, target: Path) -> None:
    """That the target has as many files and bytes as the source."""
    if (wanted := _measure(source)) != (there := _measure(target)):
        raise CaseFailed(f"{name} has copied {there} (files, bytes) instead of {wanted}")


def _measure(path: Path) -> tuple[int, int]:
    if path.is_file():
        return 1, path.stat().st_size
    files = size = 0
    for folder, _, names in os.walk(path):
        files += len(names)
        size += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)
    return files, size


def nigh(peer: Nigh, command: str = "cp", *options: str, name: str = "nigh") -> Copier:
    def commands(way: str, source: Path, target: Path) -> Pipeline:
        host = f"nigh://{peer.host}"
        end = "/" if command == "sync" else ""
        here = [f"{source}{end}", f"{host}{target}{end}"]
        there = [f"{host}{source}{end}", f"{target}{end}"]
        argv = [peer.program, command, "--identity", str(peer.key), "--accept-new", *options]
        return [[*peer.place.client_prefix, *argv, *(here if way == "up" else there)]]

    return Copier(name, commands, peer.env, peer.errors, peer.server)


def scp(peer: OpenSsh, *options: str, name: str = "scp") -> Copier:
    argv = [*peer.place.client_prefix, tool("scp", "openssh-client"), "-q", "-F", _config(peer)]
    argv += [*AES, *options]

    def commands(way: str, source: Path, target: Path) -> Pipeline:
        far = f"{peer.place.address}:"
        return [[*argv, *([str(source), f"{far}{target}"] if way == "up" else
                          [f"{far}{source}", str(target)])]]  # fmt: skip

    return Copier(name, commands, peer.env, peer.errors, peer.server)


def rsync(peer: OpenSsh, *options: str, name: str = "rsync") -> Copier:
    shell = " ".join([peer.ssh, "-F", _config(peer), *AES])
    argv = [*peer.place.client_prefix, tool("rsync", "rsync"), *(options or ["-a"]), "-e", shell]

    def commands(way: str, source: Path, target: Path) -> Pipeline:
        far = f"{peer.place.address}:"
        end = "/" if source.is_dir() else ""
        return [[*argv, *([f"{source}{end}", f"{far}{target}"] if way == "up" else
                          [f"{far}{source}{end}", str(target)])]]  # fmt: skip

    return Copier(name, commands, peer.env, peer.errors, peer.server)


def cat_over_ssh(peer: OpenSsh) -> Copier:
    def commands(way: str, source: Path, target: Path) -> Pipeline:
        if way == "up":
            return [["cat", str(source)], peer.command(f"cat > {target}")]
        return [peer.command(f"cat {source}"), ["sh", "-c", 'cat > "$0"', str(target)]]

    return Copier("cat | ssh", commands, peer.env, peer.errors, peer.server)


def tar_over_ssh(peer: OpenSsh) -> Copier:
    def commands(way: str, source: Path, target: Path) -> Pipeline:
        pack = ["tar", "-C", str(source), "-cf", "-", "."]
        unpack = f"mkdir {target} && tar -C {target} -xf -"
        if way == "up":
            return [pack, peer.command(unpack)]
        return [peer.command(" ".join(pack)), ["sh", "-c", unpack]]

    return Copier("tar | ssh", commands, peer.env, peer.errors, peer.server)


def cp(context: Context, *options: str) -> Copier:
    """The local yardstick: no network, no encryption."""
    errors = context.workspace / "cp.log"
    argv = ["cp", *options]
    return Copier(" ".join(argv), lambda way, a, b: [[*argv, str(a), str(b)]], dict(os.environ), errors)


def _config(peer: OpenSsh) -> str:
    return str(peer.home / "ssh_config")


@contextlib.contextmanager
def both_servers(context: Context, place: Place | None = None) -> Iterator[tuple[Nigh, OpenSsh]]:
    with contextlib.ExitStack() as stack:
        near = stack.enter_context(Nigh(context.nigh, context.workspace, place))
        yield near, stack.enter_context(OpenSsh(context.workspace, place, options=AES))


@contextlib.contextmanager
def scratch(context: Context, gigabytes: float) -> Iterator[Path]:
    """A folder in memory, so that no disk decides."""
    memory = Path("/dev/shm")
    free = shutil.disk_usage(memory).free if memory.exists() else 0
    if free < gigabytes * 1e9:
        raise Unavailable(f"this needs {gigabytes:g} GB of free memory in {memory}")
    with tempfile.TemporaryDirectory(prefix="nigh-bench-", dir=memory) as folder:
        yield Path(folder)
