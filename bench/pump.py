# SPDX-License-Identifier: Apache-2.0
"""The yardstick of throughput: tls-pump, OpenSSL with as little as possible around it."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

from peers import Place, clean_env
from processes import Sample, Server, run_pipeline


class Pump:
    """One transfer a call; the receiver is started anew for each."""

    name = "tls pump"

    def __init__(self, program: str, workspace: Path, place: Place | None = None) -> None:
        self.program, self.place = program, place or Place(workspace)
        self.log, self.errors = workspace / "pump.log", workspace / "pump-sender.log"
        self.env = clean_env(workspace)

    def download(self, source: Sequence[str]) -> Sample:
        """`source` to the network to /dev/null: what `run host SOURCE > /dev/null` does."""
        return self._transfer(source, "exec \"$@\" > /dev/null")

    def upload(self, source: Sequence[str]) -> Sample:
        """`source` to the network to a pipe: what `SOURCE | run host 'cat > /dev/null'` does."""
        return self._transfer(source, '"$@" | cat > /dev/null')

    def _transfer(self, source: Sequence[str], script: str) -> Sample:
        receive = [self.program, "receive", "--host", self.place.address]
        before = os.times()
        with contextlib.ExitStack() as stack:
            argv = [*self.place.server_prefix, "sh", "-c", script, "sh", *receive]
            receiver = stack.enter_context(Server(argv, "listening on", self.log))
            listening = re.search(r"listening on \S+:(\d+)", self.log.read_text())
            assert listening is not None and receiver.process is not None
            send = [self.program, "send", "--host", self.place.address]
            send = [*self.place.client_prefix, *send, "--port", listening.group(1)]
            begin = time.perf_counter()
            run_pipeline([source, send], self.env, self.errors)
            receiver.process.wait()
            seconds = time.perf_counter() - begin
        after = os.times()
        # Everything that took part has been waited for, by this process or by the shell it ran in.
        used = after.children_user - before.children_user
        return Sample(seconds, used + after.children_system - before.children_system)
