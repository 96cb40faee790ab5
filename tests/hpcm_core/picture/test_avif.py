"""AVIF: its depth, its animations, what of it is to be seen, and how it is known."""

import struct

import imagecodecs
import numpy as np
import pytest

from hpcm_core.errors import PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import bmff
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import made_elsewhere as made
from tests.hpcm_core.picture.made_elsewhere import RAMPS
from tests.hpcm_core.picture.opening import opened, text_of


def test_avif_keeps_10_bits(tmp_path):
    samples = (RAMPS.astype(np.uint16) * 4) | 3
    picture = opened(tmp_path, imagecodecs.avif_encode(samples, level=100, bitspersample=10, pixelformat="444"))
    assert picture.bit_depth == 16
    assert np.abs(picture.pixels - samples * (65535 / 1023)).max() <= 6 * 64
    assert len(np.unique(picture.pixels[:, :, 2])) > 25


def test_a_damaged_avif_file_is_not_called_a_film(tmp_path):
    data = bytes(Picture(RAMPS).encode(".avif"))
    with pytest.raises(PictureError, match="is damaged"):
        opened(tmp_path, data[:60])


def test_any_picture_of_a_deep_avif_animation_can_be_had(tmp_path):
    """imagecodecs, asked for one of them, would write behind the room that it made."""
    frames = np.stack([(RAMPS.astype(np.uint16) * 4) | 3, 1023 - RAMPS.astype(np.uint16) * 4])
    data = imagecodecs.avif_encode(frames, level=100, bitspersample=10, pixelformat="444")
    for number, expected in enumerate(frames):
        for _ in range(20):
            picture = opened(tmp_path, data, frame=number)
            assert np.abs(picture.pixels - expected * (65535 / 1023)).max() <= 8 * 64
    small = opened(tmp_path, data, limits=Limits(pixels=RAMPS.shape[0] * RAMPS.shape[1]))
    assert (small.bit_depth, "lower bits" in text_of(small)) == (8, True)


def test_only_the_part_of_an_avif_picture_that_is_to_be_seen_is_read(tmp_path):
    picture = opened(tmp_path, made.AVIF_CUT)
    expected = np.rot90(RAMPS[2:8, 4:12])[:, ::-1]
    assert (picture.width, picture.height, picture.bit_depth) == (6, 8, 16)
    assert np.abs(picture.pixels - 257.0 * expected).max() <= 65
    assert picture.left_out == ()


@pytest.mark.parametrize(
    ("numbers", "part"),
    [
        ((8, 1, 6, 1, 0, 1, -3, 1), (slice(2, 8), slice(4, 12))),
        ((7, 1, 5, 1, 1, 2, -1, 2), (slice(5, 10), slice(5, 12))),
        ((16, 1, 16, 1, 0, 1, 0, 1), None),
        ((7, 1, 5, 1, 0, 1, 0, 1), None),
        ((8, 1, 6, 1, 5, 1, 0, 1), None),
        ((8, 0, 6, 1, 0, 1, 0, 1), None),
        ((0, 1, 6, 1, 0, 1, 0, 1), None),
    ],
    ids=["part", "halves", "all", "half a pixel", "beyond", "no fraction", "nothing"],
)
def test_clean_apertures(numbers, part):
    assert bmff.part_seen(struct.pack(">IIIIiIiI", *numbers), 16, 16) == part
    assert bmff.part_seen(struct.pack(">IIIIiIiI", *numbers)[:-1], 16, 16) is None


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("brands", [(b"miaf", b"avif"), (b"none", b"avif"), (b"miaf", b"miaf"), (b"mif1", b"miaf")])
def test_avif_is_known_by_any_of_its_brands_and_by_what_is_in_it(tmp_path, bits, brands):
    samples = RAMPS if bits == 8 else RAMPS.astype(np.uint16) * 4
    data = imagecodecs.avif_encode(samples, level=100, bitspersample=bits, pixelformat="444")
    major, other = brands
    end = int.from_bytes(data[:4], "big")
    changed = data[:8] + major + data[12:16] + data[16:end].replace(b"avif", other) + data[end:]
    assert changed != data
    picture, plain = opened(tmp_path, changed), opened(tmp_path, data)
    assert picture.bit_depth == (8 if bits == 8 else 16)
    np.testing.assert_array_equal(picture.pixels, plain.pixels)
    assert (picture.icc, picture.left_out) == (plain.icc, plain.left_out)
