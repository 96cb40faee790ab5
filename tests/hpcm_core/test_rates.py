"""The bundled model over its whole range of qualities, and the check of it on many pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from hpcm_core.evaluation.rd import KODAK_NAMES, Point, Sample, kodak_anchors
from hpcm_core.resources import resource
from tests.bench.check_rates import QUALITIES, against_others, falls, one


def sample(quality, size, psnr):
    return Sample("lite", quality, "a", size, 1.0, psnr, None)


def test_what_falls_is_found():
    assert falls([sample(0, 100, 30.0), sample(5, 101, 29.981), sample(10, 150, 31.0)]) == []
    assert falls([sample(0, 100, 30.0), sample(5, 100, 30.0)]) == ["a, quality 0 to 5: 100 to 100 bytes"]
    assert falls([sample(0, 100, 30.0), sample(5, 110, 29.97)]) == ["a, quality 0 to 5: 30.000 to 29.970 dB"]


def test_pictures_that_are_kept_are_the_best():
    assert falls([sample(0, 100, 30.0), sample(5, 110, None), sample(10, 120, None)]) == []
    assert falls([sample(0, 100, None), sample(5, 110, 60.0)]) == ["a, quality 0 to 5: inf to 60.000 dB"]


def test_others_are_known_on_kodak_alone():
    ours = [Point(0.1 * 2**i, 28.0 + 3 * i, 10.0 + 2 * i) for i in range(5)]
    anchors = kodak_anchors([Path(f"{name}.png") for name in KODAK_NAMES])
    by_psnr, by_structure = against_others(ours, anchors)
    assert by_psnr.startswith("BD-rate, psnr: jpeg ")
    assert "avif-psnr" in by_psnr
    assert "avif-iq" in by_structure
    (said,) = against_others(ours, {})
    assert said.startswith("No BD-rates: ")
    assert "share too little" in against_others([Point(0.1, 70.0, 60.0), Point(0.2, 80.0, 70.0)], anchors)[0]


def test_every_higher_quality_is_larger_and_no_worse(tmp_path):
    with Image.open(resource("samples/astronaut.png")) as image:
        image.convert("RGB").crop((130, 0, 386, 256)).save(tmp_path / "crop.png")
    samples = one(tmp_path / "crop.png")
    assert [s.setting for s in samples] == list(QUALITIES)
    assert falls(samples) == []
    assert samples[-1].psnr > samples[0].psnr + 6
