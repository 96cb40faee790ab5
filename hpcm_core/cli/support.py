"""What the commands of cli.py share: running over many inputs, choosing targets, printing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcm_core.errors import HpcmError

if TYPE_CHECKING:
    from hpcm_core.progress import Progress

Row = dict[str, Any]


def for_each(pairs: Sequence[tuple[Path, Path]], one: Callable[[Path, Path, Progress], Row]) -> list[Row]:
    """Run `one` on every pair of source and target; an error becomes a row and the next input has its turn."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    rows: list[Row] = []
    columns = (TextColumn("{task.fields[name]}"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bars:
        for source, target in pairs:
            bar = bars.add_task("", total=1.0, name=source.name)

            def show(stage: str, fraction: float, bar: Any = bar) -> None:
                bars.update(bar, completed=fraction, description=stage)

            try:
                row = one(source, target, show)
            except (HpcmError, OSError) as error:
                row = {"error": type(error).__name__, "message": sentence(error)}
            rows.append({"input": str(source), **row})
            bars.remove_task(bar)
    return rows


def finish(rows: list[Row], as_json: bool, document: Callable[[], Row] | None = None) -> None:
    """Print rows, complain about the failed ones on stderr, and exit with 1 if there are any."""
    failed = [row for row in rows if "error" in row]
    if as_json:
        print_json(document() if document else {"files": rows})
    else:
        for row in rows:
            if "error" not in row:
                print_row(row["input"], {key: value for key, value in row.items() if key != "input"})
    for row in failed:
        click.echo(f"{row['input']}: {row['message']}", err=True)
    if failed:
        sys.exit(1)


def targets(inputs: Sequence[Path], output: Path | None, suffix: str, force: bool) -> list[tuple[Path, Path]]:
    """Where each input's result goes. Nothing is overwritten unless it is named or forced, and an input never."""
    folder = output if output is not None and (len(inputs) > 1 or output.is_dir() or _ends_as_folder(output)) else None
    if folder is not None:
        if folder.exists() and not folder.is_dir():
            raise click.UsageError(f"{folder} is a file; several inputs need a folder.")
        folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    for source in inputs:
        if folder is not None:
            target = folder / f"{source.stem}{suffix}"
        else:
            target = source.with_suffix(suffix) if output is None else output
        named = folder is None and output is not None
        if target.exists() and source.exists() and target.samefile(source):
            raise click.UsageError(f"{source} would be overwritten by its own result; choose another -o.")
        if target.exists() and not (named or force):
            raise click.UsageError(f"{target} exists; --force replaces it.")
        pairs.append((source, target))
    if len({target for _, target in pairs}) < len(pairs):
        raise click.UsageError("Two inputs would be written to the same file; encode them one by one with -o.")
    return pairs


def _ends_as_folder(path: Path) -> bool:
    return not path.suffix and not path.is_file()


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of the values that exist; None where there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def print_row(name: str, row: Row) -> None:
    parts = []
    for key, value in row.items():
        if key in ("advice", "left_out"):
            continue
        if isinstance(value, dict):
            value = f"{sum(value.values()):.2f}"
        elif isinstance(value, float):
            value = f"{value:.4f}"
        parts.append(f"{key} {'-' if value is None else value}")
    click.echo(f"{name}: " + ", ".join(parts))
    if "left_out" in row:
        click.echo(f"{name}: left out: {'; '.join(row['left_out'])}")
    if "advice" in row:
        click.echo(f"{name}: {row['advice']}")


def print_json(document: Row) -> None:
    click.echo(json.dumps(document, indent=1, allow_nan=False))


def checked(make: Callable[[], Any]) -> Any:
    """A value made from arguments; what is wrong with it is a usage error of one line."""
    try:
        return make()
    except HpcmError as error:
        raise click.UsageError(str(error)) from None


def sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def fail(error: Exception) -> None:
    click.echo(f"hpcm: {sentence(error)}", err=True)
    sys.exit(1)
