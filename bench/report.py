# SPDX-License-Identifier: Apache-2.0
"""The table for people and the file for programs."""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness import Context, Row

VERSIONS = {
    "ssh": ["ssh", "-V"],
    "dropbear": ["dropbear", "-V"],
    "mosh": ["mosh", "--version"],
    "openssl": ["openssl", "version"],
    "rsync": ["rsync", "--version"],
}


def print_rows(rows: Sequence[Row]) -> None:
    """One case's lines; the columns are the same for every case."""
    for row in rows:
        figure = f"{_short(row.median)} {row.unit}"
        spread = ""
        if len(row.samples) > 1:
            spread = f"({_short(min(row.samples))} - {_short(max(row.samples))})"
        goal = "" if row.goal is None else f"{row.goal.relation} {_short(row.goal.limit)}"
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        columns = f"{row.case:<14}{row.what:<44}{figure:>18}  {spread:<18}{goal:<10}{verdict:<8}"
        print((columns + row.note).rstrip(), flush=True)


def _short(value: float) -> str:
    """Three significant digits, without an exponent."""
    magnitude = abs(value)
    if magnitude >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.{1 if magnitude >= 10 else 2 if magnitude >= 1 else 3}f}"


def write_results(path: Path, rows: Sequence[Row], context: Context) -> None:
    """See bench.py for what the file holds. A run of some cases replaces the file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "schema": 1,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "quick": context.quick,
        "machine": _machine(context),
        "rows": [_row(row) for row in rows],
        "skipped": [{"case": case, "why": why} for case, why in context.skipped],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def _row(row: Row) -> dict[str, object]:
    goal = None if row.goal is None else {"relation": row.goal.relation, "limit": row.goal.limit}
    return {
        "case": row.case,
        "what": row.what,
        "unit": row.unit,
        "median": row.median,
        "min": min(row.samples),
        "max": max(row.samples),
        "samples": list(row.samples),
        "goal": goal,
        "met": row.met,
        "note": row.note,
    }


def _machine(context: Context) -> dict[str, object]:
    return {
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": context.load,
        "versions": {name: _version(argv) for name, argv in VERSIONS.items()},
    }


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(argv: Sequence[str]) -> str | None:
    if shutil.which(argv[0]) is None:
        return None
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().partition("\n")[0]
