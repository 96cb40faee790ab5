"""g_a and g_s of profile 2 over a whole picture: samples to latents and back, in integers.

What a window computes is what the whole picture would give, to the last bit, since a feature depends on what it sees
and on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.format.gain import QualityMap
from hpcm_core.format.header import MAX_QUALITY, Header
from hpcm_core.integer.layers import Scale, Tensor, rnd
from hpcm_core.integer.operations import Operations
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.integer import DEEP_OFFSET, LATENT_BITS, Layer, Reader, Room, Turns, Weights, chain, on_grid
from hpcm_core.picture.picture import Picture
from hpcm_core.transform.coding import Report, empty_latents
from hpcm_core.transform.tiling import Grid, Span, Window, windows

Table = tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8]]
"""Gains as factors and shifts, qualities x channels each."""
SAMPLES = {8: (255, "narrow"), 16: (DEEP_OFFSET, "wide")}
"""By bits a sample: the largest magnitude of what g_a sees, and the name of the layers that meet samples."""


def check_look(config: HPCMConfig, weights: Weights) -> None:
    """Raises ModelError where sums of a second g_s could leave 32 bits."""
    for name in SAMPLES.values():
        chain(Reader(weights), "g_s", config.g_s, last=name[1])


class IntegerTransforms:
    """transform.coding.Transforms at one sample depth and one quality, which a map may change from block to block."""

    def __init__(
        self,
        config: HPCMConfig,
        weights: Weights,
        run: Operations,
        quality: int,
        bits: int,
        quality_map: QualityMap | None = None,
    ) -> None:
        self._config, self._run, self._quality, self._quality_map = config, run, quality, quality_map
        reader = Reader(weights)
        limit, name = SAMPLES[bits]
        self._g_a = chain(reader, "g_a", config.g_a, limit, first=name)
        self._g_s = chain(reader, "g_s", config.g_s, last=name)
        self._gain_enc, self._gain_dec = (
            (weights[f"{key}.factor"], weights[f"{key}.shift"]) for key in ("rate_gain_enc", "rate_gain_dec")
        )

    def analyse(self, picture: Picture, cut: Grid, report: Report) -> npt.NDArray[np.float32]:
        """See Transforms: multiples of 1/256."""
        y, room = empty_latents(self._config, cut), Turns()
        cells = windows(cut.height, cut.width, self._config.window, self._config.halo)
        for i, window in enumerate(cells):
            x = _samples(picture, _pixels(window.outer_rows, cut), _pixels(window.outer_columns, cut))
            x = self._through(self._g_a, x, room, report, i / len(cells), 1 / len(cells))
            inner = x[_inside(window)].astype(np.int32)
            gain = self._gain(self._gain_enc, cut, window.rows, window.columns)
            scaled = rnd(inner * gain.factor.astype(np.int32), gain.shift)
            y[0, :, window.rows.slice, window.columns.slice] = (
                scaled.astype(np.float32) / (1 << LATENT_BITS)
            ).transpose(2, 0, 1)
        return y

    def synthesize(
        self, y_hat: npt.NDArray[np.float32], header: Header, cut: Grid, report: Report
    ) -> npt.NDArray[np.generic]:
        """See Transforms."""
        dtype = np.uint8 if header.bit_depth == 8 else np.uint16
        pixels, room = np.empty((header.height, header.width, header.channels), dtype), Turns()
        cells = windows(cut.height, cut.width, self._config.window, self._config.halo)
        for i, window in enumerate(cells):
            rows, columns = _pixels(window.rows, cut), _pixels(window.columns, cut)
            height, width = min(rows.stop, header.height) - rows.start, min(columns.stop, header.width) - columns.start
            if height <= 0 or width <= 0:
                continue
            x = self.entering(y_hat, cut, window.outer_rows, window.outer_columns)
            x = self._through(self._g_s, x, room, report, i / len(cells), 1 / len(cells))
            top = (window.rows.start - window.outer_rows.start) * cut.stride
            left = (window.columns.start - window.outer_columns.start) * cut.stride
            block = x[top : top + height, left : left + width]
            pixels[rows.start : rows.start + height, columns.start : columns.start + width] = _shown(block, header)
        return pixels

    def entering(self, y_hat: npt.NDArray[np.float32], cut: Grid, rows: Span, columns: Span) -> Tensor:
        """What g_s is given of a part of the latents y_hat (1xMxhxw): h' x w' x M."""
        return self._run.rescale(
            on_grid(y_hat[..., rows.slice, columns.slice]), self._gain(self._gain_dec, cut, rows, columns)
        )

    def _gain(self, table: Table, cut: Grid, rows: Span, columns: Span) -> Scale:
        """Of a part of the latents: a factor a channel, or, with a map, one a channel and position."""
        factor, shift = table
        if self._quality_map is None:
            return Scale(factor[self._quality], shift[self._quality])
        offsets = self._quality_map.on_latents(cut.height, cut.width, cut.stride)[rows.slice, columns.slice]
        quality = (self._quality + offsets.astype(np.int16)).clip(0, MAX_QUALITY)
        return Scale(factor[quality], shift[quality])

    def _through(
        self, layers: Sequence[Layer], x: Tensor, room: Room, report: Report, start: float, part: float
    ) -> Tensor:
        """What comes out has the room until the next call."""
        for i, layer in enumerate(layers):
            done = start + part * i / len(layers)
            report(done)
            x = layer(self._run, x, partial(report, done), room)
        return x


def _samples(picture: Picture, rows: Span, columns: Span) -> Tensor:
    """A range of pixels as g_a sees them: H x W x 3; beyond the picture its last row and column repeat."""
    block = picture.rgb()[rows.slice, columns.slice]
    if block.dtype == np.uint8:
        samples = block.astype(np.int16, order="C")
        samples *= 2
        samples -= 255
    else:
        samples = (block.astype(np.int32) - DEEP_OFFSET).astype(np.int16, order="C")
    below, beside = len(rows) - samples.shape[0], len(columns) - samples.shape[1]
    return np.pad(samples, ((0, below), (0, beside), (0, 0)), "edge") if below or beside else samples


def _shown(block: Tensor, header: Header) -> npt.NDArray[np.integer[Any]]:
    """What g_s gives as samples: grey is the mean of its channels, to the nearest."""
    if header.channels == 1:
        block = (block.sum(axis=2, keepdims=True, dtype=np.int32) + 1) // 3
    return block.astype(np.int32) + DEEP_OFFSET if header.bit_depth == 16 else block


def _pixels(latents: Span, cut: Grid) -> Span:
    return Span(latents.start * cut.stride, latents.stop * cut.stride)


def _inside(window: Window) -> tuple[slice, slice]:
    rows, columns = (
        slice(inner.start - outer.start, inner.stop - outer.start)
        for inner, outer in ((window.rows, window.outer_rows), (window.columns, window.outer_columns))
    )
    return rows, columns
