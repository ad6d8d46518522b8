# SPDX-License-Identifier: Apache-2.0
"""A long network for a test: two network namespaces joined by the nigh-netem program.

    with Link(program, rtt_ms=100, rate="1gbit") as link:
        link.run_a(["ssh", link.ADDRESS_B, "true"])
        link.down()

Needs root. Only namespaces made here are used, and whatever still runs in them at the end is killed
with them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from typing import Any

from harness import CaseFailed, Unavailable

# A receiver must be able to buffer a round trip's worth of bytes, and a sender to keep as much
# unacknowledged: 12.5 MB at 1 Gbit/s and 100 ms. The kernel's default stops a sender at 4 MiB.
BUFFER_SETTINGS = {
    "net/ipv4/tcp_rmem": "4096 131072 67108864",
    "net/ipv4/tcp_wmem": "4096 65536 67108864",
    "net/ipv4/tcp_no_metrics_save": "1",  # one run must not teach the next
}


class Link:
    """The emulated network; side A is the near one, side B the far one."""

    ADDRESS_A = "10.99.0.1"
    ADDRESS_B = "10.99.0.2"

    def __init__(
        self,
        program: str,
        rtt_ms: float = 0,
        rate: str = "unlimited",
        loss: float = 0,
        congestion_control: str | None = None,
    ) -> None:
        self.program = program
        self.commands = [f"delay {rtt_ms / 2}ms", f"rate {rate}", f"loss {loss}"]
        self.congestion_control = congestion_control
        self.name_a, self.name_b = f"nigh-a-{os.getpid()}", f"nigh-b-{os.getpid()}"
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Link:
        if os.geteuid() != 0:
            raise Unavailable("the emulated network needs root")
        for tool in ("ip", "nsenter"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not installed (Debian: iproute2, util-linux)")
        self.process = subprocess.Popen(
            [self.program, self.name_a, self.name_b, *self.commands], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            if self._read_line() != "ready":
                raise CaseFailed("nigh-netem did not start: its message is above")
            self._tune()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self._kill_inhabitants()
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate(timeout=10)  # the end of its commands is its end

    def _tune(self) -> None:
        settings = dict(BUFFER_SETTINGS)
        if self.congestion_control is not None:
            settings["net/ipv4/tcp_congestion_control"] = self.congestion_control
        script = " && ".join(f"echo {value} > /proc/sys/{key}" for key, value in settings.items())
        for enter in (self.enter_a, self.enter_b):
            if subprocess.run(enter(["sh", "-c", script]), check=False).returncode != 0:
                raise Unavailable("the kernel refuses these TCP settings: " + script)

    def _kill_inhabitants(self) -> None:
        for name in (self.name_a, self.name_b):
            listing = subprocess.run(
                ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
            )
            for pid in listing.stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)

    def enter_a(self, argv: Sequence[str] = ()) -> list[str]:
        """The command line that runs `argv` at side A; it replaces itself, so the pid is argv's."""
        return ["nsenter", f"--net=/run/netns/{self.name_a}", "--", *argv]

    def enter_b(self, argv: Sequence[str] = ()) -> list[str]:
        return ["nsenter", f"--net=/run/netns/{self.name_b}", "--", *argv]

    def run_a(self, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        return subprocess.run(self.enter_a(argv), **options)

    def run_b(self, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        return subprocess.run(self.enter_b(argv), **options)

    def down(self) -> None:
        self.command("down")

    def up(self) -> None:
        self.command("up")

    def stats(self) -> list[dict[str, int]]:
        """Counters since the start: A to B first, then B to A."""
        counters: list[dict[str, int]] = json.loads(self._ask("stats"))
        return counters

    def command(self, line: str) -> None:
        """Changes the network at once, for instance `delay 20ms`; see nigh-netem --help."""
        answer = self._ask(line)
        if answer != "ok":
            raise ValueError(answer)

    def _ask(self, line: str) -> str:
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._read_line()

    def _read_line(self) -> str:
        assert self.process is not None and self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")
