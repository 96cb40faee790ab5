"""Where commands read and write: files, folders, and standard input and output, which are called `-`."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from hpcm_core.cli.output import checked
from hpcm_core.errors import HpcmError, LimitExceeded
from hpcm_core.files import PICTURE_SUFFIXES, atomic_write, check_folder, check_writable, reading, writing
from hpcm_core.limits import MIB

SUFFIX = ".hpcm"
STANDARD = Path("-")
"""Standard input or output: this very object. A file of that name is given as ./-."""
_MOST = 1 << 32
"""Bytes from standard input: as many as a .hpcm file can have, and more than any picture within the limits."""


if TYPE_CHECKING:
    _Parameter = click.ParamType[Any]
else:  # Only newer versions of click know of what.
    _Parameter = click.ParamType


class _Place(_Parameter):
    name = "path"

    def __init__(self, standard: bool = False) -> None:
        self._standard = standard

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, Path):
            return value
        if not value:
            self.fail("a name is empty.", param, ctx)
        if "\0" in value:
            self.fail("a name has a zero byte.", param, ctx)
        return STANDARD if self._standard and value == "-" else Path(value)


@dataclass(frozen=True)
class Output:
    """What -o says; folder: that it has to be one, since its name ends on a slash."""

    path: Path
    folder: bool


class _Output(_Place):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, Output):
            return value
        return Output(super().convert(value, param, ctx), value.endswith(("/", os.sep)))


class _Anywhere(_Place):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if isinstance(value, str) and "://" in value:
            from hpcm_core import storage  # only here: it needs all that reads pictures

            return checked(lambda: storage.place(value))
        return found


PLACE = _Place()
ANYWHERE = _Anywhere()
"""Object storage too, by URL."""
FILE = _Place(standard=True)

IN_FILES = click.argument("inputs", nargs=-1, required=True, type=FILE)
OUTPUT = click.option("-o", "--output", type=_Output(standard=True), help="File, folder for several inputs, or -.")


def targets(
    inputs: Sequence[Path], output: Output | None, suffix: str, force: bool, endings: Sequence[str]
) -> list[tuple[Path, Path]]:
    """Where each input's result goes. Nothing is overwritten unless it is named or forced, and an input never.

    endings: of names that a result may be given. Raises UsageError before anything is done; makes the folder.
    """
    if any(source is STANDARD for source in inputs) and len(inputs) > 1:
        raise click.UsageError("Standard input comes alone, without other inputs.")
    if output is not None and _is_standard_output(output.path):
        output = Output(STANDARD, False)
    if (STANDARD if output is None else output.path) is STANDARD and (output or inputs[0] is STANDARD):
        if len(inputs) > 1:
            raise click.UsageError("Standard output takes one result; several inputs need a folder.")
        if sys.stdout.isatty():
            raise click.UsageError("A terminal cannot show the result; say with -o where it goes.")
        return [(inputs[0], STANDARD)]
    folder = None if output is None else _folder(output, len(inputs))
    if folder is not None and inputs[0] is STANDARD:
        raise click.UsageError("Standard input has no name to call its result by; say a file with -o.")
    pairs = [(source, _target(source, output, folder, suffix)) for source in inputs]
    if output is not None and folder is None:
        _check_named(output.path, inputs[0], endings, force)
    given = [status for source in inputs if (status := _status(source)) is not None]
    seen: set[str] = set()
    for source, target in pairs:
        found = _status(target)
        if found is not None and stat.S_ISREG(found.st_mode):
            if any(os.path.samestat(found, status) for status in given):
                raise click.UsageError(f"{target} is an input and would be overwritten; choose another -o.")
            if (output is None or folder is not None) and not force:
                raise click.UsageError(f"{target} exists; --force replaces it.")
        elif found is None and os.path.islink(target) and (output is None or folder is not None) and not force:
            # Nobody named it: who put it there would choose what is written where.
            raise click.UsageError(f"{target} is a link that leads nowhere; --force writes where it leads.")
        real = os.path.normcase(os.path.realpath(target))
        if real in seen:
            raise click.UsageError(
                f"Two inputs would be written to the same file, {target} of {source}; encode them one by one with -o."
            )
        seen.add(real)
    if folder is not None:
        checked(lambda: _make(folder))
    return pairs


def _is_standard_output(path: Path) -> bool:
    """Whether a path, such as /dev/stdout, leads where standard output goes: nothing else may be printed there then."""
    try:
        return path is not STANDARD and os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError, AttributeError):  # Nothing there yet, or no standard output that is a file.
        return False


def _folder(output: Output, count: int) -> Path | None:
    """The folder that -o means; None where it means a file."""
    path, found = output.path, _status(output.path)
    if output.folder or (found is not None and stat.S_ISDIR(found.st_mode)) or (found is None and not path.suffix):
        return path
    if count == 1:
        return None
    if found is not None:
        raise click.UsageError(f"{path} is a file; several inputs need a folder.")
    if path.suffix.lower() in (SUFFIX, *PICTURE_SUFFIXES):
        raise click.UsageError(f"{path} is the name of a file; several inputs need a folder.")
    return path


def _target(source: Path, output: Output | None, folder: Path | None, suffix: str) -> Path:
    if folder is not None:
        return folder / f"{source.stem}{suffix}"
    if output is not None:
        return output.path
    # A folder such as "." has no name: it fails when its turn comes.
    return source.with_suffix(suffix) if source.name else source / f"picture{suffix}"


def _check_named(path: Path, source: Path, endings: Sequence[str], force: bool) -> None:
    """Refuse a file that was named for the result before the work for it is done."""
    found = _status(path)
    if found is None or stat.S_ISREG(found.st_mode):
        ending = path.suffix.lower()
        if ending not in endings and (len(endings) > 1 or ending in PICTURE_SUFFIXES):
            known = ", ".join(endings)
            raise click.UsageError(f"The name {path} does not fit what is written; it should end on {known}.")
        original = None if source is STANDARD else _status(source)
        same = original is not None and found is not None and os.path.samestat(found, original)
        if found is not None and ending not in endings and not force and not same:
            raise click.UsageError(f"{path} exists and is no {endings[0]} file; --force replaces it.")
    checked(lambda: ready(path))


def ready(target: Path) -> None:
    """Make sure that a target can be written, before the work for it is done. Raises HpcmError."""
    if target is STANDARD:
        return
    with writing(target):
        try:
            check_writable(target)
        except FileNotFoundError:
            if target.parent.is_dir():
                raise
            raise HpcmError("The folder {folder} does not exist.", folder=target.parent) from None


def ready_folder(folder: Path) -> None:
    """Make sure that files can be written into a folder, or that it can be made. Raises HpcmError."""
    with writing(folder):
        there = folder
        while _status(there) is None and there != there.parent:
            there = there.parent
        check_folder(there)


def deliver(target: Path, data: bytes) -> None:
    """Write a result. Raises HpcmError."""
    if target is not STANDARD:
        with writing(target):
            atomic_write(target, data)
        return
    with writing("Standard output"):
        stream = sys.stdout.buffer
        stream.write(data)
        stream.flush()


def is_file(path: Path) -> bool:
    """Whether a path is a name that says by its ending what is in the file, in contrast to a device's or `-`."""
    found = _status(path)
    return path is not STANDARD and (found is None or stat.S_ISREG(found.st_mode))


def read(source: Path) -> bytearray:
    """All of an input. Raises HpcmError."""
    return _read(source, b"")


def read_hpcm(source: Path) -> bytearray:
    """A .hpcm file; of what is none only the beginning, since it may have no end. Raises HpcmError."""
    from hpcm_core.format.container import SIGNATURE

    return _read(source, SIGNATURE)


def _read(source: Path, beginning: bytes) -> bytearray:
    if source is STANDARD:
        with reading("Standard input"):
            return _content(sys.stdin.buffer, source, beginning)
    with reading(source), open(source, "rb") as file:
        return _content(file, source, beginning)


def _content(file: IO[bytes], source: Path, beginning: bytes) -> bytearray:
    data = bytearray(file.read(len(beginning)))
    if data != beginning:
        return data
    while block := file.read(MIB):
        data += block
        if len(data) > _MOST:
            raise LimitExceeded("{path} is too large.", path=source)
    return data


def _make(folder: Path) -> None:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        check_folder(folder)


def _status(path: Path) -> os.stat_result | None:
    """None for what is not there, or cannot be looked at: whoever opens it will tell."""
    try:
        return os.stat(path)
    except OSError:
        return None
