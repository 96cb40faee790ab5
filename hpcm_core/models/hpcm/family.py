"""HPCM as a family: what the program asks of it, and which of its files answers."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from hpcm_core.models.family import Reach
from hpcm_core.models.hpcm.config import CONFIGS, EARLIER, HPCMConfig
from hpcm_core.models.hpcm.derived import derive, names
from hpcm_core.models.hpcm.schedule import S_2_3_6
from hpcm_core.models.hyperprior.family import HyperFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import Tensor

    from hpcm_core.entropy.model import EntropyModel
    from hpcm_core.format.gain import QualityMap
    from hpcm_core.format.header import Header
    from hpcm_core.models.family import Inspector, Model
    from hpcm_core.models.hpcm.network import HPCM
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Job


class HPCMFamily(HyperFamily):
    """Hierarchical progressive context modelling: transforms, a hyperprior, and latents coded scale by scale."""

    name = "hpcm"
    configs = CONFIGS
    earlier = EARLIER
    derived = names()

    def config_of(self, variant: str) -> HPCMConfig | None:
        return CONFIGS.get(variant) or derive(variant)

    def build(self, config: HPCMConfig) -> HPCM:
        from hpcm_core.models.hpcm.network import HPCM

        return HPCM(config)

    def arithmetic(self, config: HPCMConfig) -> dict[str, Any]:
        return {
            "name": config.name,
            "partial": config.partial,
            "attention_heads": config.attention_heads,
            "aligned_fill": config.aligned_fill,
            "rate_lambdas": config.rate_lambdas,
            "input_shift": config.input_shift,
            # The published structure goes without saying, or every identity of before would be another.
            **({} if config.schedule == S_2_3_6 else {"schedule": astuple(config.schedule)}),
            **({} if config.progressive else {"progressive": False}),
            **({} if config.shared else {"shared": False}),
            **({"first_head": True} if config.first_head else {}),
        }

    def exact(self, network: HPCM) -> EntropyModel:
        from hpcm_core.models.hpcm.exact import ExactEntropy
        from hpcm_core.models.hyperprior.exact import exact_entropy

        return exact_entropy(ExactEntropy, network)

    def decode_half(
        self,
        model: Model,
        header: Header,
        tiles: Sequence[bytes | memoryview],
        q: float,
        job: Job,
        device: str,
        quality_map: QualityMap | None = None,
    ) -> npt.NDArray[np.generic]:
        from hpcm_core.transform.networks import decode_half

        return decode_half(model.network, self.exact(model.network), header, tiles, q, job, device, quality_map)

    def reaches(self, config: HPCMConfig) -> Mapping[str, Reach]:
        steps = config.schedule.steps[1:]
        return {str(step.number): Reach(config.cells_around(step), 1 << (3 - step.at)) for step in steps}

    def inspector(self, model: Model) -> Inspector:
        from hpcm_core.models.hpcm.inspector import HPCMInspector

        return HPCMInspector(model.network)

    def integers(
        self, network: HPCM, crops: Iterable[tuple[Tensor, Tensor]], rates: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        from hpcm_core.models.hpcm.calibration import maxima
        from hpcm_core.models.hpcm.quantize import quantize
        from hpcm_core.models.weights import arrays

        return quantize(network.config, arrays(network.state_dict()), maxima(network, crops), rates)

    def look_integers(
        self, network: HPCM, model: Model, pictures: Iterable[tuple[Picture, Header]], rates: Sequence[float]
    ) -> dict[str, npt.NDArray[Any]]:
        from hpcm_core.models.hpcm.look import integers

        return integers(network, model, pictures, rates)

    def looks(
        self, network: HPCM, model: Model, picture: Picture, header: Header, rates: Sequence[float]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
        from hpcm_core.models.hpcm.look import looks

        return looks(network, model, picture, header, rates)

    def pruned(self, network: HPCM, config: HPCMConfig, crops: Iterable[tuple[Tensor, Tensor]]) -> HPCM:
        from hpcm_core.models.hpcm.prune import prune

        return prune(network, config, crops)

    def prepare(self, config: HPCMConfig, side: int, device: torch.device) -> None:
        from hpcm_core.models.hpcm.sampling import prepare

        prepare(config.schedule, side, device)

    def unread(self, network: HPCM, height: int, width: int) -> None:
        import torch

        if network.config.attention_heads is not None:
            channels, stride = 2 * network.config.latent_channels, network.config.stride
            psi = torch.empty(1, channels, height // stride, width // stride, device=network.means_hyper.device)
            network.get_submodule(f"attn_s{len(network.config.schedule.stages)}")(psi, psi)

    def begin(self, network: HPCM, seen: Tensor) -> None:
        from hpcm_core.models.hpcm.start import pass_context_on

        pass_context_on(network, seen)


HPCM_FAMILY = HPCMFamily()
