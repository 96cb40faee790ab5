"""Colour in numbers as ICC profiles: against the formulas of the standards in float64, and against littlecms."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from hpcm_core.limits import Limits
from hpcm_core.picture import colour
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.pillow import image_of, to_srgb
from tests.hpcm_core.picture.opening import opened

RNG = np.random.default_rng(3)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
P3_XYZ = np.array(
    [[0.48657095, 0.26566769, 0.19821729], [0.22897456, 0.69173852, 0.07928691], [0, 0.04511338, 1.0439443]]
)
BT2020_XYZ = np.array([[0.6369580, 0.1446169, 0.1688810], [0.2627002, 0.6779981, 0.0593017], [0, 0.0280727, 1.0609851]])
SRGB_XYZ = np.array(
    [[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923], [0.0193308, 0.1191948, 0.9505322]]
)
"""To XYZ of D65, as published."""


def srgb_light(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def srgb_code(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def pq_nits(v):
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    return 10000 * (np.maximum(v ** (1 / m2) - c1, 0) / (c2 - c3 * v ** (1 / m2))) ** (1 / m1)


def to_srgb_in_float(values, light, to_xyz):
    return srgb_code(light(values) @ (np.linalg.inv(SRGB_XYZ) @ to_xyz).T)


def png_with(pixels, *chunks):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    data, extra = file.getvalue(), b""
    for kind, payload in chunks:
        extra += struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))
    return data[:33] + extra + data[33:]


def chrm(p):
    points = (*p.white, *p.red, *p.green, *p.blue)
    return b"cHRM", struct.pack(">8I", *(round(100000 * v) for v in points))


def gama(exponent):
    return b"gAMA", struct.pack(">I", round(100000 * exponent))


@pytest.mark.parametrize(
    ("codes", "light", "to_xyz"),
    [
        ((12, 13), srgb_light, P3_XYZ),
        ((9, 13), srgb_light, BT2020_XYZ),
        ((12, 4), lambda v: v**2.2, P3_XYZ),
        ((12, 8), lambda v: v, P3_XYZ),
        ((1, 1), lambda v: np.where(v < 0.081, v / 4.5, ((v + 0.099) / 1.099) ** (1 / 0.45)), SRGB_XYZ),
    ],
)
def test_a_profile_of_codes_means_what_the_standards_say(codes, light, to_xyz):
    pixels = RNG.integers(0, 256, (40, 40, 3)).astype(np.uint8)
    converted = np.asarray(to_srgb(Image.fromarray(pixels), colour.from_codes(*codes)))
    expected = 255 * to_srgb_in_float(pixels / 255, light, to_xyz)
    assert np.abs(converted - expected).max() <= 2.5
    assert np.abs(converted - expected).mean() < 0.6


def test_a_profile_of_another_white():
    """DCI's white is greenish: adapted, equal values are grey all the same."""
    icc = colour.from_codes(11, 17)
    grey = np.full((2, 2, 3), 100, np.uint8)
    converted = np.asarray(to_srgb(Image.fromarray(grey), icc)).astype(int)
    assert np.ptp(converted) <= 1
    assert abs(converted[0, 0, 0] - 255 * srgb_code((100 / 255) ** 2.6)) <= 1


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_exact_up_to_half_of_paper_white_and_rises_above(transfer):
    table = colour.toned_down(transfer)
    values = np.linspace(0, 1, len(table))
    assert (table[0], table[-1]) == (0, pytest.approx(1))
    assert (np.diff(table) >= 0).all()
    if transfer == 16:
        dark = pq_nits(values) < 101
        np.testing.assert_allclose(table[dark], pq_nits(values[dark]) / 203, atol=1e-9)
    else:
        # ITU-R BT.2408: paper's white is at 75 % of HLG, 203 nits of 1000.
        assert colour.light(18, np.array([0.75, 1.0])) == pytest.approx([203, 1000], rel=0.01)
    icc = colour.from_codes(9, transfer)
    assert colour.is_hdr(icc)
    assert colour.tag(icc, b"cicp")[8:] == bytes((9, transfer, 0, 1))


