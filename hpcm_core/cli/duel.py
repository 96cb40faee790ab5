"""`hpcm duel`: HPCM beside other codecs, at equal bytes or equal quality."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.cli.many import Many, for_all, many_options, settings_of
from hpcm_core.cli.output import Row, checked, complain, say
from hpcm_core.cli.places import ANYWHERE, ready_folder
from hpcm_core.cli.report import CSV, check_csv, written
from hpcm_core.cli.support import AS_JSON, FORCE, check_metric, finish
from hpcm_core.errors import HpcmError

if TYPE_CHECKING:
    from hpcm_core.evaluation.contestants import At
    from hpcm_core.progress import Progress
    from hpcm_core.recipe import Recipe

_PAGE = "duel.html"
_FILES = "files"
_AGAINST = "--against is jpeg, webp, avif, jxl, or a model, with or without its rate, as in lite:20 or base."
_WANTED = "--at-bytes-of is a model and its rate, as in lite:40 or base:0.013."


@click.command()
@click.argument("inputs", metavar="PICTURES...", nargs=-1, required=True, type=ANYWHERE)
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
@click.option(
    "--against",
    multiple=True,
    help="Against whom, once for each: jpeg, webp, avif, jxl, or another model. With a rate that takes part as it is "
    "(lite:20), without one at the same bytes or quality (base). Default: the four formats.",
)
@CSV
@click.option("--report", type=ANYWHERE, help="Folder for a page with crops, duel.html, and for all files.")
@FORCE
@many_options
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
    many: Many,
) -> None:
    """Make JPEG, WebP, AVIF and JPEG XL files of PICTURES with the bytes of a .hpcm file, or at its PSNR or MS-SSIM.

    Each codec has its best setting for stills, and is searched for the size within 0.5 %, or the nearest that it can
    make. Files have colour alone, without metadata and alpha. The page of --report holds all that it shows, so it can
    be sent to someone; the files lie beside it. --on runs it on a cluster; docs/cluster.md says how.
    """
    from hpcm_core.evaluation import contestants, encoders

    recipe = _recipe(reference)
    sources = _sources([many.reach(path) for path in inputs])
    report = None if report is None else many.reach(report)
    check_csv(csv_file, many.manifest_file, *inputs)
    _check_outputs(sources, report, force or many.goes_on)
    against = against or encoders.NAMES
    names = tuple(name for name in against if name in encoders.NAMES)
    rivals = tuple(_rival(name) for name in against if name not in encoders.NAMES)
    work = _Fight(recipe, at, names, rivals, None if report is None else report / _FILES)
    settings = {**settings_of(recipe, *rivals), "at": at, "against": list(against), "report": str(report)}
    items = list(zip(sources, _distinct(sources), strict=True))
    rows = for_all(sources, items, work, many, "duel", settings, work.is_there)
    fought = [row for row in rows if "error" not in row]
    sections = [row.pop("section") for row in fought]
    unwritten = []
    # Of a run that was stopped before its first picture there is no report, and that of before stays.
    if csv_file is not None and rows:
        table = [contestant for row in fought for contestant in row["contestants"]]
        unwritten.append(written(csv_file, contestants.to_csv(table)))
    if report is not None and rows:
        from hpcm_core.evaluation import duel_report

        unwritten.append(_write_page(report / _PAGE, duel_report.page(sections, at, reference)))
    if not as_json:
        for row in fought:
            _print(row)
        rows[:] = [row for row in rows if "error" in row]
    finish(rows, as_json, {"at": at, "of": reference, "pictures": list(rows)})
    if not all(unwritten):
        sys.exit(1)


@dataclass(frozen=True)
class _Fight:
    """The work of `hpcm duel` on a picture and the name for its files (jobs.pool.Work). folder: where these go, None
    for nowhere.
    """

    recipe: Recipe
    at: At
    names: tuple[str, ...]
    rivals: tuple[Recipe, ...]
    folder: Path | None

    def __call__(self, item: tuple[Path, str], report: Progress) -> Row:
        from hpcm_core import storage
        from hpcm_core.evaluation import contestants, duel_report
        from hpcm_core.evaluation import duel as fighting

        source, name = item
        picture = storage.open_picture(source)
        ours = fighting.of_recipe(picture, self.recipe, lambda stage, done: report(stage, 0.1 * done))
        found = fighting.duel(
            picture,
            ours,
            self.at,
            self.names,
            lambda stage, done: report(stage, 0.1 + 0.9 * done),
            rivals=self.rivals,
        )
        section, files = "", []
        if self.folder is not None:
            for one in found.contestants:
                files.append(f"{name}{one.suffix}")
                storage.write(self.folder / files[-1], one.data)
            section = duel_report.section(source.name, picture, found)
        missed = [contestants.miss_in_words(one, self.at) for one in found.contestants]
        return {
            "contestants": contestants.rows(str(source), found),
            "notes": [note for note in missed if note] + [*found.left_out],
            "files": files,
            "section": section,
        }

    def is_there(self, item: tuple[Path, str], row: Row) -> bool:
        """Whether an earlier run's files are there under the name that the picture's have in this one."""
        from hpcm_core import storage

        if self.folder is None:
            return True
        files = row.get("files", [])
        ours = files[:1] == [f"{item[1]}.hpcm"]
        return ours and all(storage.exists(self.folder / name) for name in files)


def _recipe(reference: str, wanted: str = _WANTED, **target: Any) -> Recipe:
    """target: what a recipe without a rate has instead."""
    from hpcm_core.models.registry import METRICS, rates_of
    from hpcm_core.recipe import Recipe

    name, _, rate = reference.partition(":")
    metric = next((metric for metric in METRICS if name.endswith(f"-{metric}")), None)
    model = name if metric is None else name.removesuffix(f"-{metric}")
    options: dict[str, Any] = {} if metric is None else {"metric": metric}
    try:
        if rate:
            options |= {"quality": int(rate)} if rates_of(model) == "variable" else {"lmbda": float(rate)}
        elif rates_of(model) != "none":
            options |= target
    except ValueError:
        raise click.UsageError(wanted) from None
    if not name or ":" in rate:
        raise click.UsageError(wanted)
    check_metric(model, metric or "mse")
    return checked(lambda: Recipe(model, **options))  # type: ignore[no-any-return]


def _rival(text: str) -> Recipe:
    """What takes part beside other formats: as fighting.duel takes it."""
    from hpcm_core.models.registry import variants

    name = text.partition(":")[0]
    if not any(name == model or name.startswith(f"{model}-") for model in variants()):
        raise click.UsageError(_AGAINST)
    return _recipe(text, _AGAINST, target_bpp=1.0)  # Any target stands for that of the duel.


def _sources(inputs: Sequence[Path]) -> list[Path]:
    """The pictures, those in folders too; each once."""
    from hpcm_core import storage

    found: list[Path] = []
    for path in inputs:
        found += checked(partial(storage.pictures_in, path)) if storage.is_folder(path) else [path]
    return list(dict.fromkeys(found))


def _distinct(sources: Sequence[Path]) -> list[str]:
    """A name for the files of each picture: its own without the ending, numbered where another has it."""
    names: dict[str, str] = {}
    for source in sources:
        name, number = source.stem, 1
        while name.casefold() in names:
            number += 1
            name = f"{source.stem}-{number}"
        names[name.casefold()] = name
    return list(names.values())


def _check_outputs(sources: Sequence[Path], report: Path | None, force: bool) -> None:
    """Refuse what cannot or must not be written, before the work for it is done."""
    from hpcm_core import storage

    if report is None:
        return
    if not storage.is_folder(report) and checked(lambda: storage.exists(report)):
        raise click.UsageError(f"{report} is a file; --report is a folder.")
    if storage.is_local(report):
        checked(lambda: ready_folder(report))
    for path in (report / _PAGE, report / _FILES):
        if checked(partial(storage.is_taken, path)) and not force:
            raise click.UsageError(f"{path} exists; --force replaces it.")
    files = report / _FILES
    if any(source.resolve().parent == files.resolve() for source in sources):
        raise click.UsageError(f"{files} has an input and would be written into; choose another --report.")


def _write_page(path: Path, text: str) -> bool:
    """Whether it could be written; if not, the user is told why."""
    from hpcm_core import storage

    try:
        storage.write(path, text.encode())
    except HpcmError as error:
        complain(str(path), str(error))
        return False
    return True


def _print(row: Row) -> None:
    say(f"{row['input']}:")
    head = ("bytes", "bpp", "PSNR", "MS-SSIM", "SSIMUL. 2", "encode", "decode")
    say(f"  {'':12}" + "".join(f"{name:>10}" for name in head))
    for one in row["contestants"]:
        figures = (
            (one["bytes"], "d"), (one["bpp"], ".4f"), (one["psnr"], ".2f"), (one["ms_ssim_db"], ".2f"),
            (one["ssimulacra2"], ".1f"), (one["encode_seconds"], ".2f"), (one["decode_seconds"], ".2f"),
        )  # fmt: skip
        cells = "".join(f"{'-' if value is None else format(value, form):>10}" for value, form in figures)
        say(f"  {one['codec']:12}{cells}  {one['settings']}")
    for note in row["notes"]:
        say(f"  {note}")
