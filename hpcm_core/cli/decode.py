"""`hpcm decode`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.output import Row, checked
from hpcm_core.cli.places import IN_FILES, OUTPUT, STANDARD, Output, deliver, is_file, read_hpcm, ready, targets
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
    model_row,
    natural_row,
    notes_row,
    times_row,
    without_place,
)
from hpcm_core.errors import Phrase
from hpcm_core.look import said

if TYPE_CHECKING:
    from hpcm_core.picture.size import Size
    from hpcm_core.progress import Progress
    from hpcm_core.results import Decoded


def _size_option(context: click.Context, option: click.Parameter, value: str | None) -> Size | None:
    """The callback of --size."""
    from hpcm_core.picture.size import Size

    return None if value is None else checked(lambda: Size.parse(value))


@click.command()
@IN_FILES
@OUTPUT
@click.option("--format", "kind", help="png, jpg, webp, tiff, bmp, avif or jxl.  [default: png]")
@click.option(
    "--quality", type=click.IntRange(0, 100), help="Of JPEG, WebP, AVIF, JPEG XL.  [default: 95, or lossless]"
)
@click.option(
    "--size", callback=_size_option, help="Make it smaller: the longest side in pixels, or a percentage (50%)."
)
@click.option("--no-metadata", is_flag=True, help="Leave out EXIF, XMP, IPTC, texts, resolution.")
@NO_LOCATION
@click.option(
    "--steps", type=click.IntRange(min=0), help="Decode only so many coding steps; 0 is the hyperprior alone."
)
@click.option("--look", callback=look_option, help=f"{LOOKS}  [default: what the file wishes]")
@DEVICE
@FORCE
@AS_JSON
def decode(
    inputs: tuple[Path, ...],
    output: Output | None,
    kind: str | None,
    quality: int | None,
    size: Size | None,
    no_metadata: bool,
    no_location: bool,
    steps: int | None,
    look: int | None,
    device: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn .hpcm files back into pictures, PNG unless -o or --format says otherwise.

    A file called - comes from standard input, and its picture goes to standard output without -o; what is said about a
    picture there is printed on standard error. With --steps the picture is as a decoder has it after so many steps:
    what is not known yet is predicted, and the look faithful.

    A natural look has detail that is invented, not that of the original; nothing is measured by it.
    """
    from hpcm_core.picture.formats import format_of
    from hpcm_core.picture.writing import SUFFIXES, encoded

    suffix = f".{'png' if kind is None else kind.lower().lstrip('.')}"
    if suffix not in SUFFIXES:
        raise click.UsageError(f"A picture cannot be saved as {kind!r}; try png.")
    pairs = targets(inputs, output, suffix, force, SUFFIXES)
    endings = {target: target.suffix if is_file(target) else suffix for _, target in pairs}
    for target, ending in endings.items():
        if kind is not None and format_of(ending) is not format_of(suffix):
            raise click.UsageError(f"{target} is not the name of a {kind} file; give it another, or no --format.")
    for known in map(format_of, endings.values()):
        if quality is not None and known is not None and known.quality is None:
            raise click.UsageError(f"{known.name} keeps every sample and takes no quality.")

    def one(source: Path, target: Path, progress: Progress) -> Row:
        from hpcm_core import codec
        from hpcm_core.picture.metadata import bare
        from hpcm_core.picture.scaling import scaled

        data = read_hpcm(source)
        ready(target)
        decoded = codec.decode(data, progress=progress, device=device, steps=steps, look=look)
        picture = bare(decoded.picture) if no_metadata else decoded.picture
        if no_location:
            picture = without_place(picture)
        if size is not None:
            picture = scaled(picture, size)
        content, left_out = encoded(picture, endings[target], quality)
        deliver(target, content)
        row: Row = {"output": str(target), **model_row(decoded.header), "look": said(decoded.look)}
        if left_out:
            row["left_out"] = list(left_out)
        return {
            **row,
            **notes_row(hdr_row(picture), _look_row(decoded)),
            "width": picture.width,
            "height": picture.height,
            **_so_far(decoded, steps),
            "seconds": times_row(decoded.times),
        }

    finish(for_each(pairs, one), as_json, err=pairs[0][1] is STANDARD)


def _look_row(decoded: Decoded) -> Row:
    """What to say of a picture's look; nothing of a faithful one that nobody wished otherwise."""
    if decoded.without_look is not None:
        note = Phrase("The file wishes a natural look. {reason} The picture is faithful.", reason=decoded.without_look)
        return {"note": note}
    return natural_row(decoded.look, decoded.header.quality)


def _so_far(decoded: Decoded, steps: int | None) -> Row:
    """What a progressive decoding needed of the file."""
    if steps is None or decoded.bits is None:
        return {}
    return {"stream_bytes_so_far": round(float(decoded.bits.per_step.sum()) / 8)}
