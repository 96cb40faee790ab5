"""The autoregressive model as a family: what a training needs of it. Files are made with its integers
(integer_family.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from hpcm_core.models.family import Model
from hpcm_core.models.lossless.config import CONFIGS, LosslessConfig
from hpcm_core.models.trainable import TrainableFamily, without_coder

if TYPE_CHECKING:
    import numpy.typing as npt
    import torch
    from torch import Tensor

    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.models.lossless.network import Lossless
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.transform.relaxed import Noise, Relaxed


class LosslessFamily(TrainableFamily):
    """Distributions of samples given those before them, without latents and without loss."""

    name = "lossless"
    has_coder = False
    configs: Mapping[str, LosslessConfig] = MappingProxyType({})

    def config_of(self, variant: str) -> LosslessConfig | None:
        return CONFIGS.get(variant)

    def build(self, config: LosslessConfig) -> Lossless:
        from hpcm_core.models.lossless.network import Lossless

        return Lossless(config)

    def arithmetic(self, config: LosslessConfig) -> Mapping[str, Any]:
        return asdict(config)

    def memory(self, config: LosslessConfig, header: Header) -> int:
        raise without_coder(config.name)

    def encode(
        self,
        model: Model,
        picture: Picture,
        header: Header,
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> NoReturn:
        raise without_coder(model.name)

    def decode(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        known: int | None = None,
        quality_map: QualityMap | None = None,
    ) -> NoReturn:
        raise without_coder(model.name)

    def forward(self, network: Lossless, x: Tensor, q: Tensor, noise: Noise | None) -> Relaxed:
        """The pictures as they are, and what they take; neither rates nor noise matter."""
        from hpcm_core.transform.relaxed import Relaxed

        bits = network.bits(x).sum(dim=(1, 2, 3))
        return Relaxed(x, bits, bits.new_zeros(len(x)))

    def integers(
        self, network: Lossless, crops: Iterable[tuple[Tensor, Tensor]], rates: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        from hpcm_core.models.lossless.quantize import quantize

        return quantize(network, (x for x, _ in crops))

    def begin(self, network: Lossless, seen: Tensor) -> None:
        from hpcm_core.models.lossless.start import predict_linearly

        predict_linearly(network, seen)

    def draw_noise(self, config: LosslessConfig, batch: int, side: int, generator: torch.Generator) -> Noise:
        """None to speak of: nothing is rounded."""
        import torch

        from hpcm_core.transform.relaxed import Noise

        nothing = torch.zeros(batch, device=generator.device)
        return Noise(nothing, nothing)


LOSSLESS_FAMILY = LosslessFamily()
