"""Rate-distortion curves: what is measured, BD-rates beside another implementation, drawing."""

from __future__ import annotations

import csv
import itertools
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import HpcmError, MissingModel
from hpcm_core.evaluation import rd
from hpcm_core.evaluation.rd import Point, Sample
from hpcm_core.evaluation.rd_plot import draw
from hpcm_core.resources import resource
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

ANCHORS = json.loads(resource("rd/measured_kodak.json").read_text())["bpp_psnr_msssim_db"]


@pytest.fixture
def folder(tmp_path):
    for name, left in (("a.png", 0), ("b.png", 200)):
        Image.fromarray(photo(192, 176, left)).save(tmp_path / name)
    return tmp_path


def pairs(codec, quality):
    return [(bpp, values[quality]) for bpp, *values in ANCHORS[codec]]


@pytest.mark.parametrize(
    ("codec", "quality", "wanted"),
    [
        ("webp", 0, -34.555033088648976),
        ("avif", 0, -49.233755801500635),
        ("jxl", 0, -25.35688742955471),
        ("avif", 1, -47.82953745217048),
    ],
)
def test_bd_rate_beside_the_bjontegaard_package(codec, quality, wanted):
    """Against JPEG; values from bjontegaard 1.3.0, bd_rate(method="pchip")."""
    assert metrics.bd_rate(pairs("jpeg", quality), pairs(codec, quality)) == pytest.approx(wanted, abs=1e-9)


def test_classical_codecs(folder):
    files = [folder / "a.png", folder / "b.png"]
    series = [one for one in rd.classical() if one.name in ("jpeg", "webp", "avif")]
    assert len(series) == 3
    samples = list(rd.measure(files, series))
    assert len(samples) == 2 * 3 * 7
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


def test_the_bundled_model(folder):
    (lite,) = rd.of_models(("lite",))
    assert lite.settings[0] == 0
    assert lite.settings[-1] == 100
    samples = list(rd.measure([folder / "a.png"], [rd.Series("lite", (10.0, 90.0), lite.code)]))
    (points,) = rd.curves(samples).values()
    assert points[0].bpp < points[1].bpp
    assert points[0].psnr < points[1].psnr
    with pytest.raises(MissingModel, match="base-mse"):
        rd.of_models(("base-mse",))


def test_means_and_tables():
    samples = [Sample("x", 2, "a", 1, 1.0, 30.0, 10.0), Sample("x", 2, "b", 1, 3.0, 34.0, 12.0)]
    samples += [Sample("x", 1, "a", 1, 0.5, 28.0, None), Sample("x", 1, "b", 1, 0.5, 28.0, 9.0)]
    assert rd.curves(samples) == {"x": [Point(0.5, 28.0, None), Point(2.0, 32.0, 11.0)]}
    curve = [Point(0.1 * 2**i, 28.0 + 2 * i, 10.0 + i) for i in range(5)]
    half = [Point(p.bpp / 2, p.psnr, None) for p in curve]
    table = rd.bd_rates({"one": curve, "half": half}, "psnr", (0.1, 1.0))
    assert table["half"]["one"] == pytest.approx(-50)
    assert table["one"]["half"] == pytest.approx(100)
    assert rd.bd_rates({"one": curve, "half": half}, "ms_ssim_db")["half"]["one"] is None
    assert rd.bd_rates({"one": curve, "far": [Point(1, 60, 1), Point(2, 70, 2)]}, "psnr")["far"]["one"] is None


def test_anchors_are_for_kodak_alone(tmp_path):
    files = [tmp_path / f"kodim{i:02}.png" for i in range(1, 25)]
    assert rd.kodak_anchors(files)["avif"][0] == Point(0.1673, 28.4569, 12.2416)
    assert rd.kodak_anchors(files[1:]) == {}


def test_drawing():
    curves = {"a<b": [Point(0.2, 30, 10), Point(0.9, 36, 15)], "c": [Point(0.3, 31, None), Point(9.0, 50, None)]}
    root = ElementTree.fromstring(draw(curves, "R&D"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "R&D"
    lines = root.findall(f".//{space}polyline")
    assert [len(line.get("points").split()) for line in lines] == [2, 1, 2, 0]
    (x0, y0), (x1, y1) = (map(float, pair.split(",")) for pair in lines[0].get("points").split())
    assert x0 < x1
    assert y0 > y1, "better is higher"


def test_the_command(folder):
    out = folder / "out"
    assert "BD-rate" in run("rd", folder, "--no-models", "-o", out).output
    rows = list(csv.DictReader((out / "rd.csv").open()))
    assert {row["picture"] for row in rows} == {"a", "b"}
    document = json.loads((out / "rd.json").read_text())
    assert document["bd_rate_percent"]["psnr"]["avif"]["jpeg"] < 0
    assert (out / "rd.svg").read_text().startswith("<svg")
    assert "not a folder" in run("rd", folder / "none", code=2).output
    (folder / "file").write_text("")
    with pytest.raises(HpcmError, match="cannot be written"):
        run("rd", folder, "--no-models", "-o", folder / "file")
