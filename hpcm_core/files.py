"""Finding pictures, and writing files so that a reader sees the whole new content or the old, never a part."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from hpcm_core.errors import PictureError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif")


def picture_files(folder: Path) -> list[Path]:
    """Pictures in a folder and the folders below it, sorted. Raises PictureError where there is none."""
    if not folder.is_dir():
        raise PictureError(f"{folder} is not a folder.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())
    if not files:
        raise PictureError(f"There is no picture in {folder}.")
    return files


def atomic_write(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Write `data` to a temporary file in the same folder and rename it to `path`.

    An existing file keeps its permissions. Raises OSError; then `path` is as it was and nothing else is left behind.
    """
    # A link stays a link: its target is what gets replaced.
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:32]}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.name != "nt":  # where a read-only file could neither be renamed nor removed
            with contextlib.suppress(FileNotFoundError):
                os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
