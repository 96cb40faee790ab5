"""An HPCM's steps in floating point on the latents of a file: family.Inspector.

Figures 10 and 11 of "Learned Image Compression with Hierarchical Progressive Context Modeling" (ICCV 2025) show what is
taken from here.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.errors import ModelError
from hpcm_core.layers.blocks import WindowAttention
from hpcm_core.models.family import Field
from hpcm_core.models.hpcm.context import WINDOWS, StepParams
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.schedule import Step

Floats = npt.NDArray[np.float32]
Check = Callable[[], None]


class HPCMInspector:
    """Raises ModelError for a network that has given its float weights up."""

    def __init__(self, network: HPCM) -> None:
        if any(parameter.is_meta for parameter in network.h_s.parameters()):
            raise ModelError("{model} is too large: its weights are kept in integers alone.", model=network.config.name)
        self._network = network
        self._steps = {str(step.number): step for step in network.config.schedule.steps}

    @property
    def attention_labels(self) -> tuple[str, ...]:
        config = self._network.config
        first = 1 if config.first_head else 2
        return () if config.attention_heads is None else tuple(self._steps)[first - 1 : -1]

    @property
    def field_labels(self) -> tuple[str, ...]:
        return tuple(self._steps)[1:]

    def window(self, label: str) -> int:
        return WINDOWS[self._steps[label].at]

    @torch.no_grad()
    def attention(self, z_hat: Floats, y_hat: Floats, label: str, check: Check) -> Floats:
        step = self._steps[label]
        fusion: Any = getattr(self._network, f"attn_s{step.stage + 1}")
        assert isinstance(fusion, WindowAttention)
        side = fusion.window
        params = next(one for one in self.watch(z_hat, y_hat, check) if one.step.number == step.number)
        # The middle of an even side: of the four positions there, the one that comes last.
        weights = fusion.weights(params.psi, params.context, side // 2 * side + side // 2)[0]
        height, width = params.psi.shape[2:]
        planes = weights.view(height // side, width // side, -1, side, side).permute(2, 0, 3, 1, 4)
        return np.asarray(planes.reshape(-1, height, width).numpy())

    @torch.no_grad()
    def fields(self, z_hat: Floats, y_hat: Floats, labels: Collection[str], check: Check) -> dict[str, Field]:
        found = {}
        for params in self.watch(z_hat, y_hat, check):
            if params.label in labels and params.step.number > 1:
                found[params.label] = self._field(params, check)
        return found

    def watch(self, z_hat: Floats, y_hat: Floats, check: Check) -> Iterator[StepParams]:
        """Every step as it stands before its latents are known: those of y_hat follow."""
        network, latents = self._network, torch.from_numpy(np.ascontiguousarray(y_hat))[None]
        check()
        steps = network.steps(network.h_s(torch.from_numpy(np.ascontiguousarray(z_hat))[None]))
        try:
            params = next(steps)
            while True:
                yield params
                check()
                params = steps.send(params.place.pack(latents))
        except StopIteration:
            return
        finally:
            steps.close()

    @torch.enable_grad()
    def _field(self, params: StepParams, check: Check) -> Field:
        """By the latents so far; the context, which knows them too, is held fixed: the field is the network's own (Luo
        et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016, with
        magnitudes where they take the positive part of gradients).
        """
        step: Step = params.step
        y_hat = params.y_hat.detach().clone().requires_grad_(True)
        psi = self._network.psi(step, params.context.detach(), y_hat)
        height, width = psi.shape[2:]
        reach = max(height, width) // 2
        strength = torch.zeros(2 * reach + 1, 2 * reach + 1, dtype=torch.float64)
        # Of an even side two positions are in the middle, of an odd one one.
        rows, columns = (range((side - 1) // 2, side // 2 + 1) for side in (height, width))
        for row in rows:
            for column in columns:
                check()
                (gradient,) = torch.autograd.grad(psi[0, :, row, column].sum(), y_hat, retain_graph=True)
                of_place = _magnitude(gradient)
                top, left = reach - row, reach - column
                strength[top : top + height, left : left + width] += of_place / (len(rows) * len(columns))
        config = self._network.config
        return Field(strength.numpy(), 1 << (3 - step.at), 2 * config.cells_around(step) + 1)


def _magnitude(gradient: Tensor) -> Tensor:
    """1xMxhxw -> hxw."""
    return gradient.double().abs().sum(dim=(0, 1))
