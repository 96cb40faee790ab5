"""The pictures of a folder, in the order in which people count them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from hpcm_core.files import PICTURE_SUFFIXES

SUFFIXES = frozenset((*PICTURE_SUFFIXES, ".hpcm"))


def pictures_in(folder: Path) -> list[Path]:
    """The pictures and .hpcm files of a folder, without hidden ones, "a2" before "a10". Raises OSError."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    return sorted((path for path in found if path.is_file()), key=_order)


def neighbours(path: Path) -> list[Path]:
    """The same of a file's folder; the file is among them even where that cannot be read."""
    found = []
    with suppress(OSError):
        found = pictures_in(path.parent)
    return sorted({path, *found}, key=_order)


def step_from(path: Path, by: int) -> Path | None:
    """The picture so many places after a file in its folder; None past the last or before the first."""
    row = neighbours(path)
    place = row.index(path) + by
    return row[place] if 0 <= place < len(row) else None


def _order(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name
