"""What TIFF files say of their pictures: texts, EXIF, orientation, resolution."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import opening
from tests.hpcm_core.picture.tiff_files import noise, tags, tiff


@pytest.fixture
def opened(tmp_path):
    return partial(opening.opened, tmp_path, name="a.tif")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("text", ["© Müller".encode(), "© Müller".encode("latin-1"), b"\xff\xfe\x00?"])
@pytest.mark.parametrize("suffix", [".tif", ".avif", ".png", ".jpg", ".webp"])
def test_texts_keep_their_bytes(opened, tmp_path, order, text, suffix):
    picture = opened(tiff((tags(4, 2, t33432=text, t271=b"A maker", t274=1), [bytes(8)]), order=order))
    assert text in picture.exif
    # With an orientation, which Pillow's writer of AVIF takes out.
    turned = tiff(({271: text, 274: 1, 33432: text}, []), order=order)
    picture = Picture(picture.pixels, exif=turned)
    picture.save(tmp_path / f"b{suffix}")
    kept = Picture.open(tmp_path / f"b{suffix}").exif
    assert kept.count(text) == 2


def test_exif_that_pillow_can_read(opened):
    exif = Image.Exif()
    exif[271] = "A maker"
    exif[0x8769] = {0x9003: "2020:01:02 03:04:05"}
    file = io.BytesIO()
    Image.new("L", (3, 2)).save(file, "TIFF", exif=exif.tobytes())
    found = Image.Exif()
    found.load(opened(file.getvalue()).exif)
    assert found[271] == "A maker"
    assert found.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_by_xmp_alone(opened, orientation):
    samples = noise(2, 3, dtype=np.uint8)
    xmp = f'<x tiff:Orientation="{orientation}"/>'.encode()
    picture = opened(tiff((tags(3, 2, t700=xmp), [samples.tobytes()])))
    turned = {1: samples, 2: samples[:, ::-1], 3: samples[::-1, ::-1], 4: samples[::-1], 5: samples.T}
    turned |= {6: np.rot90(samples, -1), 7: samples.T[::-1, ::-1], 8: np.rot90(samples)}
    np.testing.assert_array_equal(picture.pixels[:, :, 0], turned[orientation])
    assert picture.xmp == b'<x tiff:Orientation="1"/>'


@pytest.mark.parametrize("by_xmp", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_jpeg_in_tiff(opened, orientation, by_xmp):
    """Which Pillow reads, and turns by itself: once, with all that is beside."""
    samples = np.kron(noise(2, 3, dtype=np.uint8), np.ones((16, 16), np.uint8))
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "JPEG", quality=100)
    said = {"t700": f'<x tiff:Orientation="{orientation}"/>'.encode()} if by_xmp else {"t274": orientation}
    data = tiff((tags(48, 32, compression=7, **said), [file.getvalue()]))
    one, other = opened(data), opened(tiff((tags(48, 32, **said), [samples.tobytes()])))
    assert one.pixels.shape == other.pixels.shape
    assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 3


def test_resolution_of_jpeg_in_tiff_is_turned_with_it():
    file = io.BytesIO()
    known = TiffImagePlugin.ImageFileDirectory_v2()
    known[274], known[282], known[283], known[296] = 6, 100.0, 50.0, 2
    Image.fromarray(noise(16, 32, 3, dtype=np.uint8)).save(file, "TIFF", compression="jpeg", tiffinfo=known)
    picture = Picture.from_bytes(file.getvalue())
    assert (picture.width, picture.height, picture.resolution) == (16, 32, (50, 100, True))
