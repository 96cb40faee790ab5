"""What a run leaves behind to be continued from: tensors and plain values, never code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor

from hpcm_core.errors import HpcmError, ModelError, Phrase
from hpcm_core.files import reason_of, replacing, writing


class _Always(TypedDict):
    """All of a run's state. Random numbers need none: they follow from the configuration's seed and `samples`."""

    config: str
    step: int
    samples: int
    seconds: float
    network: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]


class Checkpoint(_Always, total=False):
    """With what the natural look needs beside it."""

    judge: dict[str, Any]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write so that the file at `path` is always a whole one, the old or the new. Raises HpcmError."""
    try:
        with replacing(path) as file:
            torch.save(dict(checkpoint), file)
    except (OSError, RuntimeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Phrase("the disk may be full")
        raise HpcmError(
            "The checkpoint {path} cannot be written: {reason}. The last one is untouched.", path=path, reason=reason
        ) from None


def stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a checkpoint is replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def load(path: Path, device: torch.device) -> Checkpoint:
    """Read what `save` wrote; only tensors and plain values are loaded. Raises ModelError."""
    if not path.is_file():
        raise ModelError("There is no checkpoint {path} to resume from.", path=path)
    try:
        content: Any = torch.load(path, map_location=device, weights_only=True)
    except Exception:
        content = None
    if not isinstance(content, dict) or content.keys() - {"judge"} != Checkpoint.__required_keys__:
        raise ModelError("{path} is damaged or not a checkpoint of a training.", path=path)
    return content  # type: ignore[return-value]


def check_room(folder: Path, size: int) -> None:
    """Refuse to begin what could not be saved: checkpoints of `size` bytes, two while one replaces the other. Raises
    HpcmError.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    needed = 2 * size
    if free < needed:
        raise HpcmError(
            "The disk of {folder} is too full: checkpoints need {needed:.0f} MiB, {free:.0f} MiB are free.",
            folder=folder,
            needed=needed / 2**20,
            free=free / 2**20,
        )
