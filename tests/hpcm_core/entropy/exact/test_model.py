"""The exact entropy model: the same latents whatever computes them, for the bits of the float model."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from hpcm_core.entropy.exact.digits import DigitEngine
from hpcm_core.entropy.exact.native import instruction_sets
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.models.hpcm.config import BASE, CONFIGS
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.models.rates import quality_to_q
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from hpcm_core.transform.tiling import grid
from hpcm_core.transform.windows import analyse
from tests.golden.write_exact import FOLDER
from tests.hpcm_core.entropy.exact.exactly import (
    ENGINES,
    converted_once,
    decode_tile,
    drive,
    encode_tile,
    latents_digest,
    network,
    small,
    surroundings,
    trace_digest,
    wavy,
)
from tests.hpcm_core.entropy.float32 import Float32Entropy
from tests.hpcm_core.models.float_lite import float_lite

WIDEST = f"fast-{instruction_sets()[0]}"
PLAINEST = "fast-portable"


def ignore(*_):
    pass


def crop(name, left, top, side=256):
    with Image.open(resource(f"samples/{name}.png")) as image:
        return np.array(image.convert("RGB"))[top : top + side, left : left + side]


@torch.inference_mode()
def latents(pixels, quality=60):
    """y of the bundled model, as the codec makes it."""
    model = float_lite()
    picture = Picture(pixels)
    q = quality_to_q(quality, model.config.rate_lambdas)
    return analyse(model.network, picture, grid(picture.width, picture.height, model.config, 0), q, ignore)


CROPS = {"astronaut": (128, 0), "coffee": (200, 60)}


@pytest.fixture(scope="module")
def crops():
    return {name: latents(crop(name, *at)) for name, at in CROPS.items()}


def covering(*factors):
    """Rows of factor values in which every pair of values of two factors occurs, chosen greedily."""
    pairs = {
        (i, a, j, b)
        for (i, first), (j, second) in itertools.combinations(enumerate(factors), 2)
        for a in first
        for b in second
    }

    def new(row):
        return {(i, row[i], j, row[j]) for i, j in itertools.combinations(range(len(row)), 2)} & pairs

    rows = []
    everything = list(itertools.product(*factors))
    while pairs:
        rows.append(max(everything, key=lambda row: len(new(row))))
        pairs -= new(rows[-1])
    return rows


ROWS = covering(
    ["reference", "digits", WIDEST, PLAINEST],  # engine
    [False, True],  # it encodes, else it decodes
    list(CROPS),
    [1, 2],  # threads
    [False, True],  # channels_last
    [False, True],  # denormals are flushed
    [False, True],  # deterministic algorithms
)


def code(entropy, y):
    with torch.inference_mode():
        return encode_tile(entropy, y, ignore)


def decode(entropy, result, shape):
    with torch.inference_mode():
        return decode_tile(entropy, result.tile, *shape[2:], ignore)


@pytest.fixture(scope="module")
def golden(crops):
    """What the best kernels make of each crop, and they themselves."""
    entropy = ExactEntropy(float_lite().network, ENGINES[WIDEST]())
    return {name: code(entropy, y) for name, y in crops.items()}, entropy


def test_rows_cover_what_every_engine_does():
    engines = ["reference", "digits", WIDEST, PLAINEST]
    assert {row[:2] for row in ROWS} == set(itertools.product(engines, [False, True]))
    assert {(row[0], row[2]) for row in ROWS} == set(itertools.product(engines, CROPS))
    assert len(ROWS) < 12


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(str(int(x) if isinstance(x, bool) else x) for x in row))
def test_latents_are_identical_whatever_computes_them(crops, golden, row):
    """What any engine encodes the best kernels decode, and what they encode any engine decodes; one file has one
    meaning, so any engine decodes what any other encodes.
    """
    engine, encodes, name, threads, last, flush, deterministic = row
    sent, best = golden[0][name], golden[1]
    y = crops[name].contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
    with surroundings(threads, flush, deterministic):
        entropy = ExactEntropy(float_lite().network, ENGINES[engine]())
        made = code(entropy, y) if encodes else decode(entropy, sent, y.shape)
    wanted = decode(best, made, y.shape) if encodes else sent
    assert torch.equal(made.y_hat, wanted.y_hat)
    assert np.array_equal(made.bits, wanted.bits)
    assert (made.y_hat - sent.y_hat).abs().max() < 2, "an encoder is free in z, no more"


def test_base_is_identical_on_every_engine():
    """Formula weights, whose latents are far from a trained model's: attention saturates and symbols are large.

    Of integers from a formula, digits and all kernels make what the reference made of them: indices and means of all
    steps. What the best kernels encode of a photograph, the plainest ones decode, and the reference.
    """
    model = network(BASE)
    wanted = json.loads((FOLDER / "digests.json").read_text())["base"]
    y = latents(crop("chelsea", 90, 20)).repeat(1, 3, 1, 1)[:, : BASE.latent_channels]
    with converted_once():
        for name in (WIDEST, *(n for n in ENGINES if n not in ("reference", WIDEST))):
            entropy = ExactEntropy(model, ENGINES[name]())
            y_hat, trace = drive(entropy, *wavy(BASE))
            assert {"latents": latents_digest(y_hat), "requests": trace_digest(trace)} == wanted, name
            if name == WIDEST:
                sent = code(entropy, y)
        for name, threads in (("reference", 1), (PLAINEST, 2)):
            with surroundings(threads):
                assert torch.equal(decode(ExactEntropy(model, ENGINES[name]()), sent, y.shape).y_hat, sent.y_hat)


@pytest.mark.parametrize("variant", CONFIGS)
def test_every_variant_on_every_engine_and_near_the_float_model(variant):
    """Adaptors in chains, blocks after the projection, halves for quarters, no attention, either fill."""
    model = network(small(variant))
    y = 3 * torch.randn(1, 32, 16, 32, generator=torch.Generator().manual_seed(3))
    with converted_once():
        wanted, trace = drive(ExactEntropy(model, ReferenceEngine()), y)
        for name in ENGINES.keys() - {"reference"}:
            y_hat, other = drive(ExactEntropy(model, ENGINES[name]()), y)
            assert torch.equal(y_hat, wanted)
            assert trace_digest(other) == trace_digest(trace)
    # The first steps, before one symbol that falls the other way has changed all that follows.
    _, float_trace = drive(Float32Entropy(model), y)
    for (_, means), (_, float_means) in zip(trace[:3], float_trace[:3], strict=True):
        assert (means - float_means).abs().median() < 0.005 * float_means.abs().median()


def streams(result):
    return result.tile.stream_bytes


def excess(y):
    """Bits of the exact model over those of the float model, as a fraction."""
    model = float_lite().network
    exact, floating = ExactEntropy(model, ENGINES[WIDEST]()), Float32Entropy(model)
    return streams(code(exact, y)) / streams(code(floating, y)) - 1


@pytest.mark.parametrize("quality", [0, 60, 100])
@pytest.mark.parametrize("name", CROPS)
def test_bits_are_those_of_the_float_model(name, quality):
    assert abs(excess(latents(crop(name, *CROPS[name]), quality))) <= 0.003


def test_one_huge_latent_costs_the_others_little(crops):
    y = latents(crop("astronaut", 0, 0, 512)).clone()
    y[0, 17, 12, 20] = 5000
    assert excess(y) <= 0.01


def screenshot():
    """Windows, text and icons in flat colours."""
    image = Image.new("RGB", (512, 512), "#2b303b")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default()
    for i, (left, top) in enumerate([(20, 30), (150, 140), (60, 260)]):
        draw.rectangle((left, top, left + 320, top + 220), fill="#f8f8f8", outline="#000000")
        draw.rectangle((left, top, left + 320, top + 18), fill=["#3465a4", "#73d216", "#cc0000"][i])
        for line in range(14):
            text = f"{line:3}  the quick brown fox jumps over {line * 7919 % 1000} lazy dogs"
            draw.text((left + 8, top + 24 + 13 * line), text, fill="#202020", font=font)
    return np.array(image)


def line_art():
    """Black lines of one pixel and more on white."""
    image = Image.new("L", (512, 512), 255)
    draw = ImageDraw.Draw(image)
    for i in range(24):
        draw.ellipse((10 + 9 * i, 20 + 5 * i, 500 - 7 * i, 490 - 9 * i), outline=0, width=1 + i % 3)
        draw.line((0, 21 * i, 511, 511 - 13 * i), fill=0)
    return np.array(image.convert("RGB"))


@pytest.mark.parametrize("quality", [20, 60, 100])
@pytest.mark.parametrize("draw", [screenshot, line_art])
def test_artificial_pictures_cost_no_more(draw, quality):
    assert excess(latents(draw(), quality)) <= 0.01


OTHER_PROCESS = """
import sys, torch
import hpcm_core.runtime
from tests.hpcm_core.entropy.exact.exactly import ENGINES, drive, latents_digest, network, small
from hpcm_core.models.hpcm.exact import ExactEntropy
y = 3 * torch.randn(1, 32, 16, 32, generator=torch.Generator().manual_seed(3))
z = torch.arange(24 * 4 * 8, dtype=torch.int32).view(1, 24, 4, 8) % 5 - 2
for name in sys.argv[1:]:
    print(latents_digest(drive(ExactEntropy(network(small("lite")), ENGINES[name]()), y, z)[0]))
