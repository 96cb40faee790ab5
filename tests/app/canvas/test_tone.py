"""Channels alone, exposure and gamma, values in pixels, flicker and SSIM maps, by keys and mouse."""

from __future__ import annotations

import math
from dataclasses import replace

import flip_evaluator
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColorSpace
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.canvas import values
from app.canvas.colour import converter
from app.canvas.difference import FULL, Difference, Mode, Style, difference_of
from app.canvas.hud import MARGIN, Hud
from app.canvas.scene import View
from app.canvas.tone import Channel, Tone
from app.canvas.viewport import Viewport
from hpcm_core.inspect import palette
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG

RNG = np.random.default_rng(5)


def shown_pixel(canvas, x, y):
    """The colour of a picture pixel on the canvas."""
    view = canvas.viewport
    at = (
        canvas.grab()
        .toImage()
        .pixelColor(round(view.to_pane(x + 0.5, y + 0.5)[0]), round(view.to_pane(x + 0.5, y + 0.5)[1]))
    )
    return at.getRgb()[:3]


def test_tones_by_definition():
    pixels = RNG.integers(0, 256, (5, 7, 3), np.uint8)
    assert (Tone().apply(pixels) == pixels).all()
    assert (Tone(Channel.GREEN).apply(pixels) == pixels[:, :, 1:2]).all()
    luma = pixels @ np.array([0.2126, 0.7152, 0.0722])
    assert np.abs(Tone(Channel.LUMA).apply(pixels)[:, :, 0] - luma).max() <= 0.51
    for channel, of in ((Channel.CB, (2, 1.8556)), (Channel.CR, (0, 1.5748))):
        expected = (pixels[:, :, of[0]] - luma) / of[1] + 127.5
        assert np.abs(Tone(channel).apply(pixels)[:, :, 0] - expected).max() <= 0.51
    light = 0.25 * ((128 / 255 + 0.055) / 1.055) ** 2.4
    level = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    assert Tone(exposure=-2.0).apply(np.full((1, 1, 1), 128, np.uint8)) == round(level)
    assert Tone(gamma=2.0).apply(np.full((1, 1, 1), 64, np.uint8)) == round(255 * (64 / 255) ** 0.5)
    with_alpha = np.dstack((pixels, pixels[:, :, :1]))
    shown = Tone(Channel.RED, 1.0).apply(with_alpha)
    assert (shown[:, :, 3] == pixels[:, :, 0]).all(), "alpha stays"
    assert (shown[:, :, 0] == shown[:, :, 2]).all()
    grey = pixels[:, :, :1]
    assert (Tone(Channel.BLUE).apply(grey) == grey).all()


def test_a_channel_alone_is_shown_and_named_until_that_is_put_away(encoded, sample):
    canvas, hud = encoded.canvas, encoded.hud
    QTest.keyClick(encoded, "3")
    QTest.keyClick(encoded, "g")
    assert hud.isVisible()
    hud.channel.setFocus()
    QTest.keyClick(hud.channel, Qt.Key.Key_Down)
    red = int(sample.pixels[90, 120, 0])
    assert shown_pixel(canvas, 120, 90) == (red, red, red)
    QTest.keyClick(hud.exposure, Qt.Key.Key_Right)
    QTest.keyClick(hud.exposure, Qt.Key.Key_Right)
    assert canvas.look.tone == Tone(Channel.RED, 1.0)
    brighter = int(Tone(exposure=1.0).apply(np.full((1, 1, 1), red, np.uint8))[0, 0, 0])
    assert shown_pixel(canvas, 120, 90) == (brighter,) * 3
    QTest.mouseClick(hud.plain, Qt.MouseButton.LeftButton)
    assert shown_pixel(canvas, 120, 90) == tuple(sample.pixels[90, 120])
    QTest.keyClick(hud.gamma, Qt.Key.Key_Right)
    assert not canvas.look.tone.is_plain
    canvas.setFocus()
    QTest.keyClick(encoded, "d")
    assert not hud.channel.isVisible(), "the difference has settings of its own"
    QTest.keyClick(encoded, "3")
    QTest.keyClick(encoded, "g")
    assert not hud.isVisible()
    assert canvas.look.tone.is_plain, "nothing stays changed unseen"


