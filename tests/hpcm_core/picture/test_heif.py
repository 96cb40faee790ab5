"""HEIF: its depth, its further pictures, its boxes."""

import struct

import numpy as np
import pytest

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture.parts import at_full_range
from tests.hpcm_core.picture import made_elsewhere as made
from tests.hpcm_core.picture.made_elsewhere import RAMPS
from tests.hpcm_core.picture.opening import opened, text_of


@pytest.mark.parametrize(("data", "bits"), [(made.HEIC_10, 10), (made.HEIC_12, 12)])
def test_heic_of_more_than_8_bits_fills_all_16(tmp_path, data, bits):
    picture = opened(tmp_path, data, "a.heic")
    assert (picture.bit_depth, picture.width, picture.height, picture.left_out) == (16, 16, 16, ())
    assert picture.pixels.max() == 65535
    assert np.abs(picture.pixels - 257.0 * RAMPS).mean() < 200


def test_heic_with_two_pictures(tmp_path):
    for frame in (0, 1):
        picture = opened(tmp_path, made.HEIC_TWO, "a.heic", frame=frame)
        assert picture.frames == 2
        assert np.abs(picture.pixels.astype(int) - RAMPS).mean() < 4
        assert "all but one of the 2 pictures" in text_of(picture)
    with pytest.raises(PictureError, match="no picture 2: it has 2"):
        opened(tmp_path, made.HEIC_TWO, "a.heic", frame=2)


@pytest.mark.parametrize(
    ("kind", "what"),
    [(b"moov", "all but one of the pictures of its animation"), (b"mpvd", "the video beside the picture")],
)
def test_what_moves_in_a_heif_file_is_said_to_be_left_out(tmp_path, kind, what):
    assert opened(tmp_path, made.HEIC_10).left_out == ()
    assert opened(tmp_path, made.HEIC_10 + b"\0\0\0\x10" + kind + bytes(8)).left_out == (what,)


def turned_by_its_boxes(data, quarters):
    """HEIC_10 with one property more ("irot"), which its picture uses; all behind it moves by 10 bytes."""

    def grow(name, size):
        start = made.index(name) - 4
        length = int.from_bytes(made[start : start + 4], "big")
        made[start : start + 4] = struct.pack(">I", length + size)
        return start + length

    made = bytearray(data)
    position = made.index(struct.pack(">I", made.index(b"mdat") + 4))
    made[position : position + 4] = struct.pack(">I", made.index(b"mdat") + 14)
    end = grow(b"ipco", 9)
    made[end:end] = struct.pack(">I4sB", 9, b"irot", quarters)
    grow(b"ipma", 1)
    uses = made.index(b"\0\2\2\3", made.index(b"ipma"))
    made[uses + 2] += 1
    made[uses + 5 : uses + 5] = b"\x85"
    grow(b"iprp", 10)
    grow(b"meta", 10)
    return made


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_heic_is_turned_once(tmp_path, quarters):
    plain = opened(tmp_path, made.HEIC_10)
    turned = opened(tmp_path, turned_by_its_boxes(made.HEIC_10, quarters))
    np.testing.assert_array_equal(turned.pixels, np.rot90(plain.pixels, quarters))


def test_a_heif_file_of_a_kind_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PictureError, match="a HEIF file of kind JPEG 2000, which this program does not read"):
        opened(tmp_path, made.HEIC_10.replace(b"hvc1", b"j2k1"), "a.heic")


def test_heif_limits_come_before_decoding(tmp_path):
    for limits in (Limits(side=15), Limits(pixels=255)):
        with pytest.raises(LimitExceeded, match="16 x 16"):
            opened(tmp_path, made.HEIC_10, limits=limits)


def test_samples_of_few_bits_reach_both_ends():
    for bits in (9, 10, 12, 15, 16):
        peak = 2**bits - 1
        assert at_full_range(np.array([0, peak // 2, peak], np.uint16), bits)[[0, 2]].tolist() == [0, 65535]
