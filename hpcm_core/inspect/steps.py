"""A picture as a decoder has it after every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hpcm_core import codec, metrics
from hpcm_core.format import container
from hpcm_core.models.registry import config_of, variant_of
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job


@dataclass(frozen=True, eq=False)
class StepPicture:
    """What is there after so many coding steps. stream_bytes: of code streams that were needed so far, to the nearest;
    of all steps with the streams' closing bytes. psnr: against the original, in dB; None without one.
    """

    steps: int
    picture: Picture
    stream_bytes: int
    psnr: float | None


def step_pictures(data: bytes | bytearray | memoryview, original: Picture | None, job: Job) -> Iterator[StepPicture]:
    """One for the hyperprior alone, where there is one, and one after every step; the last is the decoded picture.
    Every one is a decoding of its own. Raises HpcmError.
    """
    header = container.read(data).header
    config = config_of(variant_of(header.model_name) or header.model_name, header.model_hash)
    labels = () if config is None else config.labels
    count = len(labels) - int(labels[:1] == ("z",))
    for steps in range(count + 1):
        part = job.part(steps / (count + 1), (steps + 1) / (count + 1))
        decoded = codec.decode(data, progress=part.report, steps=steps)
        assert decoded.bits is not None, "there are steps"
        psnr = None if original is None else metrics.psnr(*metrics.colours(original, decoded.picture))
        yield StepPicture(steps, decoded.picture, round(float(decoded.bits.per_step.sum()) / 8), psnr)
