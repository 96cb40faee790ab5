"""Alpha planes from strangers, and our own."""

import io

import numpy as np
import pytest
from PIL import Image

from hpcm_core.errors import CorruptFile
from hpcm_core.format.alpha import decode_alpha, encode_alpha
from tests.hpcm_core.picture.test_damage import noise


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_plane_is_lossless(dtype):
    plane = noise(31, 47, dtype=dtype)
    depth = 8 * plane.itemsize
    data = encode_alpha(plane)
    decoded = decode_alpha(memoryview(data), 47, 31, depth)
    np.testing.assert_array_equal(decoded, plane)
    assert decoded.dtype == dtype
    for width, height, bits in ((48, 31, depth), (47, 30, depth), (47, 31, 24 - depth)):
        with pytest.raises(CorruptFile):
            decode_alpha(data, width, height, bits)


def test_damaged_alpha_planes():
    data = encode_alpha(noise(31, 47))
    jpeg = io.BytesIO()
    Image.new("L", (47, 31)).save(jpeg, "JPEG")
    colour = io.BytesIO()
    Image.new("RGB", (47, 31)).save(colour, "PNG")
    for damaged in (b"", b"alpha", data[: len(data) // 2], jpeg.getvalue(), colour.getvalue()):
        with pytest.raises(CorruptFile, match="alpha"):
            decode_alpha(damaged, 47, 31, 8)
