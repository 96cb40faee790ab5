"""What the file of a checkpoint says of itself, by its name and its head. Loads no tensor and imports no torch."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import NamedTuple

from hpcm_core.models.registry import METRICS, variants

CHECKPOINT_SUFFIXES = (".safetensors", ".pth", ".pth.tar", ".pt")
SHORT = 2
"""Letters of a variant's name that must stand alone in a file's name to count; longer ones may be part of a word."""
_MAX_HEADER = 1 << 24
"""Bytes of a safetensors header that are read."""


class Guess(NamedTuple):
    """What a file seems to hold; None where it does not say."""

    variant: str | None = None
    metric: str | None = None
    lmbda: float | None = None

    def fits(self, other: Guess) -> bool:
        """Whether nothing in it contradicts what is in the other."""
        return all(None in pair or pair[0] == pair[1] for pair in zip(self, other, strict=True))


def is_checkpoint(name: str) -> bool:
    """Whether a file's name is that of a checkpoint."""
    return name.lower().endswith(CHECKPOINT_SUFFIXES)


def guess(path: Path) -> Guess:
    """From the metadata of a safetensors file, else from the file's name."""
    said = said_inside(path)
    name = path.name.lower()
    words = set(re.split(r"[^a-z0-9.]+", name))
    variant, metric, lmbda = said
    if variant is None:
        # The longest name that is there: "base-psi" before "base".
        there = [other for other in _known() if other in name and (len(other) > SHORT or other in words)]
        variant = max(there, key=len, default=None)
    if metric is None:
        flat = re.sub("[^a-z]", "", name)
        metric = "ms-ssim" if "msssim" in flat else "mse" if "mse" in flat else None
    if lmbda is None:
        numbers = re.findall(r"(?<![\d.])\d+\.\d+(?![\d])", name)
        lmbda = positive(numbers[-1]) if numbers else None
    return Guess(variant, metric, lmbda)


def said_inside(path: Path) -> Guess:
    """From the metadata of a safetensors file alone; nothing for any other file."""
    texts = metadata_of(path)
    variant, metric = texts.get("variant"), texts.get("metric")
    return Guess(
        variant if variant in _known() else None,
        metric if metric in METRICS else None,
        positive(texts.get("lambda", "")),
    )


def metadata_of(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file, whoever wrote it; empty for any other file."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            content = json.loads(file.read(size)) if size <= _MAX_HEADER else {}
    except (OSError, ValueError, RecursionError):
        return {}
    found = content.get("__metadata__") if isinstance(content, dict) else None
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def identity_said(path: Path) -> str:
    """What tells the weights in a model's file from others of its name: the identity that the file says, or the file's
    size and the time of its last change. Empty where there is no file.
    """
    try:
        found = path.stat()
    except OSError:
        return ""
    return metadata_of(path).get("identity") or f"{found.st_size} bytes of {found.st_mtime_ns}"


def positive(text: str) -> float | None:
    """A positive number as it was typed, with a point or a comma; None for anything else."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < math.inf else None


def _known() -> list[str]:
    """The variants of which there is a checkpoint for each rate; others come with the program."""
    return [name for name, config in variants().items() if config.rates == "fixed"]
