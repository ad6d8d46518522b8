# SPDX-License-Identifier: Apache-2.0
"""Which processes there are, from /proc."""
import contextlib
import os
import pathlib
import signal


def _stat(pid):
    """(state, parent) of a process, or None when there is none."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent = text.rpartition(")")[2].split()[:2]
    return state, int(parent)


def alive(pid):
    """Whether the process exists and has not ended (a zombie has)."""
    stat = _stat(pid)
    return stat is not None and stat[0] not in "ZX"


def kill(pid, number=signal.SIGKILL):
    """Sends a process a signal, if it has not ended by itself since somebody saw it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def command_line(pid):
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return b" ".join(words).decode(errors="backslashreplace").strip()


def descendants(pid):
    """The pids below `pid` that have not ended, parents before their children."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(entry.name)) and stat[0] not in "ZX":
            children.setdefault(stat[1], []).append(int(entry.name))
    found = list(children.get(pid, []))
    for one in found:
        found.extend(children.get(one, []))
    return found


def threads_of(uid):
    """How many threads an account has: what RLIMIT_NPROC counts."""
    threads = 0
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lines = (entry / "status").read_text().splitlines()
            status = dict(line.split(":", 1) for line in lines)
            threads += int(status["Threads"]) * (int(status["Uid"].split()[0]) == uid)
    return threads


def resident_bytes(pid):
    """Memory that the process has resident, without what it shares with others."""
    size = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        size[name] = int(value.split()[0]) * 1024
    return size["Private_Clean"] + size["Private_Dirty"]


def open_descriptors(pid):
    """What each descriptor of the process refers to."""
    found = {}
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(entry.name)] = str(entry.readlink())
        except FileNotFoundError:
            pass  # closed since the listing
    return found
