"""`hpcm inspect`: what a file's code streams hold, as figures and tables."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.cli.output import Row, checked, say
from hpcm_core.cli.places import (
    FILE,
    IN_FILES,
    OUTPUT,
    PLACE,
    STANDARD,
    Output,
    deliver,
    is_file,
    read_hpcm,
    ready,
    ready_folder,
    targets,
)
from hpcm_core.cli.report import check_csv
from hpcm_core.cli.support import AS_JSON, FORCE, finish, for_each, number
from hpcm_core.errors import HpcmError
from hpcm_core.files import writing

if TYPE_CHECKING:
    from hpcm_core.inspect.drawing import Figure
    from hpcm_core.inspect.driver import Source
    from hpcm_core.progress import Job, Progress
    from hpcm_core.results import BitMaps

_ENDINGS = (".png", ".npz")
_FORMAT = click.option(
    "--format", "kind", type=click.Choice(["png", "npz"]), help="Where -o does not name a file.  [default: png]"
)
_STEP = click.option("--step", help="Coding step, a number from 1.")
_OF_STEPS = re.compile(r"step-\d\d\.png|steps\.csv", re.IGNORECASE)
"""Names of what `steps` writes."""
_SHOWN = 12
"""Values of a place that are printed."""


class _Pixel(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    name = "x,y"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        try:
            x, y = (int(part) for part in value.split(","))
        except ValueError:
            self.fail("a place is two numbers of pixels, as in 120,80.", param, ctx)
        return x, y


@click.group()
def inspect() -> None:
    """Look into .hpcm files: latents at a place, and the figures of the HPCM paper.

    Figures are written as PNG, or their numbers as NPZ, by the ending of -o or by --format.
    """


@inspect.command()
@IN_FILES
@OUTPUT
@_FORMAT
@click.option("--steps", "wanted", help="Of which steps, as 1-5 (the paper's figure), 6 or z.  [default: all]")
@FORCE
@AS_JSON
def bits(
    inputs: tuple[Path, ...], output: Output | None, kind: str | None, wanted: str | None, force: bool, as_json: bool
) -> None:
    """Where the bits went: a map of the bits that every position of the latents took, or, of files by lossless-m, every
    8 x 8 pixels.
    """
    from hpcm_core.inspect import figures, maps

    def make(data: bytearray, job: Job) -> tuple[Figure, Row]:
        found = maps.bits_of(data, job)
        first, last = _range(found, wanted)
        spent = found.per_step[first : last + 1]
        per_step = dict(zip(found.labels[first : last + 1], (round(float(one), 2) for one in spent), strict=True))
        return figures.of_bits(found, first, last), {
            "bytes": round(float(spent.sum()) / 8, 1),
            "bits": per_step,
        }

    _figures("bits", inputs, output, kind, force, as_json, make)


@inspect.command()
@IN_FILES
@OUTPUT
@_FORMAT
@_STEP
@click.option("--head", type=click.IntRange(min=0), help="One head, from 0.  [default: their mean]")
@FORCE
@AS_JSON
def attention(
    inputs: tuple[Path, ...],
    output: Output | None,
    kind: str | None,
    step: str | None,
    head: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """What the middle of each window takes from its positions when contexts are fused; of base and large.

    Without --step, the first step on all latents, as in the paper. The rank correlation says whether attention lies
    where bits had been spent: 1 fully, 0 not at all.
    """
    from hpcm_core.inspect import figures, maps

    def make(source: Source, job: Job) -> tuple[Figure, Row]:
        found = maps.attention(source, job, step)
        if head is not None and head >= len(found.weights):
            raise HpcmError("There are heads 0 to {last}.", last=len(found.weights) - 1)
        size = source.header.width, source.header.height
        figure = figures.of_attention(found, source.cut.stride, size, head)
        score = number(float(found.correlation[-1 if head is None else head]))
        return figure, {"step": found.label, "heads": len(found.weights), "rank_correlation": score}

    _figures("attention", inputs, output, kind, force, as_json, _of_source(make))


@inspect.command()
@IN_FILES
@OUTPUT
@_FORMAT
@_STEP
@click.option("--at", type=_Pixel(), help="Pixel near which it is taken.  [default: the middle of each picture]")
@FORCE
@AS_JSON
def erf(
    inputs: tuple[Path, ...],
    output: Output | None,
    kind: str | None,
    step: str | None,
    at: tuple[int, int] | None,
    force: bool,
    as_json: bool,
) -> None:
    """Effective receptive fields of the steps' networks, averaged over the files."""
    from hpcm_core.inspect import figures, maps
    from hpcm_core.inspect.driver import open_source
    from hpcm_core.progress import Job

    pairs = _targets("erf", inputs[:1], output, kind, force)

    def one(_source: Path, target: Path, progress: Progress) -> Row:
        ready(target)
        job = Job(progress)
        sources = [open_source(read_hpcm(path), job.part(0, 0.05)) for path in inputs]
        found = maps.fields(sources, job.part(0.05, 1), at, None if step is None else [step])
        _write(target, figures.of_fields(found, sources[0].cut.stride), kind)
        sides = {label: list(maps.sides(field)) for label, field in found.fields.items()}
        return {"output": str(target), "files": len(sources), "sides_in_latents": sides}

    rows = for_each(pairs, one)
    if not as_json:
        for row in rows:
            if "error" not in row:
                say(f"{row['output']}: latents a side that hold {', '.join(f'{part:.0%}' for part in maps.SHARES)}:")
                for label, sides in row["sides_in_latents"].items():
                    say(f"  step {label}: {', '.join(map(str, sides))}")
        rows[:] = [row for row in rows if "error" in row]
    finish(rows, as_json, err=pairs[0][1] is STANDARD)