def test_values_are_written_into_large_pixels(encoded, sample):
    canvas = encoded.canvas
    QTest.keyClick(encoded, "3")
    QTest.mouseMove(canvas, QPoint(400, 300))
    for _ in range(60):
        if values.are_shown(canvas.frame):
            break
        before = canvas.viewport.scale
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert before < values.LEAST * canvas.devicePixelRatioF() <= canvas.viewport.scale
    canvas.set_viewport(Viewport(64.0, -64.0 * 50, -64.0 * 40, fitted=False))
    frame = canvas.frame
    assert values.text_at(frame, View.ORIGINAL, 52, 43) == "\n".join(map(str, sample.pixels[43, 52]))
    block = np.array(
        [
            [canvas.grab().toImage().pixelColor(x, y).getRgb()[:3] for x in range(2 * 64, 3 * 64, 2)]
            for y in range(3 * 64, 4 * 64, 8)
        ]
    )
    assert len(np.unique(block.reshape(-1, 3), axis=0)) > 1, "something is written there"
    other = encoded.session.outcome.shown.picture.pixels
    change = other[43, 52].astype(int) - sample.pixels[43, 52]
    wanted = "\n".join(f"{v:+d}".replace("-", "−") if v else "0" for v in change)
    assert values.text_at(frame, View.DIFFERENCE, 52, 43) == wanted
    assert values.text_at(frame, View.BITS, 52, 43) == ""


def test_values_are_the_codecs_own_samples_not_the_screens(make_window, tmp_path, qtbot, sample):
    """Of 16 bits, all of them."""
    deep = replace(sample, pixels=sample.pixels.astype(np.uint16) * 257 + 3)
    deep.save(tmp_path / "deep.png")
    window = make_window()
    window.session.encode_on_change = False
    window.session.open(tmp_path / "deep.png")
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    assert values.text_at(window.canvas.frame, View.ORIGINAL, 4, 2) == "\n".join(map(str, deep.pixels[2, 4]))


