"""How often each error occurs: the reconstruction's samples less the original's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.canvas.colour import strips
from hpcm_core.picture.samples import LUMA

LEVELS = 255
"""Largest error, in 8-bit levels."""
ERRORS = np.arange(-LEVELS, LEVELS + 1)
RGB, GREY = ("R", "G", "B", "Y"), ("Y",)


@dataclass(frozen=True, eq=False)
class ErrorCounts:
    """counts: how many pixels of each of `planes` have each of ERRORS, rounded to 8-bit levels; int64, planes x 511."""

    planes: tuple[str, ...]
    counts: npt.NDArray[np.int64]

    @property
    def pixels(self) -> int:
        return int(self.counts[0].sum())

    def mean(self, plane: int) -> float:
        return float(self.counts[plane] @ ERRORS) / self.pixels

    def rms(self, plane: int) -> float:
        return float(np.sqrt(self.counts[plane] @ ERRORS**2 / self.pixels))

    def extremes(self, plane: int) -> tuple[int, int]:
        """The lowest and the highest error."""
        found = ERRORS[self.counts[plane] > 0]
        return int(found[0]), int(found[-1])

    def within(self, plane: int, share: float) -> int:
        """The least size of error that this share of the pixels does not exceed."""
        sizes = self.counts[plane, LEVELS:].copy()
        sizes[1:] += self.counts[plane, LEVELS - 1 :: -1]
        return int(np.searchsorted(sizes.cumsum(), share * self.pixels))

    def as_csv(self) -> str:
        """A line for each error that occurs."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["error", *self.planes])
        table.writerows([int(e), *map(int, self.counts[:, i])] for i, e in enumerate(ERRORS) if self.counts[:, i].any())
        return text.getvalue()


def count_errors(original: npt.NDArray[Any], reconstruction: npt.NDArray[Any]) -> ErrorCounts:
    """Of two arrays H x W x C of one shape, uint8 or uint16, C = 1 or 3, at least one pixel. Of colours also luma's
    (ITU-R BT.709), which is rounded only once.
    """
    planes = GREY if original.shape[2] == 1 else RGB
    counts = np.zeros((len(planes), len(ERRORS)), np.int64)
    unit = np.float32(1 / 257 if original.dtype == np.uint16 else 1)
    for rows in strips(original.shape[0], original.shape[1] * original.shape[2]):
        change = reconstruction[rows].astype(np.int32) - original[rows]
        for plane, name in enumerate(planes):
            if name == "Y" and change.shape[2] == 3:
                values = np.rint(change @ np.array(LUMA, np.float32) * unit).astype(np.int32)
            else:
                values = np.rint(change[:, :, plane] * unit).astype(np.int32)
            counts[plane] += np.bincount(values.ravel() + LEVELS, minlength=len(ERRORS))
    return ErrorCounts(planes, counts)
