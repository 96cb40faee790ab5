"""`hpcm models macs`, and what `hpcm models list --all` says."""

from __future__ import annotations

import click

from hpcm_core.cli.support import Row, print_json
from hpcm_core.models.registry import config_of, derived, variants


@click.command()
@click.argument("variant")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def macs(variant: str, as_json: bool) -> None:
    """Count parameters and multiply-accumulates a pixel of a variant, by part of its network.

    The rule is the HPCM paper's: convolutions and products of attention, a picture of 768 x 512. "unread" is the fusion
    after the last step, which the paper counts and this program does not compute.
    """
    if config_of(variant) is None:
        raise click.UsageError(f"There is no variant called {variant!r}; hpcm models list --all shows them.")
    row = cost_row(variant)
    if as_json:
        print_json(row)
        return
    for part, value in row["kmac_per_pixel"].items():
        click.echo(f"{part:10} {value:10.2f} kMAC a pixel")
    click.echo(f"parameters {row['parameters'] / 1e6:10.2f} M")


def cost_rows() -> list[Row]:
    """What each variant costs, listed ones first."""
    return [cost_row(name) for name in (*variants(), *derived())]


def cost_row(variant: str) -> Row:
    """One variant: its parameters and kMAC a pixel by part, with their total."""
    from hpcm_core.models.macs import cost

    counted = cost(variant)
    parts = {part: round(value, 4) for part, value in counted.kmacs.items()}
    return {
        "variant": variant,
        "parameters": counted.parameters,
        "kmac_per_pixel": {**parts, "total": round(counted.total, 4)},
    }


def print_cost(row: Row) -> None:
    """A variant's cost as a line."""
    total = row["kmac_per_pixel"]["total"]
    click.echo(f"{row['variant']:24} {total:10.2f} kMAC a pixel {row['parameters'] / 1e6:10.2f} M parameters")
