"""Use an installed `hpcm` as a person would: encode a picture, decode it, compare, make a thumbnail.

    python installers/round_trip.py HPCM

HPCM is the installed command. It runs in a folder whose name has spaces and letters beyond ASCII, and with variables
set that would lead another Python astray. Needs no package; the exit status says whether all went well.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import formats

SAMPLE = Path(__file__).resolve().parents[1] / "resources/samples/coffee.png"
SECONDS = 300


class Failed(Exception):
    """What was not as it should be."""


def hpcm(program: str, folder: Path, *arguments: str) -> Any:
    """Run a command in the folder; its JSON where it was asked for."""
    astray = folder / "astray"
    astray.mkdir(exist_ok=True)
    for name in ("sitecustomize", "usercustomize", "numpy", "torch", "hpcm_core"):
        (astray / f"{name}.py").write_text("raise SystemExit('a module of the user was loaded')\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(astray), "PYTHONHOME": str(astray), "PYTHONSTARTUP": str(astray)}
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
    )
    output, errors = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    print(f"> hpcm {' '.join(arguments)}\n{output}{errors}", flush=True)
    if done.returncode != 0:
        raise Failed(f"hpcm {arguments[0]} ended with {done.returncode}.")
    return json.loads(output) if "--json" in arguments else output


def round_trip(program: str, folder: Path) -> None:
    """Raises Failed."""
    shutil.copy(SAMPLE, folder / "Täßchen 1.png")
    hpcm(program, folder, "--version")
    encoded = hpcm(program, folder, "encode", "Täßchen 1.png", "-o", "a.hpcm", "--preview", "--json")["files"][0]
    decoded = hpcm(program, folder, "decode", "a.hpcm", "-o", "b.png", "--json")["files"][0]
    if (decoded["width"], decoded["height"]) != (encoded["width"], encoded["height"]):
        raise Failed("The decoded picture has another size.")
    if encoded["bytes"] != (folder / "a.hpcm").stat().st_size:
        raise Failed("The file does not have the size that was reported.")
    by_file, by_picture = (
        hpcm(program, folder, "compare", "Täßchen 1.png", name, "--json")["psnr"] for name in ("a.hpcm", "b.png")
    )
    if not by_file == by_picture == encoded["psnr"] or by_file < 28:
        raise Failed(f"The decoded picture is not what encoding reported: {by_file} and {by_picture} dB.")
    hpcm(program, folder, "thumbnail", "--size", "128", "a.hpcm", "t.png")
    if (folder / "t.png").read_bytes()[:8] != b"\x89PNG\r\n\x1a\n":
        raise Failed("The thumbnail is no PNG file.")
    every_format(program, folder)
    damaged = bytearray((folder / "a.hpcm").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "damaged.hpcm").write_bytes(damaged)
    try:
        hpcm(program, folder, "decode", "damaged.hpcm")
    except Failed:
        return
    raise Failed("A damaged file was decoded without a word.")


def every_format(program: str, folder: Path) -> None:
    """Write and read one picture of each format; a.hpcm is in the folder. Raises Failed."""
    shutil.copy(folder / "a.hpcm", folder / "photo.hpcm")
    for kind, data in formats.READ.items():
        (folder / f"only.{kind}").write_bytes(data)
    for arguments in formats.commands():
        hpcm(program, folder, *arguments)


def check(program: str) -> None:
    """Make a round trip in a folder of its own. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="hpcm näher ") as folder:
        try:
            round_trip(program, Path(folder))
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(str(error)) from error


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    try:
        check(parser.parse_args().program)
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    print("The round trip went well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
