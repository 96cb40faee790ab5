"""The hyperprior's place in the steps: z is asked for like everything else that is coded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class HyperPlace:
    """z is not among the latents but made of them: entropy.model.Place by the hyper analysis transform."""

    h_a: Callable[[Tensor], Tensor]

    def pack(self, y: Tensor) -> Tensor:
        """1xMxhxw -> 1xNxh/4xw/4, on the processor."""
        return self.h_a(y).cpu()

    def spread(self, bits: Tensor) -> Tensor:
        """Each value's bits go in equal parts to the 4x4 latents that it describes: 1xNxh/4xw/4 -> hxw."""
        share = bits.sum(dim=(0, 1)) / 16
        return share.repeat_interleave(4, 0).repeat_interleave(4, 1)
