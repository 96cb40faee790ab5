"""A blind test: pairs of pictures without their names, the better one picked, and what that adds up to. No widget."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

from hpcm_core.files import append_line, open_alone
from hpcm_core.table import to_csv

Pick: TypeAlias = Literal["left", "right", "same"]
Row: TypeAlias = tuple[object, ...]
COLUMNS = ("time", "picture", "at", "round", "left", "left_bytes", "right", "right_bytes", "better")


@dataclass(frozen=True)
class Round:
    """Places of the two contestants that are held against each other."""

    left: int
    right: int


class BlindTest:
    """All pairs of `count` contestants, in an order and with sides that nobody can foresee."""

    def __init__(self, count: int, random: Random) -> None:
        pairs = [Round(*random.sample(pair, 2)) for pair in combinations(range(count), 2)]
        self.rounds = random.sample(pairs, len(pairs))
        self.picks: list[Pick] = []
        self._count = count

    @property
    def current(self) -> Round | None:
        """The pair that is to be judged; None when all are."""
        return None if len(self.picks) == len(self.rounds) else self.rounds[len(self.picks)]

    def pick(self, better: Pick) -> None:
        """Judge the current pair."""
        if self.current is not None:
            self.picks.append(better)

    def scores(self) -> list[tuple[float, int]]:
        """Points of each contestant, and of how many rounds: one for a round won, half where none is better."""
        points, rounds = [0.0] * self._count, [0] * self._count
        for pair, better in zip(self.rounds, self.picks, strict=False):
            for place, side in ((pair.left, "left"), (pair.right, "right")):
                rounds[place] += 1
                points[place] += 0.5 if better == "same" else float(better == side)
        return list(zip(points, rounds, strict=True))

    def rows(
        self, time: str, picture: str, at: str, contestants: Sequence[tuple[str, int]]
    ) -> list[tuple[object, ...]]:
        """A row of COLUMNS for each round that was judged. contestants: names and bytes."""
        out: list[tuple[object, ...]] = []
        for number, (pair, better) in enumerate(zip(self.rounds, self.picks, strict=False), 1):
            left, right = contestants[pair.left], contestants[pair.right]
            name = {"left": left[0], "right": right[0], "same": ""}[better]
            out.append((time, picture, at, number, *left, *right, name))
        return out


def append(path: Path, rows: Sequence[Row]) -> None:
    """Add rows to a CSV file, which gets the names of the columns when it is new: all of them or, where that fails,
    none. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_alone(path, wait=True) as file:
        names, _, lines = to_csv(COLUMNS, (dict(zip(COLUMNS, row, strict=True)) for row in rows)).partition("\n")
        append_line(file, (lines if file.seek(0, os.SEEK_END) else f"{names}\n{lines}").encode())
