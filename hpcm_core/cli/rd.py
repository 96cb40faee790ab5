"""`hpcm rd`."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import click

from hpcm_core.cli.output import checked, print_json, say
from hpcm_core.cli.places import PLACE, ready_folder
from hpcm_core.cli.support import SSIMULACRA2, check_perceptual
from hpcm_core.files import picture_files, writing


@click.command()
@click.argument("folder", type=PLACE)
@click.option("-o", "--output", type=PLACE, default=Path("build/rd"), show_default=True)
@click.option("--model", "models", multiple=True, help="lite, or as in base-mse; all installed ones if not given.")
@click.option("--no-models", is_flag=True, help="Only JPEG, WebP, AVIF and JPEG XL.")
@click.option("--rates", type=(float, float), help="Range of bpp over which BD-rates are taken, as in 0.15 0.9.")
@SSIMULACRA2
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def rd(
    folder: Path,
    output: Path,
    models: tuple[str, ...],
    no_models: bool,
    rates: tuple[float, float] | None,
    perceptual: bool,
    as_json: bool,
) -> None:
    """Measure rate and distortion of models and of JPEG, WebP, AVIF and JPEG XL over the pictures of FOLDER.

    Writes rd.csv (every picture), rd.json (means and BD-rates) and rd.svg. AVIF is compared at its best: by PSNR tuned
    for that (tune=psnr), by MS-SSIM and SSIMULACRA 2 tuned for the eye (tune=iq). No BD-rate is given where two curves
    share less than half of a range of quality. On the Kodak pictures, codecs that are not installed here come from an
    earlier measurement.
    """
    from rich.console import Console

    from hpcm_core.evaluation import anchors
    from hpcm_core.evaluation import rd as measuring
    from hpcm_core.evaluation.measures import QUALITIES

    if rates is not None and not 0 <= rates[0] < rates[1] < math.inf:
        raise click.UsageError("--rates are the lowest and the highest bpp, as in 0.15 0.9.")
    check_perceptual(perceptual)
    files = checked(lambda: picture_files(folder))
    checked(lambda: ready_folder(output))
    series = anchors.classical() + ([] if no_models else checked(lambda: measuring.of_models(models)))
    console = Console(stderr=True)
    with console.status("", spinner="line") as status:

        def show(what: str, part: float) -> None:
            status.update(f"{part:4.0%} {what}")

        reported = show if sys.stderr.isatty() else None
        samples = list(measuring.measure(files, series, reported, perceptual))
    curves = measuring.curves(samples)
    curves |= {name: points for name, points in measuring.kodak_anchors(files).items() if name not in curves}
    qualities = [quality for quality in QUALITIES if perceptual or quality != "ssimulacra2"]
    tables = {quality: measuring.bd_rates(curves, quality, rates) for quality in qualities}
    document = {
        "pictures": len(files),
        "rates": rates,
        "curves": {name: [point._asdict() for point in points] for name, points in curves.items()},
        "bd_rate_percent": tables,
    }
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        measuring.write_csv(samples, output / "rd.csv")
        (output / "rd.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        (output / "rd.svg").write_text(
            measuring.draw(curves, f"Rate and distortion over {folder.name}"), encoding="utf-8"
        )
    if as_json:
        print_json(document)
        return
    for name, points in curves.items():
        for point in points:
            structure, score = (
                "-" if value is None else f"{value:.3f}" for value in (point.ms_ssim_db, point.ssimulacra2)
            )
            line = f"{name:14} {point.bpp:8.4f} bpp  {point.psnr:7.3f} dB  MS-SSIM {structure} dB"
            say(line + (f"  SSIMULACRA 2 {score}" if perceptual else ""))
    for quality, table in tables.items():
        say("")
        say(f"BD-rate in percent by {quality}: of the row against the column")
        say(" " * 14 + "".join(f"{name:>12}" for name in table))
        for name, row in table.items():
            cells = (row.get(other) for other in table)
            say(f"{name:14}" + "".join(f"{'-' if cell is None else f'{cell:.1f}':>12}" for cell in cells))
    say("")
    say(f"Wrote rd.csv, rd.json and rd.svg to {output}")
