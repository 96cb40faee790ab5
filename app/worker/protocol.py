"""What the window's process and the codec process say to each other.

Messages are small frozen values and travel through a pipe; pixels and files travel in shared memory, named by a Parcel.
Every message about a job carries a Tag. A tag that is not the running job's is stale, and whoever receives it drops it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.worker.shared_memory import Parcel
from hpcm_core.errors import Phrase
from hpcm_core.progress import Cancel
from hpcm_core.progress import Progress as Report

R = TypeVar("R")


@dataclass(frozen=True)
class Tag:
    """Which job, in which codec process (generation counts the processes that were started)."""

    job: int
    generation: int


class Job(ABC, Generic[R]):
    """What the window asks for, as a frozen value that can be pickled; R is the type of its result, which can be too.

    The window's process makes it and hands it over in shared memory; the codec process runs it. So a subclass imports
    what meets torch inside `run`, and nothing of Qt at all.
    """

    @abstractmethod
    def run(self, report: Report, cancel: Cancel) -> R:
        """Do it, in the codec process. report: called with a stage for a user and the fraction done, 0 to 1; cancel:
        asked between tiles and steps. Raises HpcmError, Cancelled among others.
        """


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
    """The job failed. message: one sentence for a user; details: of what nobody expected, else empty; restart: the
    process should be replaced (memory ran out, or its device is lost).
    """

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
