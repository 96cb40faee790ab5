"""The duel: files of the size that was asked for, and figures that are those of `hpcm compare`."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hpcm_core import codec, metrics
from hpcm_core.errors import Cancelled, HpcmError
from hpcm_core.evaluation import duel as fighting
from hpcm_core.evaluation import duel_report, encoders
from hpcm_core.evaluation.contestants import TOLERANCE, Contestant, Duel, miss_in_words
from hpcm_core.format.preview import encode_preview
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

PICTURE = Picture(photo(256, 240))


@pytest.fixture(scope="module")
def ours():
    return fighting.of_recipe(PICTURE, Recipe(quality=30))


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


def test_names_on_the_page_are_text():
    found = Duel("bytes", ())
    assert "<img" not in duel_report.section("<img src=x>", Picture(photo(16, 16)), found).split("<h2>")[1][:20]
    assert "&lt;b&gt;" in duel_report.page([], "bytes", "<b>")
    assert b"\\udcff.png" in duel_report.section("\udcff.png", Picture(photo(16, 16)), found).encode()


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


# Other models and rates of ours.


def test_other_rates_of_ours_take_part_as_they_are(tmp_path):
    """Beside what is held to the bytes; their files lie beside the others', under names of their own."""
    PICTURE.save(tmp_path / "a.png")
    sides = ("--against", "lite:10", "--against", "jpeg", "--against", "lite:60")
    folder = tmp_path / "out"
    run("duel", tmp_path / "a.png", "--of", "lite:30", *sides, "--csv", tmp_path / "x.csv", "--report", folder)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text("utf-8"))))
    assert [row["codec"] for row in rows] == ["HPCM", "Lite 10", "Lite 60", "JPEG"]
    assert [row["settings"] for row in rows[:3]] == [f"lite, quality={quality}" for quality in (30, 10, 60)]
    names = ["a.hpcm", "a.lite-10.hpcm", "a.lite-60.hpcm", "a.jpg"]
    for row, name, quality in zip(rows, names, (30, 10, 60, None), strict=True):
        data = (folder / "files" / name).read_bytes()
        assert int(row["bytes"]) == len(data)
        if quality is not None:
            assert data == codec.encode(PICTURE, Recipe(quality=quality), reconstruct=False).data
            decoded = codec.decode(data).picture
            assert float(row["psnr"]) == pytest.approx(metrics.psnr(PICTURE.pixels, decoded.pixels), abs=1e-6)
    assert [row["miss"] == "" for row in rows] == [False, True, True, False], "nothing was asked of them"
    assert [row["is_near"] for row in rows] == ["True"] * 4
    page = (folder / "duel.html").read_text("utf-8")
    assert "Lite 10 · " in page
    assert "misses" not in page


@pytest.mark.parametrize("at", ["bytes", "psnr"])
def test_another_model_is_held_to_what_the_others_are_held_to(at, ours):
    """By its own rates: here those of Lite, which has a file like that of any."""
    odd = fighting.of_file(PICTURE, ours.data, ours.picture, 1.0, 1.0)
    wanted = dataclasses.replace(odd.metrics, size_bytes=odd.metrics.size_bytes + 40, psnr=odd.metrics.psnr + 0.05)
    found = fighting.duel(
        PICTURE, dataclasses.replace(odd, data=b"other", metrics=wanted), at, (), rivals=[Recipe(target_bpp=1.0)]
    )
    (_, rival) = found.contestants
    near = {quality: codec.encode(PICTURE, Recipe(quality=quality)).metrics for quality in (29, 30, 31, 32)}

    def apart(m):
        return abs(math.log(m.size_bytes / wanted.size_bytes)) if at == "bytes" else abs(m.psnr - wanted.psnr)

    best = min(near, key=lambda quality: apart(near[quality]))
    assert rival.title == f"Lite {best}"
    assert abs(rival.miss) == pytest.approx(apart(near[best]), rel=0.01)
    assert rival.metrics.size_bytes == near[best].size_bytes == len(rival.data)


def test_what_a_rival_would_carry_is_no_miss(ours, monkeypatch):
    """Files that are large enough have a preview, which is taken out of them."""
    monkeypatch.setattr(codec, "cheap_preview", lambda picture, size: encode_preview(picture))
    found = fighting.duel(
        PICTURE, dataclasses.replace(ours, data=b"other"), "bytes", (), rivals=[Recipe(target_bpp=1.0)]
    )
    rival = found.contestants[1]
    assert rival.title == "Lite 30"
    assert len(rival.data) == len(ours.data)
    assert rival.miss == pytest.approx(0, abs=1e-9)


def test_nothing_within_the_tolerance_misses():
    values = (-0.001, 0.00499)
    place = fighting.search(values.__getitem__, 2, 0.0, fighting._tolerance("bytes"))
    assert math.expm1(values[1]) > TOLERANCE["bytes"] > 0.00499, "as a logarithm it is less"
    assert place == 0


def test_a_rival_that_cannot_take_part_is_said(ours):
    rivals = [Recipe("base", lmbda=0.013), Recipe(quality=30)]
    found = fighting.duel(PICTURE, ours, "bytes", (), rivals=rivals)
    assert [one.title for one in found.contestants] == ["HPCM"]
    missing, same = map(str, found.left_out)
    assert missing.startswith("Base 0.013 is left out. ")
    assert "not installed" in missing
    assert same == "Lite 30 is left out: its file is that of HPCM."


def test_rivals_are_cancelled_too(ours):
    with pytest.raises(Cancelled):
        fighting.duel(PICTURE, ours, "bytes", (), cancel=lambda: True, rivals=[Recipe(target_bpp=1.0)])


@pytest.mark.parametrize("name", ["png", "lite:x", "lite:20:3", ":20", "lite:200"])
def test_a_rival_that_there_is_not(name, tmp_path):
    PICTURE.save(tmp_path / "a.png")
    result = run("duel", tmp_path / "a.png", "--against", name, code=2)
    assert "--against" in result.output or "quality" in result.output
