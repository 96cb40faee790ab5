"""Reports as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The columns' names and a line per row, empty cells for what a row has not, is not known or no finite number.

    Text that a spreadsheet would take for a formula is led by an apostrophe. Bytes of a name that are no UTF-8 stand as
    escapes.
    """
    out = _Lines()
    # Of both, cells that have one are quoted: readers take CR for the end of a line too.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


class _Lines(io.StringIO):
    """Ends each of the writer's lines with LF alone."""

    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else ""
    if isinstance(value, str):
        value = value.encode(errors="backslashreplace").decode()
        return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value
    return "" if value is None else value
