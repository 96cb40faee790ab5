"""Lite with networks of torch, as published models are, in arithmetic profile 1."""

from __future__ import annotations

from hpcm_core.models.family import Model
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.loading import load
from hpcm_core.models.weights import IDENTITY_BYTES, identity, read_weights, strict_weights
from tests.paths import ROOT

IDENTITY = bytes.fromhex("a645cf9f575da1ff")


def float_lite() -> Model:
    """The last one that was bundled in this profile, of the structure before today's."""
    return load("lite", IDENTITY)


def float_twin() -> Model:
    """What the bundled integers were made from."""
    path = ROOT / "docs/lite-training/lite.safetensors"
    weights = strict_weights(read_weights(path), HPCM_FAMILY.shapes(LITE), LITE.name, path)
    hashed = identity(weights, HPCM_FAMILY.arithmetic(LITE))[:IDENTITY_BYTES]
    return Model(LITE.name, HPCM_FAMILY, LITE, HPCM_FAMILY.restore(LITE, weights), hashed)
