"""Places that pictures lie in: folders of this machine, and object storage by URL (s3://, gs://, …) through fsspec.

A local place is a pathlib.Path, and so is file://. Any other URL is a UPath, which has the same methods; fsspec and the
package for its scheme (s3fs, gcsfs, …) do the work. Both kinds are typed as Path: what is not common to them is in this
file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from hpcm_core.errors import HpcmError, LimitExceeded, PictureError
from hpcm_core.files import atomic_write, picture_files, readable_suffixes, reading, writing
from hpcm_core.limits import MIB

if TYPE_CHECKING:
    from hpcm_core.picture.picture import Picture

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_MOST = 1 << 32
"""Bytes that are read of one object: more than any picture within the limits has."""


def place(text: str) -> Path:
    """The place of that name or URL. Raises HpcmError where nothing here reads its scheme."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return Path(text)
    if scheme[1].lower() == "file":
        host, slash, rest = text[scheme.end() :].partition("/")
        if host not in ("", "localhost") or not slash:
            reason = "after file:// comes a path that begins with a slash"
            raise HpcmError("{place} cannot be opened: {reason}", place=text, reason=reason)
        return Path(unquote(slash + rest))
    try:
        from upath import UPath
    except ModuleNotFoundError:
        raise HpcmError("{place} needs fsspec: pip install 'hpcm-studio[cluster]' brings it.", place=text) from None
    try:
        found = UPath(text)
        # Only now is the package for the scheme looked for.
        _ = found.fs
    except (ImportError, ValueError) as error:
        raise HpcmError("{place} cannot be opened: {reason}", place=text, reason=error) from None
    return cast(Path, found)


def is_local(path: Path) -> bool:
    return isinstance(path, Path)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; also where that cannot be found out there is none."""
    if is_local(path):
        return os.path.isdir(path)
    with read_errors(path):
        return path.is_dir()


def is_file(path: Path) -> bool:
    """Whether there is a file, links followed. Raises HpcmError where that cannot be found out."""
    with read_errors(path):
        return path.is_file()


def exists(path: Path) -> bool:
    """Raises HpcmError where that cannot be found out."""
    with read_errors(path):
        return path.exists()


def is_taken(path: Path) -> bool:
    """Whether a name is a file's, a folder's, or a link's that leads nowhere, which whoever writes would follow. Raises
    HpcmError where that cannot be found out.
    """
    return exists(path) or (is_local(path) and os.path.islink(path))


@contextlib.contextmanager
def read_errors(path: Path, kind: type[HpcmError] = PictureError) -> Iterator[None]:
    """`files.reading` for both kinds of places: the libraries of object storage have errors of their own, and remember
    listings, which others may have made wrong since.
    """
    with reading(path, kind), _put_into_words(path):
        if not is_local(path):
            path.fs.invalidate_cache(path.path)  # type: ignore[attr-defined]
        yield


@contextlib.contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """`files.writing` likewise."""
    with writing(path), _put_into_words(path):
        yield


def open_picture(path: Path) -> Picture:
    """Raises HpcmError as Picture.open does."""
    from hpcm_core.picture.picture import Picture  # only here: places need no NumPy

    if is_local(path):
        return Picture.open(path)
    return Picture.from_bytes(read(path))


def read(path: Path) -> bytes:
    """All of a file. Raises HpcmError."""
    with read_errors(path), path.open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        raise LimitExceeded("{path} is too large.", path=path)
    return data


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and the folders that it lies in. Raises HpcmError.

    An object of a store is there when its upload has ended. File systems behind a URL that are no object store (sftp,
    smb) may keep a part of a file whose writer was lost.
    """
    with write_errors(path):
        if is_local(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, data)
        else:
            path.write_bytes(data)


def sha256(path: Path) -> str:
    """Of a file's content, in hex digits. Raises HpcmError."""
    digest = hashlib.sha256()
    with read_errors(path), path.open("rb") as file:
        while block := file.read(MIB):
            digest.update(block)
    return digest.hexdigest()


def size(path: Path) -> int:
    """Bytes of a file. Raises HpcmError."""
    with read_errors(path):
        return path.stat().st_size


def stamp(path: Path) -> list[int | float | str]:
    """What changes when a file does, without reading it: size and time of the last change, or an object's tag. Raises
    HpcmError.
    """
    with read_errors(path):
        found = path.stat()
        if is_local(path):
            return [found.st_size, found.st_mtime_ns]
        information = path.fs.info(path.path)  # type: ignore[attr-defined]
        tag = information.get("ETag") or information.get("etag") or information.get("md5Hash") or found.st_mtime
        return [found.st_size, str(tag)]


def pictures_in(folder: Path, recursive: bool = False) -> list[Path]:
    """Pictures in a folder, sorted, at least one, as `files.picture_files` finds them. Raises PictureError."""
    if is_local(folder):
        return picture_files(folder, recursive)
    suffixes = readable_suffixes()
    if not is_folder(folder):
        raise PictureError("{folder} is not a folder.", folder=folder)
    with read_errors(folder):
        listed = folder.rglob("*") if recursive else folder.iterdir()
        seen = (path for path in listed if not any(part[:1] == "." for part in path.parts[len(folder.parts) :]))
        found = sorted(path for path in seen if path.suffix.lower() in suffixes and path.is_file())
    if not found:
        raise PictureError("There is no picture in {folder}.", folder=folder)
    return found


@contextlib.contextmanager
def _put_into_words(path: Path) -> Iterator[None]:
    """Let an error of a storage library be one that `reading` and `writing` have words for."""
    try:
        yield
    except (HpcmError, MemoryError):
        raise
    except Exception as error:
        if is_local(path) or getattr(error, "strerror", None):
            raise
        numbers: dict[type[Exception], int] = {
            FileNotFoundError: errno.ENOENT,
            PermissionError: errno.EACCES,
            IsADirectoryError: errno.EISDIR,
        }
        # Such as OSError(path), which has no reason; of others the first line has.
        number = numbers.get(type(error))
        text = os.strerror(number) if number is not None else str(error).strip().partition("\n")[0]
        raise OSError(number, text or type(error).__name__) from error
