"""What the command line says of what is left out, and what it leaves out when asked to."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from hpcm_core.evaluation import anchors
from hpcm_core.picture import spaces
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

JPEG = [one for one in anchors.classical() if one.name == "jpeg"]
CITY = b"\x1c\x02\x5a\0\x06Berlin"
"""A data set of IPTC."""


def animation(path):
    frames = [Image.fromarray(photo(80, 64, left)) for left in (0, 256)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


def test_encode_chooses_among_pictures_and_names_the_others(tmp_path):
    source, file = tmp_path / "a.png", tmp_path / "a.hpcm"
    animation(source)
    result = run("encode", source, "--quality", 90, "--frame", 1)
    assert "left out: all but one of the 2 pictures of its animation" in result.output
    row = json.loads(run("encode", source, "--json", "-f", "--frame", 1, "-o", file).output)["files"][0]
    assert row["left_out"] == ["all but one of the 2 pictures of its animation"]
    run("decode", file, "-o", tmp_path / "b.png")
    decoded, second = Picture.open(tmp_path / "b.png"), Picture.open(source, frame=1)
    assert abs(decoded.pixels.astype(int) - second.pixels).mean() < 12
    assert "no picture 2" in run("encode", source, "-f", "--frame", 2, "-o", file, code=1).stderr


def test_compare_names_what_is_not_measured(tmp_path):
    several, one = tmp_path / "several.png", tmp_path / "one.png"
    animation(several)
    Image.fromarray(photo(80, 64, 0)).save(one)
    for pair in ((several, one), (one, several)):
        row = json.loads(run("compare", *pair, "--json").output)
        assert row["equal"]
        assert row["left_out"] == [f"all but one of the 2 pictures of its animation ({several})"]
        assert "left out: all but one" in run("compare", *pair).output


def test_eval_names_what_is_not_measured(tmp_path):
    (tmp_path / "in").mkdir()
    animation(tmp_path / "in" / "several.png")
    Image.fromarray(photo(80, 64, 0)).save(tmp_path / "in" / "one.png")
    others = "all but one of the 2 pictures of its animation"
    rows = json.loads(run("eval", tmp_path / "in", "--json", "--csv", tmp_path / "a.csv").output)["pictures"]
    assert [(Path(row["input"]).stem, row.get("left_out")) for row in rows] == [("one", None), ("several", [others])]
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert [row["left_out"] for row in csv.DictReader(file)] == ["", others]
    assert f"several.png: left out: {others}" in run("eval", tmp_path / "in").output


def test_rd_names_what_is_not_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(anchors, "classical", lambda: [replace(one, settings=(50,)) for one in JPEG])
    (tmp_path / "in").mkdir()
    animation(tmp_path / "in" / "several.png")
    result = run("rd", tmp_path / "in", "--no-models", "-o", tmp_path / "rd", "--jobs", 1)
    assert "several.png: left out: all but one of the 2 pictures of its animation" in result.stderr


def test_a_picture_with_nothing_beside_it_says_nothing(tmp_path):
    Image.fromarray(photo(80, 64, 0)).save(tmp_path / "a.png")
    assert "left" not in run("encode", tmp_path / "a.png", "--no-metrics").output
    assert "left" not in run("compare", tmp_path / "a.png", tmp_path / "a.png").output


def test_the_place_can_be_left_out_on_either_way(tmp_path):
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "A maker", {1: "N", 2: (48.0, 51.0, 29.9)}
    picture = Picture(photo(80, 64, 0), exif=exif.tobytes()[6:], iptc=CITY, texts=(("GPS", "here"), ("Title", "words")))
    picture.save(tmp_path / "a.png")

    def tags(path):
        found = Image.Exif()
        found.load(Picture.open(path).exif)
        return found

    run("encode", tmp_path / "a.png", "--no-metrics")
    run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "with.png")
    assert tags(tmp_path / "with.png").get_ifd(0x8825)[1] == "N"
    assert Picture.open(tmp_path / "with.png").metadata == Picture.open(tmp_path / "a.png").metadata
    info = json.loads(run("info", tmp_path / "a.hpcm", "--json").output)["files"][0]
    assert (info["iptc"], info["texts"]) == (len(CITY), len("GPS here Title words "))
    run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "without.png", "--no-location")
    run("encode", tmp_path / "a.png", "--no-metrics", "--no-location", "-o", tmp_path / "b.hpcm")
    run("decode", tmp_path / "b.hpcm", "-o", tmp_path / "never.png")
    batch = ("batch", tmp_path / "a.png", "--jobs", 1, "-o", tmp_path / "many")
    run(*batch, "--no-location", "--manifest", tmp_path / "run.jsonl")
    run("decode", tmp_path / "many" / "a.hpcm", "-o", tmp_path / "many.png")
    assert "no_location differ" in run(*batch, "--manifest", tmp_path / "run.jsonl", code=2).output
    run(*batch, "-f")
    run("decode", tmp_path / "many" / "a.hpcm", "-o", tmp_path / "kept.png")
    assert tags(tmp_path / "kept.png").get_ifd(0x8825)[1] == "N"
    for name in ("without.png", "never.png", "many.png"):
        assert not tags(tmp_path / name).get_ifd(0x8825)
        assert tags(tmp_path / name)[0x010F] == "A maker"
        assert (Picture.open(tmp_path / name).iptc, Picture.open(tmp_path / name).texts) == (
            None,
            (("Title", "words"),),
        )
    run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "bare.png", "--no-metadata")
    assert Picture.open(tmp_path / "bare.png").metadata == (None, None, None, (), None)


def test_what_a_format_cannot_hold_is_named_on_decoding(tmp_path):
    info = b"II*\0\x08\0\0\0" + bytes(70000)
    Picture(photo(80, 64, 0), exif=info).save(tmp_path / "a.png")
    run("encode", tmp_path / "a.png", "--no-metrics")
    result = run("decode", tmp_path / "a.hpcm", "-o", tmp_path / "b.jpg")
    assert "left out: EXIF, which is larger than JPEG can hold" in result.output


def test_batch_reports_say_it_too(tmp_path):
    animation(tmp_path / "a.gif")
    report = json.loads(run("batch", tmp_path / "a.gif", "--json").output)
    assert report["pictures"][0]["left_out"] == "all but one of the 2 pictures of its animation"


def test_high_dynamic_range_is_named(tmp_path):
    for channels, number, kind in ((3, 6, "PQ"), (3, 9, "HLG"), (1, 6, "PQ"), (3, 2, None), (1, 0, None)):
        picture = Picture(photo(80, 64, 0)[:, :, :channels], icc=spaces.profile_of(number, channels))
        assert picture.hdr == kind
        picture.save(tmp_path / "a.png")
        shown = run("encode", tmp_path / "a.png", "--no-metrics", "-f").output
        assert (f"High dynamic range ({kind})" in shown) == ("toned down" in shown) == (kind is not None)
        row = json.loads(run("decode", tmp_path / "a.hpcm", "-f", "-o", tmp_path / "b.png", "--json").output)["files"][
            0
        ]
        assert row.get("hdr") == kind
        assert ("note" in row) == (kind is not None)


def test_a_ratio_of_resolutions_is_not_said_to_be_dots_an_inch(tmp_path):
    for name, absolute in (("a", True), ("b", False)):
        Picture(photo(80, 64), resolution=Resolution(2, 1, absolute)).save(tmp_path / f"{name}.png")
        run("encode", tmp_path / f"{name}.png", "--no-metrics")
    a, b = json.loads(run("info", tmp_path / "a.hpcm", tmp_path / "b.hpcm", "--json").output)["files"]
    assert (a["resolution"], a.get("resolution_ratio")) == (pytest.approx([2, 1], abs=0.02), None)
    assert (b["resolution"], b["resolution_ratio"]) == (None, [2, 1])
