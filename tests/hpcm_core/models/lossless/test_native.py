"""The native coder: what the golden files of profile 3 say, on every instruction set; and with the bundled weights."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from coder import _lossless
from hpcm_core.errors import HpcmError
from hpcm_core.models.lossless import native, reference
from hpcm_core.models.lossless.counts import tables
from hpcm_core.models.lossless.integers import Integers
from tests.golden import write_lossless_integers as golden


@pytest.fixture(scope="module")
def bundled() -> Integers:
    return golden.model(golden.VARIANT)


@pytest.mark.parametrize("instruction_set", _lossless.instruction_sets())
@pytest.mark.parametrize("name", [*golden.tiles()])
def test_bytes_are_those_of_the_golden_files(name, instruction_set):
    wanted = json.loads((golden.FOLDER / "digests.json").read_text())[name]
    samples, integers = golden.tiles()[name], golden.model()
    network = _lossless.Network(dict(integers.arrays), tables(), integers.config.order, instruction_set)
    head, prediction = network.heads(samples)
    stream = network.encode(samples)
    found = {"head": head.astype("<i4").tobytes(), "prediction": prediction.astype("<i4").tobytes(), "stream": stream}
    assert {part: hashlib.sha256(data).hexdigest() for part, data in found.items()} == wanted
    decoded = np.empty_like(samples)
    network.decode(stream, decoded)
    assert np.array_equal(decoded, samples)


@pytest.mark.parametrize("name", ["hard", "grey-hard", "deep-hard", "deep-grey-hard"])
def test_a_reference_decodes_what_was_coded_natively(bundled, name):
    samples = np.ascontiguousarray(golden.tiles()[name][:6, :7])
    network = _lossless.Network(dict(bundled.arrays), tables(), bundled.config.order)
    kind = samples.shape[2], 8 * samples.itemsize
    assert np.array_equal(reference.decode_tile(bundled, network.encode(samples), 6, 7, *kind), samples)
    decoded = np.empty_like(samples)
    network.decode(reference.encode_tile(bundled, samples), decoded)
    assert np.array_equal(decoded, samples)


@pytest.mark.parametrize("bits", [8, 16])
def test_kernels_that_compute_wrongly_do_not_serve(bundled, monkeypatch, bits):
    """One that differs in a single number, of 8 or of 16 bits, is passed over for the next; where all do, nothing is
    coded.
    """
    names = _lossless.instruction_sets()
    assert native.Coder(bundled)._network.name == names[0]
    right = reference.heads
    asked = []

    def agrees(network, samples, wanted):
        asked.append(network.name)
        if network.name == names[0]:
            wanted[0][-1, -1, 7] ^= 1
        found = whole(network, samples, wanted)
        wanted[0][-1, -1, 7] = right(bundled, samples)[0][-1, -1, 7]
        return found

    def seen(network, samples, wanted):
        return agrees(network, samples, wanted) if samples.itemsize == bits // 8 else whole(network, samples, wanted)

    whole = native.agrees
    monkeypatch.setattr(native, "agrees", seen)
    if len(names) > 1:
        assert native.Coder(bundled)._network.name == names[1]
        assert asked == names[:2]
    monkeypatch.setattr(native, "agrees", whole)
    monkeypatch.setattr(native.reference, "heads", lambda *given: (right(*given)[0] + 1, right(*given)[1]))
    with pytest.raises(HpcmError, match="computes wrongly"):
        native.Coder(bundled)
