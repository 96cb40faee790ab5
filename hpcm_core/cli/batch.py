"""`hpcm batch`: many pictures by one recipe, with rules for skipping and a report."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.bar import show
from hpcm_core.cli.many import Many, many_options, settings_of
from hpcm_core.cli.output import checked, print_json, say
from hpcm_core.cli.places import ANYWHERE, PLACE, ready_folder
from hpcm_core.cli.report import CSV, check_csv, written
from hpcm_core.cli.support import NO_LOCATION
from hpcm_core.errors import HpcmError
from hpcm_core.files import reading

if TYPE_CHECKING:
    from hpcm_core.batch import Row
    from hpcm_core.recipe import Recipe

_NAMED = 5
"""Names of what was left alone that are printed for each reason; JSON has all."""
_PLURAL = {"a folder": "folders", "a link to a folder": "links to folders", "not a picture": "not pictures"}


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=ANYWHERE)
@click.option("--recipe", "recipe_file", type=PLACE, help="Recipe as JSON, as the window saves it.")
@click.option("--lossless", is_flag=True, help="Keep every pixel, instead of a recipe.")
@click.option("--model", help="Instead of a recipe: lite, or without loss lossless or lossless-m.  [default: lite]")
@click.option("-o", "--output", type=ANYWHERE, help="Folder; otherwise beside each picture.")
@click.option("-r", "--recursive", is_flag=True, help="Take folders in folders along; -o gets the same ones.")
@click.option("--name", default="{stem}.hpcm", show_default=True, help="{stem} {suffix} {model} {quality} {lambda}")
@click.option("--skip-larger", is_flag=True, help="Write nothing where the file would be larger than its source.")
@click.option("--min-gain", type=click.FloatRange(0, 100), default=0.0, help="Skip below this saving in percent.")
@NO_LOCATION
@click.option("-f", "--force", is_flag=True, help="Encode again where the output exists; otherwise such are skipped.")
@CSV
@many_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def batch(
    inputs: tuple[Path, ...],
    recipe_file: Path | None,
    lossless: bool,
    model: str | None,
    output: Path | None,
    recursive: bool,
    name: str,
    skip_larger: bool,
    min_gain: float,
    no_location: bool,
    force: bool,
    csv_file: Path | None,
    as_json: bool,
    many: Many,
) -> None:
    """Compress pictures and folders of pictures by one recipe.

    Pictures and folders may be URLs of object storage too, as in s3://bucket/folder. --on runs the batch on a cluster;
    docs/cluster.md says how. With --manifest, outputs that are there are checked by their hashes. Hidden files are left
    alone. A run that was stopped goes on where it was when the same command is given again.
    """
    from hpcm_core.batch import Rules, output_path, search, to_csv
    from hpcm_core.batch_run import run_batch

    if math.isnan(min_gain):
        raise click.UsageError("--min-gain is a number of percent.")
    if recipe_file is not None and (lossless or model is not None):
        given = "--lossless" if lossless else "--model"
        raise click.UsageError(f"{given} stands in the place of --recipe; give one of them.")
    recipe = checked(lambda: _default(model, lossless) if recipe_file is None else _recipe(recipe_file))
    checked(lambda: output_path(Path("name.png"), output, name, recipe))
    found = search(map(many.reach, inputs), recursive)
    if not found.pictures and not found.failed:
        raise click.UsageError("There is no picture among the inputs." + _hint(found.left))
    if output is not None:
        output = many.reach(output)
        _check_folder(output)
    check_csv(csv_file, recipe_file, many.manifest_file, *inputs)
    sources = [(path, None if output is None else output.joinpath(*below.parts)) for path, below in found.pictures]
    rules = Rules(skip_existing=not force, skip_larger=skip_larger, min_gain=min_gain)
    rows: dict[int, Row] = {}
    interrupted, stopped = False, ""
    settings = {**settings_of(recipe), "name": name, "skip_larger": skip_larger, "min_gain": min_gain}
    if no_location:  # manifests of before the option are of runs without it
        settings["no_location"] = True
    with many.manifest("batch", **settings) as manifest, show(len(sources)) as bar:
        for row in found.failed:
            _print(row, as_json)
        try:
            pool = partial(many.pool, bar=bar)
            for place, row in run_batch(sources, recipe, name, rules, pool, manifest, keep_place=not no_location):
                rows[place] = row
                bar.ended()
                with bar.aside():
                    _print(row, as_json)
        except KeyboardInterrupt:
            interrupted = True
        except HpcmError as error:
            stopped = str(error)
    listed = found.failed + [rows[place] for place in sorted(rows)]
    # Of a run that was stopped before its first picture there is no report, and that of before stays.
    unreported = csv_file is not None and bool(listed) and not written(csv_file, to_csv(listed))
    counts = {state: sum(row.state == state for row in listed) for state in ("done", "skipped", "failed")}
    if as_json:
        left = [{"path": str(path), "reason": reason} for path, reason in found.left]
        document = {"counts": counts, "pictures": list(map(asdict, listed)), "left_alone": left}
        print_json(document | ({"interrupted": True} if interrupted or stopped else {}))
    else:
        say(", ".join(f"{count} {state}" for state, count in counts.items()))
        if found.left:
            say("Left alone: " + "; ".join(_left_alone(found.left)))
    if interrupted:
        raise click.Abort
    if stopped:
        say(f"hpcm: {stopped}", err=True)
    if counts["failed"] or unreported or stopped:
        sys.exit(1)


def _check_folder(output: Path) -> None:
    """Refuse an output that is none, before the work is done."""
    from hpcm_core import storage

    if not storage.is_folder(output) and checked(lambda: storage.exists(output)):
        raise click.UsageError(f"{output} is a file; a batch needs a folder.")
    if storage.is_local(output):
        checked(lambda: ready_folder(output))


def _print(row: Row, as_json: bool) -> None:
    if not as_json:
        size = "" if row.bytes is None else f"{row.bytes} bytes"
        say(f"{row.source}: {row.state}  {row.reason or size}", err=row.state == "failed")
        if row.left_out:
            say(f"{row.source}: left out: {row.left_out}")
        if row.advice:
            say(f"{row.source}: {row.advice}")


def _left_alone(left: list[tuple[Path, str]]) -> list[str]:
    """How many for each reason, and which."""
    parts = []
    for reason in dict.fromkeys(reason for _, reason in left):
        names = [str(path) for path, why in left if why == reason]
        more = "" if len(names) <= _NAMED else f" and {len(names) - _NAMED} more"
        more += "; --recursive takes folders along" if reason == "a folder" else ""
        counted = reason.removeprefix("a ") if len(names) == 1 else _PLURAL.get(reason, reason)
        parts.append(f"{len(names)} {counted} ({', '.join(names[:_NAMED])}{more})")
    return parts


def _hint(left: list[tuple[Path, str]]) -> str:
    return " --recursive looks into the folders among them." if any(why == "a folder" for _, why in left) else ""


def _default(model: str | None, lossless: bool) -> Recipe:
    from hpcm_core.cli.support import model_named
    from hpcm_core.models.registry import config_of, rates_of
    from hpcm_core.recipe import Recipe

    name = model_named(model, lossless)
    if config_of(name) is not None and rates_of(name) == "fixed":
        raise click.UsageError(f"The model {name} needs a lambda; give a --recipe that has both.")
    return Recipe(name)


def _recipe(path: Path) -> Recipe:
    from hpcm_core.recipe import Recipe

    with reading(path, HpcmError):
        return Recipe.from_file(path)