"""


def test_processors_without_vnni():
    """oneDNN and torch held to AVX2 give the same in another process, and so do kernels without VNNI here."""
    run = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, *ENGINES],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
        capture_output=True,
        text=True,
        check=True,
    )
    y = 3 * torch.randn(1, 32, 16, 32, generator=torch.Generator().manual_seed(3))
    z = torch.arange(24 * 4 * 8, dtype=torch.int32).view(1, 24, 4, 8) % 5 - 2
    here = [latents_digest(drive(ExactEntropy(network(small("lite")), ENGINES[name]()), y, z)[0]) for name in ENGINES]
    assert run.stdout.split() == here
    assert len(set(here)) == 1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here, so CPU to CUDA was not run")
@pytest.mark.parametrize("tf32", [False, True])
@pytest.mark.parametrize("engine", [ReferenceEngine, DigitEngine])
@pytest.mark.parametrize("name", CROPS)
def test_cpu_and_cuda_give_the_same_latents(crops, name, engine, tf32):
    y, model = crops[name], float_lite().network
    cpu, cuda = ExactEntropy(model, ENGINES[WIDEST]()), ExactEntropy(model, engine("cuda"))
    with surroundings(tf32=tf32):
        for encoder, decoder in ((cpu, cuda), (cuda, cpu)):
            sent = code(encoder, y)
            assert torch.equal(decode(decoder, sent, y.shape).y_hat, sent.y_hat)
