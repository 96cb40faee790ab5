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
        wanted = reference.heads(integers, samples)
        for name in _lossless.instruction_sets():
            network = _lossless.Network(dict(integers.arrays), tables(), integers.config.order, name)
            if agrees(network, samples, wanted):
                self._network = network
                return
            logging.getLogger(__name__).error("The kernels for %s compute lossless models wrongly.", name)
        raise HpcmError("This machine computes wrongly: none of the program's kernels passes its check.")

    def encode(self, samples: npt.NDArray[np.uint8], stop: Stop) -> bytes:
        """The payload of a tile's chunk: its stream and a checksum. samples: h x w x 3, RGB. Raises Cancelled."""
        return self._network.encode(samples, stop.check)

    def decode(self, payload: bytes | memoryview, height: int, width: int, stop: Stop) -> npt.NDArray[np.uint8]:
        """What `encode` was given. Raises ValueError for a damaged payload, Cancelled."""
        return self._network.decode(payload, height, width, stop.check)


def agrees(
    network: _lossless.Network,
    samples: npt.NDArray[np.uint8],
    wanted: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
) -> bool:
    """Whether a network says of a tile's pixels what it should: head and prediction as `reference.heads` has them."""
    return all(map(np.array_equal, network.heads(samples), wanted))
