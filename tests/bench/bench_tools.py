"""What each tool takes on a large picture, and how soon it stops: `make bench-tools`.

Every command runs in a process of its own: the processor time of all its threads, the memory that it had at most, and,
in a second run, the processor time that it still takes after Ctrl+C in its middle. ARGS: for instance
'--pictures FOLDER --megapixels 24 --only duel'. The picture is made of those of the folder side by side, at random;
else of the bundled samples. --weights: a file of weights of Base, for its attention and receptive fields; "formula"
takes such as tests have, which cost the same and say nothing.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

# This process imports no more than it must: what a child had at most is never less than what its parent has.

HPCM = (sys.executable, "-m", "hpcm_core.cli")
AGAIN = (sys.executable, "-m", "tests.bench.bench_tools")
LAMBDA = "0.013"


class Tool(NamedTuple):
    """name: as the table has it; output: what the command leaves, and must not leave if it is stopped."""

    name: str
    command: tuple[str, ...]
    output: str


class Taken(NamedTuple):
    """Seconds of the processors, how many of them came after Ctrl+C, GiB at most, and the exit status."""

    processor: float
    stopping: float
    memory: float
    status: int


def tools(folder: Path) -> list[Tool]:
    """In an order in which each finds its input there."""
    picture, lite, base = (str(folder / name) for name in ("large.png", "lite.hpcm", "base.hpcm"))
    mask = str(folder / "mask.png")

    def one(name: str, output: str, *arguments: str, where: str = "-o") -> Tool:
        return Tool(name, (*HPCM, *arguments, where, str(folder / output)), str(folder / output))

    erf = ("inspect", "erf", base)
    return [
        one("encode", "lite.hpcm", "encode", picture),
        one("encode, with a mask", "painted.hpcm", "encode", picture, "--mask", mask),
        one("decode", "whole.png", "decode", lite),
        one("decode --steps 4", "steps.png", "decode", lite, "--steps", "4"),
        Tool("a first look", (*AGAIN, "--glimpse", lite), ""),
        one("inspect latents", "latents.csv", "inspect", "latents", lite, "--at", "1500,1100", where="--csv"),
        one("inspect bits", "bits.png", "inspect", "bits", lite),
        one("inspect channel", "channel.png", "inspect", "channel", lite, "--channel", "0"),
        one("inspect erf", "erf.png", "inspect", "erf", lite),
        one("inspect steps", "pictures", "inspect", "steps", lite, "--original", picture),
        one("duel", "duel", "duel", picture, "--at-bytes-of", "lite:40", where="--report"),
        one("Base: encode", "base.hpcm", "encode", picture, "--model", "base", "--lambda", LAMBDA, "--no-metrics"),
        one("Base: decode", "base.png", "decode", base),
        Tool("Base: a first look", (*AGAIN, "--glimpse", base), ""),
        one("Base: inspect attention", "attention.png", "inspect", "attention", base),
        one("Base: inspect erf", "base-erf.png", *erf),
    ]


def run(tool: Tool, environment: dict[str, str], stop_after: float | None = None) -> Taken:
    """A run from start to end, or to Ctrl+C after so many seconds of the processors."""
    process = subprocess.Popen(
        tool.command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    before = 0.0
    if stop_after is not None:
        while (before := spent(process.pid)) < stop_after:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    words = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if stop_after is None and process.returncode != 0:
        sys.exit(f"{tool.name}: {words}")
    whole = used.ru_utime + used.ru_stime
    return Taken(whole, whole - before, used.ru_maxrss / 2**20, process.returncode)


def spent(process: int) -> float:
    """Seconds of the processors that a process has taken so far, as Linux says it; infinite for one that has ended."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    if fields[0] == "Z":
        return math.inf
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def left(tool: Tool) -> list[str]:
    """What a command that was stopped has left of its output."""
    path = Path(tool.output) if tool.output else None
    if path is None or not path.exists():
        return []
    return sorted(str(one.relative_to(path.parent)) for one in path.rglob("*") if one.is_file()) or [path.name]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="a folder, for the large picture")
    parser.add_argument("--megapixels", type=float, default=24.0)
    parser.add_argument("--only", nargs="*", default=[], help="names of the table, or parts of them")
    parser.add_argument("--weights", help="of Base: a file, or 'formula'; without, Base is left out")
    parser.add_argument("--folder", type=Path, help="keep everything here, and use what is there")
    parser.add_argument("--no-stop", action="store_true", help="no second run")
    parser.add_argument("--glimpse", help=argparse.SUPPRESS)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.glimpse:
        return glimpse(Path(options.glimpse))
    if options.prepare:
        return prepare(options.prepare, options.pictures, options.megapixels, options.weights)
    # Where a shell has started this in the background Ctrl+C is ignored, and would be by every command.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HPCM_DATA_DIR": str(folder / "data")}
    arguments = [one for one in sys.argv[1:] if one != "--no-stop"]
    subprocess.run([*AGAIN, *arguments, "--prepare", str(folder)], cwd=ROOT, env=environment, check=True)
    print(
        "| command | processor time | memory | stops within, processor time |\n| --- | ---: | ---: | ---: |", flush=True
    )
    for tool in tools(folder):
        if tool.name.startswith("Base") and options.weights is None:
            continue
        if options.only and not any(part in tool.name for part in options.only):
            continue
        clear(tool)
        taken = run(tool, environment)
        words = ""
        if not options.no_stop:
            kept = Path(f"{tool.output}.kept")
            if tool.output:
                Path(tool.output).rename(kept)
            stopped = run(tool, environment, taken.processor / 2)
            words = f"{stopped.stopping:.2f} s" if stopped.status else "was done"
            if stopped.status and left(tool):
                words += f", leaves {', '.join(left(tool))}"
            if tool.output:
                clear(tool)
                kept.rename(tool.output)
        print(f"| {tool.name} | {taken.processor:.1f} s | {taken.memory:.2f} GiB | {words} |", flush=True)
    if options.folder is None:
        shutil.rmtree(folder)
    return 0


