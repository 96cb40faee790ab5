"""Speed of whole codecs: `make bench-codec`.

Lite in integers (profile 2, by instruction set and threads) beside Lite of profile 1 and beside what photographs are
kept in otherwise: encode and decode of the same picture in memory, in rounds that take each codec in turn, so that all
meet the same disturbances. Medians, and ratios to profile 1. --avx2 holds everything to that instruction set, torch
included. --megapixels takes a picture of so many, tiled from the sample; else 768 x 512. Peak memory is that of a
process of its own.

--parts: seconds a megapixel of transforms and of coding apart, of both profiles with networks of one size, of today's
Lite, and of the bare networks of profile 1 in torch, in float32 and where the processor has it in bfloat16.

--pauses: the longest time between two questions of an encode and of a decode whether they are still wanted, which is
what a user waits for after cancelling at the worst moment.

--growth: seconds a megapixel of whole encodes and decodes, measuring included, of pictures from 1 to 100 megapixels, by
the time that passes and by that of the processors, with the memory that the largest took at most.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hpcm_core.codec import decode, encode, header_of
from hpcm_core.models.loading import load
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource as bundled

QUALITY = 40
FLOATS = bytes.fromhex("a645cf9f575da1ff")
"""The bundled weights of profile 1."""
SAME = bytes.fromhex("da42c4b9b636977d")
"""Those of profile 2 whose networks are as large."""


class Codec(NamedTuple):
    """encode gives what decode takes. Ours note the seconds of their parts in the job."""

    encode: Callable[[Job], object]
    decode: Callable[[object, Job], object]


def picture(megapixels: float) -> Picture:
    sample = Picture.open(bundled("samples/astronaut.png")).pixels
    if not megapixels:
        return Picture(np.concatenate([sample, sample[:, :256]], axis=1)[:512, :768])
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = round(width * 3 / 4)
    tiles = (-(-height // 512), -(-width // 512), 1)
    return Picture(np.ascontiguousarray(np.tile(sample, tiles)[:height, :width]))


def integer(shown: Picture, instruction_set: str, threads: int, identity: bytes | None = None) -> Codec:
    from hpcm_core.integer.native import Native
    from hpcm_core.models.hpcm.integer import IntegerHPCM
    from hpcm_core.models.hpcm.integer_transforms import IntegerTransforms
    from hpcm_core.transform import coding

    model = load("lite", identity)
    weights, run = model.network.weights, Native(instruction_set, threads)
    header = header_of(shown, model.name, model.identity, model.config, QUALITY)
    transforms = IntegerTransforms(model.config, weights, run, QUALITY, 8)
    entropy = IntegerHPCM(model.config, weights, run)
    return Codec(
        lambda job: coding.encode(model.config, transforms, entropy, shown, header, job).tiles,
        lambda tiles, job: coding.decode(model.config, transforms, entropy, header, tiles, job).pixels(job),
    )


def floats(shown: Picture, instruction_set: str, threads: int) -> Codec:
    import torch

    from hpcm_core.entropy.exact.native import FastEngine
    from hpcm_core.models.hpcm.exact import ExactEntropy
    from hpcm_core.models.rates import recorded_rate
    from hpcm_core.transform import networks

    torch.set_num_threads(threads)
    model = load("lite", FLOATS)
    entropy = ExactEntropy(model.network, FastEngine(instruction_set))
    header = header_of(shown, model.name, model.identity, model.config, QUALITY)
    rate = recorded_rate(QUALITY, model.config)
    return Codec(
        lambda job: networks.encode(model.network, entropy, shown, header, rate, job, "cpu").tiles,
        lambda tiles, job: networks.decode(model.network, entropy, header, tiles, rate, job, "cpu").pixels(job),
    )


def others(shown: Picture) -> dict[str, Codec]:
    """What Pillow and imagecodecs write, with the threads that they take by themselves."""
    import io

    import imagecodecs
    from PIL import Image

    image = Image.fromarray(shown.pixels)

    def write(kind: str, _: Job, **options: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    def read(data: object, _: Job) -> object:
        return np.asarray(Image.open(io.BytesIO(data)))  # type: ignore[arg-type]

    codecs = {
        f"AVIF speed {speed}": Codec(partial(write, "AVIF", quality=60, speed=speed), read) for speed in (4, 6, 8)
    }
    codecs["WebP"] = Codec(partial(write, "WEBP", quality=80, method=4), read)
    codecs["JPEG XL effort 7"] = Codec(
        lambda _: imagecodecs.jpegxl_encode(shown.pixels, distance=1.5, effort=7),
        lambda data, _: imagecodecs.jpegxl_decode(data),
    )
    return codecs


PARTS = ("analysis", "synthesis", "coding", "decoding")
"""As jobs call them: the first two are the transforms, the others hyperprior, context and rANS."""


def bare(dtype: str) -> Callable[[], list[float]]:
    """Seconds a megapixel of PARTS in the networks of profile 1 by themselves: no windows, no coder, no exactness."""
    import torch

    from hpcm_core.entropy.model import drive

    kind = getattr(torch, dtype)
    network = copy.deepcopy(load("lite", FLOATS).network).to(kind)
    x = torch.rand(1, 3, 768, 1024).to(kind).contiguous(memory_format=torch.channels_last)

    def tile(y: torch.Tensor, *, encoder: bool) -> None:
        z = network.h_a(y) if encoder else y[:, : len(network.means_hyper.flatten()), ::4, ::4]
        drive(
            network.steps(network.h_s(z.round())),
            lambda asked: (asked.place.pack(y) - asked.means).round() + asked.means,
        )

    @torch.inference_mode()
    def run() -> list[float]:
        marks = [time.perf_counter()]
        y = network.g_a(x)
        marks.append(time.perf_counter())
        network.g_s(y)
        marks.append(time.perf_counter())
        for encoder in (True, False):
            tile(y, encoder=encoder)
            marks.append(time.perf_counter())
        return (np.diff(marks) / (x.shape[2] * x.shape[3] / 1e6)).tolist()

    return run


def parts(shown: Picture, instruction_set: str, rounds: int, *, bfloat16: bool) -> None:
    """A table of seconds a megapixel by part, and how many times as fast as profile 1's each is."""
    megapixels = shown.width * shown.height / 1e6

    def timed(codec: Codec) -> list[float]:
        job = Job()
        codec.decode(codec.encode(job), job)
        return [job.times[part] / megapixels for part in PARTS]

    jobs = {
        "profile 1": partial(timed, floats(shown, instruction_set, 2)),
        "profile 2, networks as large": partial(timed, integer(shown, instruction_set, 2, SAME)),
        "profile 2, Lite": partial(timed, integer(shown, instruction_set, 2)),
    }
    for dtype in ["float32", "bfloat16"] if bfloat16 else ["float32"]:
        jobs[f"bare networks, torch {dtype}"] = bare(dtype)
    figures: dict[str, list[list[float]]] = {name: [] for name in jobs}
    for counted in (False, *[True] * rounds):
        for name, job in jobs.items():
            taken = job()
            if counted:
                figures[name].append(taken)
    print(f"{shown.width} x {shown.height}, {instruction_set}, two threads, medians of {rounds} rounds, s a megapixel")
    print(f"| | {' | '.join(PARTS)} | transforms | coding both ways |")
    print(f"| --- |{' ---: |' * (len(PARTS) + 2)}")
    first: list[float] = []
    for name, taken_of in figures.items():
        medians = [statistics.median(column) for column in zip(*taken_of, strict=True)]
        both = [sum(medians[:2]), sum(medians[2:])]
        first = first or both
        ratios = [f"{figure:.3f} ({start / figure:.1f})" for figure, start in zip(both, first, strict=True)]
        print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in medians)} | {' | '.join(ratios)} |")


