"""`hpcm batch`: many pictures by one recipe, with rules for skipping and a report."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.support import checked, print_json
from hpcm_core.errors import HpcmError
from hpcm_core.files import atomic_write, reading, writing

if TYPE_CHECKING:
    from hpcm_core.recipe import Recipe


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--recipe", "recipe_file", type=click.Path(path_type=Path), help="Recipe as JSON, as the window saves it."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder; otherwise beside each picture.")
@click.option("--name", default="{stem}.hpcm", show_default=True, help="{stem} {suffix} {model} {quality} {lambda}")
@click.option("--skip-larger", is_flag=True, help="Write nothing where the file would be larger than its source.")
@click.option("--min-gain", type=click.FloatRange(0, 100), default=0.0, help="Skip below this saving in percent.")
@click.option("-f", "--force", is_flag=True, help="Encode again where the output exists; otherwise such are skipped.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write a report as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def batch(
    inputs: tuple[Path, ...],
    recipe_file: Path | None,
    output: Path | None,
    name: str,
    skip_larger: bool,
    min_gain: float,
    force: bool,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Compress pictures and folders of pictures by one recipe.

    A run that was stopped goes on where it was when the same command is given again.
    """
    from hpcm_core.batch import Rules, expand, output_path, to_csv
    from hpcm_core.batch_run import run_batch
    from hpcm_core.recipe import Recipe

    recipe = Recipe() if recipe_file is None else checked(lambda: _recipe(recipe_file))
    checked(lambda: output_path(Path("name.png"), output, name, recipe))
    sources = [path for given in inputs for path in expand(given)]
    if not sources:
        raise click.UsageError("There is no picture among the inputs.")
    if output is not None and output.exists() and not output.is_dir():
        raise click.UsageError(f"{output} is a file; a batch needs a folder.")
    rules = Rules(skip_existing=not force, skip_larger=skip_larger, min_gain=min_gain)
    rows = []
    for row in run_batch(sources, recipe, output, name, rules):
        rows.append(row)
        if not as_json:
            size = "" if row.bytes is None else f"{row.bytes} bytes"
            click.echo(f"{row.source}: {row.state}  {row.reason or size}", err=row.state == "failed")
            if row.left_out:
                click.echo(f"{row.source}: left out: {row.left_out}")
    if csv_file is not None:
        with writing(csv_file):
            atomic_write(csv_file, to_csv(rows).encode())
    counts = {state: sum(row.state == state for row in rows) for state in ("done", "skipped", "failed")}
    if as_json:
        print_json({"counts": counts, "pictures": [asdict(row) for row in rows]})
    else:
        click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    if counts["failed"]:
        sys.exit(1)


def _recipe(path: Path) -> Recipe:
    from hpcm_core.recipe import Recipe

    with reading(path, HpcmError):
        return Recipe.from_file(path)
