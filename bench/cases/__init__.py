# SPDX-License-Identifier: Apache-2.0
"""The cases of the benchmark, in the order in which they are run."""

from __future__ import annotations

from cases import connect, emulator, fleet, idle, link, load, rate, round_trips, stream

ALL = (connect, round_trips, stream, link, idle, rate, load, fleet, emulator)
