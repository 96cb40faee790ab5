"""How a training went, drawn from its logs: `python -m hpcm_core.training.progress log.jsonl … -o progress.svg`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hpcm_core.evaluation import plot
from hpcm_core.files import atomic_write

_MOST_CURVES = 4


def draw(logs: Sequence[Path]) -> str:
    """An SVG of the loss on the validation pictures over hours, for some of the lambdas, in percent of the last one.

    Logs of trainings that followed each other are joined. Raises OSError, or ValueError for a file that is no log.
    """
    losses: dict[float | None, list[tuple[float, float]]] = {}
    before = hours = 0.0
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            hours = before + row.get("seconds", 3600 * (hours - before)) / 3600
            for point in row.get("validation", ()):
                losses.setdefault(point["lmbda"], []).append((hours, point["loss"]))
        before = hours
    rows = sorted(losses, key=lambda lmbda: lmbda or 0.0)
    step = max(1, -(-(len(rows) - 1) // (_MOST_CURVES - 1)))
    curves = {
        "no loss" if lmbda is None else f"λ {lmbda:g}": [(x, 100 * y / losses[lmbda][-1][1]) for x, y in losses[lmbda]]
        for lmbda in dict.fromkeys((*rows[::step], *rows[-1:]))
    }
    panel = plot.Panel("Validation loss, % of the last", "hours", curves, legend_on_top=True)
    return plot.draw([panel], "A training's progress")


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def main(logs: tuple[Path, ...], output: Path) -> None:
    """Draw the validation losses of trainings that followed each other."""
    try:
        atomic_write(output, draw(logs).encode())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(f"The logs cannot be drawn: {error}") from None


if __name__ == "__main__":
    main()
