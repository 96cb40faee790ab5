"""The fast engine for accelerators: the reference, but its matrix products are int8 GEMMs of digits.

An activation is 256 * high + low, a weight 128 * high + low; both operands are stacked, so that one product of twice
the rows by twice the columns gives all four products of digits. Weights' digits lie in [-64, 63], so that no
instruction that adds pairs of products in 16 bits saturates.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import pad

from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.entropy.exact.weights import IntegerLayer

ROWS_MIN: Final = 32
MULTIPLE: Final = 8
"""What the int8 product of an accelerator wants: at least so many rows, inputs and outputs a multiple of this."""


class DigitEngine(ReferenceEngine):
    """Values are int64 tensors on one device, weights int8 digits."""

    name = "fast"

    def prepare(self, layer: IntegerLayer) -> IntegerLayer:
        w = layer.weight.to(torch.int64)
        high = (w + 64) >> 7
        digits = torch.cat([_padded(high), _padded(w - (high << 7))]).to(torch.int8)
        return self._here(replace(layer, weight=digits))

    def _products(self, n: Tensor, layer: IntegerLayer) -> Tensor:
        height, width, inputs = n.shape
        rows, outputs = height * width, len(layer.weight) // 2
        high = (n + 128) >> 8
        flat = torch.cat([high, n - (high << 8)]).view(2 * rows, inputs)
        missing = max(0, ROWS_MIN - 2 * rows)
        flat = pad(flat, (0, layer.weight.shape[1] - inputs, 0, missing)).to(torch.int8)
        both = torch._int_mm(flat, layer.weight.t())[: 2 * rows].long().view(2, height, width, 2, outputs)
        # (256 nh + nl) (128 wh + wl), with the sums of products at [activation's digit][weight's digit].
        by_high, by_low = both[..., 0, :], both[..., 1, :]
        total = (((by_high[0] << 8) + by_high[1]) << 7) + (by_low[0] << 8) + by_low[1]
        return total[..., : len(layer.left)]


def _padded(w: Tensor) -> Tensor:
    """Outputs and inputs filled up with zeros to multiples of MULTIPLE."""
    return pad(w, (0, -w.shape[1] % MULTIPLE, 0, -w.shape[0] % MULTIPLE))
