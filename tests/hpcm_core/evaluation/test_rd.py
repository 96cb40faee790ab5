"""Rate-distortion curves: what is measured, tables, drawing."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from hpcm_core import metrics
from hpcm_core.errors import MissingModel
from hpcm_core.evaluation import anchors, rd
from hpcm_core.evaluation.anchors import Series
from hpcm_core.evaluation.rd import Point, Sample, draw
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

SVG = "{http://www.w3.org/2000/svg}"


def test_the_bundled_model(folder):
    (lite,) = rd.of_models(("lite",))
    assert lite.settings[0] == 0
    assert lite.settings[-1] == 100
    samples = list(rd.measure(Picture.open(folder / "a.png"), "a", [Series("lite", (10.0, 90.0), lite.code)]))
    (points,) = rd.curves(samples).values()
    assert points[0].bpp < points[1].bpp
    assert points[0].psnr < points[1].psnr
    with pytest.raises(MissingModel, match="base-mse"):
        rd.of_models(("base-mse",))


def test_a_variant_with_a_hyphen_is_split_off_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    (tmp_path / "models").mkdir()
    for name in ("base-psi-mse-0.013", "base-psi-mse-0.0035", "base-ms-ssim-16.64"):
        (tmp_path / "models" / f"{name}.safetensors").touch()
    chosen = {}
    for one in rd.of_models(("base-psi-mse", "base-ms-ssim")):
        monkeypatch.setattr(
            "hpcm_core.codec.encode", lambda picture, recipe, one=one: chosen.update({one.name: recipe})
        )
        with pytest.raises(AttributeError):
            one.code(None, one.settings[0])
    assert chosen == {
        "base-psi-mse": Recipe("base-psi", metric="mse", lmbda=0.0035),
        "base-ms-ssim": Recipe("base", metric="ms-ssim", lmbda=16.64),
    }


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
    assert rd.kodak_anchors(files)["avif-iq"][0] == Point(0.1673, 28.4569, 12.2416)
    assert rd.kodak_anchors(files)["avif-psnr"][0] == Point(0.2736, 30.5607, 13.3214)
    assert rd.kodak_anchors(files[1:]) == {}
    assert rd.kodak_anchors([*files, tmp_path / "jpeg" / "kodim01.jpg"]) == {}, "of these the curves are not"


def test_avif_is_compared_at_its_best_for_each_measure():
    curves = rd.kodak_anchors([Path(f"{name}.png") for name in rd.KODAK_NAMES])
    assert rd.bd_rates(curves, "psnr").keys() == {"jpeg", "webp", "jxl", "avif-psnr"}
    table = rd.bd_rates(curves, "ms_ssim_db")
    assert table.keys() == table["jpeg"].keys() | {"jpeg"} == {"jpeg", "webp", "jxl", "avif-iq"}
    drawn = [group.findall(f"{SVG}text") for group in ElementTree.fromstring(draw(curves, "")).findall(f"{SVG}g")]
    named = [{text.text for text in texts if "AVIF" in (text.text or "")} for texts in drawn]
    assert named == [{"AVIF tune=psnr"}, {"AVIF tune=iq"}]


def test_curves_that_hardly_overlap_have_no_bd_rate():
    low = [Point(0.1 * 2**i, 28.0 + 2 * i, None) for i in range(5)]
    for above, told in ((3, True), (5, False)):
        high = [Point(0.3 * 2**i, 28.0 + above + 2 * i, None) for i in range(5)]
        assert (rd.bd_rates({"low": low, "high": high}, "psnr")["low"]["high"] is not None) == told


def test_drawing():
    curves = {"a<b": [Point(0.2, 30, 10), Point(0.9, 36, 15)], "c": [Point(0.3, 31, None), Point(9.0, 50, None)]}
    root = ElementTree.fromstring(draw(curves, "R&D"))
    assert root.find(f"{SVG}title").text == "R&D"
    lines = root.findall(f".//{SVG}polyline")
    assert [len(line.get("points").split()) for line in lines] == [100, 1, 100, 0]
    assert len(root.findall(f".//{SVG}circle")) == 2 + 1 + 2
    (x0, y0), *_, (x1, y1) = (map(float, pair.split(",")) for pair in lines[0].get("points").split())
    assert x0 < x1
    assert y0 > y1, "better is higher"


def test_the_command(folder):
    out = folder / "out"
    assert "BD-rate" in run("rd", folder, "--no-models", "-o", out).output
    rows = list(csv.DictReader((out / "rd.csv").open()))
    assert {row["picture"] for row in rows} == {"a", "b"}
    document = json.loads((out / "rd.json").read_text())
    assert document["bd_rate_percent"]["psnr"]["avif-psnr"]["jpeg"] < 0
    assert (out / "rd.svg").read_text().startswith("<svg")
    assert "not a folder" in run("rd", folder / "none", code=2).output
    assert "give one of them" in run("rd", folder, "--no-models", "--model", "lite", code=2).output
    assert {row["ssimulacra2"] for row in rows} == {""}
    assert "ssimulacra2" not in document["bd_rate_percent"]
    (folder / "file").write_text("")
    assert "cannot be written" in run("rd", folder, "--no-models", "-o", folder / "file", code=2).output


@pytest.mark.skipif(os.name != "posix", reason="names are text on Windows")
def test_names_of_any_kind_cost_no_report(tmp_path, monkeypatch):
    """Those that are no text, formulas, and the same one twice; in the folder's own name too."""
    jpeg = [one for one in anchors.classical() if one.name == "jpeg"]
    monkeypatch.setattr(anchors, "classical", lambda: jpeg)
    folder = tmp_path / "\udcff\1"
    (folder / "below").mkdir(parents=True)
    for name in ("=1+1.png", "\udcfe.png", "a.png", "below/a.png"):
        Picture(photo(16, 16)).save(folder / name)
    run("rd", folder, "--no-models", "-o", tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "rd.csv").open(encoding="utf-8")))
    names = list(dict.fromkeys(row["picture"] for row in rows))
    spelled = str(folder).replace("\udcff", "\\udcff")
    assert names == ["'=1+1", f"{spelled}/a.png", f"{spelled}/below/a.png", "\\udcfe"]
    assert ElementTree.parse(tmp_path / "out" / "rd.svg").getroot().find(f"{SVG}title").text.endswith(" ??")


