"""The `hpcm` command. It parses arguments, calls the codec and prints; all knowledge of coding lies elsewhere.

Exit status: 0 all done, 1 an input failed (the others were still done), 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before NumPy and torch

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import click

from hpcm_core import __version__, pytorch
from hpcm_core.cli.output import close_output, open_streams, output_failed, say
from hpcm_core.cli.places import PLACE, SUFFIX
from hpcm_core.errors import HpcmError, Phrase, sentence, without_remarks
from hpcm_core.files import PICTURE_SUFFIXES

_HOMES = {
    "batch": "batch",
    "compare": "measure",
    "decode": "decode",
    "duel": "duel",
    "encode": "encode",
    "eval": "measure",
    "info": "info",
    "inspect": "inspect",
    "models": "models",
    "rd": "rd",
    "train": "train",
}
"""The modules beside this one that the commands are in."""


class _Commands(click.Group):
    """Loads the module of the command that is asked for: those of the others are a tenth of a small file's time."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*_HOMES, *super().list_commands(context)})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.commands and name in _HOMES:
            module = import_module(f"hpcm_core.cli.{_HOMES[name]}")
            self.add_command(next(c for c in vars(module).values() if isinstance(c, click.Command) and c.name == name))
        return super().get_command(context, name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hpcm")
def cli() -> None:
    """Compress pictures with HPCM, a learned image codec."""


@cli.command()
@click.argument("source", type=PLACE)
@click.argument("target", type=PLACE)
@click.option("--size", type=click.IntRange(1, 1024), default=256, show_default=True, help="Longer side in pixels.")
def thumbnail(source: Path, target: Path, size: int) -> None:
    """Write a small PNG of a .hpcm file for file managers.

    It shows the preview in the file. A file without one is decoded if it is small enough for that to be quick.
    """
    from hpcm_core.cli.thumbnail import write_thumbnail

    if target.suffix.lower() in {SUFFIX, *PICTURE_SUFFIXES} - {".png"}:
        raise click.UsageError(f"The name {target} does not fit what is written; a thumbnail is a PNG file.")
    with suppress(OSError):  # One of them is not there.
        if os.path.samefile(source, target):
            raise click.UsageError(f"{target} is the input and would be overwritten.")
    write_thumbnail(source, target, size)


@cli.command()
@click.option("-o", "--output", type=PLACE, default=Path("build/demo"), show_default=True)
def demo(output: Path) -> None:
    """Encode and decode the bundled sample; write the .hpcm, the decoded PNG and both pictures side by side."""
    from hpcm_core.cli.demo import run

    for line in run(output):
        say(line)


def main() -> None:
    """Entry point: a user's mistake gives one line and a status, never a traceback."""
    open_streams()
    without_remarks()
    sys.exit(close_output(_run()))


def _run() -> int:
    """The exit status."""
    try:
        return int(cli.main(standalone_mode=False) or 0)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "torch":
            raise
        say(f"hpcm: {pytorch.absent(Phrase('This command'))}", err=True)
        return 1
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0 if done.code is None else 1
    except click.exceptions.Abort:
        say("Interrupted.", err=True)
        return 130
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        for line in text.getvalue().rstrip("\n").split("\n"):
            say(line, err=True)
        return error.exit_code
    except (HpcmError, OSError, MemoryError) as error:
        if not (isinstance(error, OSError) and output_failed()):
            say(f"hpcm: {sentence(error)}", err=True)
        return 1