def test_high_dynamic_range_by_littlecms():
    pixels = np.repeat(np.arange(0, 256, 5, dtype=np.uint8)[:, None, None], 3, axis=2)
    pixels = np.repeat(pixels, 2, axis=1)
    converted = np.asarray(to_srgb(Image.fromarray(pixels), colour.from_codes(9, 16)))[:, 0, 1]
    nits = pq_nits(pixels[:, 0, 0] / 255.0)
    dark = nits < 100
    assert np.abs(converted[dark] - 255 * srgb_code(nits[dark] / 203)).max() <= 2
    assert (np.diff(converted.astype(int)) >= 0).all()


def test_what_is_srgb_gets_no_profile():
    for codes in ((1, 13), (2, 13), (1, 2), (2, 2), (200, 99)):
        assert colour.from_codes(*codes) is None
    assert colour.from_gamma(0.45455, None) is None
    assert colour.from_gamma(None, colour.SRGB_PRIMARIES) is None
    assert colour.from_gamma(0.45455, colour.SRGB_PRIMARIES) is None
    assert not colour.is_hdr(None)
    assert not colour.is_hdr(SRGB)


def test_primaries_that_make_no_sense_make_no_profile():
    same = colour.Primaries((0.3, 0.3), (0.3, 0.3), (0.3, 0.3))
    assert colour.profile(same, (2.2,)) is None
    assert colour.profile(colour.Primaries((0, 0), (0, 0), (0, 0), (0, 0)), (2.2,)) is None


def test_png_chrm_and_gama(tmp_path):
    """Red and green swapped: what is green in the file is red."""
    swapped = colour.Primaries((0.30, 0.60), (0.64, 0.33), (0.15, 0.06))
    pixels = RNG.integers(0, 256, (20, 20, 3)).astype(np.uint8)
    picture = opened(tmp_path, png_with(pixels, gama(1 / 2.2), chrm(swapped)))
    np.testing.assert_array_equal(picture.pixels, pixels)
    shown = np.asarray(to_srgb(image_of(picture.pixels), picture.icc)).astype(int)
    expected = 255 * srgb_code((pixels[:, :, [1, 0, 2]] / 255) ** 2.2)
    assert np.abs(shown - expected).max() <= 3


