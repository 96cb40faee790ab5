"""CHARM*'s entropy model in integers."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.exact.integers import LATENT_EXPONENT, Activation, Sum, regrid
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.model import Request
from hpcm_core.layers.transforms import TransformPair
from hpcm_core.models.charm.network import Charm
from hpcm_core.models.hyperprior.exact import ExactHyperprior, Planes, planes_first
from hpcm_core.models.hyperprior.places import SlicedPlace


class ExactCharm(ExactHyperprior):
    """A Charm's entropy model on an engine."""

    def read(self, model: Charm, reader: LayerReader) -> None:
        self._config = model.config
        assert isinstance(model.h_s, TransformPair)
        self._h_scales, self._h_means = (reader.chain(part) for part in model.h_s.parts)
        self._scales, self._means, self._lrp = (
            [reader.chain(network) for network in networks] for networks in (model.y_scales, model.y_means, model.y_lrp)
        )

    def latent_steps(self, z_hat: Activation) -> Generator[Request, Tensor, Tensor]:
        shift, config = self.engine.shift, self._config
        h_scales, h_means = shift(self._h_scales(z_hat)), shift(self._h_means(z_hat))
        y_hat = torch.zeros((1, 0, *h_means.values.shape[:2]), dtype=torch.int64, device=h_means.values.device)
        for i, sampling in enumerate(config.samplings):
            support = y_hat[:, : config.support * self._channels // config.slices]
            scales = self._scales[i](self.joined(h_scales, support))
            means = self._means[i](self.joined(h_means, support))
            coded = yield from self.code(
                config.stream_of(i), str(i + 1), SlicedPlace(sampling), _planes(scales), _planes(means)
            )
            lrp = self._lrp[i](self.joined(h_means, torch.cat((support, coded), dim=1)))
            coded = coded + tables.half_tanh(regrid(*_planes(lrp), LATENT_EXPONENT))
            y_hat = torch.cat((y_hat, coded), dim=1)
        return y_hat


def _planes(total: Sum) -> Planes:
    return Planes(planes_first(total.values).contiguous(), total.exponent)
