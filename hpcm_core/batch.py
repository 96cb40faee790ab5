"""What the batch table of the window and `hpcm batch` share: names of outputs, rules for skipping, the report."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.files import name_fault, picture_files
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
    psnr: float | None = None
    ms_ssim: float | None = None
    ms_ssim_db: float | None = None
    encode_seconds: float | None = None
    left_out: str = ""
    """What of the source is not in the picture, a phrase or empty."""


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
        unknown = {field for _, field, _, _ in parsed if field is not None} - values.keys()
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
    if fault := name_fault(name):
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
    """The report: a line per picture, empty cells for what is not known.

    Text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(Row)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = {key: _cell(value) for key, value in asdict(row).items()}
        writer.writerow(cells)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")):
        return "'" + value
    return "" if value is None else value


def expand(given: Path) -> list[Path]:
    """A picture, or the pictures directly in a folder, by name."""
    return picture_files(given, recursive=False, required=False) if given.is_dir() else [given]
