"""The duel: files of the size or the quality that was asked for, and figures that are true."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core import codec, metrics
from hpcm_core.errors import Cancelled, HpcmError
from hpcm_core.evaluation import duel as fighting
from hpcm_core.evaluation import duel_report, encoders
from hpcm_core.evaluation.contestants import TOLERANCE, Contestant, miss_in_words
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe
from tests.hpcm_core.evaluation.conftest import PICTURE
from tests.hpcm_core.test_codec import photo


@pytest.mark.parametrize("at", ["psnr", "ms-ssim"])
def test_at_equal_quality(ours, at):
    found = fighting.duel(PICTURE, ours, at, ("jpeg", "jxl", "avif"))
    for one in found.contestants[1:]:
        measure = "psnr" if at == "psnr" else "ms_ssim_db"
        assert one.miss == pytest.approx(getattr(one.metrics, measure) - getattr(ours.metrics, measure), abs=1e-9)
        assert abs(one.miss) < 0.4
        assert one.is_near(at) == (abs(one.miss) <= TOLERANCE[at])
        assert (miss_in_words(one, at) is None) == one.is_near(at)
    assert all(one.is_near(at) for one in found.contestants if one.name == "jpeg")
    assert all(abs(one.miss) < 0.1 for one in found.contestants if one.name == "jxl"), "it jumps"
    (avif,) = (one for one in found.contestants if one.name == "avif")
    assert ("tune=psnr" if at == "psnr" else "tune=iq") in avif.settings


def test_avif_is_tuned_for_what_is_measured(ours):
    """tune=psnr needs fewer bytes for a PSNR than tune=iq."""
    sizes = {}
    for tune in ("iq", "psnr"):
        (encoder,) = encoders.best_for(PICTURE, ("avif",), tune)
        data = [encoder.write(PICTURE, quality) for quality in (30, 55)]
        psnr = [metrics.psnr(PICTURE.pixels, Picture.from_bytes(one).pixels) for one in data]
        assert psnr[0] < 33 < psnr[-1]
        sizes[tune] = np.interp(33, psnr, [math.log(len(one)) for one in data])
    assert sizes["psnr"] < sizes["iq"]


def test_what_files_carry_beside_colour_counts_for_nobody():
    rich = Picture(
        PICTURE.pixels,
        np.full(PICTURE.pixels.shape[:2], 7, np.uint8),
        exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0",
        xmp=b"<x:xmpmeta/>" * 99,
        iptc=b"\x1c\x02\x78\0\x04Word" * 99,
        texts=(("Comment", "of an hour's work " * 99),),
        resolution=Resolution(300.0, 300.0),
    )
    whole, plain = (codec.encode(one, Recipe(quality=10)) for one in (rich, PICTURE))
    one = fighting.of_file(rich, whole.data, whole.reconstruction, None, None)
    assert one.data == plain.data != whole.data
    assert codec.decode(one.data).picture.alpha is None
    (jpeg,) = fighting.duel(rich, one, names=("jpeg",)).contestants[1:]
    assert Picture.from_bytes(jpeg.data).xmp is None
    assert abs(len(jpeg.data) / len(plain.data) - 1) < 0.01 or jpeg.settings.endswith("quality=1")


@pytest.mark.parametrize("quality", [1, 4, 10, 25, 50, 75, 90, 100])
def test_jpeg_between_whole_qualities(quality):
    """Whole qualities are libjpeg's own, byte for byte; what lies between lies between."""
    (jpeg,) = encoders.best_for(PICTURE, ("jpeg",))
    own = writing.by_pillow(PICTURE, "JPEG", quality=quality, optimize=True, progressive=True)
    assert jpeg.write(PICTURE, quality) == own
    grey = Picture(PICTURE.pixels[:, :, :1].copy())
    assert Picture.from_bytes(jpeg.write(grey, quality)).channels == 1