def test_flicker_shows_both_in_turn_until_another_view_is_chosen(encoded, qtbot):
    canvas = encoded.canvas
    timer = encoded.view_commands.flicker.timer
    assert timer.interval() >= 334, "at most three changes a second"
    timer.setInterval(20)
    QTest.keyClick(encoded, "s")
    QTest.keyClick(encoded, "t")
    seen = []
    canvas.view_changed.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) > 4, timeout=LONG)
    assert set(seen[:4]) == {View.ORIGINAL, View.RECONSTRUCTION}
    QTest.keyClick(encoded, "t")
    assert canvas.view is View.SIDE, "as it was before"
    assert not timer.isActive()
    QTest.keyClick(encoded, "t")
    QTest.keyClick(encoded, "d")
    assert canvas.view is View.DIFFERENCE
    assert not timer.isActive()
    assert not encoded.actions_["flicker"].isChecked()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_ssim_maps_by_a_naive_sum(depth):
    first = RNG.integers(0, 256, (40, 300, 3), np.uint8)
    second = np.clip(first + RNG.normal(0, 20, first.shape), 0, 255).astype(np.uint8)
    scale = 257 if depth == np.uint16 else 1
    found = Difference(first.astype(depth) * depth(scale), second.astype(depth) * depth(scale))
    a, b = (np.pad(p @ np.array([0.2126, 0.7152, 0.0722]), 5, mode="symmetric") for p in (first, second))
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(weights, weights) / weights.sum() ** 2
    for y, x in ((0, 0), (20, 130), (39, 299), (7, 255), (7, 256)):
        p, q = a[y : y + 11, x : x + 11], b[y : y + 11, x : x + 11]
        mp, mq = (window * p).sum(), (window * q).sum()
        vp, vq = (window * p * p).sum() - mp * mp, (window * q * q).sum() - mq * mq
        cov = (window * p * q).sum() - mp * mq
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        ssim = (2 * mp * mq + c1) * (2 * cov + c2) / ((mp * mp + mq * mq + c1) * (vp + vq + c2))
        tile = found.values(0, x // 256, y // 256, Mode.STRUCTURE, False)
        assert tile[y % 256, x % 256, 0] / FULL == pytest.approx(1 - ssim, abs=2e-3)


def test_ssim_is_a_mode_of_the_difference(encoded):
    canvas = encoded.canvas
    QTest.keyClick(encoded, "d")
    for _ in range(3):
        QTest.keyClick(encoded, "m")
    assert canvas.look.mode is Mode.STRUCTURE
    assert "SSIM" in encoded.hud.legend.accessibleName()
    assert encoded.settings.difference_mode == "structure"
    grey = np.array(shown_pixel(canvas, 120, 90))
    level = canvas.scene.difference.level_for(canvas.viewport.scale)
    value = canvas.scene.difference.values(level, 0, 0, Mode.STRUCTURE, False)[90 >> level, 120 >> level, 0].item()
    assert grey == pytest.approx(np.full(3, min(255 * 8 * value / FULL, 255)), abs=2)


def test_coarse_ssim_is_of_the_pictures_as_large_as_they_are_shown():
    first = RNG.integers(0, 256, (600, 1100, 1), np.uint8)
    second = np.clip(first + RNG.normal(0, 30, first.shape), 0, 255).astype(np.uint8)
    found = Difference(first, second)
    for level in range(found.count):
        side = 1 << level
        height, width = 600 // side, 1100 // side
        small = [
            p[: height * side, : width * side, 0].reshape(height, side, width, side).mean(axis=(1, 3))
            for p in (first, second)
        ]
        reduced = Difference(*(np.rint(p * 257).astype(np.uint16)[:, :, None] for p in small))
        expected = reduced.values(0, 0, 0, Mode.STRUCTURE, False)[:100, :100]
        tile = found.values(level, 0, 0, Mode.STRUCTURE, False)[:100, :100]
        assert np.abs(tile[: len(expected), : expected.shape[1]] - expected).max() <= 0.02 * FULL, level


@pytest.mark.parametrize("channels", [1, 3])
def test_flip_of_tiles_is_that_of_the_whole(channels):
    """Whatever tiles and their margins cut, it is what FLIP's authors' program says of the whole picture."""
    first = RNG.integers(0, 256, (10, 20, channels), np.uint8).repeat(30, axis=0).repeat(28, axis=1)
    second = np.clip(first + RNG.normal(0, 12, first.shape), 0, 255).astype(np.uint8)
    whole = [(p / np.float32(255)).repeat(3 // channels, axis=2) for p in (first, second)]
    expected = flip_evaluator.evaluate(*whole, "LDR", applyMagma=False, computeMeanError=False)[0][:, :, 0]
    found = Difference(first, second)
    tiles = [[found.values(0, x, y, Mode.FLIP, False)[:, :, 0] for x in range(3)] for y in range(2)]
    assert np.abs(np.block(tiles) / FULL - expected).max() < 1e-3
    assert expected.max() > 0.1


def test_flip_is_of_the_colours_on_the_screen(tmp_path):
    """The same samples say another thing in another colour space."""
    pixels = RNG.integers(0, 256, (64, 64, 3), np.uint8)
    other = np.clip(pixels + RNG.normal(0, 12, pixels.shape), 0, 255).astype(np.uint8)
    wide = bytes(QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).iccProfile())
    maps = [
        difference_of(Picture(pixels, icc=icc), Picture(other, icc=icc)).values(0, 0, 0, Mode.FLIP, False)
        for icc in (None, wide)
    ]
    to_screen = converter(wide, 3)
    shown = Difference(to_screen(pixels), to_screen(other)).values(0, 0, 0, Mode.FLIP, False)
    assert np.abs(maps[1] - shown).max() <= 0.01 * FULL
    assert np.abs(maps[1] - maps[0]).max() > 0.01 * FULL


def test_flip_is_a_mode_of_the_difference(encoded):
    canvas = encoded.canvas
    canvas.renderer.budget = math.inf
    QTest.keyClick(encoded, "d")
    for _ in range(4):
        QTest.keyClick(encoded, "m")
    assert canvas.look.mode is Mode.FLIP
    assert "FLIP" in encoded.hud.legend.accessibleName()
    level = canvas.scene.difference.level_for(canvas.viewport.scale)
    value = canvas.scene.difference.values(level, 0, 0, Mode.FLIP, False)[90 >> level, 120 >> level, 0].item()
    place = min(8 * value / FULL, 1)
    wanted = palette.RISING[round(place * (len(palette.RISING) - 1))]
    assert np.array(shown_pixel(canvas, 120, 90)) == pytest.approx(wanted, abs=6)
    QTest.keyClick(encoded, "m")
    assert canvas.look.mode is Mode.ABSOLUTE


def test_settings_of_a_view_lie_at_the_lower_edge_of_a_canvas_that_gets_its_size_later(qtbot):
    canvas = QWidget()
    qtbot.addWidget(canvas)
    hud = Hud(canvas, Style(), 50)
    hud.show_for(View.BITS)
    canvas.resize(1000, 900)
    canvas.show()
    assert hud.geometry().bottom() == 900 - MARGIN - 1
    assert abs(hud.geometry().center().x() - 500) <= 1
