"""`hpcm duel`: its figures are those of `hpcm compare`; its page, its tables, and what it refuses."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from hpcm_core import codec, metrics
from hpcm_core.evaluation import duel as fighting
from hpcm_core.evaluation import duel_report
from hpcm_core.evaluation.contestants import Duel
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.evaluation.conftest import PICTURE
from tests.hpcm_core.test_codec import photo


@pytest.fixture(scope="module")
def at_bytes(tmp_path_factory):
    """The command on a photograph: its folder, and the rows of its CSV."""
    folder = tmp_path_factory.mktemp("duel")
    PICTURE.save(folder / "a b.png")
    run("duel", folder / "a b.png", "--at-bytes-of", "lite:30", "--csv", folder / "x.csv", "--report", folder / "out")
    return folder, list(csv.DictReader(io.StringIO((folder / "x.csv").read_text("utf-8"))))


def test_the_files_have_the_bytes_and_the_figures_that_are_shown(at_bytes):
    folder, rows = at_bytes
    suffixes = {"HPCM": ".hpcm", "JPEG": ".jpg", "WebP": ".webp", "AVIF": ".avif", "JPEG XL": ".jxl"}
    assert [row["codec"] for row in rows] == list(suffixes)
    assert sorted(path.suffix for path in (folder / "out" / "files").iterdir()) == sorted(suffixes.values())
    wanted = int(rows[0]["bytes"])
    for row in rows:
        file = folder / "out" / "files" / f"a b{suffixes[row['codec']]}"
        assert file.stat().st_size == int(row["bytes"])
        compared = json.loads(run("compare", folder / "a b.png", file, "--ssimulacra2", "--json").output)
        for figure in ("bytes", "psnr", "ms_ssim", "ms_ssim_db", "ssimulacra2"):
            assert float(row[figure]) == pytest.approx(compared[figure], abs=2e-6), (row["codec"], figure)
        assert float(row["bpp"]) == pytest.approx(8 * int(row["bytes"]) / (256 * 240), abs=1e-6)
        miss = int(row["bytes"]) / wanted - 1
        assert float(row["miss"]) == pytest.approx(miss, abs=1e-6)
        assert row["is_near"] == str(abs(miss) <= 0.005)
        assert float(row["encode_seconds"]) > 0
        assert float(row["decode_seconds"]) > 0
    by_codec = {row["codec"]: row for row in rows}
    assert by_codec["JPEG"]["is_near"] == "True"
    assert abs(float(by_codec["JPEG XL"]["miss"])) < 0.01, "its sizes do not rise with every step"
    assert abs(float(by_codec["AVIF"]["miss"])) < 0.05, "its steps are 2 % apart, or three"


def test_the_settings_are_named_with_the_speed(at_bytes):
    settings = {row["codec"]: row["settings"] for row in at_bytes[1]}
    assert settings["HPCM"] == "lite, quality=30"
    assert "speed=4, tune=iq" in settings["AVIF"]
    assert "effort=9, distance=" in settings["JPEG XL"]
    assert "method=6, quality=" in settings["WebP"]
    assert "progressive" in settings["JPEG"]


def test_the_hpcm_file_decodes_to_what_was_measured(at_bytes):
    folder, rows = at_bytes
    decoded = codec.decode((folder / "out" / "files" / "a b.hpcm").read_bytes()).picture
    assert metrics.psnr(PICTURE.pixels, decoded.pixels) == pytest.approx(float(rows[0]["psnr"]), abs=1e-6)


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.images, self.text = [], []
        self.heads, self.focusable = [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "link", "iframe")
        self.images += [value for name, value in attributes if name == "src"]
        self.heads += [value for name, value in attributes if name == "data-head"]
        self.focusable += ("tabindex", "0") in attributes
        assert all(name not in ("href", "srcset") and not name.startswith("on") for name, _ in attributes)

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_needs_nothing_beside_it(at_bytes):
    folder, rows = at_bytes
    text = (folder / "out" / "duel.html").read_text("utf-8")
    page = _Page(text)
    assert "http" not in text.replace("http-equiv", "")
    assert len(page.images) == 6, "the original and five files at the one crop that there is"
    shown = [Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in page.images]
    assert np.array_equal(np.asarray(shown[0]), PICTURE.pixels)
    for image, suffix in zip(shown[1:], ("hpcm", "jpg", "webp", "avif", "jxl"), strict=True):
        file = folder / "out" / "files" / f"a b.{suffix}"
        picture = codec.decode(file.read_bytes()).picture if suffix == "hpcm" else Picture.open(file)
        assert np.array_equal(np.asarray(image), picture.pixels)
    words = " ".join(page.text)
    assert "a b.png" in words
    heads = ("Bytes", "bpp", "PSNR (dB)", "MS-SSIM (dB)", "SSIMULACRA 2", "Encoding (s)", "Decoding (s)")
    assert page.heads == list(heads) * 5, "where the screen is narrow, figures have their heads with them"
    assert page.focusable == 5, "a crop that is tapped, or reached by the Tab key, shows the original"
    for row in rows:
        assert f"{int(row['bytes']):,}" in words
        assert row["settings"] in words


def test_grey_with_a_profile_is_as_bright_in_files_that_have_no_grey():
    linear = profile_of(5, 1)
    picture = Picture(PICTURE.pixels[:, :, :1].copy(), icc=linear)
    found = fighting.duel(picture, fighting.of_recipe(picture, Recipe(quality=30)), names=("jpeg", "webp", "avif"))
    assert {one.picture.channels for one in found.contestants} == {1, 3}
    page = _Page(duel_report.page([duel_report.section("a.png", picture, found)], "bytes", "lite:30"))
    shown = [Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in page.images]
    means = [np.asarray(image).mean() for image in shown]
    assert np.ptp(means) < 4, "linear light is much darker where the profile is not looked at"


def test_names_on_the_page_are_text():
    found = Duel("bytes", ())
    assert "<img" not in duel_report.section("<img src=x>", Picture(photo(16, 16)), found).split("<h2>")[1][:20]
    assert "&lt;b&gt;" in duel_report.page([], "bytes", "<b>")
    assert b"\\udcff.png" in duel_report.section("\udcff.png", Picture(photo(16, 16)), found).encode()


def test_two_pictures_of_one_name_and_one_that_fails(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        Picture(photo(32, 32)).save(tmp_path / folder / "a.png")
    (tmp_path / "bad.png").write_text("Dear diary")
    report = tmp_path / "out"
    inputs = (tmp_path / "x", tmp_path / "bad.png", tmp_path / "y" / "a.png")
    result = run("duel", *inputs, "--against", "jpeg", "--report", report, code=1)
    assert "bad.png" in result.stderr
    assert sorted(path.name for path in (report / "files").iterdir()) == ["a-2.hpcm", "a-2.jpg", "a.hpcm", "a.jpg"]
    assert (report / "duel.html").read_text("utf-8").count("<h2>") == 2
    assert re.search(r"JPEG +\d+ ", result.stdout)


def test_a_page_is_gone_on_with(tmp_path, monkeypatch):
    """By the very same command; what is missing by then is made again, and no picture's files are another's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    Picture(photo(32, 32)).save("in/b.png")
    command = ("duel", "in", "--against", "jpeg", "--report", "out", "--manifest", "m.jsonl", "--json")
    run(*command)
    files = {path.name: path.read_bytes() for path in (tmp_path / "out/files").iterdir()}
    assert json.loads(run(*command).stdout)["pictures"][0]["files"] == ["b.hpcm", "b.jpg"]
    made = []
    once = fighting.of_recipe
    monkeypatch.setattr(fighting, "of_recipe", lambda *args: made.append(1) or once(*args))
    (tmp_path / "out/files/b.jpg").unlink()
    run(*command)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out/files").iterdir()} == files
    assert len(made) == 1
    # One that comes before it takes its name.
    Picture(photo(32, 32, 64)).save("in/b.bmp")
    run(*command)
    assert len(made) == 3
    found = {path.name: path.read_bytes() for path in (tmp_path / "out/files").iterdir()}
    assert (found["b-2.hpcm"], found["b-2.jpg"]) == (files["b.hpcm"], files["b.jpg"])
    assert found["b.hpcm"] != files["b.hpcm"]
    assert (tmp_path / "out/duel.html").read_text("utf-8").count("<h2>") == 2
    assert "exists; --force" in run(*command[:6], "--manifest", "other.jsonl", code=2).stderr


