"""Pictures made smaller, beside Lanczos' filter written down plainly."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from hpcm_core.errors import PictureError
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.scaling import scaled
from hpcm_core.picture.size import Size

RNG = np.random.default_rng(17)


def noise(*shape, dtype=np.uint8):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def lanczos(line, length):
    """A line of float64 at another length: every sample the weighted mean of those within three lobes."""
    scale = len(line) / length
    made = np.empty(length)
    for place in range(length):
        middle = (place + 0.5) * scale
        # The window is cut at whole samples, whose centres count.
        first, last = max(0, int(middle - 3 * scale + 0.5)), min(len(line), int(middle + 3 * scale + 0.5))
        x = (np.arange(first, last) + 0.5 - middle) / scale
        weights = np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)
        made[place] = np.dot(weights, line[first:last]) / weights.sum()
    return made


def lanczos_of(plane, width, height):
    rows = np.stack([lanczos(row, width) for row in plane.astype(np.float64)])
    return np.stack([lanczos(column, height) for column in rows.T]).T


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_samples_are_lanczos_means(channels, dtype):
    picture = Picture(noise(40, 61, channels, dtype=dtype))
    made = scaled(picture, Size(longest=20))
    assert made.pixels.shape == (13, 20, channels)
    assert made.pixels.dtype == dtype
    peak = np.iinfo(dtype).max
    for channel in range(channels):
        wanted = np.clip(lanczos_of(picture.pixels[:, :, channel], 20, 13), 0, peak)
        assert np.abs(made.pixels[:, :, channel] - wanted).max() < 0.5 + 1e-4 * peak / 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_transparent_gives_nothing(dtype):
    """Red that is seen beside green that is not: no green comes in, and alpha is scaled like any plane."""
    peak = int(np.iinfo(dtype).max)
    pixels, alpha = np.zeros((32, 32, 3), dtype), np.zeros((32, 32), dtype)
    pixels[:, :16], pixels[:, 16:] = (peak, 0, 0), (0, peak, 0)
    alpha[:, :16] = peak
    made = scaled(Picture(pixels, alpha), Size(percent=50))
    seen = made.alpha > 0
    assert made.pixels[:, :, 1].max() == 0
    assert made.pixels[seen][:, 0].min() >= peak - 1
    wanted = np.clip(lanczos_of(alpha, 16, 16), 0, peak)
    assert np.abs(made.alpha - wanted).max() < 0.5 + 1e-4 * peak / 255


def test_a_picture_is_never_made_larger_and_else_stays_the_very_same():
    picture = Picture(noise(10, 20, 3))
    for size in (Size(), Size(longest=20), Size(longest=4000), Size(percent=100)):
        assert scaled(picture, size) is picture
    assert scaled(picture, Size(percent=0.1)).pixels.shape == (1, 1, 3)


def test_exif_says_the_new_size(tmp_path):
    tags = Image.Exif()
    tags[0x010F] = "A maker"
    tags[0x0100], tags[0x0101] = 20, 10
    tags[0x8769] = {0xA002: 20, 0xA003: 10}
    exif = tags.tobytes().removeprefix(b"Exif\0\0")
    made = scaled(Picture(noise(10, 20, 3), exif=exif), Size(percent=50))
    found = Image.Exif()
    found.load(made.exif)
    assert (found[0x0100], found[0x0101], found[0x010F]) == (10, 5, "A maker")
    assert (found.get_ifd(0x8769)[0xA002], found.get_ifd(0x8769)[0xA003]) == (10, 5)
    damaged = Picture(noise(10, 20, 3), exif=exif[:20])
    assert scaled(damaged, Size(percent=50)).exif == exif[:20]


@pytest.mark.parametrize(
    ("text", "size"), [("2048", Size(longest=2048)), (" 50% ", Size(percent=50)), ("12.5 %", Size(percent=12.5))]
)
def test_sizes_as_people_say_them(text, size):
    assert Size.parse(text) == size


@pytest.mark.parametrize("text", ["", "0", "0%", "101%", "-5", "big", "50%%", "1e3", "1" * 40, "9" * 200 + "%"])
def test_what_is_no_size(text):
    with pytest.raises(PictureError, match="A size is"):
        Size.parse(text)
