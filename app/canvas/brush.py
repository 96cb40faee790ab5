"""The brush that says where a picture is kept better or coded more cheaply, and its strokes on blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from app.ui.translation import QT_TR_NOOP
from hpcm_core.format.gain import BLOCK, MOST, QualityMap, blocks

SIZES = (64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Picture pixels across the brush."""


class Kind(Enum):
    """What a brush does. The value is the offset that it leaves."""

    KEEP = MOST
    CHEAP = -MOST
    ERASE = 0


KIND_NAMES = {
    Kind.KEEP: QT_TR_NOOP("Keep better"),
    Kind.CHEAP: QT_TR_NOOP("Code cheaply"),
    Kind.ERASE: QT_TR_NOOP("Erase"),
}


@dataclass(frozen=True)
class Brush:
    """size: picture pixels across."""

    kind: Kind = Kind.KEEP
    size: int = 128


@dataclass(frozen=True)
class Painting:
    """What is painted and with what, for as long as the brush is in the hand. offsets: None for a picture on which
    nothing is painted.
    """

    brush: Brush
    offsets: QualityMap | None


class Stroke:
    """One stroke over a map, from where the button is pressed to where it is let go. Points are picture pixels."""

    def __init__(self, painting: Painting, size: tuple[int, int]) -> None:
        """size: width and height of the picture."""
        self._brush = painting.brush
        rows, columns = blocks(*size)
        self._values = (
            np.zeros((rows, columns), np.int8) if painting.offsets is None else painting.offsets.offsets.copy()
        )
        self._middles = (np.arange(rows) + 0.5) * BLOCK, (np.arange(columns) + 0.5) * BLOCK
        self._last: tuple[float, float] | None = None

    def to(self, x: float, y: float) -> None:
        """Go on to a point."""
        start = self._last or (x, y)
        self._last = x, y
        steps = max(1, int(2 * max(abs(x - start[0]), abs(y - start[1])) / BLOCK))
        for i in range(1, steps + 1):
            self._dab(start[0] + (x - start[0]) * i / steps, start[1] + (y - start[1]) * i / steps)

    def _dab(self, x: float, y: float) -> None:
        """Paint the block under a point, and those whose middle the brush covers."""
        rows, columns = self._middles
        apart = np.hypot(rows[:, np.newaxis] - y, columns - x)
        self._values[apart <= self._brush.size / 2] = self._brush.kind.value
        row, column = int(y // BLOCK), int(x // BLOCK)
        if 0 <= row < len(rows) and 0 <= column < len(columns):
            self._values[row, column] = self._brush.kind.value

    @property
    def map(self) -> QualityMap:
        """What is painted by now."""
        return QualityMap.of(self._values)
