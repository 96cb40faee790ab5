"""CHARM* as a family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from hpcm_core.models.charm.config import CONFIGS, CharmConfig
from hpcm_core.models.hyperprior.family import HyperFamily

if TYPE_CHECKING:
    from torch import Tensor

    from hpcm_core.models.charm.exact import ExactCharm
    from hpcm_core.models.charm.network import Charm


class CharmFamily(HyperFamily):
    """A hyperprior, and latents coded slice by slice of their channels."""

    name = "charm"
    configs: Mapping[str, CharmConfig] = MappingProxyType({})
    derived = tuple(CONFIGS)

    def config_of(self, variant: str) -> CharmConfig | None:
        return CONFIGS.get(variant)

    def build(self, config: CharmConfig) -> Charm:
        from hpcm_core.models.charm.network import Charm

        return Charm(config)

    def exact(self, network: Charm) -> ExactCharm:
        from hpcm_core.models.charm.exact import ExactCharm
        from hpcm_core.models.hyperprior.exact import exact_entropy

        return exact_entropy(ExactCharm, network)

    def begin(self, network: Charm, seen: Tensor) -> None:
        from hpcm_core.models.charm.start import pass_hyperprior_on

        pass_hyperprior_on(network)


CHARM_FAMILY = CharmFamily()
