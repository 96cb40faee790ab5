"""The pictures of a folder, in the order in which people count them."""

from __future__ import annotations

import re
from pathlib import Path

from hpcm_core.files import PICTURE_SUFFIXES

SUFFIXES = frozenset((*PICTURE_SUFFIXES, ".hpcm"))


def neighbours(path: Path) -> list[Path]:
    """The pictures and .hpcm files beside a file, and itself: without hidden ones, "a2" before "a10"."""
    try:
        found = [p for p in path.parent.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".")]
    except OSError:
        found = []
    return sorted({path, *(other for other in found if other.is_file())}, key=_order)


def step_from(path: Path, by: int) -> Path | None:
    """The picture so many places after a file in its folder; None past the last or before the first."""
    row = neighbours(path)
    place = row.index(path) + by
    return row[place] if 0 <= place < len(row) else None


def _order(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name
