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
from hpcm_core.entropy.model import EntropyModel, Request, quantize
from hpcm_core.errors import ArithmeticMismatch
from hpcm_core.format.container import Tile
from hpcm_core.models.hpcm.sampling import down, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, STEPS

Check = Callable[[], None]
"""Called before every step; raises to stop the work."""


class TileCode(NamedTuple):
    """A tile's streams, reconstructed latents (1xMxhxw float32), bits of z and of each step (12xhxw float32)."""

    tile: Tile
    y_hat: Tensor
    bits: npt.NDArray[np.float32]


@cache
def coder_tables() -> coder.Tables:
    """The 60 standard tables in the native coder's form."""
    tables = standard_tables()
    return coder.Tables(tables.cdf, tables.lengths, tables.offsets)


def encode_tile(entropy: EntropyModel, y: Tensor, check: Check) -> TileCode:
    """Code the latents of one tile (1xMxhxw). Where the arithmetic is not repeatable by nature the tile is decoded
    again, and ArithmeticMismatch raised if that gives other symbols.
    """
    y_of_scale = {3: y, 2: (y_2 := down(y, DOWN_TO_2)), 1: down(y_2, DOWN_TO_1)}
    encoders = [coder.Encoder(coder_tables()) for _ in range(4)]
    height, width = y.shape[2:]

    def code(request: Request) -> Tensor:
        check()
        scale = request.step.scale
        symbols = quantize(pack(y_of_scale[scale], request.step.sampling) - request.means)
        encoders[scale].push(_array(symbols), _array(request.indices))
        return symbols

    z, z_indices = entropy.hyper_symbols(y), entropy.hyper_indices(height, width)
    encoders[0].push(_array(z), _array(z_indices))
    record = _Record(z, z_indices)
    y_hat = _drive(entropy, z, code, record.add)
    z_stream, *y_streams = (encoder.finish() for encoder in encoders)
    tile = Tile(z_stream, (y_streams[0], y_streams[1], y_streams[2]), record.crc)
    if not entropy.repeatable:
        return decode_tile(entropy, tile, height, width, check)
    return TileCode(tile, y_hat, record.shares(tile))


def decode_tile(entropy: EntropyModel, tile: Tile, height: int, width: int, check: Check) -> TileCode:
    """Decode a tile of height x width latents. Raises ArithmeticMismatch where the streams give other symbols than
    were coded.
    """
    decoders = [coder.Decoder(stream, coder_tables()) for stream in (tile.z, *tile.y)]

    def code(request: Request) -> Tensor:
        check()
        return torch.from_numpy(decoders[request.step.scale].pull(_array(request.indices)))

    try:
        z_indices = entropy.hyper_indices(height, width)
        z = torch.from_numpy(decoders[0].pull(_array(z_indices)))
        record = _Record(z, z_indices)
        y_hat = _drive(entropy, z, code, record.add)
        for decoder in decoders:
            decoder.finish()
    except coder.CoderError:
        raise _mismatch(entropy) from None
    if record.crc != tile.symbols_crc:
        raise _mismatch(entropy)
    return TileCode(tile, y_hat, record.shares(tile))


def _drive(
    entropy: EntropyModel, z: Tensor, code: Callable[[Request], Tensor], watch: Callable[[Request, Tensor], None]
) -> Tensor:
    """Take the entropy model through its steps; `code` gives each step's symbols, `watch` sees them. Returns y_hat."""
    with entropy.session():
        steps = entropy.steps(z)
        request = next(steps)
        while True:
            symbols = code(request)
            watch(request, symbols)
            try:
                request = steps.send(symbols)
            except StopIteration as end:
                return end.value


def _mismatch(entropy: EntropyModel) -> ArithmeticMismatch:
    if entropy.repeatable:
        return ArithmeticMismatch(
            "The file's code streams do not give the latents that were coded: it is damaged in a way that its "
            "checksums do not show, or this machine computes wrongly."
        )
    return ArithmeticMismatch(
        "This machine computes other probabilities than the one that made the file, so the picture cannot be "
        "recovered here. Decode it where it was made, or with the same processor type and library versions."
    )


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    return tensor.contiguous().cpu().numpy()


class _Record:
    """What went through a tile's streams: the CRC-32 of all symbols (int16 little-endian: z, then each step's packed
    symbols) and where the bits went.
    """

    def __init__(self, z: Tensor, z_indices: Tensor) -> None:
        self.crc = zlib.crc32(_symbol_bytes(z))
        bits = _cost(z, z_indices).sum(dim=(0, 1)) / 16
        bits = bits.repeat_interleave(4, 0).repeat_interleave(4, 1)
        self._bits = torch.zeros(len(STEPS) + 1, *bits.shape)
        self._bits[0] = bits

    def add(self, request: Request, symbols: Tensor) -> None:
        self.crc = zlib.crc32(_symbol_bytes(symbols), self.crc)
        bits = unpack(_cost(symbols, request.indices), request.step.sampling)
        if request.step.scale == 1:
            bits = up(bits, DOWN_TO_1)
        if request.step.scale < 3:
            bits = up(bits, DOWN_TO_2)
        self._bits[request.step.number] = bits.sum(dim=(0, 1))

    def shares(self, tile: Tile) -> npt.NDArray[np.float32]:
        """Bits per step and position, 12xhxw; a stream's closing bytes are shared out in proportion, so that all sums
        up to it.
        """
        shares = self._bits.double()
        scales = np.array([0] + [step.scale for step in STEPS])
        for stream, data in enumerate((tile.z, *tile.y)):
            rows = torch.from_numpy(np.flatnonzero(scales == stream))
            booked = shares[rows].sum()
            if booked > 0:
                shares[rows] *= 8 * len(data) / booked
        return shares.float().numpy()


def _symbol_bytes(symbols: Tensor) -> bytes:
    return _array(symbols).astype("<i2").tobytes()


def _cost(symbols: Tensor, indices: Tensor) -> Tensor:
    return torch.from_numpy(coder_tables().bits(_array(symbols), _array(indices)))
