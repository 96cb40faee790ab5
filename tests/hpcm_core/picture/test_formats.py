"""Kinds of files beyond those that Pillow reads as they are: HEIF, JPEG XL, camera RAW, deep AVIF; odd PNG files."""

import io
import struct
import subprocess
import sys
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

from hpcm_core.errors import LimitExceeded, PictureError
from hpcm_core.files import PICTURE_SUFFIXES
from hpcm_core.limits import Limits
from hpcm_core.picture import bmff, jxl
from hpcm_core.picture.colour import from_codes
from hpcm_core.picture.jxl_head import head_of
from hpcm_core.picture.parts import at_full_range
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import made_elsewhere as made

Y, X = np.mgrid[0:16, 0:16]
RAMPS = np.dstack((X * 17, Y * 17, (X + Y) * 8)).astype(np.uint8)
"""What the files of made_elsewhere show; those of 16 bits 257 times that."""


def opened(tmp_path, data, name="a.bin", **options):
    (tmp_path / name).write_bytes(data)
    return Picture.open(tmp_path / name, **options)


def text_of(picture):
    return "; ".join(picture.left_out)


# HEIF


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


@pytest.mark.parametrize("data", [made.HEIC_10, made.HEIC_TWO, made.JXL_16, made.JXL_ANIMATED, made.JXL_OF_JPEG])
def test_damaged_files_are_refused_or_read_but_never_crash(tmp_path, data):
    if data is not made.JXL_ANIMATED:  # Half of that is the first picture and more.
        with pytest.raises(PictureError, match="damaged"):
            opened(tmp_path, data[: len(data) // 2])
    for position in range(0, len(data), max(1, len(data) // 60)):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        try:
            opened(tmp_path, damaged, limits=Limits(pixels=10**6))
        except (PictureError, LimitExceeded) as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_samples_of_few_bits_reach_both_ends():
    for bits in (9, 10, 12, 15, 16):
        peak = 2**bits - 1
        assert at_full_range(np.array([0, peak // 2, peak], np.uint16), bits)[[0, 2]].tolist() == [0, 65535]


# AVIF


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


# JPEG XL


def test_jxl_of_16_bits_is_exact(tmp_path):
    picture = opened(tmp_path, made.JXL_16)
    np.testing.assert_array_equal(picture.pixels, RAMPS.astype(np.uint16) * 257)
    assert (picture.icc, picture.left_out) == (None, ())


def test_jxl_without_imagecodecs_names_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(jxl, "find_spec", lambda name: None)
    with pytest.raises(PictureError, match="imagecodecs must be installed"):
        opened(tmp_path, made.JXL_16)


def test_jxl_animations(tmp_path):
    for frame, colour in enumerate(((255, 0, 0), (0, 128, 0), (0, 0, 255))):
        picture = opened(tmp_path, made.JXL_ANIMATED, frame=frame)
        assert picture.frames == 0  # Nobody counts them.
        assert (picture.pixels == colour).all()
        assert "animation" in text_of(picture)
    for frame in (3, 70):
        with pytest.raises(PictureError, match=f"no picture {frame}"):
            opened(tmp_path, made.JXL_ANIMATED, frame=frame)


def test_a_jpeg_file_inside_jxl_is_upright(tmp_path):
    picture = opened(tmp_path, made.JXL_OF_JPEG)
    assert (picture.width, picture.height) == (16, 24)
    exif = Image.Exif()
    exif.load(picture.exif)
    assert exif[0x0112] == 1


def test_no_memory_of_others_is_shown_for_a_jxl_file_that_is_cut_short(tmp_path):
    """The decoder leaves what it does not decode as it finds it."""
    for length in range(len(made.JXL_ANIMATED)):
        try:
            picture = opened(tmp_path, made.JXL_ANIMATED[:length] or b"\xff\x0a")
        except PictureError:
            continue
        assert (picture.pixels == (255, 0, 0)).all()


def test_jxl_limits_come_before_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr(jxl, "_decoded", None)
    for limits in (Limits(side=15), Limits(pixels=255)):
        with pytest.raises(LimitExceeded, match="16 x 16"):
            opened(tmp_path, made.JXL_16, limits=limits)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (7, 300), (300, 400), (256, 256), (1080, 1920), (3, 2000)])
def test_jxl_head(shape):
    data = Picture(np.zeros((*shape, 3), np.uint8)).encode(".jxl", 50)
    head = head_of(data)
    assert (head.height, head.width, head.bits, head.animated, head.floating) == (*shape, 8, False, False)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_jxl_is_written_without_loss_and_with_metadata(tmp_path, channels, alpha):
    exif = Image.Exif()
    exif[0x010F] = "A maker"
    metadata = {"exif": exif.tobytes().removeprefix(b"Exif\0\0"), "xmp": b"<x:xmpmeta/>"}
    picture = Picture(RAMPS[:, :, :channels].copy(), RAMPS[:, :, 1].copy() if alpha else None, **metadata)
    assert picture.save(tmp_path / "a.jxl") == ()
    again = Picture.open(tmp_path / "a.jxl")
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    assert (again.exif, again.xmp, again.icc) == (picture.exif, picture.xmp, None)
    assert again.alpha is None if not alpha else (again.alpha == picture.alpha).all()
    assert len(picture.encode(".jxl", 20)) < len(picture.encode(".jxl", 90))


# Camera RAW


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


# Names and kinds


def test_names_that_pictures_have():
    assert {".jfif", ".jpe", ".heic", ".heif", ".jxl", ".dng", ".cr3", ".nef"} <= set(PICTURE_SUFFIXES)
    picture = Picture(RAMPS)
    assert picture.encode(".jfif") == picture.encode(".jpe") == picture.encode(".jpg")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\0\0\0\x18ftypisom", r"MP4 \(QuickTime\)"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"P6 1 1 255 abc", "Netpbm"),
        (b"v/1\1", "OpenEXR"),
    ],
)
def test_kinds_that_are_not_read_are_named(tmp_path, data, kind):
    with pytest.raises(PictureError, match=f"of kind {kind}, which this program does not read"):
        opened(tmp_path, data.ljust(200, b" "))


SMALL = np.arange(64).reshape(8, 8)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (imagecodecs.jpeg8_encode(SMALL.astype(np.uint16), bitspersample=12), r"JPEG \(12 bits\)"),
        (imagecodecs.jpeg8_encode(SMALL.astype(np.uint16), lossless=True, bitspersample=16), r"JPEG \(16 bits\)"),
        (imagecodecs.jpegls_encode(SMALL.astype(np.uint8)), "JPEG-LS"),
        (b"\xff\xd8\xff\xc0\0\x0e\x08\0\1\0\1\2" + bytes(30), r"JPEG \(2 components\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 64, 0) + bytes(60), r"BMP \(64 bits\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 0, 4) + bytes(60), r"BMP \(JPEG\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 0, 5) + bytes(60), r"BMP \(PNG\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 56, 2, 2, 1, 16, 3) + bytes(60), r"BMP \(bit fields\)"),
        (b"BM" + bytes(12) + struct.pack("<IiiHHI", 16, 2, 2, 1, 8, 0) + bytes(60), r"BMP \(OS/2\)"),
    ],
    ids=["12", "16", "ls", "components", "bmp", "bmp of jpeg", "bmp of png", "fields", "os2"],
)
def test_rare_forms_of_common_kinds_are_named(tmp_path, data, kind):
    with pytest.raises(PictureError, match=f"of kind {kind}, which this program does not read"):
        opened(tmp_path, data)


@pytest.mark.parametrize("kind", ["JPEG", "BMP"])
def test_common_forms_that_are_damaged_are_called_so(tmp_path, kind):
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, kind)
    for length in (10, 20, 60, len(file.getvalue()) // 2):
        with pytest.raises(PictureError, match="is damaged"):
            opened(tmp_path, file.getvalue()[:length])


# PNG


def png_with(*chunks, broken=()):
    """A PNG file of RAMPS with chunks behind its header; those in `broken` have a wrong checksum."""
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "PNG")
    data = file.getvalue()
    extra = b""
    for kind, payload in chunks:
        crc = zlib.crc32(kind + payload) ^ (1 if kind in broken else 0)
        extra += struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", crc)
    return data[:33] + extra + data[33:]