@pytest.mark.parametrize("name", encoders.NAMES)
def test_every_encoder_rises_and_takes_every_kind_of_picture(name):
    (encoder,) = encoders.best_for(PICTURE, (name,))
    values = [encoder.values[round(part * (len(encoder.values) - 1))] for part in (0.1, 0.5, 0.9)]
    sizes = [len(encoder.write(PICTURE, value)) for value in values]
    assert sizes == sorted(set(sizes))
    deep = Picture(PICTURE.pixels.astype(np.uint16) * 257)
    assert len(encoder.write(deep, values[1])) == sizes[1]
    grey = Picture(PICTURE.pixels[:, :, 1:2].copy())
    back = Picture.from_bytes(encoder.write(grey, values[1]))
    assert metrics.psnr(grey.rgb(), back.rgb()) > 28


@pytest.mark.parametrize("tune", ["iq", "psnr"])
@pytest.mark.parametrize("name", encoders.NAMES)
def test_every_encoder_has_its_smallest_and_its_largest_file(name, tune):
    """A search that comes to its end would leave the codec out of the duel if that failed."""
    small = Picture(PICTURE.pixels[:64, :64].copy())
    (encoder,) = encoders.best_for(small, (name,), tune)
    smallest, largest = (len(encoder.write(small, encoder.values[place])) for place in (0, -1))
    assert smallest < largest


def test_one_that_cannot_take_part_is_said():
    wide = Picture(np.zeros((1, 20_000, 3), np.uint8))
    ours = Contestant("hpcm", "HPCM", "", ".hpcm", b"", wide, metrics.compare(wide, wide, 400))
    found = fighting.duel(wide, ours, names=("webp", "jpeg"))
    assert [one.name for one in found.contestants] == ["hpcm", "jpeg"]
    assert found.left_out[0].startswith("WebP is left out. ")


def test_there_must_be_something_to_be_equal_to(ours):
    equal = Contestant("hpcm", "HPCM", "", ".hpcm", b"", PICTURE, metrics.compare(PICTURE, PICTURE, 10))
    with pytest.raises(HpcmError, match="very same samples"):
        fighting.duel(PICTURE, equal, "psnr")
    small = Picture(photo(100, 100))
    with pytest.raises(HpcmError, match="161 pixels"):
        fighting.duel(small, fighting.of_recipe(small, Recipe()), "ms-ssim")


def test_it_can_be_cancelled_between_attempts(ours):
    stages = []
    with pytest.raises(Cancelled):
        fighting.duel(PICTURE, ours, report=lambda stage, _: stages.append(stage), cancel=lambda: len(stages) >= 3)
    assert stages == ["JPEG, attempt 1", "JPEG, attempt 2", "JPEG, attempt 3"][: len(stages)]


def test_measuring_is_given_up_too(ours):
    """Of large pictures MS-SSIM alone takes seconds."""

    def stop():
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        fighting.of_file(PICTURE, ours.data, ours.picture, None, None, stop)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=300, unique=True), st.floats(-12, 12), st.floats(0, 1))
def test_the_search_finds_the_nearest_with_few_attempts(values, wanted, tolerance):
    values.sort()
    asked = []

    def value(place):
        asked.append(place)
        return values[place]

    place = fighting.search(value, len(values), wanted, tolerance)
    least = min(abs(one - wanted) for one in values)
    assert abs(values[place] - wanted) <= max(least, tolerance)
    assert len(asked) == len(set(asked)) <= 2 * math.ceil(math.log2(len(values) + 1)) + 1


def test_crops_are_where_the_codecs_err():
    original = Picture(np.full((300, 400, 3), 100, np.uint8))
    bad, worse = original.pixels.copy(), original.pixels.copy()
    bad[250:260, 390:] += 5
    worse[10:22, 130:142] += 90
    worse[250:260, 390:] += 90
    assert duel_report.crops(original, [Picture(bad), Picture(worse)], 128, 2) == [(272, 172), (128, 0)]
    assert duel_report.crops(Picture(photo(40, 30)), [Picture(photo(40, 30))]) == [(0, 0)]
