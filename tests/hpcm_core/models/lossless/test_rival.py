"""Of a picture without loss the smaller file is taken, the network's or JPEG XL's."""

from __future__ import annotations

import numpy as np
import pytest

from hpcm_core import codec
from hpcm_core.advice import better_choice
from hpcm_core.errors import ModelError
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.models.jpegxl.test_lossless import kept
from tests.hpcm_core.models.lossless.test_files import KINDS, LEARNED, photo
from tests.learned import alone


@pytest.mark.parametrize(("channels", "bits"), KINDS)
def test_photographs_are_smaller_than_by_jpeg_xl(channels, bits):
    """Of 16 bits averages of sixteen pixels, which lie between the levels of 8 bits."""
    pixels = photo(256, 384)
    if bits == 16:
        pixels = (pixels.astype(float).reshape(64, 4, 96, 4, 3).mean(axis=(1, 3)) * 257).round().astype(np.uint16)
    picture = Picture(np.ascontiguousarray(pixels[:, :, :channels]))
    encoded = kept(picture, LEARNED)
    assert encoded.header.model_name == "lossless-m"
    assert len(encoded.data) < 0.99 * len(kept(picture, Recipe("lossless")).data)


def drawn() -> Picture:
    """Text-like strokes on white."""
    pixels = np.full((200, 300, 3), 255, np.uint8)
    draw = np.random.default_rng(0)
    for _ in range(150):
        y, x = draw.integers(0, 190), draw.integers(0, 280)
        pixels[y : y + 2, x : x + draw.integers(3, 20)] = draw.integers(0, 255, 3)
    return Picture(pixels)


def of_16_bits(channels: int) -> Picture:
    """Samples of 8 bits in 16, with alpha."""
    pixels = photo(40, 50).astype(np.uint16)
    return Picture(pixels[:, :, :channels] * 257, pixels[:, :, 0])


@pytest.mark.parametrize("picture", [drawn(), of_16_bits(1), of_16_bits(3)], ids=["drawn", "grey 16", "RGB 16"])
def test_the_smaller_file_is_taken(picture, monkeypatch):
    """JPEG XL's here, which is said; where it cannot run there is the network's."""
    encoded, wanted = kept(picture, LEARNED), codec.encode(picture, Recipe("lossless"))
    assert encoded.data == wanted.data
    assert (encoded.header.model_name, encoded.bits) == ("lossless", None)
    with alone():
        larger = kept(picture, LEARNED)
    assert len(larger.data) > len(wanted.data)

    def absent(*given):
        raise ModelError("It is not installed.")

    monkeypatch.setattr("hpcm_core.models.jpegxl.family._encoded", absent)
    assert kept(picture, LEARNED).data == larger.data


def test_of_drawn_pictures_it_is_said_what_is_better():
    """Lossless WebP is smaller still."""
    encoded = kept(drawn(), LEARNED)
    said = better_choice(drawn(), len(encoded.data), encoded.metrics.psnr)
    assert "Lossless WebP is the better choice here" in said
