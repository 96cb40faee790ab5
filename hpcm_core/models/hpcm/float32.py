"""Arithmetic profile 0: the entropy model in float32.

Its probabilities may differ in the last bit between machines, so no file is written with it. Training works in it, and
the bits of the exact profile are compared with its.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.entropy.model import Request, Steps, quantize
from hpcm_core.format.header import FLOAT32_PROFILE
from hpcm_core.models.hpcm.network import HPCM


class Float32Entropy:
    """The published networks as they are, one tile at a time."""

    profile = FLOAT32_PROFILE
    repeatable = False

    def __init__(self, model: HPCM) -> None:
        self._model = model
        self._hyper_indices = ggm.table_index(model.scales_hyper.detach())

    def session(self) -> AbstractContextManager[None]:
        return nullcontext()

    def hyper_symbols(self, y: Tensor) -> Tensor:
        return quantize(self._model.h_a(y) - self._model.means_hyper)

    def hyper_indices(self, height: int, width: int) -> Tensor:
        return self._hyper_indices.expand(-1, -1, height // 4, width // 4)

    def steps(self, z_symbols: Tensor) -> Steps:
        z_hat = (z_symbols + self._model.means_hyper).contiguous(memory_format=torch.channels_last)
        steps = self._model.steps(self._model.h_s(z_hat))
        params = next(steps)
        while True:
            indices = ggm.table_index(params.scales)
            symbols = yield Request(params.step, indices, params.means)
            try:
                params = steps.send(symbols + params.means)
            except StopIteration as end:
                return end.value
