"""hpcm models quantize makes the integers of a model without loss, and says what they cost."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.config import CONFIGS
from hpcm_core.models.lossless.integers import Integers
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from tests.hpcm_core.cli.test_main import run
from tests.paths import ROOT

FLOATS = ROOT / "docs/lossless-training/lossless-m.safetensors"


@pytest.fixture
def pictures(tmp_path):
    photo = Picture.open(resource("samples/chelsea.png")).rgb()
    for name, part in (("seen", photo[60:140, 100:200]), ("checked", photo[150:182, 60:100])):
        (tmp_path / name).mkdir()
        Image.fromarray(np.ascontiguousarray(part)).save(tmp_path / name / "a.png")
    return tmp_path


def test_the_command_makes_integers_that_cost_little(pictures):
    target = pictures / "made/lossless-m.safetensors"
    options = ("--pictures", pictures / "seen", "--crops", 3, "--check", pictures / "checked", "-o", target)
    said = json.loads(run("models", "quantize", FLOATS, "--variant", "lossless-m", *options, "--json").output)

    integers = Integers.of(CONFIGS["lossless-m"], read_weights(target))
    samples = Picture.open(pictures / "checked/a.png").pixels
    stream = reference.encode_tile(integers, samples)
    cost = said["cost"]
    assert len(stream) - 4 <= cost["bytes_after"] <= len(stream)
    # A coder's state and a checksum are 12 bytes.
    assert 0.997 * cost["bytes_before"] <= cost["bytes_after"] <= 1.003 * cost["bytes_before"] + 12
