"""What the window's process and the codec process say to each other.

Messages are small frozen values and travel through a pipe; pixels and files travel in shared memory, named by a Parcel.
Every message about a job carries a Tag. A tag that is not the running job's is stale, and whoever receives it drops it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from app.worker.shared_memory import Parcel
    from hpcm_core.batch import Rules
    from hpcm_core.errors import Phrase
    from hpcm_core.picture.picture import Picture
    from hpcm_core.recipe import Recipe


@dataclass(frozen=True)
class Tag:
    """Which job, in which codec process (generation counts the processes that were started)."""

    job: int
    generation: int


# Jobs: what the window asks for.


@dataclass(frozen=True, eq=False)
class EncodeJob:
    """Encode a picture; the result is hpcm_core.results.Encoded with its reconstruction and metrics."""

    picture: Picture
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class DecodeJob:
    """Decode the bytes of a whole .hpcm file; the result is hpcm_core.results.Decoded."""

    data: bytes


@dataclass(frozen=True, eq=False)
class CheckJob:
    """Decode the bytes of a whole .hpcm file and compare with what it should give; the result is Checked."""

    data: bytes
    expected: Picture


@dataclass(frozen=True)
class Checked:
    """equal: the file decodes to the expected samples; times: of decoding, seconds by stage."""

    equal: bool
    times: dict[str, float]


@dataclass(frozen=True, eq=False)
class MeasureJob:
    """Compare two pictures of one size, or a part of them (rows and columns); the result is
    hpcm_core.results.Metrics.
    """

    original: Picture
    reconstruction: Picture
    size_bytes: int | None
    part: tuple[slice, slice] | None = None


@dataclass(frozen=True)
class BatchJob:
    """Encode a picture file as one row of a batch; the result is the row and the bytes to write, None if skipped."""

    source: Path
    target: Path
    recipe: Recipe
    rules: Rules


@dataclass(frozen=True, eq=False)
class FormatsJob:
    """Measure other formats on a picture; the result is a tuple of (format, quality, Metrics)."""

    picture: Picture


@dataclass(frozen=True)
class ImportJob:
    """Check a checkpoint and convert it; the result is Weights. Nothing is written."""

    source: Path
    variant: str
    metric: str
    lmbda: float


@dataclass(frozen=True, eq=False)
class Weights:
    """A model ready to be installed: its name and the bytes of its file (uint8)."""

    name: str
    data: npt.NDArray[np.uint8]


Job = EncodeJob | DecodeJob | CheckJob | MeasureJob | BatchJob | FormatsJob | ImportJob


# Commands: window's process to codec process.


@dataclass(frozen=True)
class Task:
    """Do the job in `parcel`; put its result into a shared block named `reply`."""

    tag: Tag
    parcel: Parcel
    reply: str


@dataclass(frozen=True)
class Received:
    """The window looks into the result's block now; the codec process may let go of it."""

    tag: Tag


@dataclass(frozen=True)
class Shutdown:
    """End now."""


Command = Task | Received | Shutdown


# Messages: codec process to window's process.


@dataclass(frozen=True)
class Ready:
    """The codec is loaded. seconds: how long that took; device: where the networks run, in words."""

    generation: int
    seconds: float
    device: str


@dataclass(frozen=True)
class Unavailable:
    """The codec could not be loaded; no job can be done until that is mended."""

    generation: int
    message: Phrase
    details: str


@dataclass(frozen=True)
class Progress:
    """Stage name for a user; fraction of the whole job, 0 to 1."""

    tag: Tag
    stage: Phrase
    fraction: float


@dataclass(frozen=True)
class Result:
    """The job is done; its result lies in shared memory."""

    tag: Tag
    parcel: Parcel


@dataclass(frozen=True)
class Error:
    """The job failed. message: one sentence for a user; restart: the process should be replaced (memory ran
    out, or its device is lost)."""

    tag: Tag
    message: Phrase
    details: str
    restart: bool = False


@dataclass(frozen=True)
class Cancelled:
    """The job stopped because it was told to."""

    tag: Tag


Message = Ready | Unavailable | Progress | Result | Error | Cancelled


def is_stale(message: Message, running: Tag | None, generation: int) -> bool:
    """True if the message belongs to a process or a job that no longer counts."""
    if isinstance(message, (Ready, Unavailable)):
        return message.generation != generation
    return message.tag != running
