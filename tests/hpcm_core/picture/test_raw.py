"""Camera RAW, developed as the camera would."""

import io

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.limits import Limits
from tests.hpcm_core.picture.opening import opened, text_of


def dng(width=32, height=24):
    """Grey light of 25 % seen by a sensor whose green is twice as sensitive as red and blue."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    values = {
        254: (4, 0), 256: (4, width), 257: (4, height), 258: (3, 16), 259: (3, 1), 262: (3, 32803), 271: (2, "Maker"),
        272: (2, "Model"), 273: (4, 0), 274: (3, 6), 277: (3, 1), 278: (4, height), 279: (4, 2 * width * height),
        33421: (3, (2, 2)), 33422: (1, bytes((0, 1, 1, 2))), 50706: (1, bytes((1, 4, 0, 0))), 50708: (2, "Maker Model"),
        50717: (4, 65535), 50721: (10, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)), 50728: (5, (0.5, 1.0, 0.5)),
        50778: (3, 21),
    }  # fmt: skip
    for tag, (kind, value) in values.items():
        tags.tagtype[tag] = kind
        tags[tag] = value
    file = io.BytesIO()
    tags.save(file)
    mosaic = np.full((height, width), 16384, "<u2")
    mosaic[0::2, 0::2] = mosaic[1::2, 1::2] = 8192
    return file.getvalue() + mosaic.tobytes()


def test_raw_is_developed_with_the_cameras_white_balance_to_16_bits(tmp_path):
    pytest.importorskip("rawpy")
    picture = opened(tmp_path, dng(), "a.dng")
    assert (picture.bit_depth, picture.width, picture.height) == (16, 24, 32)
    red, green, blue = picture.pixels.reshape(-1, 3).mean(0)
    assert abs(red - green) < 0.02 * green
    assert abs(blue - green) < 0.02 * green
    assert abs(green / 65535 - (1.055 * 0.25 ** (1 / 2.4) - 0.055)) < 0.03
    assert "raw data" in text_of(picture)
    exif = Image.Exif()
    exif.load(picture.exif)
    assert exif[271] == "Maker"


def test_raw_limits_and_damage(tmp_path):
    pytest.importorskip("rawpy")
    with pytest.raises(LimitExceeded, match="pixels"):
        opened(tmp_path, dng(), "a.dng", limits=Limits(pixels=700))
    with pytest.raises(PictureError, match="damaged"):
        opened(tmp_path, dng()[:100], "a.dng")


def test_raw_without_rawpy_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("hpcm_core.picture.raw.find_spec", lambda name: None)
    with pytest.raises(PictureError, match="rawpy must be installed"):
        opened(tmp_path, dng(), "a.nef")
