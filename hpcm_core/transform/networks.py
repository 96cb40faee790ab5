"""coding.py for codecs whose transforms and entropy model are networks of torch."""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from hpcm_core.entropy.model import EntropyModel
from hpcm_core.entropy.tensors import OfTensors
from hpcm_core.format.header import Header
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.results import Coded
from hpcm_core.transform import coding, devices
from hpcm_core.transform.coding import Floats, Report
from hpcm_core.transform.placed import Codec
from hpcm_core.transform.tiling import Grid
from hpcm_core.transform.windows import analyse, synthesize


@torch.inference_mode()
def encode(
    network: Codec, entropy: EntropyModel, picture: Picture, header: Header, q: float, job: Job, device: str
) -> Coded:
    """Code a picture at rate q. entropy: its requests carry tensors; device: where the transforms run, as
    devices.choose takes it. Raises HpcmError.
    """
    transforms = _OfNetwork(network, q, devices.choose(device))
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
) -> Coded:
    """The payloads of a file's tiles back to latents; pixels are made when they are asked for. Parameters as for
    encode; known as for coding.decode. Raises HpcmError.
    """
    transforms = _OfNetwork(network, q, devices.choose(device))
    return coding.decode(network.config, transforms, OfTensors(entropy), header, tiles, job, known)


@dataclass(frozen=True, eq=False)
class _OfNetwork:
    """coding.Transforms by a network's."""

    network: Codec
    q: float
    device: torch.device

    @torch.inference_mode()
    def analyse(self, picture: Picture, cut: Grid, report: Report) -> Floats:
        return np.asarray(analyse(self.network, picture, cut, self.q, report, self.device))

    @torch.inference_mode()
    def synthesize(self, y_hat: Floats, header: Header, cut: Grid, report: Report) -> npt.NDArray[np.generic]:
        return synthesize(self.network, torch.from_numpy(y_hat), header, cut, self.q, report, self.device)
