# SPDX-License-Identifier: Apache-2.0
"""The cases of the benchmark, in the order in which they are run."""

from __future__ import annotations

from cases import channels, connect, cuts, echo, emulator, files_kill, files_large, files_link
from cases import files_memory, files_rename, files_small, fleet, idle, link, load, rate
from cases import round_trips, sessions, stream, terminal, tunnels, tunnels_idle

SESSIONS = (cuts, echo, terminal, sessions)
FILES = (files_large, files_small, files_link, files_rename, files_kill, files_memory)
TUNNELS = (tunnels, tunnels_idle, channels)
ALL = (connect, round_trips, stream, link, *TUNNELS, *SESSIONS, *FILES, idle, rate, load, fleet, emulator)