def pauses(shown: Picture) -> None:
    """The longest time between two questions, of an encode with its measuring and of a decode."""
    data = b""

    def longest(work: Callable[[Callable[[], bool]], object]) -> str:
        asked = [time.perf_counter()]

        def cancel() -> bool:
            asked.append(time.perf_counter())
            return False

        work(cancel)
        gaps = np.diff([*asked, time.perf_counter()])
        return f"{1000 * gaps.max():.0f} ms at most, {1000 * np.quantile(gaps, 0.99):.0f} in 99 of 100 cases"

    def encoded(cancel: Callable[[], bool]) -> None:
        nonlocal data
        data = encode(shown, Recipe(quality=QUALITY), cancel=cancel).data

    encode(picture(0), Recipe(quality=QUALITY))  # weights are loaded
    print(f"{shown.width} x {shown.height}, time between two questions whether the work is still wanted")
    print(f"encode: {longest(encoded)}")
    print(f"decode: {longest(lambda cancel: decode(data, cancel=cancel))}")


SIZES = (1, 4, 12, 50, 100)
"""Megapixels, for --growth."""


def growth(rounds: int) -> None:
    """A table of seconds a megapixel by size, medians of interleaved rounds, and how far sizes are from one another."""
    pictures = {size: picture(size) for size in SIZES}
    times: dict[int, list[list[float]]] = {size: [] for size in SIZES}
    # A round before them, in which weights are loaded and the system finds the memory that the others have.
    for counted in (False, *[True] * rounds):
        for size, shown in pictures.items():
            marks = [(time.perf_counter(), time.process_time())]
            data = encode(shown, Recipe(quality=QUALITY)).data
            marks.append((time.perf_counter(), time.process_time()))
            decode(data)
            marks.append((time.perf_counter(), time.process_time()))
            megapixels = shown.width * shown.height / 1e6
            if counted:
                taken = np.diff(marks, axis=0) / megapixels
                times[size].append(taken.T.ravel().tolist())
    print("| megapixels | encode | decode | encode, processors | decode, processors |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    rows = {
        size: [statistics.median(column) for column in zip(*of_size, strict=True)] for size, of_size in times.items()
    }
    for size, figures in rows.items():
        print(f"| {size} | {' | '.join(f'{figure:.3f}' for figure in figures)} |")
    spread = [100 * (max(column) / min(column) - 1) for column in zip(*rows.values(), strict=True)]
    print(f"| most above least | {' | '.join(f'{part:.0f} %' for part in spread)} |")
    print(f"{SIZES[-1]} megapixels: {peak('whole', [f'--megapixels={SIZES[-1]}']):.2f} GiB at the peak")


