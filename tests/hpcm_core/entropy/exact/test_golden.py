"""Golden files: written once, decoded to the same latents by every later version on every engine. (Base's golden digest
is in test_model.py, beside what else a large model is needed for.)
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hpcm_core import codec
from hpcm_core.errors import MissingModel, UnsupportedVersion
from hpcm_core.format import container
from hpcm_core.format.header import EXACT_PROFILE
from tests.golden.write_exact import FOLDER, PICTURES, pixels_of
from tests.hpcm_core.entropy.exact.exactly import (
    ENGINES,
    decoded_latents,
    formula_lite,
    latents_digest,
)

DIGESTS = json.loads((FOLDER / "digests.json").read_text())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PICTURES)
def test_files(name, engine):
    data = (FOLDER / f"{name}.hpcm").read_bytes()
    assert latents_digest(decoded_latents(data, ENGINES[engine]())) == DIGESTS[name]


@pytest.mark.parametrize("name", PICTURES)
def test_files_through_the_codec(name, monkeypatch):
    monkeypatch.setattr(codec, "load", lambda *_: formula_lite())
    decoded = codec.decode((FOLDER / f"{name}.hpcm").read_bytes())
    assert (decoded.header.profile, decoded.header.threads) == (EXACT_PROFILE, 0)
    assert decoded.picture.pixels.shape == pixels_of(name).shape


def test_the_bundled_weights_do_not_decode_them():
    with pytest.raises(MissingModel, match=r"needs the weights \w+ of the model lite"):
        codec.decode((FOLDER / "colour-q70.hpcm").read_bytes())


@pytest.mark.parametrize("profile", [0, 3, 255])
def test_other_profiles_are_named(profile):
    file = container.read((FOLDER / "colour-q70.hpcm").read_bytes())
    other = container.write(replace(file, header=replace(file.header, profile=profile, threads=1)))
    with pytest.raises(UnsupportedVersion, match=f"profile {profile}"):
        codec.decode(other)
