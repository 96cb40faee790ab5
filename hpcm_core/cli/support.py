"""What the commands share: options, running over many inputs, rows of figures."""

from __future__ import annotations

import functools
import logging
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.cli.output import Row, checked, complain, print_json, print_row, printable, say
from hpcm_core.errors import HpcmError, Phrase, listed, sentence
from hpcm_core.look import FAITHFUL, parse, reach
from hpcm_core.models.registry import METRICS, lossless_coder, rates_of
from hpcm_core.recipe import DEFAULT_QUALITY, LOSSLESS, Recipe

if TYPE_CHECKING:
    from hpcm_core.format.header import Header
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Progress
    from hpcm_core.results import Metrics

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
DEVICE = click.option("--device", help="Where the transforms run: auto, cpu or cuda.  [default: auto]")
SSIMULACRA2 = click.option("--ssimulacra2", "perceptual", is_flag=True, help="SSIMULACRA 2 too, which takes seconds.")
NO_LOCATION = click.option("--no-location", is_flag=True, help="Leave out where a picture was taken.")
LOOKS = "faithful, natural (invented detail), or 0 to 1 between them."
FORCE = click.option("-f", "--force", is_flag=True, help="Replace files that exist.")

_log = logging.getLogger(__name__)


def check_perceptual(perceptual: bool) -> None:
    """End the command before its work where it needs a package that is not there."""
    if perceptual:
        from hpcm_core.metrics import check_ssimulacra2

        checked(check_ssimulacra2)


def model_named(model: str | None, lossless: bool) -> str:
    """What --model and --lossless mean together."""
    if lossless and model is not None and lossless_coder(model) is None:
        raise click.UsageError(f"--lossless is --model {LOSSLESS}; it goes with no model that does not keep all.")
    return model or (LOSSLESS if lossless else Recipe().model)


def check_metric(model: str, metric: str) -> None:
    """Refuse a metric for a model that there is only once: it would change nothing."""
    if metric in METRICS and metric != Recipe().metric and rates_of(model) != "fixed":
        raise click.UsageError(
            f"There is one {model}, and none for {metric}; only base, large and their like have more."
        )


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that make up a recipe, shared by every command that encodes; it gets them as `recipe`."""

    @functools.wraps(command)
    def with_recipe(
        *args: Any,
        model: str | None,
        lossless: bool,
        quality: int | None,
        lmbda: float | None,
        metric: str,
        effort: int | None,
        **options: Any,
    ) -> Any:
        name = model_named(model, lossless)
        check_metric(name, metric)
        recipe = checked(lambda: Recipe(name, quality, lmbda, metric, effort=effort))
        return command(*args, recipe=recipe, **options)

    made: Callable[..., Any] = with_recipe
    quality = f"0 to 100, for lite.  [default: {DEFAULT_QUALITY}]"
    for option in reversed(
        (
            click.option("--model", help=f"lite, base, large, {LOSSLESS} or lossless-m.  [default: lite]"),
            click.option(
                "--lossless",
                is_flag=True,
                help=f"Keep every pixel: --model {LOSSLESS}, or lossless-m, smaller for photographs and slow.",
            ),
            click.option("--quality", type=click.IntRange(0, 100), help=quality),
            click.option("--lambda", "lmbda", type=float, help="Rate by lambda: higher is larger and better."),
            click.option("--metric", default="mse", show_default=True, help="What base or large was trained for."),
            click.option(
                "--effort", type=int, help="Time for the encoder: 0 to 9, for lite  [0], or 1 to 9, for lossless  [7]."
            ),
        )
    ):
        made = option(made)
    return made


class Rows(list[Row]):
    """A row for each input that had its turn."""

    interrupted = False
    """Whether the user stopped the run before the end."""
    stopped: HpcmError | None = None
    """What stopped it otherwise."""


def for_each(pairs: Sequence[tuple[Path, Path]], one: Callable[[Path, Path, Progress], Row]) -> Rows:
    """Run `one` on every pair of source and target; an error becomes a row and the next input has its turn."""
    rows = Rows()
    with _bars() as bar:
        for source, target in pairs:
            with bar(source.name) as show:
                try:
                    row = one(source, target, show)
                except (HpcmError, OSError, MemoryError) as error:
                    row = {"error": type(error).__name__, "message": sentence(error)}
                except KeyboardInterrupt:
                    rows.interrupted = True
                    break
                except Exception as error:  # A fault of the program's own: the other inputs are not to suffer from it.
                    _log.debug("An input failed.", exc_info=True)
                    row = {"error": type(error).__name__, "message": f"unexpected {type(error).__name__}: {error}"}
                rows.append({"input": str(source), **row})
    return rows


@contextmanager
def _bars() -> Iterator[Callable[[str], AbstractContextManager[Progress]]]:
    """Bars on standard error, one for each name at its time; where that is no terminal, nothing."""
    if not sys.stderr.isatty():
        yield lambda name: nullcontext(lambda stage, fraction: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.fields[name]}", markup=False),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        @contextmanager
        def bar(name: str) -> Iterator[Progress]:
            number = bars.add_task("", total=1.0, name=printable(name))
            yield lambda stage, fraction: bars.update(number, completed=fraction, description=stage)
            bars.remove_task(number)

        yield bar


def finish(rows: Rows, as_json: bool, document: Row | None = None, mean: Row | None = None, err: bool = False) -> None:
    """Print rows, and a line of means; complain about the failed ones on stderr, and exit with 1 if there are any.

    err: print all on stderr.
    """
    failed = [row for row in rows if "error" in row]
    if as_json:
        stopped = {"interrupted": True} if rows.interrupted or rows.stopped else {}
        print_json((document or {"files": rows}) | stopped, err)
    else:
        for row in rows:
            if "error" not in row:
                print_row(row["input"], {key: value for key, value in row.items() if key != "input"}, err)
        if mean is not None:
            print_row("mean", mean, err)
    for row in failed:
        complain(row["input"], row["message"])
    if rows.interrupted:
        raise click.Abort
    if rows.stopped:
        say(f"hpcm: {rows.stopped}", err=True)
    if failed or rows.stopped:
        sys.exit(1)


def average(values: Iterable[float | None]) -> float | None:
    """Mean of the values that exist; None where there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def size_row(picture: Picture, size_bytes: int) -> Row:
    pixels = picture.width * picture.height
    size = {"bytes": size_bytes, "bpp": round(8 * size_bytes / pixels, 5)}
    return {"width": picture.width, "height": picture.height, **size}


