"""Finding pictures, and writing files so that a reader sees the whole new content or the old, never a part."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from hpcm_core.errors import HpcmError, Phrase, PictureError

RAW_SUFFIXES = (
    ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".rwl", ".pef",
    ".srw", ".3fr", ".fff", ".iiq", ".erf", ".mef", ".mos", ".mrw", ".dcr", ".kdc", ".x3f",
)  # fmt: skip
PICTURE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif",
    ".hif", ".jxl", *RAW_SUFFIXES,
)  # fmt: skip
"""What is looked for in folders; what a file really is, its content says."""

WINDOWS = sys.platform == "win32"
_RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to replace a file that another program has open on Windows."""
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³")}


def name_fault(name: str, windows: bool = WINDOWS) -> Phrase | None:
    """Why a file cannot have this name, in words for a user; None where it can.

    Elsewhere than on Windows only what Windows and others refuse alike is refused, so that files can be exchanged;
    devices and control characters are names like any other there.
    """
    if not name or name in (".", ".."):
        return Phrase("which is no file name")
    if set(name) & set('/\\:*?"<>|\0'):
        return Phrase("in which there are characters that file names cannot have")
    if windows and (min(name) < " " or name[-1] in " ."):
        return Phrase("which Windows does not take for a file name")
    if windows and name.split(".")[0].rstrip().upper() in _DEVICES:
        return Phrase("which is the name of a device on Windows")
    return None


def reason_of(error: Exception) -> str:
    """Why reading or writing failed, in the system's words."""
    return getattr(error, "strerror", None) or str(error)


@contextlib.contextmanager
def reading(path: str | os.PathLike[str], kind: type[HpcmError] = PictureError) -> Iterator[None]:
    """Let an OSError of the block be an error for a user, of this kind, that says why `path` cannot be read."""
    try:
        yield
    except OSError as error:
        raise kind(Phrase("{path} cannot be read: {reason}.", path=path, reason=reason_of(error))) from None


@contextlib.contextmanager
def writing(path: str | os.PathLike[str], kind: type[HpcmError] = HpcmError) -> Iterator[None]:
    """Let an OSError of the block be an error for a user, of this kind, that says why `path` cannot be written."""
    try:
        yield
    except OSError as error:
        raise kind(Phrase("{path} cannot be written: {reason}.", path=path, reason=reason_of(error))) from None


def readable_suffixes() -> set[str]:
    """PICTURE_SUFFIXES, those of camera RAW only where it can be read."""
    return set(PICTURE_SUFFIXES) - (set(RAW_SUFFIXES) if find_spec("rawpy") is None else set())


def picture_files(folder: Path, recursive: bool = True, required: bool = True) -> list[Path]:
    """Pictures in a folder and, if recursive, in the folders below it, sorted; camera RAW only where it can be read.

    Raises PictureError where it is no folder or cannot be read, and where no picture is in it but one is required.
    """
    if not folder.is_dir():
        raise PictureError("{folder} is not a folder.", folder=folder)
    suffixes = readable_suffixes()
    with reading(folder):
        found = folder.rglob("*") if recursive else folder.iterdir()
        files = sorted(path for path in found if path.suffix.lower() in suffixes and path.is_file())
    if required and not files:
        raise PictureError("There is no picture in {folder}.", folder=folder)
    return files


def atomic_write(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Write `data` to `path` as `replacing` does. Raises OSError."""
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A temporary file in the same folder, open for writing, that is renamed to `path` at the end.

    An existing file keeps its permissions. Raises OSError; after that or any error of the caller's, `path` is as it was
    and nothing else is left behind. What is no file, a device or a FIFO, is written to as it is and stays what it is.
    """
    if not is_file_or_new(path):
        with open(path, "wb") as file:
            yield file
        return
    # A link stays a link: its target is what gets replaced.
    target = Path(os.path.realpath(path))
    temporary, descriptor = _temporary(path, target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _named(path):
            if not WINDOWS:  # where a read-only file could neither be renamed nor removed
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(temporary, os.stat(target).st_mode & 0o7777)
            _replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def is_file_or_new(path: str | os.PathLike[str]) -> bool:
    """Whether a name is free or a regular file's, links followed: not a device's or a folder's. Raises OSError."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise the OSError that `replacing` would, before the work for it is done; nothing is changed."""
    if is_file_or_new(path):
        # Only trying tells: access rights say nothing of read-only file systems and the kernel's own.
        temporary, descriptor = _temporary(path, Path(os.path.realpath(path)))
        os.close(descriptor)
        os.unlink(temporary)
    elif os.path.isdir(path):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    elif not os.access(path, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _temporary(path: str | os.PathLike[str], target: Path) -> tuple[Path, int]:
    """A new file beside `target` and its descriptor."""
    temporary = target.with_name(f".{target.name[:32]}.{secrets.token_hex(4)}.tmp")
    with _named(path):
        return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


@contextlib.contextmanager
def _named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Let an OSError of the block name `path`: of the temporary file nobody has heard."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _replace(source: Path, target: Path) -> None:
    """Rename over `target`. On Windows that fails as long as another program has it open, as indexers and virus
    scanners have for moments.
    """
    for pause in _RETRIES if WINDOWS else ():
        with contextlib.suppress(PermissionError):
            os.replace(source, target)
            return
        time.sleep(pause)
    os.replace(source, target)
