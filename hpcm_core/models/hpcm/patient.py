"""An encoder of profile 2 that takes its time: latents refined by gradient through a float copy of the decoder.

Integers code what was found, as always, so decoders know nothing of it, and what float arithmetic does otherwise from
machine to machine changes a file and never what it decodes to.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before torch

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from hpcm_core.entropy.model import EntropyModel
from hpcm_core.entropy.streams import Floats, Report
from hpcm_core.errors import Phrase
from hpcm_core.format.header import MAX_QUALITY, Header
from hpcm_core.format.tile import Tile
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.float_context import float_decoder
from hpcm_core.models.hpcm.integer import IntegerHPCM, Weights
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.results import Coded
from hpcm_core.transform.coding import Refine, Transforms, encode
from hpcm_core.transform.distortion import distortion
from hpcm_core.transform.refining import Latents, refine

STEPS = 50
"""Of each unit of effort, and as many before: fewer than 100 save less than 2 % (docs/measurements.md)."""
_PLAIN = 0.02
"""Fraction of the work in which the picture is encoded without effort."""


@dataclass(frozen=True)
class Encoder:
    """Encodes a picture of one tile at one of the efforts above 0."""

    config: HPCMConfig
    weights: Weights
    entropy: IntegerHPCM
    transforms: Transforms
    header: Header
    effort: int

    def encode(self, picture: Picture, job: Job) -> Coded:
        """The picture with refined latents, or as it is without effort where that costs no more.

        What each costs is what the integers make of it: float arithmetic, annealing and the rounding of pixels do not
        promise that refined latents are better.
        """
        plain = self._coded(picture, job.part(0.0, _PLAIN))
        refined = self._coded(picture, job.part(_PLAIN, 1.0), self._refined)
        return refined if self._cost(picture, refined, job) < self._cost(picture, plain, job) else plain

    def _coded(self, picture: Picture, job: Job, refine: Refine | None = None) -> Coded:
        return encode(self.config, self.transforms, self.entropy, picture, self.header, job, refine)

    def _cost(self, picture: Picture, coded: Coded, job: Job) -> float:
        pixels = coded.pixels(Job(cancel=job.cancel))
        wrong = float(distortion(_tensor(pixels), _tensor(picture.pixels)))
        return 8 * sum(map(len, coded.tiles)) / (picture.width * picture.height) + self._lmbda * wrong

    @property
    def _lmbda(self) -> float:
        """What the training weighed distortion with, beside bits per pixel (models/rates.py, which stands above)."""
        table = np.log(self.config.rate_lambdas)
        at = self.header.quality / MAX_QUALITY * (len(table) - 1)
        return float(np.exp(np.interp(at, range(len(table)), table)))

    def _refined(self, picture: Picture, header: Header, y: Floats, job: Job) -> tuple[Floats, EntropyModel]:
        """transform.coding.Refine."""
        z = self.entropy.hyper(y, job.check)
        start = Latents(
            torch.from_numpy(np.ascontiguousarray(y)), torch.from_numpy(z.transpose(2, 0, 1)[np.newaxis].copy())
        )
        found = refine(
            float_decoder(self.config, self.weights, header.quality),
            start,
            _tensor(picture.pixels),
            self._lmbda,
            STEPS * (1 + self.effort),
            lambda done: job.report(Phrase("Refining"), done),
        )
        return found.y.numpy(), KnownHyper(self.entropy, np.ascontiguousarray(found.z[0].permute(1, 2, 0).numpy()))


def _tensor(pixels: npt.NDArray[Any]) -> torch.Tensor:
    """HxWxC of whole numbers -> 1xCxHxW in [0, 1]."""
    x = torch.from_numpy(pixels.astype(np.float32)) / float(np.iinfo(pixels.dtype).max)
    return x.permute(2, 0, 1)[np.newaxis].contiguous()


class KnownHyper:
    """An entropy model of one tile whose z is given, h/4 x w/4 x N, and not made of the latents."""

    def __init__(self, entropy: IntegerHPCM, z: Floats) -> None:
        self.streams, self.labels, self.steps = entropy.streams, entropy.labels, entropy.steps
        self.channels, self.decode_tiles = entropy.channels, entropy.decode_tiles
        self._entropy, self._z = entropy, z

    def encode_tiles(self, latents: Sequence[Floats], report: Report) -> list[tuple[Tile, Floats]]:
        """See streams.TileCoder."""
        return self._entropy.encode_tiles(latents, report, [self._z])