def clear(tool: Tool) -> None:
    path = Path(tool.output) if tool.output else None
    if path is not None and path.is_dir():
        shutil.rmtree(path)
    elif path is not None:
        path.unlink(missing_ok=True)


# What runs in processes of its own.


def prepare(folder: Path, pictures: Path | None, megapixels: float, weights: str | None) -> int:
    """The large picture, a mask for it, and Base, where they are not there yet."""
    import numpy as np
    from PIL import Image

    if not (folder / "large.png").exists():
        whole = mosaic(pictures or ROOT / "resources" / "samples", megapixels)
        whole.save(folder / "large.png", compress_level=1)
        mask = np.full((whole.height, whole.width), 127, np.uint8)
        mask[: whole.height // 3, : whole.width // 3] = 255
        Image.fromarray(mask).save(folder / "mask.png")
    if weights and not (folder / "data").exists():
        from safetensors.torch import save_file

        from hpcm_core.models.checkpoint import import_checkpoint
        from hpcm_core.models.hpcm.config import BASE
        from hpcm_core.models.hpcm.network import HPCM as Network
        from tests.hpcm_core.models.hpcm.formula import formula_state

        file = folder / "weights.safetensors" if weights == "formula" else Path(weights)
        if weights == "formula":
            save_file(formula_state(Network(BASE)), file)
        import_checkpoint(file, "base", "mse", float(LAMBDA))
    return 0


def mosaic(pictures: Path, megapixels: float):  # type: ignore[no-untyped-def]
    """A Pillow picture of 3 : 2, in squares of 512 pixels cut from pictures of a folder, each anew for each square."""
    import random

    from PIL import Image

    side, drawn = 512, random.Random(18)
    height = round((megapixels * 1e6 * 2 / 3) ** 0.5)
    width = round(height * 3 / 2)
    files = sorted(path for path in pictures.iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    whole = Image.new("RGB", (width, height))
    for top in range(0, height, side):
        for left_ in range(0, width, side):
            with Image.open(drawn.choice(files)) as opened:
                one = opened.convert("RGB")
            x, y = (drawn.randrange(max(length - side, 0) + 1) for length in one.size)
            whole.paste(one.crop((x, y, x + side, y + side)), (left_, top))
    return whole


def glimpse(path: Path) -> int:
    """What the window shows while a large file is decoded, as its codec process makes it."""
    from app.worker.tasks import GlimpseJob

    try:
        found = GlimpseJob(path.read_bytes(), 2048).run(lambda stage, done: None, lambda: False)
    except KeyboardInterrupt:
        return 130
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
