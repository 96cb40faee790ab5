"""`hpcm models`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.output import Row, checked, print_json, say
from hpcm_core.cli.places import PLACE
from hpcm_core.cli.support import AS_JSON

if TYPE_CHECKING:
    from hpcm_core.models.catalogue import ModelInfo


@click.group()
def models() -> None:
    """List models and import published checkpoints."""


@models.command(name="list")
@AS_JSON
def list_command(as_json: bool) -> None:
    """Show the models this program knows, and which are installed."""
    from hpcm_core.models.catalogue import list_models

    infos = list_models()
    if as_json:
        print_json({"models": [_model_row(info) for info in infos]})
        return
    for info in infos:
        say(f"{info.name:24} {info.state:10} {info.source if info.state == 'missing' else info.path}")


@models.command(name="import")
@click.argument("file", type=PLACE)
@click.option("--variant", required=True, help="base, large, base-psi or 1b.")
@click.option("--metric", default="mse", show_default=True, help="mse or ms-ssim.")
@click.option("--lambda", "lmbda", type=float, required=True, help="The lambda it was trained for.")
@AS_JSON
def import_command(file: Path, variant: str, metric: str, lmbda: float, as_json: bool) -> None:
    """Import a checkpoint of the authors (.pth.tar) or a safetensors file.

    Only tensors are read; no code in the file is ever run.
    """
    from hpcm_core.models.checkpoint import import_checkpoint

    info = checked(lambda: import_checkpoint(file, variant, metric, lmbda))
    if as_json:
        print_json(_model_row(info))
    else:
        say(f"Imported {info.name} to {info.path}")


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
