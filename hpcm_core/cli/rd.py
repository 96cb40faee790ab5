"""`hpcm rd`."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core import strict_json
from hpcm_core.cli.many import Many, for_all, many_options
from hpcm_core.cli.output import checked, complain, print_json, say
from hpcm_core.cli.places import ANYWHERE, PLACE, ready_folder
from hpcm_core.cli.support import SSIMULACRA2, check_perceptual
from hpcm_core.files import atomic_write, writing

if TYPE_CHECKING:
    from hpcm_core.evaluation.rd import Point


@click.command()
@click.argument("folder", type=ANYWHERE)
@click.option("-o", "--output", type=PLACE, default=Path("build/rd"), show_default=True)
@click.option("--model", "models", multiple=True, help="lite, or as in base-mse; all installed ones if not given.")
@click.option("--no-models", is_flag=True, help="Only JPEG, WebP, AVIF and JPEG XL.")
@click.option("--rates", type=(float, float), help="Range of bpp over which BD-rates are taken, as in 0.15 0.9.")
@SSIMULACRA2
@many_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def rd(
    folder: Path,
    output: Path,
    models: tuple[str, ...],
    no_models: bool,
    rates: tuple[float, float] | None,
    perceptual: bool,
    as_json: bool,
    many: Many,
) -> None:
    """Measure rate and distortion of models and of JPEG, WebP, AVIF and JPEG XL over the pictures of FOLDER.

    Writes rd.csv (every picture), rd.json (means and BD-rates) and rd.svg. AVIF is compared at its best: by PSNR tuned
    for that (tune=psnr), by MS-SSIM and SSIMULACRA 2 tuned for the eye (tune=iq). No BD-rate is given where two curves
    share less than half of a range of quality. On the Kodak pictures, codecs that are not installed here come from an
    earlier measurement. --on runs it on a cluster; docs/cluster.md says how.
    """
    from hpcm_core import storage
    from hpcm_core.evaluation import anchors
    from hpcm_core.evaluation import rd as measuring
    from hpcm_core.evaluation.measures import QUALITIES

    if rates is not None and not 0 <= rates[0] < rates[1] < math.inf:
        raise click.UsageError("--rates are the lowest and the highest bpp, as in 0.15 0.9.")
    if models and no_models:
        raise click.UsageError("--no-models leaves out what --model asks for; give one of them.")
    check_perceptual(perceptual)
    files = checked(lambda: storage.pictures_in(many.reach(folder), recursive=True))
    checked(lambda: ready_folder(output))
    series = anchors.classical() + ([] if no_models else checked(lambda: measuring.of_models(models)))
    settings = {
        "series": [[one.name, list(one.settings), list(one.weights)] for one in series],
        "ssimulacra2": perceptual,
    }
    rows = for_all(files, files, measuring.Measuring(tuple(series), perceptual), many, "rd", settings)
    failed = [row for row in rows if "error" in row]
    for row in failed:
        complain(row["input"], row["message"])
    for row in rows:
        if "left_out" in row:
            say(f"{row['input']}: left out: {'; '.join(row['left_out'])}", err=True)
    if rows.interrupted:
        raise click.Abort
    if rows.stopped is not None:
        raise rows.stopped
    if len(failed) == len(rows):
        sys.exit(1)
    # A picture that failed counts for no codec, so the others stay comparable.
    named = dict(zip(map(str, files), measuring.names_of(files), strict=True))
    samples = [
        measuring.Sample(*sample)._replace(picture=named[row["input"]])
        for row in rows
        for sample in row.get("samples", ())
    ]
    curves = measuring.curves(samples)
    curves |= {
        name: points for name, points in measuring.kodak_anchors([] if failed else files).items() if name not in curves
    }
    qualities = [quality for quality in QUALITIES if perceptual or quality != "ssimulacra2"]
    tables = {quality: measuring.bd_rates(curves, quality, rates) for quality in qualities}
    document = {
        "pictures": len(rows) - len(failed),
        "rates": rates,
        "curves": {name: [point._asdict() for point in points] for name, points in curves.items()},
        "bd_rate_percent": tables,
    }
    title = f"Rate and distortion over {folder.name}"
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        measuring.write_csv(samples, output / "rd.csv")
        atomic_write(output / "rd.json", f"{strict_json.dumps(document, indent=1)}\n".encode())
        atomic_write(output / "rd.svg", measuring.draw(curves, title).encode())
    if as_json:
        print_json(document)
    else:
        _print(curves, tables, perceptual)
        say(f"Wrote rd.csv, rd.json and rd.svg to {output}")
    if failed:
        sys.exit(1)


def _print(curves: dict[str, list[Point]], tables: dict[str, Any], perceptual: bool) -> None:
    for name, points in curves.items():
        for point in points:
            fidelity, structure, score = (
                "-" if value is None else f"{value:.3f}" for value in (point.psnr, point.ms_ssim_db, point.ssimulacra2)
            )
            line = f"{name:14} {point.bpp:8.4f} bpp  {fidelity:>7} dB  MS-SSIM {structure} dB"
            say(line + (f"  SSIMULACRA 2 {score}" if perceptual else ""))
    for quality, table in tables.items():
        say("")
        say(f"BD-rate in percent by {quality}: of the row against the column")
        say(" " * 14 + "".join(f"{name:>12}" for name in table))
        for name, row in table.items():
            cells = (row.get(other) for other in table)
            say(f"{name:14}" + "".join(f"{'-' if cell is None else f'{cell:.1f}':>12}" for cell in cells))
    say("")
