# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/` under h2load: 100 connections with 100 streams each, and not one error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness import CaseFailed, Context, Goal, Row
from peers import Nigh, run_quietly, tool

NAME = "load"
ABOUT = "h2load against GET /v1/: 100 connections x 100 streams"


def run(context: Context) -> Iterator[Row]:
    h2load = tool("h2load", "nghttp2-client")
    requests = 20_000 if context.quick else 100_000
    with Nigh(context.nigh, context.workspace) as nigh:
        header = f"authorization: Bearer {nigh.token()}"
        argv = [h2load, "-c100", "-m100", f"-n{requests}", "-H", header]
        output = run_quietly([*argv, f"https://{nigh.host}/v1/"])
    good = re.search(r"status codes: (\d+) 2xx", output)
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", output)
    if good is None or rate is None:
        raise CaseFailed(f"h2load says something new: {output[-500:]}")
    errors = requests - int(good.group(1))
    yield Row(NAME, "answers that are not 200", "of all", (errors,), Goal("<=", 0))
    yield Row(NAME, "requests", "1/s", (float(rate.group(1)),))
