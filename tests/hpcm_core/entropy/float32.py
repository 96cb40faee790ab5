"""Arithmetic profile 0: the entropy model in float32, with whose bits those of the exact profile are compared.

Its probabilities may differ in the last bit between machines, so no file is written or read with it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hpcm_core.entropy import ggm
from hpcm_core.entropy.model import Request, Steps, translated
from hpcm_core.models.hyperprior.network import HyperCodec
from hpcm_core.models.hyperprior.places import HyperPlace


class Float32Entropy:
    """The networks as they are, one tile at a time."""

    def __init__(self, model: HyperCodec) -> None:
        self.streams, self.labels = model.config.streams, model.config.labels
        self._model = model
        self._hyper_indices = ggm.table_index(model.scales_hyper.detach())

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel."""
        model = self._model
        indices = self._hyper_indices.expand(-1, -1, height // 4, width // 4)
        z = yield Request(0, "z", indices, model.means_hyper, HyperPlace(model.h_a))
        z_hat = (z + model.means_hyper).contiguous(memory_format=torch.channels_last)
        y_hat: Tensor = yield from translated(
            model.steps(model.h_s(z_hat)), _request, lambda params, s: s + params.means
        )
        return y_hat


def _request(params: Any) -> Request:
    return Request(params.stream, params.label, ggm.table_index(params.scales), params.means, params.place)
