"""Keeping every pixel, on the command line."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from hpcm_core.evaluation import anchors
from hpcm_core.evaluation.anchors import Series
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo
from tests.hpcm_core.test_strict_json import strictly


@pytest.fixture
def pictures(tmp_path):
    alpha = np.arange(80 * 64, dtype=np.uint8).reshape(64, 80)
    Image.fromarray(np.dstack((photo(80, 64), alpha))).save(tmp_path / "a.png")
    Image.fromarray(photo(80, 64, 256)).save(tmp_path / "b.jpg")
    return tmp_path


def test_there_and_back(pictures):
    source, file, out = pictures / "a.png", pictures / "a.hpcm", pictures / "out.png"
    row = json.loads(run("encode", source, "--lossless", "--effort", 2, "--json").output)["files"][0]
    assert (row["model"], row["lossless"], row["equal"], row["psnr"]) == ("lossless", "JPEG XL", True, None)
    said = json.loads(run("info", file, "--json").output)["files"][0]
    assert (said["model"], said["lossless"], said["quality"], said["alpha"]) == ("lossless", "JPEG XL", None, True)
    assert "lossless JPEG XL" in run("info", file).output
    assert json.loads(run("decode", file, "-o", out, "--json").output)["files"][0]["lossless"] == "JPEG XL"
    a, b = Picture.open(source), Picture.open(out)
    assert np.array_equal(a.pixels, b.pixels)
    assert np.array_equal(a.alpha, b.alpha)
    refused = run("decode", file, "-o", out, "-f", "--look", "natural", code=1).output
    assert "The model lossless has one look, the faithful one." in refused
    for other in (file, out):
        compared = json.loads(run("compare", source, other, "--json").output)
        assert (compared["equal"], compared["alpha"], compared["psnr"]) == (True, "equal", None)
    assert "equal True" in run("compare", source, file).output


def test_by_the_learned_coder(pictures):
    """Named beside --lossless or alone; of 16 bits the smaller file may be JPEG XL's, and that is said."""
    source, file = pictures / "a.png", pictures / "a.hpcm"
    for options in (["--lossless", "--model", "lossless-m"], ["--model", "lossless-m", "--force"]):
        row = json.loads(run("encode", source, *options, "--json").output)["files"][0]
        assert (row["model"], row["lossless"], row["equal"]) == ("lossless-m", "a neural network", True)
    said = json.loads(run("info", file, "--json").output)["files"][0]
    assert (said["model"], said["lossless"], said["arithmetic_profile"]) == ("lossless-m", "a neural network", 3)
    assert said["bytes"] > said["stream_bytes"] > 1000
    run("decode", file, "-o", pictures / "out.png")
    assert "equal True" in run("compare", source, pictures / "out.png").output
    Image.open(source).convert("L").save(pictures / "grey.png")
    row = json.loads(run("encode", pictures / "grey.png", "--model", "lossless-m", "--json").output)["files"][0]
    assert (row["model"], row["lossless"], row["equal"]) == ("lossless-m", "a neural network", True)
    deep = np.asarray(Image.open(source).convert("L")).astype(np.uint16)[:, :, np.newaxis] * 257
    Picture(deep).save(pictures / "deep.png")
    row = json.loads(run("encode", pictures / "deep.png", "--model", "lossless-m", "--json").output)["files"][0]
    assert (row["model"], row["lossless"], row["equal"]) == ("lossless", "JPEG XL", True)
    said = json.loads(run("duel", source, "--of", "lossless-m", "--against", "jpeg", "--jobs", 1, "--json").output)
    assert said["pictures"][0]["contestants"][0]["settings"] == "lossless-m (a neural network)"