def test_a_wrong_checksum_beside_the_pixels_is_no_reason_to_refuse(tmp_path):
    data = png_with((b"tEXt", b"Title\0A title"), (b"tIME", bytes(7)), broken=(b"tEXt", b"tIME"))
    picture = opened(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels, RAMPS)
    assert picture.texts == (("Title", "A title"),)
    damaged = bytearray(data)
    damaged[-20] ^= 1
    with pytest.raises(PictureError, match="damaged"):
        opened(tmp_path, damaged)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"acTL", struct.pack(">II", 2, 0)), (b"fdAT", bytes(8))],
        [(b"acTL", struct.pack(">II", 2, 0)), (b"fcTL", bytes(3))],
    ],
    ids=["no frame", "a short one"],
)
def test_a_damaged_animation_is_no_reason_to_refuse_the_picture(tmp_path, chunks):
    picture = opened(tmp_path, png_with(*chunks))
    np.testing.assert_array_equal(picture.pixels, RAMPS)
    assert (picture.frames, picture.left_out) == (1, ("an animation that is damaged",))
    with pytest.raises(PictureError, match="damaged"):
        opened(tmp_path, png_with(*chunks)[:-40])


def test_xmp_of_two_megabytes(tmp_path):
    xmp = b"<x:xmpmeta>" + b" " * (2 << 20) + b"</x:xmpmeta>"
    payload = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp)
    assert opened(tmp_path, png_with((b"iTXt", payload))).xmp == xmp
    small = opened(tmp_path, png_with((b"iTXt", payload)), limits=Limits(metadata=1 << 20))
    assert small.xmp is None
    assert small.left_out


