"""Latents of one tile to code streams and back, through the entropy model's generator."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import coder
from hpcm_core.entropy.ggm import standard_tables
from hpcm_core.entropy.model import EntropyModel, Request, drive, quantize
from hpcm_core.errors import ArithmeticMismatch
from hpcm_core.format.tile import Tile

Check = Callable[[], None]
"""Called before every step; raises to stop the work."""


class TileCode(NamedTuple):
    """A tile's streams, reconstructed latents (1xMxhxw float32) and bits of each label (labels x hxw, float32)."""

    tile: Tile
    y_hat: Tensor
    bits: npt.NDArray[np.float32]


@cache
def coder_tables() -> coder.Tables:
    """The 60 standard tables in the native coder's form."""
    tables = standard_tables()
    return coder.Tables(tables.cdf, tables.lengths, tables.offsets)


def encode_tile(entropy: EntropyModel, y: Tensor, check: Check) -> TileCode:
    """Code the latents of one tile (1xMxhxw)."""
    encoders = [coder.Encoder(coder_tables()) for _ in range(entropy.streams)]
    record = _Record(entropy)

    def code(request: Request) -> Tensor:
        check()
        symbols = quantize(request.place.pack(y) - request.means)
        encoders[request.stream].push(_array(symbols), _array(request.indices))
        record.add(request, symbols)
        return symbols

    y_hat = drive(entropy.steps(*y.shape[2:]), code)
    tile = Tile(tuple(encoder.finish() for encoder in encoders), record.crc)
    return TileCode(tile, y_hat, record.shares(tile))


def decode_tile(entropy: EntropyModel, tile: Tile, height: int, width: int, check: Check) -> TileCode:
    """Decode a tile of height x width latents. Raises ArithmeticMismatch where the streams give other symbols than
    were coded.
    """
    decoders = [coder.Decoder(stream, coder_tables()) for stream in tile.streams]
    record = _Record(entropy)

    def code(request: Request) -> Tensor:
        check()
        symbols = torch.from_numpy(decoders[request.stream].pull(_array(request.indices)))
        record.add(request, symbols)
        return symbols

    try:
        y_hat = drive(entropy.steps(height, width), code)
        for decoder in decoders:
            decoder.finish()
    except coder.CoderError:
        raise _mismatch() from None
    if record.crc != tile.symbols_crc:
        raise _mismatch()
    return TileCode(tile, y_hat, record.shares(tile))


def _mismatch() -> ArithmeticMismatch:
    return ArithmeticMismatch(
        "The file's code streams do not give the latents that were coded: it is damaged in a way that its "
        "checksums do not show, or this machine computes wrongly."
    )


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    return tensor.contiguous().cpu().numpy()


class _Record:
    """What went through a tile's streams: the CRC-32 of all symbols (int16 little-endian, in coding order) and where
    the bits went.
    """

    def __init__(self, entropy: EntropyModel) -> None:
        self.crc = 0
        self._labels = entropy.labels
        self._bits: dict[str, Tensor] = {}
        self._stream_of: dict[str, int] = {}

    def add(self, request: Request, symbols: Tensor) -> None:
        self.crc = zlib.crc32(_array(symbols).astype("<i2").tobytes(), self.crc)
        cost = torch.from_numpy(coder_tables().bits(_array(symbols), _array(request.indices)))
        self._bits[request.label] = request.place.spread(cost)
        self._stream_of[request.label] = request.stream

    def shares(self, tile: Tile) -> npt.NDArray[np.float32]:
        """Bits per label and position, labels x hxw; a stream's closing bytes are shared out in proportion, so that all
        sums up to it.
        """
        shares = torch.stack([self._bits[label] for label in self._labels]).double()
        stream_of = torch.tensor([self._stream_of[label] for label in self._labels])
        for stream, data in enumerate(tile.streams):
            rows = stream_of == stream
            booked = shares[rows].sum()
            if booked > 0:
                shares[rows] *= 8 * len(data) / booked
        return shares.float().numpy()