def test_what_differs_is_not_called_equal(pictures):
    source, file = pictures / "a.png", pictures / "a.hpcm"
    run("encode", source)
    assert json.loads(run("compare", source, file, "--json").output)["equal"] is False
    assert json.loads(run("info", file, "--json").output)["files"][0]["lossless"] is None
    run("encode", source, "--lossless", "--effort", 1, "--force")
    Image.open(source).convert("RGB").save(pictures / "opaque.png")
    compared = json.loads(run("compare", pictures / "opaque.png", file, "--json").output)
    assert (compared["equal"], compared["psnr"]) == (False, None), "colours are equal, alpha is not"


def test_a_batch_takes_the_model_that_is_named(pictures):
    """As encode does, with and without --lossless; a recipe has one itself."""
    (pictures / "r.json").write_text(Recipe("lossless-m").to_json())
    for options in (
        ["--lossless", "--model", "lossless-m"],
        ["--model", "lossless-m"],
        ["--recipe", pictures / "r.json"],
    ):
        run("batch", pictures / "a.png", "--jobs", 1, "--force", *options)
        assert json.loads(run("info", pictures / "a.hpcm", "--json").output)["files"][0]["model"] == "lossless-m"
    run("batch", pictures / "a.png", "--jobs", 1, "--force", "--lossless")
    assert json.loads(run("info", pictures / "a.hpcm", "--json").output)["files"][0]["model"] == "lossless"
    for options, words in (
        (["--lossless", "--model", "lite"], "goes with no model that does not keep all"),
        (["--model", "lossless-m", "--recipe", pictures / "r.json"], "--model stands in the place of --recipe"),
        (["--lossless", "--recipe", pictures / "r.json"], "--lossless stands in the place of --recipe"),
        (["--model", "base"], "needs a lambda"),
    ):
        assert words in run("batch", pictures / "a.png", *options, code=2).stderr


def test_of_a_jpeg_it_is_said_what_is_kept(pictures):
    for more in ([], ["--no-metrics", "--force"]):
        text = run("encode", "--model", "lossless", "--effort", 1, pictures / "b.jpg", *more).output
        assert "its pixels are kept, the file itself is not" in text
    printed = run("batch", "--lossless", pictures, "--jobs", 1, "--force", "--csv", pictures / "r.csv").output
    assert printed.count("b.jpg: The picture comes from a JPEG file: its pixels are kept") == 1
    assert printed.count("its pixels are kept") == 1, "of the other picture it would not be true"
    rows = {row["source"][-5:]: row["advice"] for row in csv.DictReader((pictures / "r.csv").open())}
    assert ("its pixels are kept" in rows["b.jpg"], rows["a.png"]) == (True, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--lossless", "--quality", 3], "keeps every pixel as it is and takes no quality"),
        (["--lossless", "--lambda", 0.1], "keeps every pixel as it is and takes no quality"),
        (["--lossless", "--model", "base"], "goes with no model that does not keep all"),
        (["--lossless", "--model", "lossless-m", "--effort", 1], "no effort"),
        (["--lossless", "--effort", 10], "whole number from 1 to 9"),
        (["--effort", 10], "whole number from 0 to 9"),
    ],
)
def test_choices_that_contradict_each_other(pictures, options, words):
    for command in (["encode", pictures / "a.png"], ["eval", pictures]):
        assert words in run(*command, *options, code=2).output
    assert not (pictures / "a.hpcm").exists()


def test_many(pictures):
    document = json.loads(run("batch", "--lossless", pictures, "--jobs", 1, "--json").output)
    assert document["counts"]["done"] == 2
    assert json.loads(run("info", pictures / "a.hpcm", "--json").output)["files"][0]["lossless"] == "JPEG XL"
    recipe = pictures / "recipe.json"
    recipe.write_text(Recipe("lossless", effort=1).to_json())
    assert "give one of them" in run("batch", "--lossless", "--recipe", recipe, pictures, code=2).output
    again = json.loads(run("batch", "--recipe", recipe, pictures, "--force", "--jobs", 1, "--json").output)
    assert sum(row["bytes"] for row in again["pictures"]) > sum(row["bytes"] for row in document["pictures"])
    measured = json.loads(run("eval", pictures, "--lossless", "--effort", 1, "--jobs", 1, "--json").output)
    assert (measured["model"], measured["mean"]["psnr"]) == ("lossless", None)
    assert [row["equal"] for row in measured["pictures"]] == [True, True]


