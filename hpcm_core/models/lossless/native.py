"""The native coder of profile 3 (coder/src/lossless), with weights that were checked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from coder import _lossless
from hpcm_core.errors import Cancelled
from hpcm_core.models.lossless.counts import tables

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hpcm_core.models.lossless.integers import Integers


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

    def __init__(self, integers: Integers, instruction_set: str = "") -> None:
        """Raises ValueError for an instruction set that this machine has not."""
        self._network = _lossless.Network(dict(integers.arrays), tables(), integers.config.order, instruction_set)

    def encode(self, samples: npt.NDArray[np.uint8], stop: Stop) -> bytes:
        """The payload of a tile's chunk: its stream and a checksum. samples: h x w x 3, RGB. Raises Cancelled."""
        return self._network.encode(samples, stop.check)

    def decode(self, payload: bytes | memoryview, height: int, width: int, stop: Stop) -> npt.NDArray[np.uint8]:
        """What `encode` was given. Raises ValueError for a damaged payload, Cancelled."""
        return self._network.decode(payload, height, width, stop.check)