def test_exif_and_xmp_in_raw_profiles(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A maker"
    icc = from_codes(12, 13)
    parts = {"exif": exif.tobytes(), "xmp": b"<x:xmpmeta/>", "icc": icc}
    info = PngImagePlugin.PngInfo()
    for name, data in parts.items():
        info.add_text(f"Raw profile type {name}", f"\n{name}\n{len(data):8}\n{data.hex()}\n", zip=True)
    Image.fromarray(RAMPS[:8]).save(tmp_path / "a.png", pnginfo=info)
    picture = Picture.open(tmp_path / "a.png")
    assert (picture.width, picture.height) == (8, 16)
    assert (picture.xmp, picture.icc) == (b"<x:xmpmeta/>", icc)
    assert b"A maker" in picture.exif
    assert picture.left_out == ()


def test_packages_of_rare_formats_are_loaded_when_needed():
    code = (
        "import sys, hpcm_core.picture.reading, hpcm_core.picture.writing;"
        "print({'pi_heif', 'imagecodecs', 'rawpy', 'pillow_jxl'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_memory_of_a_large_picture_is_not_cleared_at_once(kind, tmp_path, monkeypatch):
    """Pillow's allocation clears it while no other thread of the interpreter runs."""
    pixels = np.random.default_rng(0).integers(0, 256, (70, 50, 3), np.uint8)
    path = tmp_path / "a"
    Image.fromarray(pixels).save(path, kind)
    with Image.open(path) as image:
        expected = np.asarray(image)
    taken = []
    allocate = Image.core.new

    def noted(mode, size):
        taken.append(size)
        return allocate(mode, size)

    monkeypatch.setattr(Image.core, "new", noted)
    assert np.array_equal(Picture.open(path).pixels, expected)
    assert (50, 70) not in taken