def test_reports_of_equal_pictures_are_json_and_csv(pictures):
    """PSNR is infinite there, which JSON cannot say: null, and `equal` beside it, in every document alike."""
    manifest, report = pictures / "m.jsonl", pictures / "r.csv"
    command = ("batch", "--lossless", pictures / "a.png", "--manifest", manifest, "--csv", report, "--json")
    for state in ("done", "skipped"):
        (row,) = strictly(run(*command).output)["pictures"]
        assert (row["state"], row["equal"], row["psnr"]) == (state, True, None)
        (cells,) = csv.DictReader(report.open())
        assert (cells["equal"], cells["psnr"], cells["bytes"]) == ("True", "", str(row["bytes"]))
    (_, entry) = map(strictly, manifest.read_text().splitlines())
    assert (entry["result"]["equal"], entry["result"]["psnr"]) == (True, None)
    measured = ("eval", pictures, "--lossless", "--effort", 1, "--manifest", pictures / "e.jsonl", "--csv", report)
    document = strictly(run(*measured, "--json").output)
    assert [row["psnr"] for row in document["pictures"]] == [None, None]
    assert [row["psnr"] for row in csv.DictReader(report.open())] == ["", ""]
    assert all(map(strictly, (pictures / "e.jsonl").read_text().splitlines()))
    run("encode", pictures / "b.jpg")
    (row,) = strictly(run("batch", pictures / "b.jpg", "--force", "--json").output)["pictures"]
    assert (row["equal"], row["psnr"] > 20, row["advice"]) == (False, True, "")


def test_curves_of_pictures_that_codecs_keep(tmp_path, monkeypatch):
    """One colour, which JPEG keeps as it is at any quality: a point without PSNR, and no BD-rate."""
    shortened = [
        Series(one.name, one.settings[::5], one.code) for one in anchors.classical() if one.name in ("jpeg", "webp")
    ]
    monkeypatch.setattr(anchors, "classical", lambda: shortened)
    (tmp_path / "in").mkdir()
    Image.new("RGB", (40, 30), (128, 128, 128)).save(tmp_path / "in" / "a.png")
    command = ("rd", tmp_path / "in", "--no-models", "-o", tmp_path, "--manifest", tmp_path / "m.jsonl", "--jobs", 1)
    for _ in range(2):
        document = strictly(run(*command, "--json").output)
        assert strictly((tmp_path / "rd.json").read_text()) == document
        assert {point["psnr"] for point in document["curves"]["jpeg"]} == {None}
        assert document["bd_rate_percent"]["psnr"] == {"jpeg": {"webp": None}, "webp": {"jpeg": None}}
        cells = [row["psnr"] for row in csv.DictReader((tmp_path / "rd.csv").open()) if row["codec"] == "jpeg"]
        assert cells == ["", ""]
    assert "- dB" in run(*command).output
    assert all(map(strictly, (tmp_path / "m.jsonl").read_text().splitlines()))


def test_duel(pictures):
    said = json.loads(
        run("duel", pictures / "a.png", "--of", "lossless", "--against", "jpeg", "--jobs", 1, "--json").output
    )
    ours, theirs = said["pictures"][0]["contestants"]
    assert (ours["settings"], ours["psnr"]) == ("lossless (JPEG XL)", None)
    assert theirs["psnr"] > 30
    assert (
        "no lossy file is equal"
        in run("duel", pictures / "a.png", "--of", "lossless", "--at", "psnr", "--jobs", 1, code=1).output
    )


def test_models_and_curves(pictures):
    listed = run("models", "list").output
    assert "lossless                 bundled    part of this program" in listed
    assert re.search("lossless-m +bundled +.*lossless-m.safetensors", listed)
    assert "has no curve" in run("rd", pictures, "--model", "lossless", "-o", pictures / "rd", code=2).output
