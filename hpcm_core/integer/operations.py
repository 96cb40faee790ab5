"""Who computes the operations of profile 2: native kernels, or NumPy where they are missing or fail their check."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hpcm_core.integer.layers import DepthwiseBlock, Matrix, PartialBlock, Scale, Tensor
from hpcm_core.integer.reference import Reference


class Operations(Protocol):
    """All that a network of profile 2 is made of. x and results: H x W x C int16; x may be a slice of channels of a
    wider tensor, and so may `out`, which is given back.
    """

    name: str

    def patches(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        """A convolution of side x side with stride side: H/side x W/side x outputs. Inputs in the order row, column,
        channel; side 1 is a 1x1 convolution.
        """
        ...

    def spread(self, x: Tensor, side: int, matrix: Matrix, out: Tensor | None = None) -> Tensor:
        """A transposed convolution of side x side with stride side: H side x W side x outputs / side^2. Outputs in the
        order row, column, channel.
        """
        ...

    def partial_block(
        self, x: Tensor, block: PartialBlock, check: Callable[[], None] | None = None, out: Tensor | None = None
    ) -> Tensor:
        """A residual block of the transforms. check: called from time to time, and may raise to stop the work."""
        ...

    def depthwise_block(self, x: Tensor, block: DepthwiseBlock) -> Tensor:
        """A residual block of the context networks."""
        ...

    def scale(self, x: Tensor, scale: Scale) -> Tensor:
        """Each channel times its factor."""
        ...

    def rescale(self, values: npt.NDArray[np.int32], scale: Scale) -> Tensor:
        """The same for 32-bit values of any magnitude."""
        ...


@cache
def operations() -> Operations:
    """The best there is on this machine."""
    try:
        from hpcm_core.integer.native import Native, self_check
    except ImportError:
        logging.getLogger(__name__).warning("The native kernels of profile 2 are missing: NumPy computes, slowly.")
        return Reference()
    native = Native()
    if fault := self_check(native):
        logging.getLogger(__name__).error("The native kernels of profile 2 compute %s wrongly: NumPy computes.", fault)
        return Reference()
    return native
