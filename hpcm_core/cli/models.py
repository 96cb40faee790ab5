"""`hpcm models`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.output import Row, checked, print_json, say
from hpcm_core.cli.places import PLACE
from hpcm_core.cli.support import AS_JSON
from hpcm_core.models.registry import config_of, derived, is_trainable, variants

if TYPE_CHECKING:
    from hpcm_core.models.catalogue import ModelInfo


@click.group()
def models() -> None:
    """List models and import published checkpoints."""


@models.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Every variant that can be trained, with what it costs.")
@AS_JSON
def list_command(everything: bool, as_json: bool) -> None:
    """Show the models this program knows, and which are installed."""
    from hpcm_core.models.catalogue import list_models

    infos = list_models()
    if as_json:
        costs = {"variants": _cost_rows()} if everything else {}
        print_json({"models": [_model_row(info) for info in infos], **costs})
        return
    for info in infos:
        say(f"{info.name:24} {info.state:10} {info.source if info.state == 'missing' else info.path}")
    for row in _cost_rows() if everything else ():
        total = row["kmac_per_pixel"]["total"]
        say(f"{row['variant']:24} {total:10.2f} kMAC a pixel {row['parameters'] / 1e6:10.2f} M parameters")


@models.command(name="import")
@click.argument("file", type=PLACE)
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
        say(f"Imported {info.name} to {info.path}")


@models.command()
@click.argument("variant")
@AS_JSON
def macs(variant: str, as_json: bool) -> None:
    """Count parameters and multiply-accumulates a pixel of a variant, by part of its network.

    The rule is the HPCM paper's: convolutions and products of attention, a picture of 768 x 512. "unread" is the fusion
    after the last step, which the paper counts and this program does not compute.
    """
    if config_of(variant) is None:
        raise click.UsageError(f"There is no variant called {variant!r}; hpcm models list --all shows them.")
    if not is_trainable(variant):
        raise click.UsageError(f"What {variant} costs is not counted: no training makes its weights.")
    row = _cost_row(variant)
    if as_json:
        print_json(row)
        return
    for part, value in row["kmac_per_pixel"].items():
        say(f"{part:10} {value:10.2f} kMAC a pixel")
    say(f"parameters {row['parameters'] / 1e6:10.2f} M")


def _cost_rows() -> list[Row]:
    """What each variant that can be trained costs, listed ones first."""
    return [_cost_row(name) for name in (*variants(), *derived()) if is_trainable(name)]


def _cost_row(variant: str) -> Row:
    """One variant: its parameters and kMAC a pixel by part, with their total."""
    from hpcm_core.models.macs import cost

    counted = cost(variant)
    parts = {part: round(value, 4) for part, value in counted.kmacs.items()}
    return {
        "variant": variant,
        "parameters": counted.parameters,
        "kmac_per_pixel": {**parts, "total": round(counted.total, 4)},
    }


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
