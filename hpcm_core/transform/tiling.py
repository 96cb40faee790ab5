"""How a picture's latents are cut: tiles for entropy coding (part of the format), windows for the transforms (not part
of it).
"""

from __future__ import annotations

from typing import NamedTuple

TILE_MAX = 64
"""Latents: the longest side of a tile, 1024 pixels."""
TILE_UNIT = 16
"""Latents: every tile's sides are multiples of this, as the attention windows of scale 1 need."""


class Span(NamedTuple):
    """A half-open range of latents."""

    start: int
    stop: int

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop)

    def __len__(self) -> int:
        return self.stop - self.start


class Window(NamedTuple):
    """What a transform computes at once: `inner` is kept, `outer` is what it must see for that."""

    rows: Span
    columns: Span
    outer_rows: Span
    outer_columns: Span


def split(length: int, limit: int = TILE_MAX, unit: int = TILE_UNIT) -> list[Span]:
    """Cut `length` latents (a multiple of unit) into ceil(length / limit) near-equal spans, multiples of unit, longer
    ones first.
    """
    count = -(-length // limit)
    units, extra = divmod(length // unit, count)
    spans, start = [], 0
    for i in range(count):
        stop = start + (units + (i < extra)) * unit
        spans.append(Span(start, stop))
        start = stop
    return spans


def tiles(height: int, width: int) -> list[tuple[Span, Span]]:
    """The tiles of a grid of latents, row by row, as (rows, columns)."""
    return [(rows, columns) for rows in split(height) for columns in split(width)]


def windows(height: int, width: int, size: int, halo: int) -> list[Window]:
    """Windows of at most size x size latents that cover the grid, each widened by `halo` up to the grid's border."""

    def widen(span: Span, length: int) -> Span:
        return Span(max(span.start - halo, 0), min(span.stop + halo, length))

    return [
        Window(rows, columns, widen(rows, height), widen(columns, width))
        for rows in split(height, size, 1)
        for columns in split(width, size, 1)
    ]
