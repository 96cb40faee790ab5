"""The bundled model over its whole range of qualities, and the check of it on many pictures."""

from __future__ import annotations

from PIL import Image

from hpcm_core.evaluation.rd import Sample
from hpcm_core.resources import resource
from tests.bench.check_rates import QUALITIES, falls, one


def sample(quality, size, psnr):
    return Sample("lite", quality, "a", size, 1.0, psnr, None)


def test_what_falls_is_found():
    assert falls([sample(0, 100, 30.0), sample(5, 101, 29.981), sample(10, 150, 31.0)]) == []
    assert falls([sample(0, 100, 30.0), sample(5, 100, 30.0)]) == ["a, quality 0 to 5: 100 to 100 bytes"]
    assert falls([sample(0, 100, 30.0), sample(5, 110, 29.97)]) == ["a, quality 0 to 5: 30.000 to 29.970 dB"]


def test_every_higher_quality_is_larger_and_no_worse(tmp_path):
    with Image.open(resource("samples/astronaut.png")) as image:
        image.convert("RGB").crop((130, 0, 386, 256)).save(tmp_path / "crop.png")
    samples = one(tmp_path / "crop.png")
    assert [s.setting for s in samples] == list(QUALITIES)
    assert falls(samples) == []
    assert samples[-1].psnr > samples[0].psnr + 6
