"""`hpcm compare` and `hpcm eval`: size and fidelity, of two files and of a folder."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.many import Many, for_all, many_options, settings_of
from hpcm_core.cli.output import Row, checked
from hpcm_core.cli.places import ANYWHERE, FILE, STANDARD, SUFFIX, read
from hpcm_core.cli.report import CSV, check_csv, rows_as_csv, written
from hpcm_core.cli.support import (
    AS_JSON,
    SSIMULACRA2,
    average,
    check_perceptual,
    finish,
    for_each,
    metrics_row,
    notes_row,
    number,
    recipe_options,
    size_row,
)
from hpcm_core.files import reading
from hpcm_core.format.look import FAITHFUL

if TYPE_CHECKING:
    from hpcm_core.picture.picture import Picture
    from hpcm_core.progress import Progress
    from hpcm_core.recipe import Recipe


@click.command()
@click.argument("original", type=FILE)
@click.argument("other", type=FILE)
@SSIMULACRA2
@AS_JSON
def compare(original: Path, other: Path, perceptual: bool, as_json: bool) -> None:
    """Measure OTHER (a picture or a .hpcm file) against ORIGINAL: bytes, bpp, PSNR, MS-SSIM.

    These are of colour alone. Where there is an alpha plane it is compared for itself: whether it is equal, the
    largest difference and the PSNR; a picture without alpha counts as opaque. Where all samples are the same it says
    equal. Colours are compared as they are stored: where the two have different profiles, that is said. Of several
    pictures in a file the first is measured; what is left out is named. One of the two may be - for standard input.
    """
    if original is STANDARD and other is STANDARD:
        raise click.UsageError("Standard input can be one of the two only.")

    check_perceptual(perceptual)

    def one(_source: Path, _target: Path, progress: Progress) -> Row:
        from hpcm_core import metrics

        (a, _), (b, size) = _picture(original, progress), _picture(other, progress)
        measured = metrics.compare(a, b, size, perceptual=perceptual)
        alpha = _alpha_row(a, b)
        figures = metrics_row(measured, perceptual)
        figures["equal"] = figures["equal"] and alpha["alpha"] in (None, "equal")
        row: Row = {"original": str(original), **size_row(b, size), **figures, **notes_row(alpha, _profile_row(a, b))}
        left_out = [f"{one} ({path})" for path, found in ((original, a), (other, b)) for one in found.left_out]
        return {**row, "left_out": left_out} if left_out else row

    rows = for_each([(other, other)], one)
    finish(rows, as_json, rows[0] if rows else None)


def _alpha_row(a: Picture, b: Picture) -> Row:
    from hpcm_core import metrics

    alpha = metrics.compare_alpha(a, b)
    if alpha is None:
        return {"alpha": None}
    row: Row = {"alpha": alpha.state, "alpha_max_difference": alpha.max_difference, "alpha_psnr": number(alpha.psnr)}
    if alpha.max_difference:
        row["note"] = "PSNR and MS-SSIM are of colour alone, but the pictures differ in alpha."
    return row


def _profile_row(a: Picture, b: Picture) -> Row:
    """What to say where the same samples mean other colours; grey and RGB have profiles of their own."""
    from hpcm_core.picture.spaces import is_same

    if a.channels != b.channels or is_same(a.icc, b.icc, a.channels):
        return {}
    return {"note": "The colour profiles differ: equal samples are other colours, and the figures are of samples."}


def _picture(path: Path, progress: Progress) -> tuple[Picture, int]:
    """A picture, that in a .hpcm file among them, and the size of its file."""
    from hpcm_core.format.container import SIGNATURE
    from hpcm_core.picture.picture import Picture

    if path is not STANDARD and path.is_file():
        with reading(path), path.open("rb") as file:
            ours = file.read(len(SIGNATURE)) == SIGNATURE
        if not ours and path.suffix.lower() != SUFFIX:
            return Picture.open(path), path.stat().st_size
    elif path is not STANDARD and path.suffix.lower() != SUFFIX:
        return Picture.open(path), 0  # which says why it cannot
    data = read(path)
    if path is STANDARD and not data.startswith(SIGNATURE):
        return Picture.from_bytes(data), len(data)
    from hpcm_core import codec  # only here: two pictures need no codec

    return codec.decode(data, progress=progress, look=FAITHFUL).picture, len(data)


@click.command(name="eval")
@click.argument("folder", type=ANYWHERE)
@recipe_options
@SSIMULACRA2
@CSV
@many_options
@AS_JSON
def evaluate(
    folder: Path,
    recipe: Recipe,
    perceptual: bool,
    csv_file: Path | None,
    as_json: bool,
    many: Many,
) -> None:
    """Encode and decode every picture of FOLDER and print size and fidelity.

    Whole files are counted, and the pictures measured are those that the files decode to. Of several pictures in a file
    the first is measured; what is left out is named. A mean is over the pictures that have the figure: equal ones have
    no PSNR, small ones no MS-SSIM. --on runs it on a cluster; docs/cluster.md says how.
    """
    from hpcm_core import storage

    check_perceptual(perceptual)
    check_csv(csv_file, many.manifest_file)
    sources = checked(lambda: storage.pictures_in(many.reach(folder)))
    figures = ("bpp", "psnr", "ms_ssim_db", *(["ssimulacra2"] if perceptual else []))
    settings = {**settings_of(recipe), "ssimulacra2": perceptual}
    rows = for_all(sources, sources, _Evaluation(recipe, perceptual), many, "eval", settings)
    done = [row for row in rows if "error" not in row]
    means = {key: average(row[key] for row in done) for key in figures}
    counts = {key: sum(row[key] is not None for row in done) for key in figures}
    report = {
        "model": recipe.model,
        "quality": recipe.quality,
        "lambda": recipe.lmbda,
        "mean": means,
        "mean_of": counts,
        "pictures": rows,
    }
    # Of a run that was stopped before its first picture there is no report, and that of before stays.
    reported = csv_file is None or not rows or written(csv_file, rows_as_csv(rows))
    fewer = [f"{key} of {count} of {len(done)} pictures" for key, count in counts.items() if 0 < count < len(done)]
    finish(rows, as_json, report, means | ({"note": ", ".join(fewer)} if fewer else {}))
    if not reported:
        sys.exit(1)


@dataclass(frozen=True)
class _Evaluation:
    """The work of `hpcm eval` on one picture (jobs.pool.Work)."""

    recipe: Recipe
    perceptual: bool

    def __call__(self, source: Path, report: Progress) -> Row:
        from hpcm_core import codec, metrics, storage
        from hpcm_core.results import decode_seconds, encode_seconds

        picture = storage.open_picture(source)
        encoded = codec.encode(picture, self.recipe, reconstruct=False, progress=lambda s, f: report(s, f / 2))
        decoded = codec.decode(encoded.data, progress=lambda s, f: report(s, (1 + f) / 2), look=FAITHFUL)
        measured = metrics.compare(picture, decoded.picture, len(encoded.data), perceptual=self.perceptual)
        return {
            **size_row(picture, len(encoded.data)),
            **metrics_row(measured, self.perceptual),
            "encode_seconds": round(encode_seconds(encoded.times), 4),
            "decode_seconds": round(decode_seconds(decoded.times), 4),
            **({"left_out": [str(one) for one in picture.left_out]} if picture.left_out else {}),
        }
