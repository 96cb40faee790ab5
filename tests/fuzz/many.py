"""A great many damaged files against the decoder in one process: `python -m tests.fuzz.many --count 1000000`.

Every one must end as the right picture or in one HpcmError of one sentence, soon, and in little memory. Prints a table;
what does not end so is written to build/fuzz/findings. Any block of files can be run again by the name printed with it.
"""

from __future__ import annotations

import argparse
import faulthandler
import statistics
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from hpcm_core import codec
from hpcm_core.cli.thumbnail import thumbnail
from hpcm_core.entropy.streams import encode_tile
from hpcm_core.errors import HpcmError
from hpcm_core.format import container
from hpcm_core.format.header import JPEG_XL_PROFILE
from hpcm_core.format.metadata import without_metadata
from hpcm_core.format.tile import pack_tile
from hpcm_core.limits import Limits
from hpcm_core.models.hpcm.integer import IntegerHPCM
from hpcm_core.picture.picture import Picture
from tests.fuzz import samples
from tests.fuzz.damage import CODESTREAMS, KINDS, WISHES
from tests.hpcm_core.format.chunks import split

LIMITS = Limits(pixels=1 << 14, side=1 << 11, memory=4 << 30)
"""Small pictures only: a header that asks for a large one, which is no damage, would take the time of thousands."""
FORGED = "valid, of latents no picture has"
SIZES = {False: 1200, True: 30}
"""Files of a block: of a sealed kind they take a hundred times as long as where a checksum stops them."""
HANG = 60
"""Seconds that a file may take before the run is ended with a traceback."""


class Wrong(AssertionError):
    """A file ended as it must not."""


@dataclass
class Tally:
    """What became of the files of one kind."""

    files: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    pictures: int = 0
    findings: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: int = 0
    """Bytes that a block of files took at most beyond what the process had before it."""


def check(name: str, data: bytes, origins: tuple[bytes, bytes]) -> str:
    """Decode a damaged file; what came of it: an error's name, "unchanged" or "picture". Raises Wrong."""
    kind = KINDS[name]
    if kind.refused:  # Of some steps alone no checksum says whether they are right: any picture will do, or one error.
        with suppress(HpcmError):
            codec.decode(data, limits=LIMITS, steps=len(data) % 12)
    try:
        decoded = codec.decode(data, limits=LIMITS)
        if kind.sealed and not kind.refused:
            without_metadata(data, place_only=True, limits=LIMITS)
            if container.read(data, LIMITS).preview is not None:
                thumbnail(data, 64)
    except HpcmError as error:
        if not str(error).strip() or not str(error).isprintable():
            raise Wrong(f"not one sentence: {error!r}") from error
        return type(error).__name__
    if data in origins or data == origins[0][:9] + data[9:10] + origins[0][10:]:  # The minor version says nothing yet.
        return "unchanged"
    if kind.refused and not tiles(data) <= tiles(origins[0]) | tiles(origins[1]):
        # Of a JPEG XL stream bits may be changed that mean nothing: what has the checksum of the samples is right.
        if decoded.header.profile != JPEG_XL_PROFILE or not same(decoded.picture, codec.decode(origins[0]).picture):
            raise Wrong("a picture came of streams that no encoder wrote")
        return "unchanged"
    # Checksums are a chunk's: two files that happen to be cut between the same chunks make a third one, as with PNG.
    whole = set(split(data)) <= set(split(origins[0])) | set(split(origins[1]))
    if (
        not kind.sealed
        and not whole
        and not any(same(decoded.picture, codec.decode(origin).picture) for origin in origins)
    ):
        raise Wrong("another picture came of damage that checksums must show")
    header = decoded.header
    if decoded.picture.pixels.shape != (header.height, header.width, header.channels):
        raise Wrong("the picture is not of the size that the header says")
    return "picture"


def tiles(data: bytes) -> set[bytes]:
    return {payload for kind, payload in split(data) if kind == b"TILE"}


def same(a: Picture, b: Picture) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("pixels", "alpha", "icc", "exif", "xmp"))


def forged(draw: Random, data: bytes) -> tuple[bytes, np.ndarray]:
    """A valid file whose latents are extreme, and what they decode to."""
    file = container.read(data)
    entropy: IntegerHPCM = samples.model_of(data).network.entropy
    numbers = np.random.default_rng(draw.getrandbits(64))
    shape = (1, entropy.config.latent_channels, 4, 4)
    y = draw.choice(
        (
            lambda: numbers.normal(0, draw.choice((1, 100, 10000)), shape),
            lambda: numbers.choice((-32000, 32000), shape),
            lambda: np.where(numbers.random(shape) < 0.01, draw.choice((-32000, 32000)), 0),
            lambda: np.full(shape, draw.uniform(-32000, 32000)),
        )
    )()
    code = encode_tile(entropy, y.clip(-32000, 32000).astype(np.float32), lambda: None)
    return container.write(container.Container(file.header, (pack_tile(code.tile),))), code.y_hat


def check_forged(draw: Random, data: bytes) -> str:
    try:
        valid, _ = forged(draw, data)
    except ValueError:  # More than the coder takes, less the means.
        return "unchanged"
    codec.decode(valid, limits=LIMITS)
    return "picture"