def test_as_json(tmp_path):
    Picture(photo(32, 32)).save(tmp_path / "a.png")
    result = run("duel", tmp_path / "a.png", "--of", "lite:5", "--at", "psnr", "--against", "jpeg", "--json")
    document = json.loads(result.output)
    assert (document["at"], document["of"]) == ("psnr", "lite:5")
    ours, jpeg = document["pictures"][0]["contestants"]
    assert jpeg["miss"] == pytest.approx(jpeg["psnr"] - ours["psnr"], abs=2e-6)
    assert abs(jpeg["miss"]) < 0.5
    assert jpeg["settings"].startswith("libjpeg-turbo")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at-bytes-of", "lite:many"), "as in lite:40 or base:0.013"),
        (("--at-bytes-of", ""), "as in lite:40 or base:0.013"),
        (("--at-bytes-of", ":40"), "as in lite:40 or base:0.013"),
        (("--at-bytes-of", "lite:4:0"), "as in lite:40 or base:0.013"),
        (("--at-bytes-of", "lite:101"), "from 0 to 100"),
        (("--at-bytes-of", "base"), "needs a lambda"),
        (("--at-bytes-of", "base:nan"), "lambda must be a number"),
        (("--at", "looks"), "'looks' is not one of"),
        (("--csv", "x.jpg"), "is not the name of a report"),
        (("--csv", "nowhere/x.csv"), "does not exist"),
        (("--report", "a.png"), "a.png is a file"),
        (("--report", "a.png/out"), "cannot be written"),
        (("--report", "old"), "duel.html exists; --force replaces it"),
        (("--report", "older"), "files exists; --force replaces it"),
        (("--report", "older", "--force"), None),
    ],
)
def test_what_is_wrong_is_said_before_the_work(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    Picture(photo(16, 16)).save("a.png")
    for name in ("old/duel.html", "older/files/photo.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()

    def working(*_, **__):
        raise AssertionError("the work was begun")

    monkeypatch.setattr(fighting, "of_recipe", working)
    if message is None:
        assert "the work was begun" in run("duel", "a.png", *arguments, code=1).stderr
        return
    result = run("duel", "a.png", *arguments, code=2)
    assert message in result.stderr.replace("\n", " ")


def test_inputs_are_never_written_over(tmp_path):
    (tmp_path / "files").mkdir()
    Picture(photo(16, 16)).save(tmp_path / "files" / "a.jpg")
    before = (tmp_path / "files" / "a.jpg").read_bytes()
    result = run("duel", tmp_path / "files" / "a.jpg", "--report", tmp_path, "--force", code=2)
    assert "has an input" in result.stderr
    assert (tmp_path / "files" / "a.jpg").read_bytes() == before
