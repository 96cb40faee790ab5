"""Profile 3: the reference keeps samples, is close to floats, and takes no weights that could leave its types."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from hpcm_core.errors import ModelError
from hpcm_core.models.lossless import quantize as quantizing
from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.integers import CONSTANTS, Integers, kinds
from hpcm_core.models.lossless.mixture import LEVEL_UNIT, MIDDLE
from hpcm_core.models.lossless.network import Lossless
from hpcm_core.models.lossless.reference import DamagedStream, decode_tile, encode_tile
from hpcm_core.training.quantization import read_network
from tests.golden import write_lossless_integers as golden
from tests.hpcm_core.models.lossless.test_lossless import TINY, any_network, photograph
from tests.paths import ROOT

FLOATS = ROOT / "docs/lossless-training/lossless-m.safetensors"


@pytest.fixture(scope="module")
def bundled() -> Integers:
    return golden.model(golden.VARIANT)


def samples_of(x: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray((255 * x[0]).round().byte().permute(1, 2, 0).numpy())


def small(seed: int = 0, **changes: object) -> tuple[Lossless, Integers]:
    """A network of any weights, in float32, and its integers."""
    config = replace(TINY, **changes)
    network = any_network(config, seed).float()
    with torch.no_grad():
        for parameter in network.blocks.parameters():
            parameter.mul_(0.5)  # or blocks make features of any size out of those before
    return network, Integers.of(config, quantizing.quantize(network, [photograph(48)]))


@pytest.mark.parametrize("name", [*golden.tiles()])
def test_the_integers_are_those_of_the_golden_files(name):
    wanted = json.loads((golden.FOLDER / "digests.json").read_text())
    assert golden.digests(golden.model(), golden.tiles()[name]) == wanted[name]


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (6, 7)])
@pytest.mark.parametrize("name", [*golden.tiles()])
def test_a_tile_comes_back(bundled, size, name):
    """Whatever is decoded first tells enough of what is decoded next, at every border."""
    samples = np.ascontiguousarray(golden.tiles()[name][: size[0], : size[1]])
    data = encode_tile(bundled, samples)
    assert len(data) % 4 == 0
    np.testing.assert_array_equal(decode_tile(bundled, data, *samples.shape, 8 * samples.itemsize), samples)


def test_a_tile_comes_back_with_another_order_of_colours():
    _, integers = small(order=(1, 2, 0))
    samples = np.ascontiguousarray(golden.tiles()["photograph"][:5, :6])
    data = encode_tile(integers, samples)
    np.testing.assert_array_equal(decode_tile(integers, data, 5, 6), samples)
    _, ordered = small()
    assert data != encode_tile(ordered, samples)


def test_a_stream_is_as_long_as_its_probabilities_say(bundled):
    samples = golden.tiles()["photograph"]
    bits = reference.bits(bundled, samples)
    assert 0 <= 8 * (len(encode_tile(bundled, samples)) - 4) - bits < 64 + 32


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no checksum": (lambda data: data[:-4], "The stream"),
    "half a word": (lambda data: data[:-1], "no whole words"),
    "nothing": (lambda data: b"", "no whole words"),
    "a word less": (lambda data: data[:8] + data[12:], "The stream"),
    "a word more": (lambda data: data[:-4] + bytes(4) + data[-4:], "is damaged"),
    "a state of 0": (lambda data: bytes(8) + data[8:], "begins with no state"),
    "a state of 2^62": (lambda data: data[:7] + b"\x40" + data[8:], "begins with no state"),
    "another checksum": (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "is damaged"),
    "another state": (lambda data: data[:3] + bytes([data[3] ^ 16]) + data[4:], "The stream"),
    "another word": (lambda data: data[:9] + bytes([data[9] ^ 1]) + data[10:], "The stream"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_stream_is_refused(bundled, name):
    damage, reason = DAMAGES[name]
    samples = np.ascontiguousarray(golden.tiles()["photograph"][:4, :5])
    data = encode_tile(bundled, samples)
    with pytest.raises(DamagedStream, match=reason):
        decode_tile(bundled, damage(data), 4, 5)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)])
def test_integers_say_what_floats_say(order):
    """Prediction, means and scales in levels, logits in octaves, each to a fraction of what matters."""
    network, integers = small(order=order)
    x = photograph(48)
    with torch.inference_mode():
        planes = network.planes(network.samples(x))
        h = network.blocks(network.embed(planes))
        wanted = network.head(h)[0].permute(1, 2, 0).double().numpy()
        predicted = MIDDLE + LEVEL_UNIT * network.predict(planes)[0].permute(1, 2, 0).double().numpy()
    head, prediction = reference.heads(integers, samples_of(x))
    k = TINY.mixtures
    for part, unit, cut in (
        (slice(0, k), 1024 * np.log2(np.e), np.inf),
        (slice(k, 4 * k), 256 * LEVEL_UNIT, 2**17),
        (slice(7 * k, 10 * k), 1024, 2048),
    ):
        floats = np.clip(wanted[..., part] * unit, -cut, cut)
        # Networks of random weights make features of any size, and errors as large.
        np.testing.assert_allclose(head[..., part], floats, atol=0.002 * np.abs(wanted[..., part]).max() * unit)
    floats = np.clip(64 * wanted[..., 4 * k : 7 * k], -128, 448)
    np.testing.assert_allclose(head[..., 4 * k : 7 * k], floats, atol=0.002 * 64 * np.abs(wanted).max() + 1)
    np.testing.assert_allclose(prediction, 256 * predicted, atol=0.002 * 256 * np.abs(predicted).max())


def test_integers_take_hardly_more_bits_than_floats(bundled):
    network = read_network(FLOATS, golden.VARIANT)
    x = photograph(64)
    with torch.inference_mode():
        floats = float(network.bits(x).double().sum())
    assert abs(reference.bits(bundled, samples_of(x)) / floats - 1) < 0.003


def test_the_bundled_integers_are_of_the_published_floats():
    """Quantized anew with ranges seen on one picture alone: other exponents, hardly other bits."""
    network = read_network(FLOATS, golden.VARIANT)
    x = photograph(64)
    again = Integers.of(network.config, quantizing.quantize(network, [x]))
    both = [reference.bits(integers, samples_of(x)) for integers in (again, golden.model(golden.VARIANT))]
    assert abs(both[0] / both[1] - 1) < 0.003


def test_no_input_whatever_overflows_a_sum(bundled):
    """Inputs of the largest magnitude and the worst signs, in the bundled model: below 2^31, and most not far below."""
    fullest = 0
    for matrix in bundled.matrices.values():
        magnitudes = np.abs(matrix.weight.astype(object)).sum(axis=1)
        sums = (
            matrix.limit * magnitudes + np.abs(matrix.bias.astype(object)) + [(1 << int(s)) >> 1 for s in matrix.shift]
        )
        assert max(sums) < 1 << 31
        fullest += max(sums) > 1 << 30
    assert fullest > len(bundled.matrices) / 2


def changed(arrays: dict[str, np.ndarray], name: str, value: object, place: object = 0) -> dict[str, np.ndarray]:
    array = arrays[name].copy()
    array[place] = value
    return {**arrays, name: array}


HOSTILE: dict[str, Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "none": lambda arrays: {},
    "one missing": lambda arrays: {name: array for name, array in arrays.items() if name != "embed.bias"},
    "one more": lambda arrays: {**arrays, "blocks.2.conv_a.weight": arrays["embed.bias"]},
    "shape": lambda arrays: {**arrays, "embed.weight": arrays["embed.weight"][:, :-1]},
    "turned": lambda arrays: {**arrays, "embed.weight": arrays["embed.weight"].T},
    "no axis": lambda arrays: {**arrays, CONSTANTS: arrays[CONSTANTS][0]},
    "floats": lambda arrays: {**arrays, "head.0.weight": arrays["head.0.weight"].astype(np.float32)},
    "wider": lambda arrays: {**arrays, "head.0.weight": arrays["head.0.weight"].astype(np.int32)},
    "signed shifts": lambda arrays: {**arrays, "head.0.shift": arrays["head.0.shift"].astype(np.int8)},
    "other bytes": lambda arrays: {**arrays, "head.0.bias": arrays["head.0.bias"].astype(">i4")},
    "large sum": lambda arrays: changed(arrays, "blocks.1.conv_v.weight", -32768),
    "large sum of one channel's": lambda arrays: changed(arrays, "blocks.0.context.weight", 32767),
    "large sum of samples": lambda arrays: changed(
        changed(arrays, "predict.weight", 32767), "predict.bias", 2**31 - 92 * 128 * 32767
    ),
    "large bias": lambda arrays: changed(arrays, "head.2.bias", -(2**31)),
    "large shift": lambda arrays: changed(arrays, "blocks.1.mlp.0.shift", 31),
    "bound of 0": lambda arrays: changed(arrays, CONSTANTS, 0),
    "bound of 2^15": lambda arrays: changed(arrays, CONSTANTS, 32768, -1),
    "negative bound": lambda arrays: changed(arrays, CONSTANTS, -5, 3),
    "three of 0": lambda arrays: changed(arrays, CONSTANTS, 0, 7),
    "large three": lambda arrays: changed(arrays, CONSTANTS, 16384, 7),
    "negative shift": lambda arrays: changed(arrays, CONSTANTS, -1, 8),
    "large shift of a product": lambda arrays: changed(arrays, CONSTANTS, 31, 18),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_weights_are_refused(name):
    _, integers = small()
    assert set(integers.arrays) == set(kinds(TINY))
    with pytest.raises(ModelError):
        Integers.of(TINY, HOSTILE[name](dict(integers.arrays)))


def test_weights_too_large_to_quantize_are_said():
    network = any_network(TINY).float()
    with torch.no_grad():
        network.predict.weight.mul_(1e9)
    with pytest.raises(ModelError, match="too large for profile 3"):
        quantizing.quantize(network, [photograph(48)])
