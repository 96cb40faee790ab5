"""`hpcm duel`: HPCM beside other codecs, at equal bytes or equal quality."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.cli.output import Row, checked, complain, say
from hpcm_core.cli.places import PLACE, SUFFIX, ready, ready_folder
from hpcm_core.cli.support import AS_JSON, FORCE, finish, for_each
from hpcm_core.errors import HpcmError
from hpcm_core.files import PICTURE_SUFFIXES, atomic_write, picture_files, writing

if TYPE_CHECKING:
    from hpcm_core.evaluation.contestants import Duel
    from hpcm_core.progress import Progress
    from hpcm_core.recipe import Recipe

_PAGE = "duel.html"
_FILES = "files"
_WANTED = "--at-bytes-of is a model and its rate, as in lite:40 or base:0.013."


@click.command()
@click.argument("inputs", metavar="PICTURES...", nargs=-1, required=True, type=PLACE)
@click.option(
    "--at-bytes-of",
    "--of",
    "reference",
    default="lite:40",
    show_default=True,
    help="Model and rate that the others are held to: lite:QUALITY, or base:LAMBDA, large-ms-ssim:LAMBDA.",
)
@click.option(
    "--at",
    type=click.Choice(["bytes", "psnr", "ms-ssim"]),
    default="bytes",
    show_default=True,
    help="What shall be equal.",
)
@click.option("--against", multiple=True, type=click.Choice(["jpeg", "webp", "avif", "jxl"]), help="Only these codecs.")
@click.option("--csv", "csv_file", type=PLACE, help="Write all figures as CSV.")
@click.option("--report", type=PLACE, help="Folder for a page with crops, duel.html, and for all files.")
@FORCE
@AS_JSON
def duel(
    inputs: tuple[Path, ...],
    reference: str,
    at: Any,
    against: tuple[str, ...],
    csv_file: Path | None,
    report: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Make JPEG, WebP, AVIF and JPEG XL files of PICTURES with the bytes of a .hpcm file, or at its PSNR or MS-SSIM.

    Each codec has its best setting for stills, and is searched for the size within 0.5 %, or the nearest that it can
    make. Files have colour alone, without metadata and alpha. The page of --report holds all that it shows, so it can
    be sent to someone; the files lie beside it.
    """
    from hpcm_core.evaluation import contestants, encoders
    from hpcm_core.evaluation import duel as fighting

    recipe = _recipe(reference)
    sources = _sources(inputs)
    _check_outputs(sources, csv_file, report, force)
    table: list[dict[str, Any]] = []
    sections: list[str] = []
    names = dict(zip(sources, _distinct(sources), strict=True))

    def one(source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core.evaluation import duel_report
        from hpcm_core.picture.picture import Picture

        picture = Picture.open(source)
        ours = fighting.of_recipe(picture, recipe, lambda stage, done: progress(stage, 0.1 * done))
        found = fighting.duel(
            picture, ours, at, against or encoders.NAMES, lambda stage, done: progress(stage, 0.1 + 0.9 * done)
        )
        if report is not None:
            _write_files(report / _FILES, names[source], found)
            sections.append(duel_report.section(source.name, picture, found))
        rows = contestants.rows(str(source), found)
        table.extend(rows)
        notes = [note for one in found.contestants if (note := contestants.miss_in_words(one, at))] + [*found.left_out]
        return {"contestants": rows, "notes": notes}

    rows = for_each([(source, source) for source in sources], one)
    unwritten = []
    if csv_file is not None:
        unwritten.append(_written(csv_file, contestants.to_csv(table)))
    if report is not None:
        from hpcm_core.evaluation import duel_report

        unwritten.append(_written(report / _PAGE, duel_report.page(sections, at, reference)))
    if not as_json:
        for row in rows:
            if "error" not in row:
                _print(row)
        rows[:] = [row for row in rows if "error" in row]
    finish(rows, as_json, {"at": at, "of": reference, "pictures": list(rows)})
    if not all(unwritten):
        sys.exit(1)


def _recipe(reference: str) -> Recipe:
    from hpcm_core.models.registry import METRICS, rates_of
    from hpcm_core.recipe import Recipe

    name, _, rate = reference.partition(":")
    metric = next((metric for metric in METRICS if name.endswith(f"-{metric}")), None)
    model = name if metric is None else name.removesuffix(f"-{metric}")
    options: dict[str, Any] = {} if metric is None else {"metric": metric}
    try:
        if rate:
            options |= {"quality": int(rate)} if rates_of(model) == "variable" else {"lmbda": float(rate)}
    except ValueError:
        raise click.UsageError(_WANTED) from None
    if not name or ":" in rate:
        raise click.UsageError(_WANTED)
    return checked(lambda: Recipe(model, **options))  # type: ignore[no-any-return]


def _sources(inputs: Sequence[Path]) -> list[Path]:
    """The pictures, those in folders too; each once."""
    found: list[Path] = []
    for path in inputs:
        found += checked(partial(picture_files, path, recursive=False)) if path.is_dir() else [path]
    return list(dict.fromkeys(found))


def _distinct(sources: Sequence[Path]) -> list[str]:
    """A name for the files of each picture: its own without the ending, numbered where another has it."""
    names: list[str] = []
    for source in sources:
        name, number = source.stem, 1
        while name.casefold() in {other.casefold() for other in names}:
            number += 1
            name = f"{source.stem}-{number}"
        names.append(name)
    return names


def _check_outputs(sources: Sequence[Path], csv_file: Path | None, report: Path | None, force: bool) -> None:
    """Refuse what cannot or must not be written, before the work for it is done."""
    if csv_file is not None:
        if csv_file.suffix.lower() in (SUFFIX, *PICTURE_SUFFIXES):
            raise click.UsageError(f"{csv_file} is not the name of a report; let it end on .csv.")
        checked(lambda: ready(csv_file))
    if report is None:
        return
    if report.exists() and not report.is_dir():
        raise click.UsageError(f"{report} is a file; --report is a folder.")
    checked(lambda: ready_folder(report))
    for path in (report / _PAGE, report / _FILES):
        if path.exists() and not force:
            raise click.UsageError(f"{path} exists; --force replaces it.")
    real = (report / _FILES).resolve()
    if any(source.resolve().parent == real for source in sources):
        raise click.UsageError(f"{report / _FILES} has an input and would be written into; choose another --report.")


def _write_files(folder: Path, name: str, found: Duel) -> None:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for one in found.contestants:
        path = folder / f"{name}{one.suffix}"
        with writing(path):
            atomic_write(path, one.data)


def _written(path: Path, text: str) -> bool:
    """Whether it could be written; if not, the user is told why."""
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, text.encode())
    except HpcmError as error:
        complain(str(path), str(error))
        return False
    return True


def _print(row: Row) -> None:
    say(f"{row['input']}:")
    head = ("bytes", "bpp", "PSNR", "MS-SSIM", "SSIMUL. 2", "encode", "decode")
    say(f"  {'':8}" + "".join(f"{name:>10}" for name in head))
    for one in row["contestants"]:
        figures = (
            (one["bytes"], "d"), (one["bpp"], ".4f"), (one["psnr"], ".2f"), (one["ms_ssim_db"], ".2f"),
            (one["ssimulacra2"], ".1f"), (one["encode_seconds"], ".2f"), (one["decode_seconds"], ".2f"),
        )  # fmt: skip
        cells = "".join(f"{'-' if value is None else format(value, form):>10}" for value, form in figures)
        say(f"  {one['codec']:8}{cells}  {one['settings']}")
    for note in row["notes"]:
        say(f"  {note}")
