"""Other models and rates of ours in a duel."""

from __future__ import annotations

import csv
import dataclasses
import io
import math

import pytest

from hpcm_core import codec, metrics
from hpcm_core.errors import Cancelled
from hpcm_core.evaluation import duel as fighting
from hpcm_core.evaluation.contestants import TOLERANCE
from hpcm_core.format.preview import encode_preview
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.evaluation.conftest import PICTURE


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
