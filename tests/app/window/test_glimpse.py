"""The preview of a .hpcm file while its picture is decoded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.session import opening
from app.session.opening import preview_of
from app.window.glimpse import Glimpse
from hpcm_core.format import container
from tests.app.conftest import LONG, pixels_of


@pytest.fixture
def with_preview(encoded, tmp_path):
    """A .hpcm file of the small picture with a preview, and the bytes of that."""
    from hpcm_core.format.preview import encode_preview

    outcome = encoded.session.outcome
    preview = encode_preview(outcome.shown.picture)
    path = tmp_path / "with.hpcm"
    path.write_bytes(container.write(replace(container.read(outcome.data), preview=preview)))
    return path


def test_it_is_there_until_the_picture_is(encoded, with_preview, qtbot):
    glimpse = encoded.findChild(Glimpse)
    assert glimpse.isHidden()
    seen = []
    encoded.session.opener.glimpsed.connect(lambda *_: seen.append((glimpse.isVisible(), pixels_of(glimpse))))
    encoded.session.open(with_preview)
    qtbot.waitUntil(lambda: encoded.session.path == with_preview, timeout=LONG)
    assert glimpse.isHidden()
    ((visible, shown),) = seen
    assert visible
    # It is the picture, enlarged, in the middle of the canvas.
    whole = encoded.session.outcome.shown.picture
    assert shown.shape[1] / shown.shape[0] == pytest.approx(whole.width / whole.height, rel=0.02)
    assert shown.shape[1] > 0.85 * encoded.pages.width() or shown.shape[0] > 0.85 * encoded.pages.height()
    assert np.abs(shown.mean(axis=(0, 1)) - whole.pixels.mean(axis=(0, 1))).max() < 12
    assert encoded.pages.rect().contains(glimpse.geometry())
    assert abs(glimpse.geometry().center().x() - encoded.pages.width() // 2) <= 1


def test_cancelled_it_goes_and_the_old_picture_stays(encoded, with_preview, qtbot):
    glimpse = encoded.findChild(Glimpse)
    before = encoded.session.outcome
    encoded.session.opener.glimpsed.connect(lambda *_: encoded.session.cancel())
    with qtbot.waitSignal(encoded.session.opener.glimpsed, timeout=LONG):
        encoded.session.open(with_preview)
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    assert glimpse.isHidden()
    assert encoded.session.outcome is before


def test_a_damaged_preview_is_none(encoded, with_preview):
    file = container.read(with_preview.read_bytes())
    assert preview_of(with_preview.read_bytes()).startswith(b"\x89PNG")
    assert preview_of(container.write(replace(file, preview=b"no picture"))) is None
    assert preview_of(container.write(replace(file, preview=None))) is None
    assert preview_of(b"no file") is None


@pytest.fixture
def without_preview(encoded, tmp_path, monkeypatch):
    """A .hpcm file that carries none, and counts as large."""
    monkeypatch.setattr(opening, "GLIMPSE_PIXELS", 1000)
    path = tmp_path / "without.hpcm"
    file = container.read(encoded.session.outcome.data)
    path.write_bytes(container.write(replace(file, preview=None)))
    return path


def test_a_large_file_without_a_preview_is_seen_by_its_first_steps(encoded, without_preview, qtbot):
    """As wide as the picture is high and wide, and like it; the decoding itself comes after."""
    glimpse = encoded.findChild(Glimpse)
    seen, stages = [], []
    encoded.session.progress.connect(lambda stage, _: stages.append(str(stage)))
    encoded.session.opener.glimpsed.connect(
        lambda *_: seen.append((glimpse.isVisible(), pixels_of(glimpse), [*stages]))
    )
    encoded.session.open(without_preview)
    qtbot.waitUntil(lambda: encoded.session.path == without_preview, timeout=LONG)
    assert glimpse.isHidden()
    ((visible, shown, before),) = seen
    assert visible
    assert "Decoding a preview" in before
    assert "Decoding" not in before, "the first look comes first"
    assert "Decoding" in stages
    whole = encoded.session.outcome.shown.picture
    assert shown.shape[1] / shown.shape[0] == pytest.approx(whole.width / whole.height, rel=0.02)
    assert np.abs(shown.mean(axis=(0, 1)) - whole.pixels.mean(axis=(0, 1))).max() < 25


def test_the_first_look_is_cancelled_as_the_rest_is(encoded, without_preview, qtbot):
    before, stages = encoded.session.outcome, []

    def cancel(stage, _):
        stages.append(str(stage))
        if str(stage) == "Decoding a preview":
            encoded.session.cancel()

    encoded.session.progress.connect(cancel)
    encoded.session.open(without_preview)
    qtbot.waitUntil(lambda: "Decoding a preview" in stages and encoded.session.idle, timeout=LONG)
    assert encoded.findChild(Glimpse).isHidden()
    assert encoded.session.outcome is before
    assert "Decoding" not in stages


def test_a_small_file_is_decoded_at_once(encoded, with_preview, tmp_path, qtbot):
    path = tmp_path / "small.hpcm"
    path.write_bytes(container.write(replace(container.read(with_preview.read_bytes()), preview=None)))
    stages = []
    encoded.session.progress.connect(lambda stage, _: stages.append(str(stage)))
    encoded.session.open(path)
    qtbot.waitUntil(lambda: encoded.session.path == path, timeout=LONG)
    assert "Decoding a preview" not in stages
    assert not opening.is_large(b"no file")


def test_a_first_look_comes_sooner_where_a_model_needs_torch(with_preview):
    """Base and the Lite of floats take ten times as long for a picture."""
    file = container.read(with_preview.read_bytes())

    def large(width, **changes):
        header = replace(file.header, width=width, height=600, **changes)
        return opening.is_large(container.write(replace(file, header=header)))

    assert [large(width, model_name="base-mse-0.013") for width in (600, 700)] == [False, True]
    assert [large(width) for width in (700, 4999, 5000)] == [False, False, True]
    assert large(700, model_hash=bytes.fromhex("a645cf9f575da1ff"))
