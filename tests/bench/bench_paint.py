"""What a painted part gains at equal bytes: `make bench-paint PARTS="photo.png:320,128,384,384 other.png:0,0,128,448"`.

Each part is a picture and a rectangle in it: left, top, width and height in pixels; what it touches of the blocks of
64 x 64 is painted. Gains are the part's PSNR above that in the plain file of the quality, in a painted file of the
highest quality that is not larger than the plain one. "with the rest cheap": everything else is painted to be coded
cheaply. "at quality 100" is what the part would gain in a plain file of that quality, whatever its size: more than
that no painting gives. "of bytes" is the part's share of the plain file at quality 40.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hpcm_core import codec, metrics
from hpcm_core.format.gain import BLOCK, MOST, QualityMap, blocks
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.results import Encoded

QUALITIES = (20, 40, 60)
SHOWN = 40
"""The quality of which shares of bytes and the PSNR of the whole picture are said."""


class Part(NamedTuple):
    """A picture, and the rows and columns of its blocks that are painted."""

    name: str
    picture: Picture
    rows: slice
    columns: slice

    @property
    def pixels(self) -> tuple[slice, slice]:
        rows, columns = self.rows, self.columns
        return slice(rows.start * BLOCK, rows.stop * BLOCK), slice(columns.start * BLOCK, columns.stop * BLOCK)

    def painted(self, rest: int) -> QualityMap:
        """The part kept, everything else at an offset."""
        offsets = np.full(blocks(self.picture.width, self.picture.height), rest, np.int8)
        offsets[self.rows, self.columns] = MOST
        return QualityMap.of(offsets)

    def psnr(self, encoded: Encoded) -> float:
        """Of the part, in dB."""
        assert encoded.reconstruction is not None
        return metrics.psnr(self.picture.pixels[self.pixels], encoded.reconstruction.pixels[self.pixels])


def part_of(text: str) -> Part:
    path, _, rectangle = text.rpartition(":")
    left, top, width, height = map(int, rectangle.split(","))
    picture = Picture(Picture.open(Path(path)).pixels)
    rows = slice(top // BLOCK, -(-(top + height) // BLOCK))
    return Part(f"{Path(path).stem} {rectangle}", picture, rows, slice(left // BLOCK, -(-(left + width) // BLOCK)))


def at(part: Part, quality: int, painted: QualityMap | None = None) -> Encoded:
    return codec.encode(part.picture, Recipe(quality=quality, quality_map=painted, embed_preview=False))


def nearest(part: Part, painted: QualityMap, most: int) -> tuple[Encoded, int] | None:
    """The file of the highest quality that has at most so many bytes, and its quality. None where there is none."""
    low, high = -1, 101
    found = None
    while high - low > 1:
        middle = (low + high) // 2
        encoded = at(part, middle, painted)
        if len(encoded.data) <= most:
            low, found = middle, encoded
        else:
            high = middle
    return None if found is None else (found, low)


def share_of_bits(part: Part, plain: Encoded) -> float:
    """Of a file's streams, by its bit maps."""
    maps = plain.bits
    assert maps is not None
    total = maps.steps.sum(axis=0)
    rows, columns = (slice(one.start // maps.cell, one.stop // maps.cell) for one in part.pixels)
    return float(total[rows, columns].sum() / total.sum())


def row(part: Part) -> list[str]:
    """A row of the table."""
    of_pixels = part.picture.pixels[part.pixels].size / part.picture.pixels.size
    most = part.psnr(at(part, 100))
    gains: list[str] = []
    words = {"share": "", "whole": "–"}
    for quality in QUALITIES:
        plain = at(part, quality)
        before = part.psnr(plain)
        for rest in (0, -MOST):
            found = nearest(part, part.painted(rest), len(plain.data))
            gains.append("–" if found is None else f"{part.psnr(found[0]) - before:+.2f} ({found[1]})")
            if quality == SHOWN and rest == 0 and found is not None:
                assert plain.metrics is not None
                assert found[0].metrics is not None
                words["whole"] = f"{found[0].metrics.psnr - plain.metrics.psnr:+.2f}"
        gains.append(f"{most - before:+.2f}" if math.isfinite(most) else "–")
        if quality == SHOWN:
            words["share"] = f"{share_of_bits(part, plain):.0%}"
    return [part.name, f"{of_pixels:.0%}", words["share"], *gains, words["whole"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", help="PICTURE:LEFT,TOP,WIDTH,HEIGHT")
    options = parser.parse_args()
    columns = [f"{quality}{what}" for quality in QUALITIES for what in ("", ", the rest cheap", ", at quality 100")]
    head = ["part", "of pixels", "of bytes", *columns, "whole"]
    print(f"| {' | '.join(head)} |\n| --- |{' ---: |' * (len(head) - 1)}", flush=True)
    for text in options.parts:
        print(f"| {' | '.join(row(part_of(text)))} |", flush=True)


if __name__ == "__main__":
    main()
