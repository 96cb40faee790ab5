"""The native coder with the bundled weights: what the golden files of profile 3 say, on every instruction set."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from coder import _lossless
from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.counts import tables
from hpcm_core.models.lossless.integers import Integers
from tests.golden import write_lossless_integers as golden


@pytest.fixture(scope="module")
def bundled() -> Integers:
    return golden.model()


@pytest.mark.parametrize("instruction_set", _lossless.instruction_sets())
@pytest.mark.parametrize("name", [*golden.tiles()])
def test_bytes_are_those_of_the_golden_files(bundled, name, instruction_set):
    wanted = json.loads((golden.FOLDER / "digests.json").read_text())[name]
    samples = golden.tiles()[name]
    network = _lossless.Network(dict(bundled.arrays), tables(), bundled.config.order, instruction_set)
    head, prediction = network.heads(samples)
    stream = network.encode(samples)
    found = {"head": head.astype("<i4").tobytes(), "prediction": prediction.astype("<i4").tobytes(), "stream": stream}
    assert {part: hashlib.sha256(data).hexdigest() for part, data in found.items()} == wanted
    assert np.array_equal(network.decode(stream, *samples.shape[:2]), samples)


def test_a_reference_decodes_what_was_coded_natively(bundled):
    samples = np.ascontiguousarray(golden.tiles()["hard"][:6, :7])
    network = _lossless.Network(dict(bundled.arrays), tables(), bundled.config.order)
    assert np.array_equal(reference.decode_tile(bundled, network.encode(samples), 6, 7), samples)
    assert np.array_equal(network.decode(reference.encode_tile(bundled, samples), 6, 7), samples)
