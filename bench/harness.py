# SPDX-License-Identifier: Apache-2.0
"""What every case needs: rows of the table with their goals, and measuring contenders in turn.

Contenders are measured A B A B, never A A B B: a machine that gets slower or busier meanwhile then
harms both, and a ratio of two neighbours says more than two absolute figures.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")


class Unavailable(Exception):
    """Something a case needs is not on this machine; the text says what to install or do."""


class CaseFailed(Exception):
    """A contender did not do its work; the text says which, and shows its last output."""


@dataclasses.dataclass(frozen=True)
class Goal:
    """A figure has to be at most (or at least) `limit`."""

    relation: str  # "<=" or ">="
    limit: float

    def met_by(self, value: float) -> bool:
        return value <= self.limit if self.relation == "<=" else value >= self.limit


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, every sample, and the goal if there is one."""

    case: str
    what: str
    unit: str
    samples: tuple[float, ...]
    goal: Goal | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.goal.met_by(self.median)


@dataclasses.dataclass
class Context:
    """Where things are, how thorough to be, and what had to be left out."""

    build: Path
    nigh: Path
    workspace: Path
    quick: bool
    load: float  # processes that others kept busy in the minute before the start
    skipped: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def skip(self, case: str, why: object) -> None:
        self.skipped.append((case, str(why)))

    def program(self, name: str) -> str:
        """Path of a benchmark program of ours."""
        path = self.build / "bench" / name
        if not path.exists():
            raise Unavailable(f"{path} is not built: run ./dev build")
        return str(path)


class Case(Protocol):
    """A module in cases/: its name on the command line, one line about it, and its work."""

    NAME: str
    ABOUT: str

    def run(self, context: Context) -> Iterator[Row]: ...


def alternate(
    contenders: Mapping[str, Callable[[], T]], rounds: int, warm_up: int = 1
) -> dict[str, list[T]]:
    """Measures each contender `rounds` times, in turn; the warm-up rounds are thrown away."""
    samples: dict[str, list[T]] = {name: [] for name in contenders}
    for turn in range(-warm_up, rounds):
        for name, measure in contenders.items():
            sample = measure()
            if turn >= 0:
                samples[name].append(sample)
    return samples


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> tuple[float, ...]:
    """Of each round's neighbours, so that drift of the machine cancels out."""
    return tuple(a / b for a, b in zip(numerators, denominators, strict=True))
