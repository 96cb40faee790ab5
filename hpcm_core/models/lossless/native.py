"""The native coder of profile 3 (coder/src/lossless), with weights that were checked."""

from __future__ import annotations

import logging
import threading

import numpy as np
import numpy.typing as npt

from coder import _lossless
from hpcm_core.errors import Cancelled, HpcmError
from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.counts import tables
from hpcm_core.models.lossless.integers import Integers

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
"""Of a tile: h x w x 3, RGB, or h x w x 1, in one piece."""
Bits = npt.NDArray[np.float32]
"""What each sample takes, by its place."""

_CHECKED = (12, 24)
"""Rows and columns of the tile that kernels are checked on: its groups have all numbers of pixels from 1 to 12."""


class Stop:
    """Tells work on other threads that nobody wants it any more."""

    def __init__(self) -> None:
        self._said = threading.Event()

    def set(self) -> None:
        self._said.set()

    def check(self) -> None:
        """Raises Cancelled once it is said."""
        if self._said.is_set():
            raise Cancelled("The job was cancelled.")


class Coder:
    """Codes tiles, several at once on threads that call it: it holds no lock of Python's while it computes."""

    def __init__(self, integers: Integers) -> None:
        """With the fastest instruction set whose results are those of the reference. Nothing is written or read by
        others. Raises HpcmError where there is none.
        """
        samples = np.random.default_rng(1).integers(0, 256, (*_CHECKED, 3), np.uint8)
        deep = np.random.default_rng(2).integers(0, 1 << 16, (*_CHECKED, 3), np.uint16)
        wanted = [(one, reference.heads(integers, one)) for one in (samples, deep)]
        for name in _lossless.instruction_sets():
            network = _lossless.Network(dict(integers.arrays), tables(), integers.config.order, name)
            if all(agrees(network, *each) for each in wanted):
                self._network = network
                return
            logging.getLogger(__name__).error("The kernels for %s compute lossless models wrongly.", name)
        raise HpcmError("This machine computes wrongly: none of the program's kernels passes its check.")

    def encode(self, samples: Samples, stop: Stop) -> tuple[bytes, Bits]:
        """The payload of a tile's chunk, its stream and a checksum, and where the bits went. Raises Cancelled."""
        samples = samples.astype(samples.dtype.newbyteorder("<"), copy=False)
        bits = np.zeros(samples.shape, np.float32)
        return self._network.encode(samples, bits, stop.check), bits

    def decode(
        self, payload: bytes | memoryview, shape: tuple[int, int, int], dtype: npt.DTypeLike, stop: Stop
    ) -> tuple[Samples, Bits]:
        """What `encode` was given, and where the bits went. Raises ValueError for a damaged payload, Cancelled."""
        samples = np.zeros(shape, np.dtype(dtype).newbyteorder("<"))
        bits = np.zeros(shape, np.float32)
        self._network.decode(payload, samples, bits, stop.check)
        return samples, bits


def agrees(
    network: _lossless.Network,
    samples: Samples,
    wanted: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
) -> bool:
    """Whether a network says of a tile's pixels what it should: head and prediction as `reference.heads` has them."""
    return all(map(np.array_equal, network.heads(samples), wanted))