def test_png_gama_alone_and_of_grey(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = opened(tmp_path, png_with(grey, gama(0.8)))
    assert picture.icc[16:20] == b"GRAY"
    shown = np.asarray(to_srgb(Image.fromarray(grey), picture.icc))[:, :, 0]
    assert np.abs(shown - 255 * srgb_code((grey / 255) ** 1.25)).max() <= 2


def test_png_cicp_beats_a_profile_and_that_beats_gama(tmp_path):
    pixels = np.zeros((4, 4, 3), np.uint8)
    iccp = (b"iCCP", b"name\0\0" + zlib.compress(SRGB))
    both = (gama(1.0), chrm(colour.PRIMARIES[12]))
    cicp = opened(tmp_path, png_with(pixels, (b"cICP", bytes((9, 16, 0, 1))), iccp, *both))
    assert colour.is_hdr(cicp.icc)
    assert opened(tmp_path, png_with(pixels, iccp, *both)).icc == SRGB
    assert opened(tmp_path, png_with(pixels, (b"sRGB", b"\0"), *both)).icc is None
    damaged = opened(tmp_path, png_with(pixels, (b"iCCP", b"name\0\0garbage")))
    assert damaged.icc is None
    assert "profile" in damaged.left_out[0]


def test_avif_says_its_colours_by_codes(tmp_path):
    """Pillow writes codes of sRGB: others are put into the file's colr box."""
    file = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(file, "AVIF", quality=90)
    data = bytearray(file.getvalue())
    place = data.index(b"nclx") + 4
    assert opened(tmp_path, data).icc is None
    data[place : place + 4] = bytes((0, 12, 0, 13))
    assert opened(tmp_path, data).icc == colour.from_codes(12, 13)


def test_a_grey_profile_beside_rgb_is_left_out(tmp_path):
    grey = colour.from_codes(1, 4, grey=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", icc_profile=grey)
    picture = Picture.open(tmp_path / "a.png")
    assert picture.icc is None
    assert "does not fit" in picture.left_out[0]


def test_a_profile_of_rgb_beside_grey_lends_its_curve(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png", icc_profile=colour.from_codes(1, 4))
    picture = Picture.open(tmp_path / "a.png")
    assert picture.left_out == ()
    assert colour.tag(picture.icc, b"kTRC") == colour.tag(colour.from_codes(1, 4), b"rTRC")
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    shown = np.asarray(to_srgb(Image.fromarray(values), picture.icc))[:, :, 0]
    assert np.abs(shown - 255 * srgb_code((values / 255) ** 2.2)).max() <= 2


def test_png_of_narrow_range_is_stretched(tmp_path):
    pixels = np.array([[[0, 16, 17], [126, 235, 255]]], np.uint8)
    picture = opened(tmp_path, png_with(pixels, (b"cICP", bytes((1, 13, 0, 0)))))
    assert picture.pixels.tolist() == [[[0, 0, 1], [128, 255, 255]]]
    assert picture.icc is None


@pytest.mark.parametrize("suffix", [".bmp"])
def test_formats_without_profiles_are_written_in_srgb(tmp_path, suffix):
    pixels = RNG.integers(0, 256, (16, 16, 3), np.uint8)
    for icc, expected in ((colour.from_codes(12, 13), None), (SRGB, pixels), (None, pixels)):
        left_out = Picture(pixels, icc=icc).save(tmp_path / f"a{suffix}")
        shown = Picture.open(tmp_path / f"a{suffix}").pixels.astype(int)
        if expected is None:
            expected = 255 * to_srgb_in_float(pixels / 255, srgb_light, P3_XYZ)
        assert np.abs(shown - expected).max() <= 1.5
        assert left_out == (("colours outside sRGB",) if expected is not pixels else ())


def test_a_profile_of_which_a_part_is_missing_is_said_to_be_left_out():
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "JPEG", icc_profile=colour.from_codes(12, 13) + bytes(70_000))
    data = file.getvalue()
    assert len(Picture.from_bytes(data).icc) > 70_000
    at = data.index(b"ICC_PROFILE\0\2")
    length = int.from_bytes(data[at - 2 : at], "big")
    picture = Picture.from_bytes(data[: at - 4] + data[at - 2 + length :])
    assert picture.icc is None
    assert picture.left_out == ("the colour profile, which is damaged or larger than the limit",)


@pytest.mark.parametrize("limit", [1 << 20, 100])
def test_the_profile_in_a_bitmap(limit):
    """Of version 5, behind its pixels, as some programs write it."""
    profile = colour.profile(colour.PRIMARIES[12], (1.0,))
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(file, "BMP")
    data = file.getvalue()
    pixels, header = data[54:], bytearray(data[14:54].ljust(124, b"\0"))
    header[:4] = struct.pack("<I", 124)
    header[56:60] = b"DEBM"
    header[112:120] = struct.pack("<II", 124 + len(pixels), len(profile))
    start = b"BM" + struct.pack("<IHHI", 14 + 124 + len(pixels) + len(profile), 0, 0, 14 + 124)
    picture = Picture.from_bytes(start + header + pixels + profile, Limits(icc=limit))
    assert picture.icc == (profile if limit > len(profile) else None)
    assert picture.left_out == (() if limit > len(profile) else ("the colour profile, which is larger than the limit",))
    del header[112:120]
    assert Picture.from_bytes(start + header.ljust(124, b"\0") + pixels + profile).icc is None
