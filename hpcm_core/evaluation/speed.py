"""How long models that are not installed would take on this machine: measured with weights drawn by lot."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from hpcm_core import pytorch
from hpcm_core.codec import header_of
from hpcm_core.errors import Phrase
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.models.family import Model
from hpcm_core.models.published import published
from hpcm_core.models.registry import trainable
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Cancel, Job, Progress
from hpcm_core.transform import devices

MEASURED = "base"
"""The variant that is measured; others are as much slower as they compute more (Published.kmac)."""
_SIDE = 256
"""Of the picture. It is encoded twice, for the first one makes what later ones find."""
_SEED = 1


@dataclass(frozen=True)
class Speed:
    """seconds of encoding a megapixel with Base, loading aside; device: where its transforms ran."""

    seconds: float
    device: str

    def of(self, kmac: float) -> float:
        """Seconds a megapixel of a model that multiplies so often a pixel (thousands)."""
        base = next(one.kmac for one in published().values() if one.variant == MEASURED)
        return self.seconds * kmac / base


def measure(progress: Progress | None = None, cancel: Cancel | None = None, device: str | None = None) -> Speed:
    """Encode a small picture with Base. What its weights are makes no difference to what is computed. Takes some
    seconds. device: as codec.encode takes it. Raises DeviceError, Cancelled, and ModelError without PyTorch.
    """
    pytorch.check(Phrase("Measuring the speed of {name}", name=MEASURED))
    import torch

    from hpcm_core.models.weights import arrays

    job, place = Job(progress, cancel), devices.named(device)
    job.report(Phrase("Measuring the speed"), 0.0)
    family, config = trainable(MEASURED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        weights = arrays(family.build(config).state_dict())
    model = Model(MEASURED, family, config, family.restore(config, weights), bytes(8))
    picture = Picture(np.random.default_rng(_SEED).integers(0, 256, (_SIDE, _SIDE, 3)).astype(np.uint8))
    header = header_of(picture, model.name, model.identity, config, FIXED_RATE)
    seconds = 0.0
    for part in (0.1, 0.7):
        began = time.perf_counter()
        family.encode(model, picture, header, 0.0, job.part(part, part + 0.3), place)
        seconds = time.perf_counter() - began
    return Speed(seconds * 1e6 / _SIDE**2, place)
