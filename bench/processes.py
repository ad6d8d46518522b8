# SPDX-License-Identifier: Apache-2.0
"""Starting, timing and ending processes, and what they cost in CPU time and memory."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness import CaseFailed

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run: how long it took and the CPU time of everything that took part."""

    seconds: float
    cpu_seconds: float


def run_timed(argv: Sequence[str], env: Mapping[str, str], errors: Path) -> Sample:
    """Runs a program with stdin and stdout at /dev/null; anything but exit status 0 is a failure.

    posix_spawn instead of subprocess: its cost of a fraction of a millisecond is the same for every
    contender and hardly shows beside the shortest of them.
    """
    return run_pipeline([argv], env, errors)


def run_pipeline(commands: Sequence[Sequence[str]], env: Mapping[str, str], errors: Path) -> Sample:
    """Like a shell's `a | b < /dev/null > /dev/null`, from the first start to the last end."""
    begin = time.perf_counter()
    pids: list[int] = []
    source = os.open("/dev/null", os.O_RDONLY)
    for index, argv in enumerate(commands):
        last = index == len(commands) - 1
        following, sink = (-1, os.open("/dev/null", os.O_WRONLY)) if last else os.pipe()
        pids.append(_spawn(argv, env, source, sink, errors))
        os.close(source)
        os.close(sink)
        source = following
    return _reap(commands, pids, begin, errors)


def _spawn(
    argv: Sequence[str], env: Mapping[str, str], source: int, sink: int, errors: Path
) -> int:
    mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_DUP2, source, 0),
        (os.POSIX_SPAWN_DUP2, sink, 1),
        (os.POSIX_SPAWN_OPEN, 2, str(errors), mode, 0o600),
    ]
    return os.posix_spawnp(argv[0], list(argv), dict(env), file_actions=actions)


def _reap(
    commands: Sequence[Sequence[str]], pids: Sequence[int], begin: float, errors: Path
) -> Sample:
    cpu = 0.0
    failed: list[str] = []
    for argv, pid in zip(commands, pids, strict=True):
        _, status, usage = os.wait4(pid, 0)
        cpu += usage.ru_utime + usage.ru_stime
        if status != 0:
            code = os.waitstatus_to_exitcode(status)
            failed.append(f"'{' '.join(argv)}' ended with {code}: {tail(errors)}")
    if failed:
        raise CaseFailed("; ".join(failed))
    return Sample(time.perf_counter() - begin, cpu)


def tail(log: Path, lines: int = 5) -> str:
    """The end of a log, for a message."""
    if not log.exists():
        return "(no output)"
    return " / ".join(log.read_text(errors="replace").splitlines()[-lines:]) or "(no output)"


class Server:
    """A server in its own process group, with its output in a file; a context manager.

    It counts as started when a line of its output contains `ready`.
    """

    def __init__(
        self, argv: Sequence[str], ready: str, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.argv, self.ready, self.log, self.env = list(argv), ready, log, env
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env,
                start_new_session=True,
            )  # fmt: skip
        try:
            self._wait_ready(time.monotonic() + 10)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_ready(self, deadline: float) -> None:
        assert self.process is not None
        while self.ready not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None:
                raise CaseFailed(f"'{' '.join(self.argv)}' ended at once: {tail(self.log)}")
            if time.monotonic() > deadline:
                raise CaseFailed(f"'{' '.join(self.argv)}' is not ready in 10 s: {tail(self.log)}")
            time.sleep(0.01)

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        left = descendants(self.process.pid)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        for pid in left:  # sessions of their own, out of reach of a signal to the group
            _kill(pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def cpu_seconds(self) -> float:
        """CPU time of the whole tree so far, with what ended children have used."""
        return sum(_cpu_seconds(pid) for pid in [self.pid, *descendants(self.pid)])

    def settled_cpu_seconds(self, processes: int) -> float:
        """cpu_seconds() once no more than `processes` are left, or after 2 s: what a connection
        has used counts only after its process has been waited for."""
        deadline = time.monotonic() + 2
        while len(descendants(self.pid)) > processes and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.cpu_seconds()

    def memory_bytes(self) -> int:
        """Proportional set size of the whole tree: shared pages count once."""
        return sum(pss_bytes(pid) for pid in [self.pid, *descendants(self.pid)])


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on, as of now."""
    found: list[int] = []
    for task in _tasks(pid):
        with contextlib.suppress(OSError):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def command_line(pid: int) -> str:
    """Words with spaces between; empty if there is no such process any more."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    return ""


def _tasks(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(f"/proc/{pid}/task")
    return []


def _cpu_seconds(pid: int) -> float:
    with contextlib.suppress(OSError):
        # After the name in parentheses; utime, stime, cutime, cstime are fields 14 to 17.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / TICKS
    return 0.0


def pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def running(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A client that stays for a while, for instance an idle connection; killed at the end."""
    process = subprocess.Popen(
        argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
