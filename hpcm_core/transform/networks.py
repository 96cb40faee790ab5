"""coding.py for codecs whose transforms and entropy model are networks of torch."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from hpcm_core.entropy.model import EntropyModel
from hpcm_core.entropy.streams import Floats, Report
from hpcm_core.entropy.tensors import OfTensors
from hpcm_core.format.gain import DOUBLING, QualityMap
from hpcm_core.format.header import MAX_QUALITY, Header
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.results import Coded
from hpcm_core.transform import coding, devices
from hpcm_core.transform.placed import Codec
from hpcm_core.transform.tiling import Grid, grid
from hpcm_core.transform.windows import Rate, analyse, synthesize


@torch.inference_mode()
def encode(
    network: Codec,
    entropy: EntropyModel,
    picture: Picture,
    header: Header,
    q: float,
    job: Job,
    device: str,
    quality_map: QualityMap | None = None,
) -> Coded:
    """Code a picture at rate q. entropy: its requests carry tensors; device: where the transforms run, as
    devices.choose takes it; quality_map: fits the picture. Raises HpcmError.
    """
    transforms = _OfNetwork(network, _rate(network, header, q, quality_map), devices.choose(device))
    return coding.encode(network.config, transforms, OfTensors(entropy), picture, header, job)


@torch.inference_mode()
def decode(
    network: Codec,
    entropy: EntropyModel,
    header: Header,
    tiles: Sequence[bytes | memoryview],
    q: float,
    job: Job,
    device: str,
    known: int | None = None,
    quality_map: QualityMap | None = None,
) -> Coded:
    """The payloads of a file's tiles back to latents; pixels are made when they are asked for. Parameters as for
    encode; known as for coding.decode. Raises HpcmError.
    """
    transforms = _OfNetwork(network, _rate(network, header, q, quality_map), devices.choose(device))
    return coding.decode(network.config, transforms, OfTensors(entropy), header, tiles, job, known)


@torch.inference_mode()
def decode_half(
    network: Codec,
    entropy: EntropyModel,
    header: Header,
    tiles: Sequence[bytes | memoryview],
    q: float,
    job: Job,
    device: str,
    quality_map: QualityMap | None = None,
) -> npt.NDArray[np.generic]:
    """The picture at half its size, as coding.decode_half makes it. Parameters as for encode. Raises HpcmError."""
    rate = _rate(network, header, q, quality_map, half=True)
    transforms = _OfNetwork(network, rate, devices.choose(device))
    return coding.decode_half(network.config, transforms, OfTensors(entropy), header, tiles, job)


def _rate(network: Codec, header: Header, q: float, quality_map: QualityMap | None, *, half: bool = False) -> Rate:
    """The rate as windows.py takes it; half: for the picture at half its size."""
    if quality_map is None:
        return q
    config = network.config
    cut = grid(header.width, header.height, config, header.padding)
    cut, quality_map = (cut.halved, quality_map.halved) if half else (cut, quality_map)
    offsets = torch.from_numpy(quality_map.on_latents(cut.height, cut.width, cut.stride)).float()
    if config.rates != "variable":
        return offsets / DOUBLING
    return (header.quality + offsets).clamp(0, MAX_QUALITY) * (len(config.rate_lambdas) - 1) / MAX_QUALITY


@dataclass(frozen=True, eq=False)
class _OfNetwork:
    """coding.Transforms by a network's."""

    network: Codec
    q: Rate
    device: torch.device

    @torch.inference_mode()
    def analyse(self, picture: Picture, cut: Grid, report: Report) -> Floats:
        return np.asarray(analyse(self.network, picture, cut, self.q, report, self.device))

    @torch.inference_mode()
    def synthesize(self, y_hat: Floats, header: Header, cut: Grid, report: Report) -> npt.NDArray[np.generic]:
        return synthesize(self.network, torch.from_numpy(y_hat), header, cut, self.q, report, self.device)
