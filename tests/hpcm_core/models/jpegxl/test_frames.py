"""What codestreams announce is known before anything is decoded."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from imagecodecs import jpegxl_decode, jpegxl_encode

from hpcm_core.picture import jxl_frames
from hpcm_core.picture.jxl import codestream, decode_lossless
from hpcm_core.picture.jxl_frames import check_lossless
from hpcm_core.picture.jxl_writing import lossless_stream
from tests.hpcm_core.models.jpegxl.streams import frame, head

SIZE = (60, 40, 8, 3)
"""Width, height, bits, channels."""


def written(bits=8, channels=3):
    """A page with lines of the same letters, in which an encoder finds what occurs again and again."""
    draw = np.random.default_rng(1)
    letters = np.where(draw.random((8, 9, 7)) < 0.5, 0, 255)
    page = np.full((100, 150), 255)
    for row in range(10, 80, 14):
        for column in range(10, 130, 10):
            page[row : row + 9, column : column + 7] = letters[draw.integers(8)]
    return np.repeat(page[:, :, np.newaxis], channels, axis=2).astype(f"u{bits // 8}")


@pytest.mark.parametrize("effort", [1, 7, 9])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_an_encoder_makes_is_taken(effort, bits, channels, monkeypatch):
    sizes = []
    real = jxl_frames._frame
    monkeypatch.setattr(jxl_frames, "_frame", lambda *args: sizes.append(real(*args)) or sizes[-1])
    noise = np.random.default_rng(0).integers(0, 1 << bits, (12, 270, channels), dtype=f"u{bits // 8}")
    for samples in (written(bits, channels), noise, np.full_like(noise, 7), noise[:1, :1]):
        height, width = samples.shape[:2]
        stream = lossless_stream(samples, effort)
        check_lossless(stream, width, height, bits, channels)
        assert np.array_equal(decode_lossless(stream, width, height, bits, channels), samples)
    assert sizes[-1].is_last
    if effort >= 7 and bits == 8:
        assert not sizes[0].is_last, "letters have a frame of their own"


def test_other_pictures_are_refused():
    stream = lossless_stream(written(), 3)
    check_lossless(stream, 150, 100, 8, 3)
    for wrong in ((151, 100, 8, 3), (150, 99, 8, 3), (100, 150, 8, 3), (150, 100, 16, 3), (150, 100, 8, 1)):
        with pytest.raises(ValueError, match="a picture of"):
            check_lossless(stream, *wrong)


def test_what_is_no_plain_picture_is_refused():
    page = written()
    alpha = codestream(bytes(jpegxl_encode(np.dstack((page, page[:, :, :1])), lossless=True, usecontainer=False)))
    film = codestream(bytes(jpegxl_encode(np.stack((page, page)), lossless=True, usecontainer=False)))
    lossy = codestream(bytes(jpegxl_encode(page, distance=1.0, usecontainer=False)))
    floating = codestream(bytes(jpegxl_encode(page.astype(np.float32) / 255, lossless=True, usecontainer=False)))
    for stream in (alpha, film, lossy, floating):
        assert jpegxl_decode(stream).size, "JPEG XL itself takes it"
        with pytest.raises(ValueError, match=r"a picture of|more than a plain picture"):
            check_lossless(stream, 150, 100, 8, 3)


def test_damage_is_refused_or_decoded():
    """Whatever is flipped or cut off, samples of the right kind come back or a ValueError."""
    samples = written()[:40, :60]
    stream = lossless_stream(samples, 7)
    for end in range(len(stream)):
        with pytest.raises(ValueError, match=r"cut short|no JPEG XL"):
            decode_lossless(stream[:end], *SIZE)
    with pytest.raises(ValueError, match="followed by"):
        decode_lossless(stream + b"\0", *SIZE)
    for place in range(len(stream)):
        copy = bytearray(stream)
        copy[place] ^= 1 << place % 8
        with suppress(ValueError):
            assert decode_lossless(bytes(copy), *SIZE).shape == samples.shape


def test_frames_that_are_made_here_are_taken():
    """So that those below are refused for what they are."""
    check_lossless(head(60, 40) + frame(), *SIZE)
    check_lossless(head(60, 40, grey=True) + frame(), 60, 40, 8, 1)
    check_lossless(head(60, 40) + frame(kind=2, size=(300, 200), is_last=False, sections=5) + frame(), *SIZE)
    check_lossless(head(60, 40) + frame(flags=2), *SIZE)


HUGE = (1 << 30, 1 << 30)


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (head(1 << 30, 1 << 30) + frame(), "a picture of"),
        (head(1 << 30, 1) + frame(), "a picture of"),
        (head(60, 40) + frame(size=HUGE), "larger than the picture"),
        (head(60, 40) + frame(kind=2, size=HUGE, is_last=False) + frame(), "larger than the picture"),
        (head(60, 40) + frame(is_last=False) * 7 + frame(size=(1 << 15, 1 << 15)), "larger than the picture"),
        (head(60, 40) + frame(is_last=False) * 8 + frame(), "too many"),
        (head(60, 40, xyb=True) + frame(), "more than a plain picture"),
        (head(60, 40, extra=1) + frame(), "more than a plain picture"),
        (head(60, 40) + frame(modular=False), "with loss"),
        (head(60, 40) + frame(kind=1), "with loss"),
        (head(60, 40) + frame(flags=1), "with loss"),
        (head(60, 40) + frame(flags=16), "with loss"),
        (head(60, 40) + frame(upsampling=3), "with loss"),
        (head(60, 40) + b"\1" + frame(), "with loss"),
        (head(60, 40) + frame(passes=1), "several passes"),
        (head(60, 40) + frame(filters=True), "filters"),
        (head(60, 40) + frame(permuted=True), "in another order"),
        (head(60, 40) + frame() + b"\0", "followed by"),
        (head(60, 40) + frame()[:-1], "cut short"),
        (head(60, 40), "cut short"),
        (b"", "cut short"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "no JPEG XL"),
    ],
)
def test_what_asks_for_more_is_refused(stream, why, monkeypatch):
    """Before the decoder has seen it."""
    monkeypatch.setattr("hpcm_core.picture.jxl._decoded", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ValueError, match=why):
        decode_lossless(stream, *SIZE)
