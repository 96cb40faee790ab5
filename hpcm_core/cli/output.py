"""What the command prints. Names are shown as they are, but nothing in them can move a terminal's cursor; and an output
that cannot be printed stops no work: the command's end tells of it.
"""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import click

from hpcm_core import strict_json
from hpcm_core.errors import HpcmError
from hpcm_core.files import reason_of

Row = dict[str, Any]

_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
_TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""They turn the direction of the text that follows, and with it what a name seems to end with."""
_faults: list[OSError] = []


def printable(text: str) -> str:
    """Text with control characters, and bytes of names that are no text, as escapes."""
    return "".join(
        character
        if unicodedata.category(character) not in _UNPRINTABLE and character not in _TURNING
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def say(text: str, err: bool = False) -> None:
    """A line for the user."""
    _echo(printable(text), err)


def complain(name: str, message: str) -> None:
    """What is wrong with an input, by its name: many messages begin with it."""
    say(message if message.startswith((f"{name} ", f"{name}:")) else f"{name}: {message}", err=True)


def print_json(document: Row, err: bool = False) -> None:
    _echo(strict_json.dumps(document, indent=1), err)


def print_row(name: str, row: Row, err: bool = False) -> None:
    """A line of figures, and one of their own for each sentence that the row has."""
    parts = []
    for key, value in row.items():
        if key in ("advice", "left_out", "note"):
            continue
        if isinstance(value, dict):
            value = f"{sum(value.values()):.2f}"
        elif isinstance(value, float):
            value = f"{value:.4f}"
        parts.append(f"{key} {'-' if value is None else value}")
    say(f"{name}: " + ", ".join(parts), err)
    if "left_out" in row:
        say(f"{name}: left out: {'; '.join(row['left_out'])}", err)
    for key in ("note", "advice"):
        if key in row:
            say(f"{name}: {row[key]}", err)


def _echo(text: str, err: bool) -> None:
    if _faults and not err:
        return
    try:
        click.echo(text, err=err)
    except OSError as error:
        if not err:
            _faults.append(error)


def checked(make: Callable[[], Any]) -> Any:
    """A value made from arguments; what is wrong with it is a usage error of one line."""
    try:
        return make()
    except HpcmError as error:
        raise click.UsageError(str(error)) from None


def open_streams() -> None:
    """Make standard streams that are fit for any name, and for those that the caller has closed (`2>&-`) others: the
    numbers of closed ones would go to the next files that are opened, and what is printed into those files.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            # What would be lost must fail, as it does on a closed stream; messages may be lost.
            access = (os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)[number]
            stream = open(os.open(os.devnull, access), "w" if number else "r", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, stream)
        if number and isinstance(stream, io.TextIOWrapper):
            # Names may have letters that the output's encoding has not: that of a pipe on Windows, above all.
            stream.reconfigure(errors="backslashreplace")


def output_failed() -> bool:
    """Whether something could not be printed, or what was printed last cannot leave this process."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _faults.append(error)
    return bool(_faults)


def close_output(status: int) -> int:
    """The exit status of a command that ends with `status`: 1 at least if its output could not be printed."""
    if not output_failed():
        return status
    # The interpreter flushes once more at its end, and would complain in its own way.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(_faults[0], BrokenPipeError):  # The reader has gone, as with `| head`, and needs no words.
        say(f"hpcm: The output cannot be written: {reason_of(_faults[0])}.", err=True)
    return status or 1
