"""What families of a hyperprior answer alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from hpcm_core.models.family import Model
from hpcm_core.models.hyperprior.config import HyperConfig, is_large
from hpcm_core.models.trainable import TrainableFamily

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from hpcm_core.entropy.model import EntropyModel
    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job
    from hpcm_core.results import Coded
    from hpcm_core.transform.relaxed import Noise, Relaxed


class HyperFamily(TrainableFamily):
    """Transforms, a hyperprior, and an entropy model of y that each family brings."""

    local_rates = True

    @abstractmethod
    def exact(self, network: Any) -> EntropyModel:
        """The entropy model in integers of a loaded network. Raises ModelError."""

    def entropy(self, model: Model) -> EntropyModel:
        from hpcm_core.entropy.tensors import OfTensors

        return OfTensors(self.exact(model.network))

    def arithmetic(self, config: Any) -> Mapping[str, Any]:
        said = _said(config)
        return {name: value for name, value in said.items() if name != "window"}

    def memory(self, config: Any, header: Header) -> int:
        from hpcm_core.transform.coding import memory

        return self.weights(config) + memory(config, header)

    def weights(self, config: Any) -> int:
        """Integers take as much as floats, which are given up layer by layer where there are many."""
        floats = super().weights(config)
        return floats if is_large(floats) else 2 * floats

    def encode(
        self,
        model: Model,
        picture: Picture,
        header: Header,
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> Coded:
        from hpcm_core.transform.networks import encode

        return encode(model.network, self.exact(model.network), picture, header, q, job, device, quality_map)

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
    ) -> Coded:
        from hpcm_core.transform.networks import decode

        entropy = self.exact(model.network)
        return decode(model.network, entropy, header, tiles, q, job, device, known, quality_map)

    def forward(self, network: Any, x: Tensor, q: Tensor, noise: Noise | None) -> Relaxed:
        from hpcm_core.transform.relaxed import forward

        return forward(network, x, q, noise)

    def draw_noise(self, config: Any, batch: int, side: int, generator: torch.Generator) -> Noise:
        from hpcm_core.transform.relaxed import draw_noise

        return draw_noise(config, batch, side, generator)


def _said(value: Any) -> Any:
    """A configuration as JSON values. What is as it is by default goes without saying, so that a field may be added
    without another identity for the weights of before.
    """
    if isinstance(value, tuple):
        return [_said(part) for part in value]
    if not is_dataclass(value):
        return value
    differing = {
        field.name: _said(getattr(value, field.name))
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }
    return differing if isinstance(value, HyperConfig) else {type(value).__name__: differing}
