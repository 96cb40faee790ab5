"""The entropy models of four steps in integers."""

from __future__ import annotations

from collections.abc import Generator

from torch import Tensor

from hpcm_core.entropy.exact.integers import Activation
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.model import Request
from hpcm_core.models.hyperprior.exact import ExactHyperprior, Planes, planes_first
from hpcm_core.models.hyperprior.places import SlicedPlace
from hpcm_core.models.hyperprior.slices import down, up
from hpcm_core.models.quadtree.network import Quadtree


class ExactQuadtree(ExactHyperprior):
    """A Quadtree's entropy model on an engine."""

    def read(self, model: Quadtree, reader: LayerReader) -> None:
        self._config = model.config
        self._h_s = reader.chain(model.h_s)
        self._common, self._reduce = (
            reader.chain(part) if len(part) else None for part in (model.y_common, model.y_reduce)
        )
        self._adaptors = [reader.chain(adaptor) for adaptor in model.y_adaptors]
        self._prior = reader.chain(model.y_prior)

    def latent_steps(self, z_hat: Activation) -> Generator[Request, Tensor, Tensor]:
        shift, config = self.engine.shift, self._config
        psi = self._h_s(z_hat)
        if self._common is not None:
            psi = self._common(shift(psi))
        y_hat = psi.values.new_zeros(1, self._channels, *psi.values.shape[:2])
        seen: Activation | None = None
        for i, sampling in enumerate(config.samplings):
            if seen is not None:
                psi = self._prior(shift(self._adaptors[i - 1](self.joined(seen, y_hat))))
            scales, means = (
                Planes(down(half, sampling), psi.exponent) for half in planes_first(psi.values).chunk(2, dim=1)
            )
            if seen is None:
                seen = shift(psi)
                if self._reduce is not None:
                    seen = shift(self._reduce(seen))
            coded = yield from self.code(config.stream_of(i), str(i + 1), SlicedPlace(sampling), scales, means)
            y_hat = y_hat + up(coded, sampling)
        return y_hat
