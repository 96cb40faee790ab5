"""What the batch table of the window and `hpcm batch` share: names of outputs, rules for skipping, the report."""

from __future__ import annotations

import os
import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from hpcm_core import storage, table
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.files import PICTURE_SUFFIXES, name_fault
from hpcm_core.recipe import Recipe

DEFAULT_TEMPLATE = "{stem}.hpcm"


@dataclass(frozen=True)
class Rules:
    """When a finished encoding is not worth writing. Sizes are compared with the source file's."""

    skip_existing: bool = True
    """Leave a picture alone whose output exists already; otherwise the output is replaced."""
    skip_larger: bool = False
    min_gain: float = 0.0
    """Percent by which the file must be smaller than its source."""


@dataclass
class Row:
    """One picture of a batch. state: waiting, running, done, skipped or failed; reason: why, a phrase or empty."""

    source: str
    output: str = ""
    state: str = "waiting"
    reason: str = ""
    source_bytes: int | None = None
    bytes: int | None = None
    gain_percent: float | None = None
    bpp: float | None = None
    equal: bool | None = None
    """Whether every sample of colour is kept, and PSNR infinite."""
    psnr: float | None = None
    ms_ssim: float | None = None
    ms_ssim_db: float | None = None
    encode_seconds: float | None = None
    """From pixels to file: without loading the model, and without making and measuring what it decodes to."""
    left_out: str = ""
    """What of the source is not in the picture, a phrase or empty."""
    advice: str = ""
    """What the source would better be kept as, a phrase or empty. Other codecs are not tried."""
    sha256: str = ""
    """Of the output, in hex digits; empty where nothing was written."""


def output_path(source: Path, folder: Path | None, template: str, recipe: Recipe) -> Path:
    """Where a picture's file goes: `template` with {stem}, {suffix}, {model}, {quality}, {lambda}, in `folder`.

    Without a folder it goes beside the source. Raises HpcmError for an unknown field or a name that is no file name.
    """
    values = {
        "stem": source.stem,
        "suffix": source.suffix.lstrip("."),
        "model": recipe.model,
        "quality": "" if recipe.quality is None else recipe.quality,
        "lambda": "" if recipe.lmbda is None else f"{recipe.lmbda:g}",
    }
    try:
        # Only whole fields: "{stem.__class__}" and the like have no business in a file's name.
        parsed = list(string.Formatter().parse(template))
        unknown = {name for _, name, _, _ in parsed if name is not None} - values.keys()
        name = "" if unknown else template.format(**values)
    except ValueError:
        raise HpcmError("The name template {template!r} is not valid.", template=template) from None
    if unknown:
        raise HpcmError(
            "The name template has no field {names}; there are {fields}.",
            names=", ".join(sorted(unknown)),
            fields=", ".join(values),
        )
    if name not in ("", ".", "..") and not name.lower().endswith(".hpcm"):
        name += ".hpcm"
    if fault := name_fault(name, like=source.name):
        raise HpcmError(
            "The name template {template!r} gives {name!r}, {fault}.", template=template, name=name, fault=fault
        )
    return (source.parent if folder is None else folder) / name


def gain_percent(source_bytes: int, size: int) -> float:
    """Percent by which a file is smaller than its source; negative where it is larger."""
    return 100 * (source_bytes - size) / source_bytes if source_bytes else 0.0


def reason_to_skip(rules: Rules, source_bytes: int, size: int) -> Phrase | None:
    """Why a finished encoding is not written, as words for a user; None where it is."""
    gain = gain_percent(source_bytes, size)
    if rules.skip_larger and gain < 0:
        return Phrase("larger than its source by {percent:.1f} %", percent=-gain)
    if gain < rules.min_gain and rules.min_gain > 0:
        return Phrase("gains {percent:.1f} %, less than {least:g} %", percent=gain, least=rules.min_gain)
    return None


def to_csv(rows: Iterable[Row]) -> str:
    """The report: a line per picture."""
    return table.to_csv([column.name for column in fields(Row)], map(asdict, rows))


@dataclass
class Found:
    """What the inputs of a batch hold."""

    pictures: list[tuple[Path, Path]] = field(default_factory=list)
    """Each with the folder that it lies in below the input, "." for the input itself."""
    left: list[tuple[Path, str]] = field(default_factory=list)
    """What is left alone, and why: "hidden", "not a picture", "a folder" or "a link to a folder"."""
    failed: list[Row] = field(default_factory=list)
    """Folders that cannot be read, and what cannot be looked at in others."""


def search(inputs: Iterable[Path], recursive: bool = False) -> Found:
    """The pictures among the inputs and directly in those that are folders, or in all folders below, by name.

    What is given itself is taken, whatever it is, and what is given twice once. A folder's .hpcm files are results, and
    not counted as left alone.
    """
    found = Found()
    for given in inputs:
        if not storage.is_folder(given):
            found.pictures.append((given, Path()))
            continue
        folders = [(given, Path())]
        while folders:
            folder, below = folders.pop()
            further: list[Path] = []
            with _told(folder, found):
                with storage.read_errors(folder):
                    paths = sorted(folder.iterdir())
                for path in paths:
                    with _told(path, found):
                        if _is_to_be_searched(path, below, recursive, found):
                            further.append(path)
            folders += [(path, below / path.name) for path in reversed(further)]
    found.pictures = list(dict.fromkeys(found.pictures))
    return found


@contextmanager
def _told(path: Path, found: Found) -> Iterator[None]:
    """Let an error of the block be the failure of a path."""
    try:
        yield
    except HpcmError as error:
        found.failed.append(Row(str(path), state="failed", reason=error.phrase))


def _is_to_be_searched(path: Path, below: Path, recursive: bool, found: Found) -> bool:
    """Whether something in a folder is a folder that is to be searched too; otherwise it is put where it belongs.
    Raises HpcmError where nobody can tell.
    """
    is_folder = storage.is_folder(path)
    if path.name.startswith("."):
        found.left.append((path, "hidden"))
    elif is_folder and storage.is_local(path) and os.path.islink(path):
        found.left.append((path, "a link to a folder"))
    elif is_folder and recursive:
        return True
    elif is_folder:
        found.left.append((path, "a folder"))
    elif path.suffix.lower() in PICTURE_SUFFIXES and storage.is_file(path):
        found.pictures.append((path, below))
    elif path.suffix.lower() != ".hpcm":
        found.left.append((path, "not a picture"))
    return False
