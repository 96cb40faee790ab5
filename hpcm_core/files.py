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
from zlib import crc32

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
_LOCKED_BYTE = 1 << 62
"""On Windows a byte is locked, not a file: one that is beyond any."""
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³")}


def name_fault(name: str, windows: bool = WINDOWS, like: str = "") -> Phrase | None:
    """Why a file cannot have this name, in words for a user; None where it can.

    Elsewhere than on Windows only characters that Windows refuses are refused, so that files can be exchanged, but for
    those in `like`, the name of a file that is called so already; devices and control characters are names like any
    other there.
    """
    if not name or name in (".", ".."):
        return Phrase("which is no file name")
    if set(name) & (set('\\:*?"<>|') - (set() if windows else set(like)) | {"/", "\0"}):
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
    Hidden files and folders, whose names begin with a dot, are left alone.

    Raises PictureError where it is no folder or cannot be read, and where no picture is in it but one is required.
    """
    if not folder.is_dir():
        raise PictureError("{folder} is not a folder.", folder=folder)
    suffixes = readable_suffixes()
    with reading(folder):
        found = _below(folder) if recursive else folder.iterdir()
        seen = (path for path in found if not any(part[0] == "." for part in path.relative_to(folder).parts))
        files = sorted(path for path in seen if path.suffix.lower() in suffixes and path.is_file())
    if required and not files:
        raise PictureError("There is no picture in {folder}.", folder=folder)
    return files


def _below(folder: Path) -> Iterator[Path]:
    """What is in a folder and, however deep, in those below it, but for links to folders and those that may not be
    read. Raises OSError.
    """
    folders = [folder]
    while folders:
        here = folders.pop()
        with contextlib.suppress(*(() if here is folder else (PermissionError,))):
            for path in here.iterdir():
                yield path
                if path.name[0] != "." and os.path.isdir(path) and not os.path.islink(path):
                    folders.append(path)


def atomic_write(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Write `data` to `path` as `replacing` does. Raises OSError."""
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A temporary file in the same folder, open for writing, that is renamed to `path` at the end.

    An existing file keeps its permissions. Raises OSError; after that or any error of the caller's, `path` is as it was
    and nothing else is left behind. What is no file, a device or a FIFO, is written to as it is and stays what it is.
    Killed, a process leaves the temporary file; whoever writes to `path` next removes it.
    """
    if not is_file_or_new(path):
        with open(path, "wb") as file:
            yield file
        return
    # A link stays a link: its target is what gets replaced.
    target = Path(os.path.realpath(path))
    temporary = target.with_name(_usual_name(target))
    try:
        temporary, opened = _temporary(path, target)
        with opened as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if not WINDOWS:
                    with _named(path):
                        with contextlib.suppress(FileNotFoundError):
                            os.chmod(temporary, os.stat(target).st_mode & 0o7777)
                        os.replace(temporary, target)
            except BaseException:
                # As long as it is open: afterwards another process could have a file of this name.
                if not WINDOWS:
                    _remove(temporary, file.fileno())
                raise
        if WINDOWS:  # where no open file can be renamed, and no read-only one renamed or removed
            with _named(path):
                _replace(temporary, target)
    except BaseException:
        # Of Windows, or of a signal that came when the file was there and nobody had it in hand yet: closed by now.
        _remove_orphan(temporary)
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
        _try(path, Path(os.path.realpath(path)))
    elif os.path.isdir(path):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    elif not os.access(path, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def check_folder(folder: Path) -> None:
    """Raise the OSError that writing into a folder would; whatever is in there is not touched."""
    _try(folder, folder / "folder")


def _try(path: str | os.PathLike[str], target: Path) -> None:
    """Only trying tells: access rights say nothing of read-only file systems and the kernel's own."""
    temporary, file = _temporary(path, target)
    with file:
        if not WINDOWS:
            os.unlink(temporary)
    if WINDOWS:
        os.unlink(temporary)


