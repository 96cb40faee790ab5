"""Targets and batches: searching a rate, naming outputs, skipping, reporting."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hpcm_core import codec
from hpcm_core.batch import Row, Rules, gain_percent, output_path, reason_to_skip, to_csv
from hpcm_core.batch_run import run_batch
from hpcm_core.errors import Cancelled, HpcmError, MissingModel
from hpcm_core.jobs.local import Local
from hpcm_core.picture.picture import Picture
from hpcm_core.rate_search import candidates, meets
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust


@pytest.fixture(scope="module")
def picture():
    return Picture(photo(128, 128))


@pytest.mark.parametrize("kind", ["target_bytes", "target_bpp", "target_psnr"])
def test_search_finds_the_best_rate_that_meets_the_target(picture, kind):
    wanted = {"target_bytes": 1500, "target_bpp": 0.8, "target_psnr": 30.0}[kind]
    recipe = Recipe(**{kind: wanted})
    found = codec.encode(picture, recipe)
    quality = found.header.quality
    assert meets(recipe, picture, found)
    neighbour = quality - 1 if kind == "target_psnr" else quality + 1
    beyond = codec.encode(picture, Recipe(quality=neighbour))
    assert not meets(recipe, picture, beyond), "a better rate meets the target too"
    assert found.reconstruction is not None
    assert found.metrics.size_bytes == len(found.data)


def test_targets_out_of_reach_say_what_is(picture):
    with pytest.raises(HpcmError, match="lowest rate gives"):
        codec.encode(picture, Recipe(target_bytes=100))
    with pytest.raises(HpcmError, match="highest rate gives"):
        codec.encode(picture, Recipe(target_psnr=90))


def test_search_can_be_cancelled_and_tells_where_it_is(picture):
    seen = []
    codec.encode(picture, Recipe(target_bytes=1500), progress=lambda stage, f: seen.append(f))
    assert seen == sorted(seen)
    assert seen[-1] == 1
    with pytest.raises(Cancelled):
        codec.encode(picture, Recipe(target_bytes=1500), cancel=lambda: len(seen) > 0)


def test_targets_of_fixed_rate_models_choose_among_installed_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    with pytest.raises(MissingModel):
        candidates(Recipe("base", target_psnr=30))
    (tmp_path / "models").mkdir()
    for lmbda in ("0.0483", "0.0018"):
        (tmp_path / "models" / f"base-mse-{lmbda}.safetensors").touch()
    assert [recipe.lmbda for recipe in candidates(Recipe("base", target_psnr=30))] == [0.0018, 0.0483]


@given(st.sampled_from(["target_bytes", "target_bpp", "target_psnr"]), st.integers(1, 150))
def test_targets_travel_as_json(kind, value):
    recipe = Recipe(**{kind: value})
    assert Recipe.from_json(recipe.to_json()) == recipe
    with pytest.raises(HpcmError):
        replace(recipe, quality=50)


def test_output_names():
    source = Path("folder") / "my photo.jpg"
    recipe = Recipe(quality=75)
    assert output_path(source, None, "{stem}.hpcm", recipe) == Path("folder/my photo.hpcm")
    assert output_path(source, Path("out"), "{stem}-{suffix}-{model}-q{quality}", recipe) == Path(
        "out/my photo-jpg-lite-q75.hpcm"
    )
    for template in ("{nothing}", "{stem", "{stem.__class__}", "../{stem}", "a/b", "{0}", "", "{stem!x}"):
        with pytest.raises(HpcmError):
            output_path(source, None, template, recipe)


@pytest.mark.skipif(sys.platform == "win32", reason="no file there has such a name")
def test_results_are_called_as_their_pictures_are(tmp_path):
    source = tmp_path / 'Shot 12:30:45 "why?".png'
    Image.fromarray(photo(64, 64)).save(source)
    run("batch", tmp_path)
    assert source.with_suffix(".hpcm").exists()
    with pytest.raises(HpcmError, match="characters"):
        output_path(source, None, "{stem}*", Recipe())


def test_rules():
    assert reason_to_skip(Rules(), 100, 500) is None
    assert "larger" in reason_to_skip(Rules(skip_larger=True), 100, 101)
    assert reason_to_skip(Rules(skip_larger=True), 100, 100) is None
    assert "less than 20 %" in reason_to_skip(Rules(min_gain=20), 100, 81)
    assert reason_to_skip(Rules(min_gain=20), 100, 80) is None
    assert gain_percent(200, 50) == 75


def test_report_is_no_program():
    text = to_csv([Row("=HYPERLINK(1)", psnr=30.5), Row('a,"b"\n.png', state="failed", reason="x")])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["source"] for row in rows] == ["'=HYPERLINK(1)", 'a,"b"\n.png']
    assert (rows[0]["psnr"], rows[0]["bytes"], rows[1]["state"]) == ("30.5", "", "failed")
    names = ["a\r=HYPERLINK(1)\r\n.png", "\r=1", "\n=1"]
    text = to_csv([Row(name) for name in names])
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["source"] for row in rows] == [names[0], "'\r=1", "'\n=1"]


def test_batch_command(tmp_path):
    pictures = tmp_path / "in"
    pictures.mkdir()
    for name, left in (("a.png", 0), ("b.png", 256)):
        Image.fromarray(photo(64, 64, left)).save(pictures / name)
    (pictures / "bad.png").write_text("no picture")
    (pictures / "notes.txt").write_text("not asked for")
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe(quality=30).to_json())
    arguments = (
        "batch",
        pictures,
        "--recipe",
        recipe,
        "-o",
        tmp_path / "out",
        "--csv",
        tmp_path / "report.csv",
        "--json",
    )
    report = json.loads(run(*arguments, code=1).stdout)
    assert report["counts"] == {"done": 2, "skipped": 0, "failed": 1}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.hpcm", "b.hpcm"]
    done = [row for row in report["pictures"] if row["state"] == "done"]
    assert all(row["bytes"] == Path(row["output"]).stat().st_size for row in done)
    assert len((tmp_path / "report.csv").read_text().splitlines()) == 4
    # The same command again goes on where it stopped: what is there is left alone.
    assert json.loads(run(*arguments, code=1).stdout)["counts"] == {"done": 0, "skipped": 2, "failed": 1}
    skipped = run("batch", pictures / "a.png", "-o", tmp_path / "none", "--min-gain", 99.9)
    assert "1 skipped" in skipped.output
    assert not (tmp_path / "none").exists()
    recipe.write_text('{"version": 1, "quality": 500}')
    assert "quality" in run("batch", pictures, "--recipe", recipe, code=2).output


def test_what_workers_had_in_hand_leaves_nothing_when_a_batch_is_given_up(tmp_path):
    """As where one was killed while it wrote: what it leaves has the name that the next who writes there looks for."""
    for number, side in enumerate((64, 3000)):  # The second takes longer than a worker that starts late.
        Picture(photo(side, side)).save(tmp_path / f"{number}.png")
    target = tmp_path / "1.hpcm"
    killed = "import os, sys; from hpcm_core.files import replacing\nwith replacing(sys.argv[1]): os._exit(9)"
    subprocess.run([sys.executable, "-c", killed, target], check=False)
    assert len(list(tmp_path.glob(".*.tmp"))) == 1
    sources = [(tmp_path / f"{number}.png", None) for number in range(2)]
    rows = run_batch(sources, Recipe(), "{stem}.hpcm", Rules(), lambda work, _: Local(work, 2, 1))
    assert next(rows)[1].output == str(tmp_path / "0.hpcm")
    rows.close()
    assert not target.exists(), "the other was given up"
    assert list(tmp_path.glob(".*")) == []
