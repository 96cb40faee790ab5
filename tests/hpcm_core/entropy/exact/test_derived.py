"""Other families, schedules and fusions in exact arithmetic: every engine, files of before, damaged ones."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache

import pytest
import torch

from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.errors import HpcmError
from hpcm_core.format.tile import pack_tile, parse_tile
from tests.golden.write_exact import DERIVED, FOLDER
from tests.hpcm_core.entropy.exact.exactly import (
    ENGINES,
    calm,
    converted_once,
    decode_tile,
    drive,
    encode_tile,
    exact,
    latents_digest,
    network,
    small,
    trace_digest,
)
from tests.hpcm_core.entropy.float32 import Float32Entropy

SIDES = (16, 32)


@cache
def model(variant):
    return calm(variant)


@pytest.fixture(autouse=True, scope="module")
def integers_once():
    with converted_once():
        yield


def latents(seed=3):
    return 3 * torch.randn(1, 32, *SIDES, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def decoded(entropy, payload, height, width):
    return decode_tile(entropy, parse_tile(payload, entropy.streams), height, width, lambda: None)


@torch.inference_mode()
def encoded(entropy, y):
    return encode_tile(entropy, y, lambda: None)


@pytest.mark.parametrize("variant", DERIVED)
def test_every_engine_decodes_what_any_encodes(variant):
    y = latents()
    reference = exact(model(variant), ReferenceEngine())
    sent = encoded(reference, y)
    # What CHARM* adds after the rounding is up to a half.
    furthest = 1.01 if variant == "base-charm" else 0.51
    assert (sent.y_hat - y).abs().max() <= furthest, "every latent was coded, and in its own place"
    assert len(sent.bits) == len(model(variant).config.labels)
    assert (sent.bits.sum(axis=(1, 2)) > 0).all()
    assert torch.equal(decoded(reference, pack_tile(sent.tile), *SIDES).y_hat, sent.y_hat)
    for name in ENGINES.keys() - {"reference"}:
        entropy = exact(model(variant), ENGINES[name]())
        again = encoded(entropy, y)
        assert pack_tile(again.tile) == pack_tile(sent.tile)
        assert torch.equal(again.y_hat, sent.y_hat)
        assert torch.equal(decoded(entropy, pack_tile(sent.tile), *SIDES).y_hat, sent.y_hat)


@pytest.mark.parametrize("variant", DERIVED)
def test_near_the_float_model(variant):
    """The first steps, before one symbol that falls the other way has changed all that follows."""
    _, trace = drive(exact(model(variant), ReferenceEngine()), latents())
    _, float_trace = drive(Float32Entropy(model(variant)), latents())
    assert len(trace) == len(float_trace) == len(model(variant).config.labels) - 1
    first = 2 if variant == "quad-prior" else 3  # a symbol that falls the other way is seen by half the latents
    for (_, means), (_, float_means) in zip(trace[:first], float_trace[:first], strict=True):
        assert means.shape == float_means.shape
        assert (means - float_means).abs().median() < 0.01 * float_means.abs().median()


def test_other_structures_give_other_files():
    """The same weights: a schedule, a fusion and a fill make a difference each."""
    base = small("base-2-3-3")
    digests = set()
    for change in ({}, {"attention_heads": None}, {"attention_heads": None, "progressive": False}):
        _, trace = drive(exact(network(replace(base, **change)), ReferenceEngine()), latents())
        digests.add(trace_digest(trace))
    assert len(digests) == 3


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("variant", DERIVED)
def test_golden_tiles(variant, engine):
    wanted = json.loads((FOLDER / "derived.json").read_text())[variant]
    payload = (FOLDER / f"{variant}.tile").read_bytes()
    got = decoded(exact(model(variant), ENGINES[engine]()), payload, 16, 16)
    assert latents_digest(got.y_hat) == wanted


@pytest.mark.parametrize("variant", DERIVED)
def test_damaged_tiles_end_in_one_error(variant):
    payload = (FOLDER / f"{variant}.tile").read_bytes()
    entropy = exact(model(variant), ENGINES[next(name for name in ENGINES if name.startswith("fast"))]())
    rng = random.Random(variant)
    for _ in range(6):
        at = rng.randrange(len(payload))
        flipped = payload[:at] + bytes([payload[at] ^ 1 << rng.randrange(8)]) + payload[at + 1 :]
        for damaged in (flipped, payload[:at]):
            with pytest.raises(HpcmError):
                decoded(entropy, damaged, 16, 16)


def test_tiles_of_another_schedule_are_refused():
    payload = (FOLDER / "base-2-3-12.tile").read_bytes()
    with pytest.raises(HpcmError):
        decoded(exact(model("base-2-3-3"), ReferenceEngine()), payload, 16, 16)
