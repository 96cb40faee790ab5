"""Entry of the desktop program.

Nothing heavy is imported here: the codec process imports this module too when it starts.
"""

from __future__ import annotations

import hpcm_core.runtime  # isort: skip  # noqa: F401 - before NumPy, here and in the codec process

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

VIEWS = ("original", "wipe", "reconstruction", "side", "difference", "bits")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="hpcm-studio",
        description="Compress pictures with HPCM, a learned image codec, and see what compression did to them.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        help="a picture or a .hpcm file to open; two are compared, more or folders are put into a batch",
    )
    parser.add_argument("--sample", action="store_true", help="open the sample photograph that comes with the program")
    parser.add_argument("--view", choices=VIEWS, help="the view to begin with")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours, instead of the saved choice")
    parser.add_argument(
        "--language", metavar="CODE", help="language of the window, such as de, instead of the system's"
    )
    parser.add_argument("--size", metavar="WIDTHxHEIGHT", type=_size, help="size of the window")
    parser.add_argument(
        "--screenshot", metavar="PATH", type=Path, help="write a picture of the window when all is done, and quit"
    )
    return parser.parse_args(arguments)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        return int(width), int(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    import multiprocessing

    multiprocessing.freeze_support()
    options = parse(arguments)
    from app.application import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
