# SPDX-License-Identifier: Apache-2.0
"""Runs one server and knows every process that descends from it, also those that it orphans.

    warden.py REPORT-FD GRACE COMMAND…

It is the subreaper of the command's tree and the only process of the test run that is, so no other
child gets mixed in. It writes JSON lines to the descriptor: first the command's pid, then, when the
command has ended, its status and what was still running GRACE seconds later, which it kills. It
ends with the tests.
"""
import ctypes
import json
import os
import signal
import sys
import time

import processes

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# What Python ignores and a program should not find ignored.
DEFAULT_SIGNALS = [signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ]


def prctl(option, value):
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def reap(pid):
    """Waits for the command; meanwhile adopted orphans are reaped too."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def leftovers(grace):
    """Processes that are still there when `grace` seconds are over."""
    deadline = time.monotonic() + grace
    while (left := processes.descendants(os.getpid())) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [f"{pid}: {processes.command_line(pid)}" for pid in left]


def kill_all():
    while left := processes.descendants(os.getpid()):
        for pid in left:
            processes.kill(pid)
        time.sleep(0.01)


def end(*_):
    kill_all()
    os._exit(1)


def main():
    report = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    os.set_inheritable(report.fileno(), False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C in pytest: the fixtures end the server
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    pid = os.posix_spawnp(sys.argv[3], sys.argv[3:], os.environ, setsigdef=DEFAULT_SIGNALS)
    os.close(1)
    print(json.dumps({"pid": pid}), file=report)
    status = reap(pid)
    left = leftovers(float(sys.argv[2]))
    kill_all()
    print(json.dumps({"status": status, "left": left}), file=report)


if __name__ == "__main__":
    main()
