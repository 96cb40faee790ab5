"""Whole files of Kodak pictures against the network's own forward pass. Needs the pictures beside the checkout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from hpcm_core import codec, metrics
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.rates import quality_to_q
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.models.float_lite import float_twin
from tests.hpcm_core.models.hpcm.drive import forward
from tests.paths import SHARED

KODAK = SHARED / "data" / "kodak"

pytestmark = pytest.mark.skipif(not KODAK.is_dir(), reason="the Kodak pictures are not beside this checkout")


@pytest.mark.parametrize("name", ["kodim04", "kodim13", "kodim23"])
def test_file_against_forward_pass(name):
    """PSNR within 0.03 dB, as integers cost 0.02; bytes of the whole file within 1.5 % of the continuous likelihood."""
    picture = Picture.open(KODAK / f"{name}.png")
    encoded = codec.encode(picture, Recipe(quality=60), reconstruct=False)
    decoded = codec.decode(encoded.data)
    with Image.open(KODAK / f"{name}.png") as image:
        pixels = np.array(image.convert("RGB"))
    # Kodak's 512 and 768 are multiples of 256: the network sees the picture as it is.
    x = torch.from_numpy(pixels / 255.0).float().permute(2, 0, 1).unsqueeze(0)
    run = forward(float_twin().network, x, quality_to_q(60, LITE.rate_lambdas))
    x_hat = (run.x_hat[0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
    mse = np.square(x_hat - pixels).mean(dtype=np.float64)
    assert metrics.psnr(decoded.picture.pixels, pixels) == pytest.approx(10 * np.log10(255**2 / mse), abs=0.03)
    assert 8 * len(encoded.data) == pytest.approx(run.bits_y + run.bits_z, rel=0.015)