def model_row(header: Header) -> Row:
    """The model of a file, and what codes it where every pixel is kept."""
    coder = lossless_coder(header.model_name, header.profile)
    return {"model": header.model_name, **({} if coder is None else {"lossless": coder})}


def metrics_row(metrics: Metrics, perceptual: bool = False) -> Row:
    """Figures of colour; equal: every sample of it is, and PSNR infinite."""
    row: Row = {"equal": math.isinf(metrics.psnr), "psnr": number(metrics.psnr)}
    row |= {"ms_ssim": number(metrics.ms_ssim), "ms_ssim_db": number(metrics.ms_ssim_db)}
    return row | {"ssimulacra2": number(metrics.ssimulacra2)} if perceptual else row


def number(value: float | None) -> float | None:
    """One that JSON can carry: an infinite PSNR (equal pictures) becomes null."""
    return None if value is None or math.isinf(value) else round(value, 6)


def hdr_row(picture: Picture) -> Row:
    """What to say of high dynamic range; nothing of other pictures."""
    if picture.hdr is None:
        return {}
    note = Phrase(
        "High dynamic range ({kind}) stays in the samples; where it cannot be shown it is shown toned down.",
        kind=picture.hdr,
    )
    return {"hdr": picture.hdr, "note": note}


def natural_row(look: int, quality: int) -> Row:
    """What to say of a look; nothing of the faithful one, nor where the file's quality leaves none."""
    if FAITHFUL in (look, reach(quality)):
        return {}
    return {"note": Phrase("The natural look has invented detail, not that of the original.")}


def notes_row(*rows: Row) -> Row:
    """Several rows as one that has all their notes."""
    notes = [row["note"] for row in rows if "note" in row]
    merged: Row = {key: value for row in rows for key, value in row.items()}
    return merged | ({"note": listed(notes)} if notes else {})


def look_option(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """A look as a user says it, as a number."""
    return None if value is None else int(checked(lambda: parse(value)))


def times_row(times: dict[str, float]) -> dict[str, float]:
    return {stage: round(seconds, 4) for stage, seconds in times.items()}


def without_place(picture: Picture) -> Picture:
    """A picture whose metadata do not say where it was taken."""
    from hpcm_core.picture import metadata

    return metadata.without_place(picture)
