"""What the codec process does with each kind of job."""

from __future__ import annotations

import numpy as np

from app.worker import protocol
from hpcm_core import codec, metrics
from hpcm_core.batch import Row
from hpcm_core.batch_run import encode_row
from hpcm_core.errors import Phrase
from hpcm_core.evaluation import anchors
from hpcm_core.models.checkpoint import convert_checkpoint
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Cancel, Progress

_ROWS = 256
"""Rows that are compared at a time."""


def run(job: protocol.Job, report: Progress, cancel: Cancel) -> object:
    """The result of a job, as the job's class says. Raises HpcmError, Cancelled among others."""
    if isinstance(job, protocol.EncodeJob):
        return codec.encode(job.picture, job.recipe, progress=report, cancel=cancel)
    if isinstance(job, protocol.DecodeJob):
        return codec.decode(job.data, progress=report, cancel=cancel)
    if isinstance(job, protocol.CheckJob):
        return _check(job, report, cancel)
    if isinstance(job, protocol.BatchJob):
        return _batch_row(job, report, cancel)
    if isinstance(job, protocol.FormatsJob):
        return anchors.measure(job.picture, anchors.classical(), report, cancel)
    if isinstance(job, protocol.ImportJob):
        report(Phrase("Checking the checkpoint"), 0.0)
        name, data = convert_checkpoint(job.source, job.variant, job.metric, job.lmbda)
        return protocol.Weights(name, np.frombuffer(data, np.uint8))
    report(Phrase("Measuring"), 0.0)
    original, reconstruction = job.original, job.reconstruction
    if job.part is not None:
        original, reconstruction = (Picture(picture.pixels[job.part]) for picture in (original, reconstruction))
    return metrics.compare(original, reconstruction, job.size_bytes)


def _check(job: protocol.CheckJob, report: Progress, cancel: Cancel) -> protocol.Checked:
    decoded = codec.decode(job.data, progress=report, cancel=cancel)
    return protocol.Checked(same_samples(decoded.picture, job.expected), decoded.times)


def same_samples(a: Picture, b: Picture) -> bool:
    """Whether two pictures show the same, alpha included."""
    if a.pixels.shape != b.pixels.shape or a.pixels.dtype != b.pixels.dtype:
        return False
    if (a.alpha is None) != (b.alpha is None):
        return False
    planes = [(a.pixels, b.pixels)]
    if a.alpha is not None and b.alpha is not None:
        planes.append((a.alpha, b.alpha))
    return all(
        np.array_equal(first[top : top + _ROWS], second[top : top + _ROWS])
        for first, second in planes
        for top in range(0, a.height, _ROWS)
    )


def _batch_row(job: protocol.BatchJob, report: Progress, cancel: Cancel) -> tuple[Row, bytes | None]:
    row = Row(str(job.source), str(job.target))
    data = encode_row(job.source, job.target, job.recipe, job.rules, row, progress=report, cancel=cancel)
    return row, data
