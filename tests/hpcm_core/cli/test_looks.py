"""Looks as a person asks for them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from hpcm_core.look import mix
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.standin_look import install_look, without_bundled_looks
from tests.hpcm_core.test_codec import photo


@pytest.fixture
def home(tmp_path, monkeypatch):
    without_bundled_looks(monkeypatch, tmp_path / "bundle")
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    Image.fromarray(photo(80, 64)).save(tmp_path / "a.png")
    return tmp_path


def first(*arguments):
    return json.loads(run(*arguments, "--json").output)["files"][0]


def decoded(home, file, *options):
    """The picture and the row of a decoding."""
    row = first("decode", home / file, "-o", home / "out.png", "-f", *options)
    return Picture.open(home / "out.png").pixels, row


def test_looks_of_a_file(home):
    install_look(home / "data")
    run("encode", home / "a.png")
    faithful, row = decoded(home, "a.hpcm")
    assert row["look"] == "faithful"
    assert "note" not in row
    natural, row = decoded(home, "a.hpcm", "--look", "natural")
    assert row["look"] == "natural"
    assert row["note"] == "The natural look has invented detail, not that of the original."
    between, row = decoded(home, "a.hpcm", "--look", "0.3")
    assert row["look"] == "0.30078125"
    assert np.array_equal(between, mix(faithful, natural, 77))
    assert not np.array_equal(between, faithful)
    text = run("decode", home / "a.hpcm", "-o", home / "out.png", "-f", "--look", 0.5).output
    assert "look 0.5" in text
    assert "invented detail" in text


def test_a_files_wish(home):
    """Who shows it is told of it; who measures it is not impressed."""
    install_look(home / "data")
    plain = first("encode", home / "a.png")
    wished = first("encode", home / "a.png", "-o", home / "b.hpcm", "--look", "natural")
    assert "look" not in plain
    assert wished["look"] == "natural"
    assert "invented detail" in wished["note"]
    assert wished["psnr"] == plain["psnr"]
    assert wished["bytes"] == plain["bytes"] + 14
    assert first("info", home / "a.hpcm")["look"] == "faithful"
    assert first("info", home / "b.hpcm")["look"] == "natural"
    assert "invented detail" in run("info", home / "b.hpcm").output
    assert "invented" not in run("info", home / "a.hpcm").output
    natural, row = decoded(home, "b.hpcm")
    assert row["look"] == "natural"
    assert np.array_equal(natural, decoded(home, "a.hpcm", "--look", 1)[0])
    faithful, row = decoded(home, "b.hpcm", "--look", "faithful")
    assert row["look"] == "faithful"
    assert np.array_equal(faithful, decoded(home, "a.hpcm")[0])
    assert not np.array_equal(faithful, natural)
    assert np.array_equal(decoded(home, "b.hpcm", "--steps", 3)[0], decoded(home, "a.hpcm", "--steps", 3)[0])
    by_wish = json.loads(run("compare", home / "a.png", home / "b.hpcm", "--json").output)
    assert by_wish["psnr"] == plain["psnr"]


def test_nothing_is_invented_at_high_quality(home):
    install_look(home / "data")
    row = first("encode", home / "a.png", "--quality", 90, "--look", "natural")
    assert row["look"] == first("info", home / "a.hpcm")["look"] == "natural"
    natural, shown = decoded(home, "a.hpcm")
    assert not any("note" in one for one in (row, shown, first("info", home / "a.hpcm")))
    assert np.array_equal(natural, decoded(home, "a.hpcm", "--look", "faithful")[0])


def test_a_batchs_wish(home):
    install_look(home / "data")
    (home / "recipe.json").write_text('{"version": 1, "quality": 20, "look": 0.25}')
    run("batch", home / "a.png", "--recipe", home / "recipe.json", "-o", home / "out")
    assert first("info", home / "out/a.hpcm")["look"] == "0.25"


def test_without_the_weights(home):
    """A wish ends in the faithful picture and a note, a command in one sentence."""
    path = install_look(home / "data")
    run("encode", home / "a.png", "--look", "natural")
    path.unlink()
    _, row = decoded(home, "a.hpcm")
    assert row["look"] == "faithful"
    assert row["note"] == (
        "The file wishes a natural look. The weights of the natural look of lite (8d975ba75836a2e5) are not installed. "
        "The picture is faithful."
    )
    assert "note" not in decoded(home, "a.hpcm", "--look", "faithful")[1]
    refused = run("decode", home / "a.hpcm", "-o", home / "out.png", "-f", "--look", "natural", code=1)
    assert refused.stderr.count("The weights of the natural look of lite (8d975ba75836a2e5) are not installed.") == 1
    refused = run("encode", home / "a.png", "-o", home / "c.hpcm", "--look", "natural", code=1)
    assert "The model lite has no natural look here." in refused.stderr
    assert not (home / "c.hpcm").exists()


@pytest.mark.parametrize("command", ["encode", "decode"])
def test_what_is_no_look(home, command):
    refused = run(command, home / "a.png", "--look", "vivid", code=2)
    assert "A look is faithful, natural, or a number from 0" in refused.stderr


def test_steps_and_a_look(home):
    install_look(home / "data")
    run("encode", home / "a.png")
    refused = run("decode", home / "a.hpcm", "-f", "-o", home / "out.png", "--steps", 2, "--look", 1, code=1)
    assert "only the faithful look" in refused.stderr
