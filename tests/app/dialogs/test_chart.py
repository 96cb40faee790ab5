"""The rate-distortion chart."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.dialogs.curves import MS_SSIM, PSNR, Curve, Points, default_pair, published, saving
from hpcm_core import metrics
from hpcm_core.evaluation import anchors
from hpcm_core.evaluation.bd_rate import bd_rate
from hpcm_core.resources import resource
from hpcm_core.results import Metrics
from tests.app.conftest import LONG
from tests.paths import ROOT


def open_chart(window):
    window.activateWindow()
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert window.tool_commands.chart.isVisible()
    return window.tool_commands.chart


def test_points_are_drawn_as_they_are_made(encoded, qtbot):
    chart = open_chart(encoded)
    first = encoded.session.outcome
    assert chart.shown[0].name == "Lite"
    assert chart.shown[0].points == ((first.metrics.bpp, first.metrics.psnr),)
    assert [curve.published for curve in chart.shown] == [False, True, True]
    encoded.recipe_panel.slider.setValue(70)
    qtbot.waitUntil(lambda: len(chart.shown[0].points) == 2, timeout=LONG)
    assert chart.shown[0].labels == ("quality 30", "quality 70")
    drawn = chart.plot.listDataItems()
    assert np.allclose(drawn[0].getData()[0], [rate for rate, _ in chart.shown[0].points])
    assert len(drawn) == len(chart.shown)


def test_other_formats_are_measured_on_request_by_the_same_metrics(encoded, sample, qtbot):
    chart = open_chart(encoded)
    QTest.mouseClick(chart.formats, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(chart.shown) >= 5, timeout=LONG)
    assert [curve.name for curve in chart.shown[:5]] == ["Lite", "JPEG", "WebP", "AVIF tune=psnr", "JPEG XL"]
    size, decoded = anchors.classical()[0].code(sample, 45)
    jpeg = chart.shown[1]
    at = jpeg.labels.index("quality 45")
    assert jpeg.points[at] == pytest.approx((8 * size / (257 * 183), metrics.psnr(sample.pixels, decoded.pixels)))
    chart.test.setCurrentIndex(2)
    chart.anchor.setCurrentIndex(1)
    chart.test.activated.emit(2)
    expected = bd_rate(jpeg.points, chart.shown[2].points)
    assert f"{expected:+.1f} %".replace("-", "−") in chart.saving.text()
    chart.measure.setCurrentText(MS_SSIM)
    assert [curve.name for curve in chart.shown[3:5]] == ["AVIF tune=iq", "JPEG XL"]
    assert chart.shown[0].points[0][1] == encoded.session.outcome.metrics.ms_ssim_db
    assert encoded.session.outcome is not None


def test_published_curves_are_those_of_the_file():
    kodak = json.loads(resource("rd/published.json").read_text("utf-8"))["kodak"]
    base, large = published(PSNR)
    assert base.points[0] == (kodak["base_mse"]["bpp"][0], kodak["base_mse"]["psnr"][0])
    assert len(large.points) == 6
    assert "%" in saving(large, base)
    assert "−" in saving(large, base).split(":")[0]


def test_the_axes_show_plain_units(encoded, qtbot):
    """Not thousandths of bits per pixel, as some versions of pyqtgraph do where a range ends below 1."""
    chart = open_chart(encoded)
    qtbot.waitExposed(chart)
    chart.plot.grab()
    for side in ("bottom", "left"):
        axis = chart.plot.getAxis(side)
        assert axis.autoSIPrefixScale == 1.0
        labels = [float(text) for text in axis.tickStrings([0.2, 0.4], axis.autoSIPrefixScale * axis.scale, 0.2)]
        assert labels == [0.2, 0.4]


def test_only_curves_of_the_same_pictures_are_compared_unasked():
    def curve(name, published=False):
        return Curve(name, ((0.1, 30.0), (0.2, 34.0)), (), published)

    kodak = [curve("Base", True), curve("Large", True)]
    assert default_pair([curve("Lite"), *kodak]) == (1, 2)
    assert default_pair([curve("Lite"), curve("JPEG"), *kodak]) == (0, 1)
    assert default_pair([curve("Lite")]) == (-1, -1)
    assert "fair" in saving(curve("Lite"), kodak[0])
    assert "fair" not in saving(*kodak)


def test_chosen_curves_stay_chosen_and_give_way_when_they_go(encoded):
    chart = open_chart(encoded)
    assert (chart.test.currentText(), chart.anchor.currentText()) == ("HPCM-Base, Kodak", "HPCM-Large, Kodak")
    chart.test.setCurrentText("Lite")
    chart.test.activated.emit(0)
    chart.refresh()
    assert (chart.test.currentText(), chart.anchor.currentText()) == ("Lite", "HPCM-Large, Kodak")
    chart.reference.setChecked(False)
    assert (chart.test.currentIndex(), chart.anchor.currentIndex()) == (-1, -1)
    assert "Choose" in chart.saving.text()


def test_curves_without_a_common_range_are_told():
    low, high = Curve("a", ((0.1, 20.0), (0.2, 25.0))), Curve("b", ((0.1, 30.0), (0.2, 35.0)))
    assert "share" in saving(low, high)
    assert "share" in saving(Curve("one", ((0.1, 20.0),)), low)


def test_equal_and_infinite_qualities_make_no_double_points():
    points = Points()
    points.formats = {
        ("jpeg", "a"): Metrics(10, 0.2, 30.0, None, None),
        ("jpeg", "b"): Metrics(10, 0.1, 30.0, None, None),
        ("jpeg", "c"): Metrics(10, 0.9, float("inf"), None, None),
    }
    (curve,) = points.curves(PSNR)
    assert curve.points == ((0.1, 30.0),)
    assert points.curves(MS_SSIM) == []


def test_pyqtgraph_waits_for_the_first_show():
    script = "import sys, app.application; assert not any(m.startswith(('pyqtgraph', 'torch')) for m in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
