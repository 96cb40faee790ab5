"""`hpcm models get` and `hpcm models published`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.cli.output import Row, print_json, say
from hpcm_core.cli.support import AS_JSON, DEVICE, finish, for_each
from hpcm_core.models.published import Published, published
from hpcm_core.models.said import positive

if TYPE_CHECKING:
    from hpcm_core.progress import Progress

ALL = "all"


@click.command()
@click.argument("variant")
@click.option("--metric", default="mse", show_default=True, help="mse or ms-ssim.")
@click.option("--lambda", "lmbda", required=True, help="The lambda it was trained for, or all.")
@click.option("--from", "source", default="", help="Address or path of a file or folder.  [default: the authors' own]")
@click.option("-f", "--force", is_flag=True, help="Get again what is installed.")
@click.option("--accept-changed", is_flag=True, help="Take a file that is not the one that was got first.")
@AS_JSON
def get(variant: str, metric: str, lmbda: str, source: str, force: bool, accept_changed: bool, as_json: bool) -> None:
    """Download and install what the authors have published: base, large or 1b.

    What is interrupted goes on where it was when the command is run again. Only tensors are read from what comes, and
    their names, shapes and numbers are checked. Their SHA-256 is remembered, so that a model is the same ever after.
    """
    from hpcm_core.models import getting
    from hpcm_core.models.catalogue import installed_path

    wanted = _wanted(variant, metric, lmbda)
    if len(wanted) > 1 and getting.is_one_file(source):
        raise click.UsageError("One file has the model of one lambda; name that, or a folder with all of them.")

    def one(name: Path, _: Path, show: Progress) -> Row:
        path = installed_path(str(name))
        was_there = path.is_file() and not force
        if was_there:
            getting.tidy(str(name))
        else:
            path = getting.get(str(name), source, progress=show, accept_changed=accept_changed).path or path
        row = {"state": "was installed" if was_there else "installed", "path": str(path), "bytes": path.stat().st_size}
        return {**row, "sha256": getting.remembered().get(str(name))}

    rows = for_each([(Path(found.name), Path()) for found in wanted], one)
    if rows.interrupted:
        say("What has come is kept: the same command goes on with it.", err=True)
    finish(rows, as_json, {"models": rows})


def _wanted(variant: str, metric: str, lmbda: str) -> list[Published]:
    """What the arguments name. Raises UsageError where nothing is called so."""
    of_variant = [one for one in published().values() if one.variant == variant]
    if not of_variant:
        names = ", ".join(dict.fromkeys(one.variant for one in published().values()))
        raise click.UsageError(f"Nothing called {variant!r} is published; there are {names}.")
    found = [one for one in of_variant if one.metric == metric]
    if not found:
        metrics = ", ".join(dict.fromkeys(one.metric for one in of_variant))
        raise click.UsageError(f"There is no {variant} for {metric!r}; there is one for {metrics}.")
    chosen = [one for one in found if lmbda == ALL or positive(lmbda) == one.lmbda]
    if not chosen:
        known = ", ".join(f"{one.lmbda:g}" for one in found)
        raise click.UsageError(f"There is no {variant} for {metric} with lambda {lmbda}; there are {known} and all.")
    return chosen


@click.command(name="published")
@click.option("--time", "timed", is_flag=True, help="Seconds a megapixel on this machine too; measures some seconds.")
@DEVICE
@AS_JSON
def list_published(timed: bool, device: str | None, as_json: bool) -> None:
    """Show what the authors have published, with what can be expected: means over the Kodak pictures."""
    from hpcm_core.models.catalogue import list_models

    speed = None
    if timed:
        from hpcm_core.cli.output import checked
        from hpcm_core.evaluation.speed import measure

        speed = checked(lambda: measure(device=device))
    states = {info.name: info.state for info in list_models()}
    rows = [_row(one, states[one.name], speed and speed.of(one.kmac)) for one in published().values()]
    if as_json:
        print_json({"models": rows})
        return
    for row in rows:
        expected = f"{row['bpp']:.3f} bpp  {row['db']:.2f} dB" if row["bpp"] is not None else "not known"
        seconds = f"  {row['seconds_per_megapixel']:7.1f} s/MP" if speed is not None else ""
        size = f"{row['bytes'] / 1e6:6.0f} MB"
        say(f"{row['name']:20} {row['state']:10} {expected:22} {size}  {row['licence']}{seconds}  {row['page']}")


def _row(one: Published, state: str, seconds: float | None) -> dict[str, Any]:
    expected = one.expected
    return {
        "name": one.name,
        "variant": one.variant,
        "metric": one.metric,
        "lambda": one.lmbda,
        "state": state,
        "bpp": None if expected is None else expected.bpp,
        "db": None if expected is None else expected.decibels,
        "bytes": one.size,
        "seconds_per_megapixel": None if seconds is None else round(seconds, 2),
        "licence": one.licence,
        "page": one.page,
    }
