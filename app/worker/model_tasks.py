"""Kinds of jobs on models: checking and installing them, and what they take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.worker.protocol import Job
from hpcm_core.errors import Phrase
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.published import published
from hpcm_core.progress import Cancel, Progress


@dataclass(frozen=True, eq=False)
class Weights:
    """A model ready to be installed: its name and the bytes of its file (uint8)."""

    name: str
    data: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ImportJob(Job[Weights]):
    """Check a checkpoint and convert it. Nothing is written."""

    source: Path
    variant: str
    metric: str
    lmbda: float

    def run(self, report: Progress, cancel: Cancel) -> Weights:
        from hpcm_core.models.checkpoint import convert_checkpoint

        report(Phrase("Checking the checkpoint"), 0.0)
        name, data = convert_checkpoint(self.source, self.variant, self.metric, self.lmbda)
        return Weights(name, np.frombuffer(data, np.uint8))


@dataclass(frozen=True)
class GetJob(Job[ModelInfo]):
    """Get a published checkpoint, and install it. source: as getting.get takes it."""

    name: str
    source: str

    def run(self, report: Progress, cancel: Cancel) -> ModelInfo:
        from hpcm_core.models import getting

        return getting.get(self.name, self.source, progress=report, cancel=cancel)


@dataclass(frozen=True)
class SpeedJob(Job[dict[str, float]]):
    """Measure how many seconds a megapixel takes with each of the published checkpoints, by their names."""

    def run(self, report: Progress, cancel: Cancel) -> dict[str, float]:
        from hpcm_core.evaluation import speed

        measured = speed.measure(report, cancel)
        return {name: measured.of(one.kmac) for name, one in published().items()}
