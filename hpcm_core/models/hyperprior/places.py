"""Where symbols stand among the latents, for those who code and count: entropy.model.Place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from hpcm_core.models.hyperprior.slices import down, up
from hpcm_core.models.hyperprior.slots import Sampling


@dataclass(frozen=True, eq=False)
class HyperPlace:
    """The hyperprior's: z is asked for like all that is coded, but is not among the latents; it is made of them."""

    h_a: Callable[[Tensor], Tensor]

    def pack(self, y: Tensor) -> Tensor:
        """1xMxhxw -> 1xNxh/4xw/4, on the processor."""
        return self.h_a(y).cpu()

    def spread(self, bits: Tensor) -> Tensor:
        """Each value's bits go in equal parts to the 4x4 latents that it describes: 1xNxh/4xw/4 -> hxw."""
        share = bits.sum(dim=(0, 1)) / 16
        return share.repeat_interleave(4, 0).repeat_interleave(4, 1)

    def planes(self, values: Tensor) -> Tensor:
        """1xNxh/4xw/4 -> Nxh/4xw/4."""
        return values[0]


@dataclass(frozen=True)
class SlicedPlace:
    """A step's symbols, slices of all latents."""

    sampling: Sampling

    def pack(self, y: Tensor) -> Tensor:
        """BxMxhxw -> B x (slots M/parts) x h/stride x w/stride."""
        return down(y, self.sampling)

    def spread(self, bits: Tensor) -> Tensor:
        """The same of one tile -> hxw, summed over channels."""
        return self.planes(bits).sum(dim=0)

    def planes(self, values: Tensor) -> Tensor:
        """The same of one tile -> Mxhxw."""
        return up(values, self.sampling)[0]
