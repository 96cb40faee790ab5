"""The CSV reports of commands."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hpcm_core import table
from hpcm_core.cli.output import Row, checked, complain
from hpcm_core.cli.places import PLACE, SUFFIX, ready
from hpcm_core.errors import HpcmError
from hpcm_core.files import PICTURE_SUFFIXES, atomic_write, writing

CSV = click.option("--csv", "csv_file", type=PLACE, help="Write all figures as CSV.")


def check_csv(path: Path | None, *others: Path | None) -> None:
    """Refuse what cannot or must not be written, before the work for it is done. others: files that the command has for
    something else, its inputs among them.
    """
    if path is None:
        return
    if path.suffix.lower() in (SUFFIX, *PICTURE_SUFFIXES):
        raise click.UsageError(f"{path} is not the name of a report; let it end on .csv.")
    if os.path.realpath(path) in {os.path.realpath(other) for other in others if isinstance(other, Path)}:
        raise click.UsageError(f"{path} is named twice; a report needs a file of its own.")
    checked(lambda: ready(path))


def written(path: Path, text: str) -> bool:
    """Whether it could be written; if not, the user is told why."""
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, text.encode())
    except HpcmError as error:
        complain(str(path), str(error))
        return False
    return True


def rows_as_csv(rows: list[Row]) -> str:
    """Rows of figures, with the columns that any of them has; of those that failed the reason."""
    return table.to_csv(list(dict.fromkeys(key for row in rows for key in row)), rows)