def memory(arguments: list[str]) -> dict[str, float]:
    """GiB at the peak of a process that encodes and decodes the picture once, by profile."""
    return {profile: peak(profile, arguments) for profile in ("1", "2")}


def peak(what: str, arguments: list[str]) -> float:
    command = [sys.executable, "-m", "tests.bench.bench_codec", "--once", what, *arguments]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 2**20


def once(what: str, shown: Picture, instruction_set: str) -> None:
    """Encode and decode a picture, and print the KiB that this took at most, with all that the process is."""
    if what == "whole":
        decode(encode(shown, Recipe(quality=QUALITY)).data)
    else:
        codec = (floats if what == "1" else integer)(shown, instruction_set, 2)
        codec.decode(codec.encode(Job()), Job())
    # getrusage would count what the process that started this one had.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(status["VmHWM"].split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--parts", action="store_true", help="transforms and coding apart, beside bare torch")
    parser.add_argument("--pauses", action="store_true", help="how long a cancel waits at most")
    parser.add_argument("--growth", action="store_true", help="times a megapixel, 1 to 100 megapixels")
    parser.add_argument("--once", choices=("1", "2", "whole"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.avx2:  # before torch is loaded
        os.environ |= {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    if options.growth:
        growth(options.rounds)
        return
    from hpcm_core.integer.native import instruction_sets

    shown = picture(options.megapixels)
    sets = ["avx2"] if options.avx2 else instruction_sets()
    if options.once:
        once(options.once, shown, sets[0])
        return
    if options.pauses:
        pauses(shown)
        return
    if options.parts:
        # Where a processor has none, torch emulates it, many times slower.
        has = not options.avx2 and "avx512_bf16" in Path("/proc/cpuinfo").read_text()
        parts(shown, sets[0], options.rounds, bfloat16=has)
        return
    codecs = {f"profile 1, {sets[0]}, 2 threads": floats(shown, sets[0], 2)}
    large = options.megapixels >= 4
    for name in sets[:1] if large else sets:
        for threads in (2,) if large else (1, 2):
            codecs[f"profile 2, {name}, {threads} threads"] = integer(shown, name, threads)
    codecs |= others(shown)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in codecs}
    for _ in range(options.rounds):
        for name, codec in codecs.items():
            begun = time.perf_counter()
            data = codec.encode(Job())
            middle = time.perf_counter()
            codec.decode(data, Job())
            times[name].append((middle - begun, time.perf_counter() - middle))
    first = [statistics.median(column) for column in zip(*next(iter(times.values())), strict=True)]
    print(f"{shown.width} x {shown.height}, medians of {options.rounds} rounds")
    for name, rounds in times.items():
        encode, decode = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratios = f"({first[0] / encode:6.2f}x)", f"({first[1] / decode:6.2f}x)"
        print(f"{name:36} encode {encode:8.3f} s {ratios[0]}  decode {decode:8.3f} s {ratios[1]}")
    passed = [f"--megapixels={options.megapixels}", *(["--avx2"] if options.avx2 else [])]
    for profile, peak in memory(passed).items():
        print(f"profile {profile}: {peak:.2f} GiB at the peak")


if __name__ == "__main__":
    main()