@inspect.command()
@click.argument("source", type=FILE)
@click.option("-o", "--output", type=PLACE, help="Folder for the pictures and steps.csv.  [default: SOURCE-steps]")
@click.option("--original", type=PLACE, help="The picture before coding, for PSNR.")
@FORCE
@AS_JSON
def steps(source: Path, output: Path | None, original: Path | None, force: bool, as_json: bool) -> None:
    """The picture as a decoder has it after every step, from the hyperprior alone to the whole, with bytes and PSNR."""
    if source is STANDARD and output is None:
        raise click.UsageError("Standard input has no name to call its result by; say a folder with -o.")
    if output is None and not source.name:
        raise click.UsageError(f"{source} is a folder, and no file to look into.")
    folder = output if output is not None else source.with_name(f"{source.stem}-steps")
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"{folder} is a file; several results need a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise click.UsageError(f"{folder} is not empty; --force replaces what has the names of the results.")
    _keep_inputs(folder, [path for path in (source, original) if path is not None and path is not STANDARD])
    checked(lambda: ready_folder(folder))

    def one(_source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core.inspect.steps import step_pictures
        from hpcm_core.picture.picture import Picture
        from hpcm_core.picture.writing import encoded
        from hpcm_core.progress import Job

        data = read_hpcm(source)
        before = None if original is None else Picture.open(original)
        table = []
        for found in step_pictures(data, before, Job(progress)):
            name = f"step-{found.steps:02d}.png"
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
            deliver(folder / name, encoded(found.picture, ".png")[0])
            psnr = None if found.psnr is None else number(found.psnr)
            table.append({"step": found.steps, "stream_bytes": found.stream_bytes, "psnr": psnr, "file": name})
        text = io.StringIO()
        writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        deliver(folder / "steps.csv", text.getvalue().encode())
        return {"output": str(folder), "steps": table}

    rows = for_each([(source, folder)], one)
    if not as_json:
        for row in rows:
            for found in row.get("steps", ()):
                psnr = "" if found["psnr"] is None else f", PSNR {found['psnr']:.2f} dB"
                say(f"{row['output']}/{found['file']}: {found['stream_bytes']} bytes of streams{psnr}")
        rows[:] = [row for row in rows if "error" in row]
    finish(rows, as_json)


def _keep_inputs(folder: Path, inputs: Sequence[Path]) -> None:
    """Refuse a folder in which an input has the name of a result, itself or by a link."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if _OF_STEPS.fullmatch(path.name):
            for kept in inputs:
                with suppress(OSError):  # One of them is not there, which is said later.
                    if os.path.samefile(path, kept):
                        raise click.UsageError(f"{path} is an input and would be overwritten; choose another -o.")


@inspect.command()
@click.argument("source", type=FILE)
@click.option("--at", "place", type=_Pixel(), required=True, help="A pixel of the picture, as in 120,80.")
@click.option("--csv", "csv_file", type=PLACE, help="Write all values as CSV.")
@AS_JSON
def latents(source: Path, place: tuple[int, int], csv_file: Path | None, as_json: bool) -> None:
    """What was coded for a place: every channel with its distribution, symbol, cost and surprise, dearest first."""
    from hpcm_core.inspect import spot as spots

    check_csv(csv_file, source)

    def one(_source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core.inspect.driver import open_source
        from hpcm_core.inspect.latents import tile_latents
        from hpcm_core.progress import Job

        job = Job(progress)
        opened = open_source(read_hpcm(source), job)
        row, column = opened.latent_at(*place)
        spot = spots.spot_of(tile_latents(opened, opened.tile_at(row, column), job.check), row, column)
        if csv_file is not None:
            deliver(csv_file, spots.to_csv(spot).encode())
        where = {"row": row, "column": column, "x": spot.x, "y": spot.y, "pixels": spot.stride}
        return {**where, "bits": round(spot.bits, 3), "values": spots.rows_of(spot)}

    rows = for_each([(source, source)], one)
    if not as_json:
        for row in rows:
            if "error" not in row:
                _print_spot(row)
        rows[:] = [row for row in rows if "error" in row]
    finish(rows, as_json)


@inspect.command()
@IN_FILES
@OUTPUT
@_FORMAT
@click.option("--channel", "wanted", type=click.IntRange(min=0), required=True, help="Of the latents, from 0.")
@FORCE
@AS_JSON
def channel(
    inputs: tuple[Path, ...], output: Output | None, kind: str | None, wanted: int, force: bool, as_json: bool
) -> None:
    """One channel of the latents over the picture: its values, their cost, and how wide their distributions were."""
    from hpcm_core.inspect import figures
    from hpcm_core.inspect.latents import channel_of

    def make(source: Source, job: Job) -> tuple[Figure, Row]:
        found, spent = channel_of(source, wanted, job)
        place = int((spent > spent[wanted]).sum()) + 1
        row = {"channel": wanted, "bytes": round(float(spent[wanted]) / 8, 1), "place_by_bits": place}
        return figures.of_channel(found, source.cut.stride), row

    _figures("channel", inputs, output, kind, force, as_json, _of_source(make))


def _of_source(make: Callable[[Source, Job], tuple[Figure, Row]]) -> Callable[[bytearray, Job], tuple[Figure, Row]]:
    """The same of a file's bytes."""

    def of(data: bytearray, job: Job) -> tuple[Figure, Row]:
        from hpcm_core.inspect.driver import open_source

        return make(open_source(data, job.part(0, 0.1)), job.part(0.1, 1))

    return of


def _figures(
    name: str,
    inputs: tuple[Path, ...],
    output: Output | None,
    kind: str | None,
    force: bool,
    as_json: bool,
    make: Callable[[bytearray, Job], tuple[Figure, Row]],
) -> None:
    """A figure of each file, made of its bytes."""
    pairs = _targets(name, inputs, output, kind, force)

    def one(path: Path, target: Path, progress: Progress) -> Row:
        from hpcm_core.progress import Job

        ready(target)
        figure, row = make(read_hpcm(path), Job(progress))
        _write(target, figure, kind)
        return {"output": str(target), **row}

    finish(for_each(pairs, one), as_json, err=pairs[0][1] is STANDARD)


def _targets(
    name: str, inputs: Sequence[Path], output: Output | None, kind: str | None, force: bool
) -> list[tuple[Path, Path]]:
    """Where each file's figure goes. Raises UsageError, as for a name of the other kind."""
    pairs = targets(inputs, output, f".{name}.{kind or 'png'}", force, _ENDINGS)
    for _, target in pairs:
        if kind is not None and is_file(target) and target.suffix.lower() in set(_ENDINGS) - {f".{kind}"}:
            raise click.UsageError(f"{target} is not the name of a {kind} file; give it another, or no --format.")
    return pairs


def _write(target: Path, figure: Figure, kind: str | None) -> None:
    numbers = kind == "npz" or (is_file(target) and target.suffix.lower() == ".npz")
    deliver(target, figure.npz() if numbers else figure.png())


def _range(found: BitMaps, wanted: str | None) -> tuple[int, int]:
    """Places of the first and last label that --steps means."""
    if wanted is None:
        return 0, len(found.labels) - 1
    first, _, last = wanted.partition("-")
    try:
        places = found.labels.index(first), found.labels.index(last or first)
    except ValueError:
        places = 1, 0
    if places[0] > places[1]:
        raise HpcmError(
            "Steps are given as 1-5, 6 or {first}; there are {first} to {last}.",
            first=found.labels[0],
            last=found.labels[-1],
        )
    return places


def _print_spot(row: Row) -> None:
    values = row["values"]
    say(
        f"{row['input']}: latents {row['row']}, {row['column']} (pixels from {row['x']}, {row['y']}, "
        f"{row['pixels']} a side): {len(values)} values, {row['bits']:.1f} bits"
    )
    say("       channel  step      mean    sigma  table  symbol    bits  surprise")
    for one in values[:_SHOWN]:
        say(
            f"  {one['kind']:<5}{one['channel']:>7}{one['step']:>6}{one['mean']:>10.3f}{one['sigma']:>9.3f}"
            f"{one['table']:>7}{one['symbol']:>8}{one['bits']:>8.2f}{one['surprise_bits']:>+10.2f}"
        )
