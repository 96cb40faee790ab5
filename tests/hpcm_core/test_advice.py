"""Advice against the learned codec: given where an older codec is measurably better, and nowhere else."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from hpcm_core import codec
from hpcm_core.advice import better_choice, is_drawn
from hpcm_core.errors import Cancelled
from hpcm_core.format import container
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.cli.test_main import run


@pytest.fixture(scope="module")
def text():
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    for row in range(0, 290, 14):
        draw.text((5, row), "The quick brown fox jumps over the lazy dog, again and again.", "black")
    return Picture(np.asarray(image))


@pytest.fixture(scope="module")
def photograph():
    return Picture.open(resource("samples/astronaut.png"))


def webp_bytes(picture):
    buffer = io.BytesIO()
    Image.fromarray(picture.pixels).save(buffer, "WEBP", lossless=True, method=2, quality=50, exact=True)
    return buffer.getbuffer().nbytes


def test_only_what_is_drawn_looks_drawn(text, photograph):
    assert is_drawn(text)
    assert is_drawn(Picture(np.zeros((300, 300, 1), np.uint8)))
    assert not is_drawn(photograph)


def test_lossless_is_advised_where_it_is_smaller(text):
    size = webp_bytes(text)
    assert better_choice(text, size, 30.0) == (
        f"Lossless WebP is the better choice here: {size:,} bytes, every pixel as it was."
    )
    assert "every pixel" not in (better_choice(text, size - 1, 30.0) or "")


def test_a_lossy_codec_is_advised_where_it_is_better_at_the_same_size(monkeypatch):
    pixels = np.full((200, 200, 3), 90, np.uint8)
    pixels[:, 130:] = np.random.default_rng(0).integers(0, 256, (200, 70, 3))
    picture = Picture(pixels)
    size = webp_bytes(picture) // 4

    def found():
        advice = better_choice(picture, size, 5.0)
        assert advice is not None
        codec, _, rest = advice.partition(" is the better choice here: ")
        decibels, size_found = float(rest.split()[0]), int(rest.split()[3].replace(",", ""))
        assert decibels > 6
        assert size_found <= size
        assert better_choice(picture, size, decibels) is None
        return codec, decibels

    codec, best = found()
    assert codec == "AVIF (tune=psnr)", "at its best by the measure that counts here"
    monkeypatch.setattr("hpcm_core.advice.features.check", lambda name: False)
    codec, decibels = found()
    assert codec == "WebP"
    assert decibels < best
    assert better_choice(picture, 10, 5.0) is None, "no file is that small"


def test_photographs_are_not_tried(photograph, monkeypatch):
    monkeypatch.setattr("hpcm_core.advice._webp", None)
    assert better_choice(photograph, 10**9, 0.0) is None


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("alpha", [False, True])
def test_tiny_pictures_of_every_kind(channels, alpha):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, channels), np.uint8)
    picture = Picture(pixels, np.full((3, 5), 7, np.uint8) if alpha else None)
    assert "Lossless WebP" in (better_choice(picture, 500, 20.0) or "")


@pytest.fixture
def tries(monkeypatch):
    """Formats that something was encoded in, by any writer of Pillow."""
    seen = []
    save = Image.Image.save

    def counted(self, file, format=None, **options):
        seen.append(format)
        return save(self, file, format, **options)

    monkeypatch.setattr(Image.Image, "save", counted)
    return seen


def test_trying_can_be_ended_between_two_tries(text, tries):
    picture = Picture(text.pixels[:100, :100].copy())
    better_choice(picture, 100, 99.0)
    assert {"WEBP", "AVIF"} == set(tries)
    whole = len(tries)
    tries.clear()
    with pytest.raises(Cancelled):
        better_choice(picture, 100, 99.0, Job(cancel=lambda: len(tries) == 3))
    assert len(tries) == 3 < whole


def test_encoding_tries_no_other_codec(text, tries):
    encoded = codec.encode(Picture(text.pixels[:100, :100].copy()), Recipe(quality=100))
    assert encoded.metrics is not None
    assert tries == []


def test_what_a_file_carries_beside_its_picture_speaks_for_no_other_codec(photograph, tmp_path):
    small = photograph.pixels[60:180, 100:220]
    noise = np.random.default_rng(0).integers(0, 256, 30_000, np.uint8).tobytes().hex()
    said = []
    for name, xmp in (("plain", None), ("rich", f"<x:xmpmeta>{noise}</x:xmpmeta>".encode())):
        Picture(small, xmp=xmp).save(tmp_path / f"{name}.png")
        result = run("encode", tmp_path / f"{name}.png", "--quality", "60", "--preview", "--json")
        (row,) = json.loads(result.stdout)["files"]
        said.append(row.get("advice"))
        data = (tmp_path / f"{name}.hpcm").read_bytes()
        assert len(data) == row["bytes"] > container.picture_bytes(data) + (30_000 if xmp else 0)
        bare = codec.encode(Picture(small), Recipe(quality=60), reconstruct=False).data
        assert container.picture_bytes(data) == container.picture_bytes(bare) == len(bare)
    assert said == [None, None]


def test_the_command_line_advises_when_the_file_is_there(text, photograph, tmp_path, tries, monkeypatch):
    text.save(tmp_path / "text.png")
    Picture(photograph.pixels[:200, :200].copy()).save(tmp_path / "photograph.png")
    there = []
    monkeypatch.setattr(
        "hpcm_core.advice._webp", lambda *args, **options: there.append((tmp_path / "text.hpcm").is_file()) or b""
    )
    result = run("encode", tmp_path / "text.png", tmp_path / "photograph.png", "--quality", "60", "--json")
    drawn, seen = json.loads(result.stdout)["files"]
    assert there == [True]
    assert drawn["advice"] == "Lossless WebP is the better choice here: 0 bytes, every pixel as it was."
    assert "advice" not in drawn["seconds"]
    assert "advice" not in seen
    there.clear()
    result = run("encode", tmp_path / "text.png", "-f", "--no-metrics", "--json")
    assert "advice" not in json.loads(result.stdout)["files"][0]
    assert there == []