def _temporary(path: str | os.PathLike[str], target: Path) -> tuple[Path, IO[bytes]]:
    """A new file beside `target`, open for writing.

    The name follows from the target's, so that one which was left behind is found without looking through the folder.
    It is locked until it is closed: where somebody is writing the same target, the name is another.
    """
    usual = target.with_name(_usual_name(target))
    _remove_orphan(usual)
    with contextlib.suppress(OSError):
        # An object, not a descriptor: whatever exception comes before somebody has it in hand, it is closed.
        file = usual.open("xb")
        try:
            if WINDOWS or _is_kept(file.fileno()):
                return usual, file
        except BaseException:
            file.close()
            raise
        file.close()
    other = usual.with_suffix(f".{secrets.token_hex(4)}.tmp")
    with _named(path):
        return other, other.open("xb")


def tidy(path: str | os.PathLike[str]) -> None:
    """Remove what a process that is no more has left behind while it wrote to `path`. Fails silently."""
    with contextlib.suppress(OSError):
        target = Path(os.path.realpath(path))
        _remove_orphan(target.with_name(_usual_name(target)))


def _usual_name(target: Path) -> str:
    return f".{target.name[:32]}.{crc32(os.fsencode(target.name)):08x}.tmp"


def _is_kept(descriptor: int) -> bool:
    """Lock a new temporary file; False where somebody has taken it for an orphan before, and removes it."""
    try:
        lock(descriptor)
    except BlockingIOError:
        return False
    except OSError:  # of a file system without locks, where nobody removes anything
        return True
    return os.fstat(descriptor).st_nlink > 0


def _remove_orphan(path: Path) -> None:
    """Remove a temporary file whose process is no more."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":  # where that fails as long as somebody has it open
            os.unlink(path)
        else:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    lock(descriptor)
                    _remove(path, descriptor)
            finally:
                os.close(descriptor)


def _remove(path: Path, descriptor: int) -> None:
    """Remove a file, unless the name is another's by now than that of what is open. Fails silently."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.lstat(path), os.fstat(descriptor)):
            os.unlink(path)


@contextlib.contextmanager
def _named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Let an OSError of the block name `path`: of the temporary file nobody has heard."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _replace(source: Path, target: Path) -> None:
    """Rename over `target` on Windows. That fails as long as another program has it open, as indexers and virus
    scanners have for moments.
    """
    for pause in _RETRIES:
        with contextlib.suppress(PermissionError):
            os.replace(source, target)
            return
        time.sleep(pause)
    os.replace(source, target)


def open_alone(path: Path, wait: bool = False) -> IO[bytes]:
    """A file, made where there is none, open to be read and added to, which no other process has open so until it is
    closed; without a buffer. wait: for another that has it. Raises BlockingIOError where one has, and OSError. Where
    the file system knows no locks, all processes have it.
    """
    while True:
        file = path.open("a+b", buffering=0)
        try:
            try:
                lock(file.fileno(), wait)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
            # Who had it before may have removed it.
            if WINDOWS or os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other process is in a block as this one, of the same folder. Raises OSError."""
    path = folder / ".lock"
    with open_alone(path, wait=True):
        try:
            yield
        finally:
            if not WINDOWS:
                with contextlib.suppress(OSError):
                    os.unlink(path)


def append(file: IO[bytes], data: bytes) -> None:
    """Add to a file of `open_alone` all of the data or, where that fails, nothing. Raises OSError."""
    end = file.seek(0, os.SEEK_END)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except BaseException:
        with contextlib.suppress(OSError):
            file.truncate(end)
        raise


def append_line(file: IO[bytes], line: bytes) -> None:
    """As `append`; a line before that was not finished stays one of its own."""
    end = file.seek(0, os.SEEK_END)
    if end > 0:
        file.seek(end - 1)
        if file.read(1) != b"\n":
            line = b"\n" + line
    append(file, line)


def lock(descriptor: int, wait: bool = False) -> None:
    """Have an open file for this process alone until it is closed. Raises BlockingIOError where another has it, and
    OSError.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(errno.EWOULDBLOCK, error.strerror) from None
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
