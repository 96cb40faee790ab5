"""`hpcm encode`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.output import Row, checked
from hpcm_core.cli.places import IN_FILES, OUTPUT, PLACE, STANDARD, SUFFIX, Output, deliver, read, ready, targets
from hpcm_core.cli.support import (
    AS_JSON,
    DEVICE,
    FORCE,
    LOOKS,
    NO_LOCATION,
    finish,
    for_each,
    hdr_row,
    look_option,
    metrics_row,
    model_row,
    natural_row,
    notes_row,
    recipe_options,
    size_row,
    times_row,
    without_place,
)
from hpcm_core.look import FAITHFUL, said

if TYPE_CHECKING:
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Progress
    from hpcm_core.recipe import Recipe


@click.command()
@IN_FILES
@OUTPUT
@recipe_options
@click.option("--preview", is_flag=True, help="Store a small preview picture in the file.")
@click.option("--no-metadata", is_flag=True, help="Leave out EXIF, XMP, IPTC, texts, resolution.")
@NO_LOCATION
@click.option("--frame", type=click.IntRange(0), default=0, help="Which of several pictures, counted from 0.")
@click.option(
    "--mask",
    type=PLACE,
    help="Picture of the same size, usually a PNG: white is kept better, black coded cheaply, mid grey as the rest.",
)
@click.option(
    "--cheap-rest",
    is_flag=True,
    help="With --mask: code what it leaves as it is more cheaply; in files of one size the kept parts gain most so.",
)
@click.option("--look", callback=look_option, help=f"The look that the file wishes: {LOOKS}")
@click.option("--no-metrics", is_flag=True, help="Do not reconstruct and measure: faster.")
@DEVICE
@FORCE
@AS_JSON
def encode(
    inputs: tuple[Path, ...],
    output: Output | None,
    recipe: Recipe,
    preview: bool,
    no_metadata: bool,
    no_location: bool,
    frame: int,
    mask: Path | None,
    cheap_rest: bool,
    look: int | None,
    no_metrics: bool,
    device: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Compress pictures to .hpcm files.

    Without -o the file is written beside its picture. A picture called - comes from standard input, and goes to
    standard output without -o; what is said about a file there is printed on standard error.
    """
    if cheap_rest and mask is None:
        raise click.UsageError("--cheap-rest goes with --mask.")
    recipe = replace(recipe, keep_metadata=not no_metadata, embed_preview=preview, look=look or FAITHFUL)
    drawn = None if mask is None else checked(lambda: _picture(mask))
    pairs = targets(inputs, output, SUFFIX, force, (SUFFIX,))

    def one(source: Path, target: Path, progress: Progress) -> Row:
        from hpcm_core import codec
        from hpcm_core.advice import better_choice, of_jpeg
        from hpcm_core.format import container
        from hpcm_core.format.gain import MOST
        from hpcm_core.format.mask import quality_map_of
        from hpcm_core.picture.picture import Picture
        from hpcm_core.progress import Job

        picture = (
            Picture.from_bytes(read(source), frame=frame) if source is STANDARD else Picture.open(source, frame=frame)
        )
        if no_location:
            picture = without_place(picture)
        ready(target)
        chosen = recipe
        if drawn is not None:
            painted = quality_map_of(drawn, picture.width, picture.height)
            chosen = replace(recipe, quality_map=painted.with_rest(-MOST) if cheap_rest else painted)
        encoded = codec.encode(picture, chosen, progress=progress, reconstruct=not no_metrics, device=device)
        deliver(target, encoded.data)
        row: Row = {"output": str(target), **model_row(encoded.header), **size_row(picture, len(encoded.data))}
        advice = of_jpeg(picture, encoded.header)
        if encoded.metrics is not None:
            row |= metrics_row(encoded.metrics)
            size = container.picture_bytes(encoded.data)
            advice = advice or better_choice(picture, size, encoded.metrics.psnr, Job(progress))
        row |= {} if advice is None else {"advice": advice}
        if picture.left_out:
            row["left_out"] = list(picture.left_out)
        if recipe.look != FAITHFUL:
            row["look"] = said(recipe.look)
        row |= notes_row(hdr_row(picture), natural_row(recipe.look, encoded.header.quality))
        row["seconds"] = times_row(encoded.times)
        return row

    finish(for_each(pairs, one), as_json, err=pairs[0][1] is STANDARD)


def _picture(path: Path) -> Picture:
    from hpcm_core.picture.picture import Picture

    return Picture.open(path)
