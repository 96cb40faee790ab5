"""The codecs that models are held against: what is written, and how it is measured."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import Cancelled, PictureError
from hpcm_core.evaluation import anchors, measures, rd
from hpcm_core.evaluation.anchors import Series
from hpcm_core.evaluation.bd_rate import bd_rate
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.test_codec import photo


def some(name, *settings):
    """A few settings of one of the codecs."""
    (series,) = (one for one in anchors.classical() if one.name == name)
    return [Series(name, settings, series.code)]


def test_classical_codecs(folder):
    files = [folder / "a.png", folder / "b.png"]
    series = [one for one in anchors.classical() if one.name != "avif-iq"]
    assert [one.name for one in series] == ["jpeg", "webp", "avif-psnr", "jxl"]
    samples = [sample for file in files for sample in rd.measure(Picture.open(file), file.stem, series)]
    assert len(samples) == 2 * 4 * 7
    for codec, points in rd.curves(samples).items():
        assert len(points) == 7
        for before, after in itertools.pairwise(points):
            assert before.bpp < after.bpp, codec
            assert before.psnr < after.psnr, codec
            assert before.ms_ssim_db < after.ms_ssim_db, codec
    with Image.open(files[0]) as image:
        image.save(folder / "a.jpg", quality=45, optimize=True, progressive=True)
    size = (folder / "a.jpg").stat().st_size
    one = next(s for s in samples if (s.codec, s.setting, s.picture) == ("jpeg", 45, "a"))
    assert one.size_bytes == size
    assert one.bpp == pytest.approx(8 * size / (192 * 176))
    with Image.open(folder / "a.jpg") as image:
        assert one.psnr == pytest.approx(metrics.psnr(photo(192, 176, 0), np.asarray(image)))


@pytest.mark.parametrize("codec", ["jpeg", "webp", "avif-psnr", "avif-iq", "jxl"])
def test_16_bits_are_rounded_to_8_not_cut(codec):
    """Samples up to half a level beside those of 8 bits make the same files."""
    shallow = photo(64, 48)
    deep = shallow.astype(np.int32) * 257 + np.random.default_rng(1).integers(-128, 129, shallow.shape)
    deep = Picture(deep.clip(0, 65535).astype(np.uint16))
    found = anchors.measure(deep, some(codec, 30, 85))
    expected = anchors.measure(Picture(shallow), some(codec, 30, 85))
    assert [m.size_bytes for _, _, m in found] == [m.size_bytes for _, _, m in expected]
    for (_, quality, deep_metrics), (_, _, shallow_metrics) in zip(found, expected, strict=True):
        assert deep_metrics.psnr == pytest.approx(shallow_metrics.psnr, abs=0.1), quality


def test_measured_as_the_results_of_the_codec_are():
    """Against all bits, by the bytes of the whole file with its metadata, colours alone."""
    shallow = photo(64, 48)[:, :, :1]
    exif = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    grey = Picture(shallow * np.uint16(257), icc=b"i" * 200, exif=exif, xmp=b"<x:xmpmeta/>")
    alpha = np.zeros((grey.height, grey.width), np.uint16)
    seen = []
    ((title, quality, found),) = anchors.measure(
        Picture(grey.pixels, alpha, grey.icc, grey.exif, grey.xmp), some("jpeg", 60), lambda *step: seen.append(step)
    )
    assert (title, quality, seen) == ("jpeg", 60, [("Measuring JPEG", 0.0)])
    plain = io.BytesIO()
    Image.fromarray(shallow[:, :, 0]).save(plain, "JPEG", quality=60, optimize=True, progressive=True)
    # Each in a segment of its own with a name in front.
    assert found.size_bytes - len(plain.getvalue()) > len(grey.exif) + len(grey.xmp) + len(grey.icc)
    back = np.asarray(Image.open(plain))[:, :, None]
    assert found.psnr == metrics.psnr(grey.pixels, back)


def test_avif_is_there_at_its_best_by_each_measure():
    """The tunings are not the same, and each is the better one by its measure."""
    curves = rd.curves(
        [
            rd.Sample(one.name, setting, "a", m.size_bytes, m.bpp, m.psnr, m.ms_ssim_db)
            for one in anchors.classical()
            if one.name.startswith("avif")
            for _, setting, m in anchors.measure(Picture(photo(192, 176)), [one])
        ]
    )
    best = {quality: [name for name in curves if measures.is_best(name, quality)] for quality in ("psnr", "ms_ssim_db")}
    assert best == {"psnr": ["avif-psnr"], "ms_ssim_db": ["avif-iq"]}
    for quality, (name,) in best.items():
        (other,) = curves.keys() - {name}
        pairs = [[(p.bpp, getattr(p, quality)) for p in curves[one]] for one in (other, name)]
        assert bd_rate(*pairs) < 0, quality
    assert all(measures.is_best("jpeg", quality) for quality in measures.QUALITIES)


def test_jpeg_xl_is_that_of_the_coder():
    from imagecodecs import jpegxl_decode, jpegxl_encode

    pixels = photo(64, 48)
    ((_, _, found),) = anchors.measure(Picture(pixels), some("jxl", 80))
    data = jpegxl_encode(pixels, distance=0.1 + 20 * 0.09, lossless=False, usecontainer=False, effort=7)
    assert found.size_bytes == len(data)
    assert found.psnr == metrics.psnr(pixels, jpegxl_decode(data))


def test_codecs_that_cannot_be_written_here_are_left_out(monkeypatch):
    monkeypatch.setattr(anchors, "_can_tune", lambda tune: tune == "psnr")
    monkeypatch.setattr(anchors, "find_spec", lambda name: None)
    assert [one.name for one in anchors.classical()] == ["jpeg", "webp", "avif-psnr"]
    monkeypatch.undo()
    assert not anchors._can_tune("best")


def test_a_setting_that_fails_is_left_out():
    def code(picture, setting):
        if setting == 1:
            raise PictureError("no")
        return 10, picture

    found = anchors.measure(Picture(photo(16, 16)), [Series("x", (1, 2), code)])
    assert [(title, setting) for title, setting, _ in found] == [("x", 2)]


def test_a_measurement_can_be_cancelled():
    with pytest.raises(Cancelled):
        anchors.measure(Picture(photo(16, 16)), anchors.classical(), cancel=lambda: True)
