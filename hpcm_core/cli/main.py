"""The `hpcm` command. It parses arguments, calls the codec and prints; all knowledge of coding lies elsewhere.

Exit status: 0 all done, 1 an input failed (the others were still done), 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core import __version__
from hpcm_core.cli.batch import batch
from hpcm_core.cli.models import cost_rows, macs, print_cost
from hpcm_core.cli.rd import rd
from hpcm_core.cli.support import Row, checked, fail, finish, for_each, mean, print_json, print_row, targets
from hpcm_core.cli.train import train
from hpcm_core.errors import HpcmError
from hpcm_core.files import PICTURE_SUFFIXES, picture_files, reading

if TYPE_CHECKING:
    from hpcm_core.format.container import Container
    from hpcm_core.models.catalogue import ModelInfo
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Progress
    from hpcm_core.results import Metrics

SUFFIX = ".hpcm"

IN_FILES = click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
OUTPUT = click.option("-o", "--output", type=click.Path(path_type=Path), help="File, or folder for several inputs.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
DEVICE = click.option("--device", help="Where the transforms run: auto, cpu or cuda.  [default: auto]")
FORCE = click.option("-f", "--force", is_flag=True, help="Replace files that exist.")


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that make up a recipe, shared by every command that encodes."""
    for option in reversed(
        (
            click.option("--model", default="lite", show_default=True, help="lite, base or large."),
            click.option("--quality", type=click.IntRange(0, 100), help="0 to 100, for lite.  [default: 60]"),
            click.option("--lambda", "lmbda", type=float, help="Rate by lambda: higher is larger and better."),
            click.option("--metric", default="mse", show_default=True, help="What base or large was trained for."),
        )
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hpcm")
def cli() -> None:
    """Compress pictures with HPCM, a learned image codec."""


@cli.command()
@IN_FILES
@OUTPUT
@recipe_options
@click.option("--preview", is_flag=True, help="Store a small preview picture in the file.")
@click.option("--no-metadata", is_flag=True, help="Leave out EXIF and XMP.")
@click.option("--no-metrics", is_flag=True, help="Do not reconstruct and measure: faster.")
@DEVICE
@FORCE
@AS_JSON
def encode(
    inputs: tuple[Path, ...],
    output: Path | None,
    model: str,
    quality: int | None,
    lmbda: float | None,
    metric: str,
    preview: bool,
    no_metadata: bool,
    no_metrics: bool,
    device: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Compress pictures to .hpcm files.

    Without -o the file is written beside its picture.
    """
    from hpcm_core.recipe import Recipe

    recipe = checked(lambda: Recipe(model, quality, lmbda, metric, not no_metadata, preview))
    pairs = targets(inputs, output, SUFFIX, force)

    def one(source: Path, target: Path, progress: Progress) -> Row:
        from hpcm_core import codec
        from hpcm_core.files import atomic_write
        from hpcm_core.picture.picture import Picture

        picture = Picture.open(source)
        encoded = codec.encode(picture, recipe, progress=progress, reconstruct=not no_metrics, device=device)
        atomic_write(target, encoded.data)
        row = {"output": str(target), "model": encoded.header.model_name, **_size(picture, len(encoded.data))}
        if encoded.metrics is not None:
            row |= _metrics(encoded.metrics)
        if encoded.advice is not None:
            row["advice"] = encoded.advice
        row["seconds"] = {stage: round(seconds, 4) for stage, seconds in encoded.times.items()}
        return row

    finish(for_each(pairs, one), as_json)


@cli.command()
@IN_FILES
@OUTPUT
@click.option("--format", "suffix", default="png", show_default=True, help="png, jpg, webp, tiff, bmp or avif.")
@DEVICE
@FORCE
@AS_JSON
def decode(
    inputs: tuple[Path, ...], output: Path | None, suffix: str, device: str | None, force: bool, as_json: bool
) -> None:
    """Turn .hpcm files back into pictures, PNG unless -o or --format says otherwise."""
    if f".{suffix.lower()}" not in PICTURE_SUFFIXES:
        raise click.UsageError(f"There is no picture format {suffix!r}; try png.")
    pairs = targets(inputs, output, f".{suffix.lower()}", force)

    def one(source: Path, target: Path, progress: Progress) -> Row:
        from hpcm_core import codec

        decoded = codec.decode(_read(source), progress=progress, device=device)
        decoded.picture.save(target)
        size = {"width": decoded.picture.width, "height": decoded.picture.height}
        seconds = {stage: round(value, 4) for stage, value in decoded.times.items()}
        return {"output": str(target), "model": decoded.header.model_name, **size, "seconds": seconds}

    finish(for_each(pairs, one), as_json)


@cli.command()
@IN_FILES
@AS_JSON
def info(inputs: tuple[Path, ...], as_json: bool) -> None:
    """Show what .hpcm files hold, without decoding them."""

    def one(source: Path, _target: Path, _progress: Progress) -> Row:
        from hpcm_core.format import container

        data = _read(source)
        file, header = container.read(data), container.read_header(data)
        return {
            "bytes": len(data),
            "bpp": round(8 * len(data) / (header.width * header.height), 5),
            "width": header.width,
            "height": header.height,
            "channels": header.channels,
            "bit_depth": header.bit_depth,
            "alpha": header.has_alpha,
            "model": header.model_name,
            "model_hash": header.model_hash.hex(),
            "quality": None if header.quality > 100 else header.quality,
            "arithmetic_profile": header.profile,
            "tiles": f"{header.tile_rows}x{header.tile_cols}",
            "stream_bytes": _stream_bytes(file),
            "icc": len(file.icc or b""),
            "exif": len(file.exif or b""),
            "xmp": len(file.xmp or b""),
            "preview": len(file.preview or b""),
        }

    finish(for_each([(source, source) for source in inputs], one), as_json)


@cli.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(1, 1024), default=256, show_default=True, help="Longer side in pixels.")
def thumbnail(source: Path, target: Path, size: int) -> None:
    """Write a small PNG of a .hpcm file for file managers.

    It shows the preview in the file. A file without one is decoded if it is small enough for that to be quick.
    """
    from hpcm_core.cli.thumbnail import write_thumbnail

    write_thumbnail(source, target, size)


@cli.command()
@click.argument("original", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@AS_JSON
def compare(original: Path, other: Path, as_json: bool) -> None:
    """Measure OTHER (a picture or a .hpcm file) against ORIGINAL: bytes, bpp, PSNR, MS-SSIM."""

    def one(_source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core import metrics

        a, b = _picture(original, progress), _picture(other, progress)
        size = other.stat().st_size
        return {"original": str(original), **_size(b, size), **_metrics(metrics.compare(a, b, size))}

    rows = for_each([(other, other)], one)
    finish(rows, as_json, lambda: rows[0])


@cli.command(name="eval")
@click.argument("folder", type=click.Path(path_type=Path))
@recipe_options
@AS_JSON
def evaluate(folder: Path, model: str, quality: int | None, lmbda: float | None, metric: str, as_json: bool) -> None:
    """Encode and decode every picture of FOLDER and print size and fidelity.

    Whole files are counted, and the pictures measured are those that the files decode to.
    """
    from hpcm_core.recipe import Recipe

    recipe = checked(lambda: Recipe(model, quality, lmbda, metric))
    sources = checked(lambda: picture_files(folder, recursive=False))

    def one(source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core import codec, metrics
        from hpcm_core.picture.picture import Picture

        picture = Picture.open(source)
        encoded = codec.encode(picture, recipe, reconstruct=False, progress=lambda s, f: progress(s, f / 2))
        decoded = codec.decode(encoded.data, progress=lambda s, f: progress(s, (1 + f) / 2))
        measured = metrics.compare(picture, decoded.picture, len(encoded.data))
        return {
            **_size(picture, len(encoded.data)),
            **_metrics(measured),
            "encode_seconds": round(sum(encoded.times.values()), 4),
            "decode_seconds": round(sum(decoded.times.values()), 4),
        }

    rows = for_each([(source, source) for source in sources], one)
    done = [row for row in rows if "error" not in row]
    means = {key: mean(row[key] for row in done) for key in ("bpp", "psnr", "ms_ssim_db")}
    report = {"model": model, "quality": recipe.quality, "lambda": recipe.lmbda, "mean": means, "pictures": rows}
    finish(rows, as_json, lambda: report)
    if not as_json:
        print_row("mean", means)


cli.add_command(batch)


@cli.group()
def models() -> None:
    """List models and import published checkpoints."""


models.add_command(macs)


@models.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Every variant that can be trained, with what it costs.")
@AS_JSON
def list_command(everything: bool, as_json: bool) -> None:
    """Show the models this program knows, and which are installed."""
    from hpcm_core.models.catalogue import list_models

    infos = list_models()
    if as_json:
        costs = {"variants": cost_rows()} if everything else {}
        print_json({"models": [_model_row(info) for info in infos], **costs})
        return
    for info in infos:
        click.echo(f"{info.name:24} {info.state:10} {info.source if info.state == 'missing' else info.path}")
    if everything:
        for row in cost_rows():
            print_cost(row)


@models.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--variant", required=True, help="base, large, base-psi, 1b or one of hpcm models list --all.")
@click.option("--metric", default="mse", show_default=True, help="mse or ms-ssim.")
@click.option("--lambda", "lmbda", type=float, help="The lambda it was trained for, where it is one.")
@AS_JSON
def import_command(file: Path, variant: str, metric: str, lmbda: float | None, as_json: bool) -> None:
    """Import a checkpoint of the authors (.pth.tar) or a safetensors file.

    Only tensors are read; no code in the file is ever run.
    """
    from hpcm_core.models.checkpoint import import_checkpoint

    info = checked(lambda: import_checkpoint(file, variant, metric, lmbda))
    if as_json:
        print_json(_model_row(info))
    else:
        click.echo(f"Imported {info.name} to {info.path}")


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("build/demo"), show_default=True)
def demo(output: Path) -> None:
    """Encode and decode the bundled sample; write the .hpcm, the decoded PNG and both pictures side by side."""
    from hpcm_core.cli.demo import run

    try:
        for line in run(output):
            click.echo(line)
    except HpcmError as error:
        fail(error)


cli.add_command(train)
cli.add_command(rd)


def main() -> None:
    """Entry point: a user's mistake gives one line and a status, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of files may have letters that the output's encoding has not: that of a pipe on Windows, above all.
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HpcmError as error:
        fail(error)
    except BrokenPipeError:
        # The reader of our output has gone, as with `| head`; what it did not want needs no words.
        sys.stdout = None  # type: ignore[assignment]
        sys.exit(1)


def _picture(path: Path, progress: Progress) -> Picture:
    from hpcm_core import codec
    from hpcm_core.picture.picture import Picture

    if path.suffix.lower() == SUFFIX:
        return codec.decode(_read(path), progress=progress).picture
    return Picture.open(path)


def _read(path: Path) -> bytes:
    with reading(path):
        return path.read_bytes()


def _stream_bytes(file: Container) -> int | None:
    """Of all tiles; None for a file of a model that this program does not know."""
    from hpcm_core.format.tile import parse_tile
    from hpcm_core.models.registry import config_of, variant_of

    variant = variant_of(file.header.model_name)
    config = None if variant is None else config_of(variant)
    if config is None:
        return None
    return sum(parse_tile(tile, config.streams).stream_bytes for tile in file.tiles)


def _size(picture: Picture, size_bytes: int) -> Row:
    pixels = picture.width * picture.height
    size = {"bytes": size_bytes, "bpp": round(8 * size_bytes / pixels, 5)}
    return {"width": picture.width, "height": picture.height, **size}


def _metrics(metrics: Metrics) -> Row:
    """Numbers that JSON can carry: an infinite PSNR (equal pictures) becomes null."""
    values = {"psnr": metrics.psnr, "ms_ssim": metrics.ms_ssim, "ms_ssim_db": metrics.ms_ssim_db}
    return {key: None if value is None or math.isinf(value) else round(value, 6) for key, value in values.items()}


def _model_row(info: ModelInfo) -> Row:
    return {
        "name": info.name,
        "variant": info.variant,
        "metric": info.metric,
        "lambda": info.lmbda,
        "state": info.state,
        "path": None if info.path is None else str(info.path),
        "source": info.source,
    }