def blocks(count: int) -> Iterator[tuple[str, int, int]]:
    """Kinds in turn and the size of each block; the kind whose files have to be encoded first comes seldom."""
    done, turn = 0, 0
    while done < count:
        for name in (*KINDS, FORGED):
            if name == FORGED and turn % 5:
                continue
            if size := min(block_size(name), count - done):
                yield name, turn, size
            done += size
        turn += 1


def block_size(name: str) -> int:
    return SIZES[name not in KINDS or KINDS[name].sealed]


def run_block(name: str, turn: int, seed: int, size: int, tally: Tally, folder: Path) -> None:
    """One block; the same name, turn and seed give the same files."""
    draw = Random(f"{seed} {name} {turn}")
    files = samples.files()
    usual = [data for key, data in files.items() if key != "two tiles"]
    before = memory(reset=True)
    for _ in range(size):
        pick = draw.random()
        data = draw.choice(usual)
        if pick < 0.01:
            data = files["two tiles"]
        elif pick < 0.03:
            data = samples.first_profile()
        elif pick < 0.16 or name == CODESTREAMS:
            data = draw.choice([*samples.lossless().values()])
        elif pick < 0.2:
            data = draw.choice([*samples.learned().values()])
        elif pick < 0.4 or name == WISHES:
            data = draw.choice([*samples.wishing().values()])
        origins = data, draw.choice(usual)
        damaged = b""
        faulthandler.dump_traceback_later(HANG, exit=True)
        start = time.perf_counter()
        try:
            if name == FORGED:
                result = check_forged(draw, files["plain"])
            else:
                damaged = KINDS[name].make(draw, *origins)
                start = time.perf_counter()
                result = check(name, damaged, origins)
        except Exception:
            tally.findings += 1
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name.replace(' ', '-').replace(',', '')}-{turn}-{tally.findings}"
            path.with_suffix(".hpcm").write_bytes(damaged)
            path.with_suffix(".txt").write_text(traceback.format_exc())
            print(f"finding: {path}", file=sys.stderr, flush=True)
            result = "finding"
        faulthandler.cancel_dump_traceback_later()  # What is made for the next file may take its time.
        tally.seconds.append(time.perf_counter() - start)
        tally.files += 1
        if result == "picture":
            tally.pictures += 1
        elif result == "unchanged":
            tally.unchanged += 1
        elif result != "finding":
            tally.errors[result] += 1
    tally.memory = max(tally.memory, memory() - before)


def memory(reset: bool = False) -> int:
    """Bytes: of this process now where its peak is reset, otherwise its peak since. 0 where the system does not say."""
    with suppress(OSError):
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS" if reset else "VmHWM")]
        return int(line.split()[1]) << 10
    return 0


def table(tallies: dict[str, Tally]) -> str:
    rows = [
        "| damage | files | refused | still whole | a picture | findings | median ms | slowest ms | memory MiB |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    total = Tally()
    for name, tally in tallies.items():
        rows.append(_row(name, tally))
        total.files += tally.files
        total.errors += tally.errors
        total.unchanged += tally.unchanged
        total.pictures += tally.pictures
        total.findings += tally.findings
        total.seconds += tally.seconds
        total.memory = max(total.memory, tally.memory)
    rows.append(_row("**all**", total))
    errors = ", ".join(f"{name} {count:,}" for name, count in total.errors.most_common())
    return "\n".join([*rows, "", f"Errors: {errors}."])


def _row(name: str, tally: Tally) -> str:
    refused = sum(tally.errors.values())
    numbers = (tally.files, refused, tally.unchanged, tally.pictures, tally.findings)
    figures = [f"{number:,}" for number in numbers]
    figures += [f"{1000 * statistics.median(tally.seconds):.2f}", f"{1000 * max(tally.seconds):.0f}"]
    return f"| {name} | {' | '.join(figures)} | {tally.memory / 2**20:.1f} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--block", metavar="KIND:TURN", help="run this block alone again")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    findings = options.folder / "findings"
    tallies = {name: Tally() for name in (*KINDS, FORGED)}
    whole = (samples.files(), samples.wishing(), samples.lossless(), samples.learned())
    for data in (*(data for files in whole for data in files.values()), samples.first_profile()):
        codec.decode(data)  # so that no block pays for what is loaded once
    start, done = time.perf_counter(), 0
    chosen = blocks(options.count)
    if options.block:
        name, _, turn = options.block.rpartition(":")
        chosen = iter([(name, int(turn), block_size(name))])
    try:
        for number, (name, turn, size) in enumerate(chosen):
            options.folder.mkdir(parents=True, exist_ok=True)
            (options.folder / "running").write_text(f"{name}:{turn} seed {options.seed}\n")  # what a crash happened in
            run_block(name, turn, options.seed, size, tallies[name], findings)
            done += size
            if number % 100 == 0:
                print(
                    f"{done:,} files, {done / (time.perf_counter() - start):.0f} a second", file=sys.stderr, flush=True
                )
    except KeyboardInterrupt:
        print(f"Stopped after {done:,} files.")
    used = {name: tally for name, tally in tallies.items() if tally.files}
    print(f"{table(used)}\n\n{(time.perf_counter() - start) / 60:.1f} minutes, seed {options.seed}.")
    return int(any(tally.findings for tally in used.values()))


if __name__ == "__main__":
    sys.exit(main())
