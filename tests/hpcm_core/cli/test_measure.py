"""`hpcm compare` and `hpcm eval`: what their figures count."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hpcm_core import metrics
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of
from tests.hpcm_core.cli.test_main import pictures, run  # noqa: F401 - a fixture
from tests.hpcm_core.test_codec import photo


@pytest.fixture
def saved(tmp_path):
    """Saves the same colours with an alpha plane of one value, or with none."""

    def save(name, alpha):
        plane = None if alpha is None else np.full((64, 80), alpha, np.uint8)
        Picture(photo(80, 64), plane).save(tmp_path / name)
        return tmp_path / name

    return save


@pytest.mark.parametrize(
    ("alphas", "state", "difference", "psnr"),
    [
        ((None, None), None, None, None),
        ((255, 255), "equal", 0, None),
        ((255, 0), "differs", 255, 0.0),
        ((128, 127), "differs", 1, 48.130804),
        ((None, 255), "only in one", 0, None),
        ((0, None), "only in one", 255, 0.0),
    ],
)
def test_alpha_is_counted(saved, alphas, state, difference, psnr):
    a, b = saved("a.png", alphas[0]), saved("b.png", alphas[1])
    row = json.loads(run("compare", a, b, "--json").output)
    assert row["psnr"] is None, "the colours are equal"
    assert row["alpha"] == state
    assert row.get("alpha_max_difference") == difference
    assert row.get("alpha_psnr") == psnr
    text = run("compare", a, b).output
    assert f"alpha {state or '-'}" in text
    assert ("of colour alone" in text) == ("note" in row) == bool(difference)


@pytest.mark.parametrize(("spaces", "differ"), [((0, 1), False), ((0, 2), True), ((2, 2), False), ((3, 2), True)])
@pytest.mark.parametrize("channels", [1, 3])
def test_other_colours_of_the_same_samples_are_said(tmp_path, spaces, differ, channels):
    for name, number in zip(("a.png", "b.png"), spaces, strict=True):
        pixels = np.ascontiguousarray(photo(80, 64)[:, :, :channels])
        Picture(pixels, icc=profile_of(number, channels)).save(tmp_path / name)
    row = json.loads(run("compare", tmp_path / "a.png", tmp_path / "b.png", "--json").output)
    assert row["equal"], "it is of samples"
    if channels == 1 and 2 in spaces:
        differ = 3 in spaces  # The curves of sRGB and Display P3 are one, and grey has no more.
    assert ("colour profiles differ" in row.get("note", "")) == differ


def test_profiles_and_alpha_are_both_said(tmp_path):
    for name, alpha, number in (("a.png", 255, 1), ("b.png", 9, 2)):
        Picture(photo(80, 64), np.full((64, 80), alpha, np.uint8), profile_of(number, 3)).save(tmp_path / name)
    text = run("compare", tmp_path / "a.png", tmp_path / "b.png").output
    assert "differ in alpha" in text
    assert "colour profiles differ" in text


def test_a_file_is_known_by_its_content(pictures):  # noqa: F811
    run("encode", pictures / "a.png", "--no-metrics")
    (pictures / "a.hpcm").rename(pictures / "renamed.bin")
    assert json.loads(run("compare", pictures / "a.png", pictures / "renamed.bin", "--json").output)["psnr"] > 25


@pytest.mark.parametrize("name", ["nowhere.png", "nowhere.hpcm", ".", "empty.png", "empty.hpcm", "text.png"])
def test_what_cannot_be_compared(pictures, name):  # noqa: F811
    (pictures / "empty.png").touch()
    (pictures / "empty.hpcm").touch()
    (pictures / "text.png").write_text("Dear diary")
    for pair in ((pictures / "a.png", pictures / name), (pictures / name, pictures / "a.png")):
        result = run("compare", *pair, code=1)
        assert result.stderr.count("\n") == 1


def test_one_bad_picture_does_not_hide_the_means(pictures):  # noqa: F811
    (pictures / "bad.png").write_text("Dear diary")
    result = run("eval", pictures, code=1)
    assert "mean: bpp" in result.stdout
    assert "bad.png" in result.stderr


def test_means_say_of_how_many_pictures_they_are(pictures):  # noqa: F811
    Picture(photo(176, 176)).save(pictures / "large.png")
    report = json.loads(run("eval", pictures, "--json").stdout)
    assert report["mean_of"] == {"bpp": 3, "psnr": 3, "ms_ssim_db": 1}
    assert report["mean"]["ms_ssim_db"] == report["pictures"][2]["ms_ssim_db"]
    assert "mean: ms_ssim_db of 1 of 3 pictures\n" in run("eval", pictures).stdout


def test_ssimulacra2_is_an_option(tmp_path, monkeypatch):
    Picture(photo(240, 225)).save(tmp_path / "a.png")
    Picture(photo(100, 100)).save(tmp_path / "small.png")
    run("encode", tmp_path / "a.png", "--quality", 30, "--no-metrics")
    pair = tmp_path / "a.png", tmp_path / "a.hpcm"
    row = json.loads(run("compare", *pair, "--ssimulacra2", "--json").output)
    assert 20 < row["ssimulacra2"] < 90
    assert f"ssimulacra2 {row['ssimulacra2']:.4f}" in run("compare", *pair, "--ssimulacra2").output
    assert "ssimulacra2" not in json.loads(run("compare", *pair, "--json").output)
    report = json.loads(run("eval", tmp_path, "--quality", 30, "--ssimulacra2", "--json").output)
    assert [p["ssimulacra2"] for p in report["pictures"]] == [row["ssimulacra2"], None]
    assert report["mean"]["ssimulacra2"] == row["ssimulacra2"]

    monkeypatch.setattr(metrics, "find_spec", lambda name: None)
    for command in (("compare", *pair), ("eval", tmp_path), ("rd", tmp_path)):
        assert "the package ssimulacra2 must be installed" in run(*command, "--ssimulacra2", code=2).stderr
