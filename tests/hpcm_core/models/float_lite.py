"""The bundled Lite of arithmetic profile 1: networks of torch, as published ones are."""

from __future__ import annotations

from hpcm_core.models.family import Model
from hpcm_core.models.loading import load

IDENTITY = bytes.fromhex("a645cf9f575da1ff")


def float_lite() -> Model:
    return load("lite", IDENTITY)
