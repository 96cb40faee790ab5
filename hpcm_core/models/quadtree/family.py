"""Codecs in four steps as a family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from hpcm_core.models.hyperprior.family import HyperFamily
from hpcm_core.models.quadtree.config import CONFIGS, QuadtreeConfig

if TYPE_CHECKING:
    from torch import Tensor

    from hpcm_core.models.quadtree.exact import ExactQuadtree
    from hpcm_core.models.quadtree.network import Quadtree


class QuadtreeFamily(HyperFamily):
    """A hyperprior, and latents coded in the four steps of a quadtree."""

    name = "quadtree"
    configs: Mapping[str, QuadtreeConfig] = MappingProxyType({})
    derived = tuple(CONFIGS)

    def config_of(self, variant: str) -> QuadtreeConfig | None:
        return CONFIGS.get(variant)

    def build(self, config: QuadtreeConfig) -> Quadtree:
        from hpcm_core.models.quadtree.network import Quadtree

        return Quadtree(config)

    def exact(self, network: Quadtree) -> ExactQuadtree:
        from hpcm_core.models.hyperprior.exact import exact_entropy
        from hpcm_core.models.quadtree.exact import ExactQuadtree

        return exact_entropy(ExactQuadtree, network)

    def begin(self, network: Quadtree, seen: Tensor) -> None:
        from hpcm_core.models.quadtree.start import pass_hyperprior_on

        pass_hyperprior_on(network, seen)


QUADTREE_FAMILY = QuadtreeFamily()