def test_ssimulacra2_is_measured_when_asked_for(tmp_path, monkeypatch):
    pixels = photo(225, 225)
    Picture(pixels).save(tmp_path / "a.png")
    shortened = [
        Series(one.name, one.settings[::3], one.code) for one in anchors.classical() if one.name in ("jpeg", "webp")
    ]
    monkeypatch.setattr(anchors, "classical", lambda: shortened)
    out = tmp_path / "out"
    text = run("rd", tmp_path, "--no-models", "--ssimulacra2", "-o", out).output
    assert "BD-rate in percent by ssimulacra2" in text
    document = json.loads((out / "rd.json").read_text())
    scores = [point["ssimulacra2"] for point in document["curves"]["jpeg"]]
    assert scores == sorted(scores)
    assert f"SSIMULACRA 2 {scores[0]:.3f}" in text
    with Image.open(io.BytesIO(writing.by_pillow(Picture(pixels), "JPEG", quality=10, optimize=True))) as image:
        assert scores[0] == pytest.approx(metrics.ssimulacra2(pixels, np.asarray(image)))
    assert document["bd_rate_percent"]["ssimulacra2"]["webp"]["jpeg"] < 0
    assert "SSIMULACRA 2 over bits per pixel" in (out / "rd.svg").read_text()
    row = next(csv.DictReader((out / "rd.csv").open()))
    assert float(row["ssimulacra2"]) == pytest.approx(scores[0], abs=1e-6), "figures of reports have six digits"
