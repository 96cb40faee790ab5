"""The rate-distortion chart."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QLocale, QPointF, Qt, QTranslator
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.dialogs import curves
from app.dialogs.curves import MS_SSIM, PSNR, Curve, Points, default_pair, published, saving
from app.session.history import MERGE_SECONDS
from app.ui import translation
from app.worker.tasks import CurvePoint
from hpcm_core import metrics
from hpcm_core.evaluation import anchors
from hpcm_core.evaluation.bd_rate import interpolated
from hpcm_core.evaluation.measures import SETTINGS
from hpcm_core.format.header import EXACT_PROFILE, FIXED_RATE, Header
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.results import Metrics
from tests.app.conftest import LONG, drop, wait_shown
from tests.paths import ROOT


def shorten(monkeypatch):
    """Fewer points: each takes its time."""
    monkeypatch.setattr(curves, "MODEL_QUALITIES", (0, 100, 10))
    monkeypatch.setattr(curves, "SETTINGS", {name: (settings[0], settings[3]) for name, settings in SETTINGS.items()})


def wait_for_curves(window, qtbot):
    qtbot.waitUntil(lambda: window.tool_commands.meter.current is None, timeout=LONG)


def dots_of(chart):
    """The points of each curve."""
    return [item for item in chart.plot.plotItem.items if type(item).__name__ == "ScatterPlotItem"]


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
    assert np.allclose(dots_of(chart)[0].getData()[0], [rate for rate, _ in chart.shown[0].points])
    assert len(dots_of(chart)) == len(chart.shown)


def test_whole_curves_are_measured_on_request(encoded, sample, qtbot, monkeypatch):
    """Our own model too, and formats by the same metrics, of a codec that can be tuned at its best."""
    shorten(monkeypatch)
    chart = open_chart(encoded)
    first = encoded.session.outcome
    QTest.mouseClick(chart.start, Qt.MouseButton.LeftButton)
    assert chart.start.text() == "Stop"
    assert chart.stage.text() == "Lite, quality 0: 1 of 13"
    wait_for_curves(encoded, qtbot)
    assert chart.start.text() == "Measure"
    assert [curve.name for curve in chart.shown[:5]] == ["Lite", "JPEG", "WebP", "AVIF tune=psnr", "JPEG XL"]
    lite = chart.shown[0]
    assert lite.labels == ("quality 0", "quality 10", "quality 30", "quality 100")
    assert lite.points[2] == (first.metrics.bpp, first.metrics.psnr)
    size, decoded = anchors.classical()[0].code(sample, 45)
    jpeg = chart.shown[1]
    at = jpeg.labels.index("quality 45")
    assert jpeg.points[at] == pytest.approx((8 * size / (257 * 183), metrics.psnr(sample.pixels, decoded.pixels)))
    chart.measure.setCurrentText(MS_SSIM)
    assert [curve.name for curve in chart.shown[3:5]] == ["AVIF tune=iq", "JPEG XL"]
    assert chart.shown[0].points[2][1] == first.metrics.ms_ssim_db
    assert encoded.session.outcome.data == first.data, "what is on show stays"
    QTest.mouseClick(chart.start, Qt.MouseButton.LeftButton)
    assert chart.start.text() == "Measure", "nothing is measured twice"


def test_measuring_gives_way_and_can_be_stopped(encoded, qtbot, monkeypatch):
    shorten(monkeypatch)
    chart, meter = open_chart(encoded), encoded.tool_commands.meter
    QTest.mouseClick(chart.start, Qt.MouseButton.LeftButton)
    encoded.recipe_panel.slider.setValue(55)
    qtbot.waitUntil(lambda: not encoded.session.is_stale, timeout=LONG)
    assert meter.current is not None
    qtbot.waitUntil(lambda: meter.done > 2, timeout=LONG)
    QTest.mouseClick(chart.start, Qt.MouseButton.LeftButton)
    assert meter.current is None
    assert (chart.start.text(), chart.stage.text()) == ("Measure", "")
    measured = len(chart.points.own) + len(chart.points.formats)
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    qtbot.wait(400)
    assert len(chart.points.own) + len(chart.points.formats) == measured
    QTest.mouseClick(chart.start, Qt.MouseButton.LeftButton)
    assert meter.total < 13, "it goes on where it was"
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert not chart.isVisible()
    assert meter.current is None


def test_a_click_on_a_point_takes_its_recipe(encoded, qtbot):
    chart = open_chart(encoded)
    encoded.recipe_panel.slider.setValue(70)
    qtbot.waitUntil(lambda: len(chart.shown[0].points) == 2, timeout=LONG)
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    qtbot.wait(int(1000 * MERGE_SECONDS))  # Else it is one step with the slider's.
    chart.plot.grab()
    place = QPointF(*chart.shown[0].points[0])
    at = chart.plot.mapFromScene(chart.plot.plotItem.vb.mapViewToScene(place))
    QTest.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert encoded.session.recipe == Recipe(quality=30)
    assert encoded.recipe_panel.slider.value() == 30
    qtbot.waitUntil(lambda: encoded.session.outcome.recipe == Recipe(quality=30), timeout=LONG)
    encoded.activateWindow()
    qtbot.waitUntil(encoded.isActiveWindow, timeout=LONG)
    encoded.canvas.setFocus()
    QTest.keyClick(encoded, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert encoded.session.recipe == Recipe(quality=70)
    (kodak,) = [curve for curve in chart.shown if curve.name == "HPCM-Base, Kodak"]
    assert kodak.recipes == (), "no recipe of this picture"


@pytest.mark.parametrize("suffix", ["png", "svg", "csv", "gif"])
def test_curves_are_saved(encoded, tmp_path, monkeypatch, qtbot, suffix):
    chart, target = open_chart(encoded), tmp_path / f"curves.{suffix}"
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(target), ""))
    QTest.mouseClick(chart.save, Qt.MouseButton.LeftButton)
    if suffix == "gif":  # No kind of file that curves have: a part of the name.
        target = target.with_name("curves.gif.png")
    qtbot.waitUntil(target.exists, timeout=LONG)
    found = encoded.session.outcome.metrics
    if suffix == "csv":
        rows = list(csv.DictReader(target.open()))
        assert rows[0] == {
            "curve": "Lite",
            "coded_with": "quality 30",
            "bpp": f"{found.bpp:.6f}",
            "measure": "PSNR",
            "db": f"{found.psnr:.6f}",
            "published": "0",
        }
        assert {row["measure"] for row in rows} == {PSNR, MS_SSIM}
        assert sum(row["published"] == "1" for row in rows) == 24
    elif suffix == "svg":
        texts = "".join(ElementTree.parse(target).getroot().itertext())
        assert all(text in texts for text in ("part.png", "Lite", "HPCM-Base, Kodak", "MS-SSIM (dB)"))
    else:
        image = QImage(str(target))
        assert image.size() == chart.plot.size() * chart.devicePixelRatioF()


def test_what_is_saved_was_on_show_when_its_name_was_asked_for(encoded, tmp_path, monkeypatch, qtbot):
    chart, target = open_chart(encoded), tmp_path / "curves.csv"
    other = tmp_path / "other.png"
    Picture(np.zeros((64, 80, 3), np.uint8)).save(other)

    def ask(*_):
        drop(encoded, other)
        qtbot.waitUntil(lambda: encoded.session.path == other and not chart.points.own, timeout=LONG)
        return str(target), ""

    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", ask)
    QTest.mouseClick(chart.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(target.exists, timeout=LONG)
    assert next(csv.DictReader(target.open()))["coded_with"] == "quality 30"


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
    wait_shown(chart)
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
    long = [
        Curve(name, tuple((0.1 * i, 30.0 + i) for i in range(1, 6)), (), is_published)
        for name, is_published in (("Lite", False), ("Base", True), ("Large", True))
    ]
    assert "fair" in saving(*long[:2])
    assert "fair" not in saving(*long[1:])


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


def test_no_bd_rate_where_it_would_say_nothing():
    def curve(name, low, count=5, step=2.0):
        return Curve(name, tuple((0.1 * 1.5**i, low + step * i) for i in range(count)))

    assert "needs 4 points of each curve or more; b has 3" in saving(curve("a", 20.0), curve("b", 20.0, count=3))
    assert "the other has only 0 %" in saving(curve("a", 20.0), curve("b", 40.0))
    assert "the other has only 38 %" in saving(curve("a", 20.0), curve("b", 25.0))
    assert "BD-rate +" in saving(curve("a", 20.0), curve("b", 23.0))
    assert "share a range" in saving(curve("a", 20.0, step=0.0), curve("b", 20.0))


def test_lines_are_drawn_as_the_bd_rate_takes_them(encoded):
    """Not as chords, which lie below the curve."""
    chart = open_chart(encoded)
    base = chart.shown[1]
    drawn = [item for item in chart.plot.listDataItems() if type(item).__name__ == "PlotDataItem"][1]
    rates, values = drawn.getData()
    assert [*zip(rates, values, strict=True)] == interpolated(base.points)
    (x0, y0), (x1, y1) = base.points[0], base.points[1]
    middle = (x0 + x1) / 2
    assert np.interp(middle, rates, values) > (y0 + y1) / 2


def test_equal_and_infinite_qualities_make_no_double_points():
    points = Points()
    for setting, (rate, psnr) in enumerate([(0.2, 30.0), (0.1, 30.0), (0.9, float("inf"))]):
        points.add_measured(CurvePoint(None, "jpeg", setting), Metrics(10, rate, psnr, None, None))
    (curve,) = points.curves(PSNR)
    assert curve.points == ((0.1, 30.0),)
    assert points.curves(MS_SSIM) == []


def test_latents_that_were_looked_for_longer_have_a_curve_of_their_own(encoded):
    """And a click on their point asks for them again."""
    points, plain = Points(), encoded.session.outcome
    longer = replace(plain, recipe=Recipe(quality=30, effort=2), metrics=replace(plain.metrics, bpp=0.9))
    assert points.add(plain)
    assert points.add(longer)
    found = {curve.name: (curve.points, curve.recipes) for curve in points.curves(PSNR)}
    assert found == {
        "Lite": (((plain.metrics.bpp, plain.metrics.psnr),), (Recipe(quality=30),)),
        "Lite · effort 2": (((0.9, plain.metrics.psnr),), (Recipe(quality=30, effort=2),)),
    }


def test_pyqtgraph_waits_for_the_first_show():
    script = "import sys, app.application; assert not any(m.startswith(('pyqtgraph', 'torch')) for m in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_recipes_of_files():
    def header(name, quality=FIXED_RATE):
        return Header(8, 8, 8, 3, False, name, bytes(8), EXACT_PROFILE, 0, quality, 1, 1)

    assert curves.recipe_of(header("lite", 70)) == Recipe(quality=70)
    assert curves.recipe_of(header("base-ms-ssim-16.64")) == Recipe("base", lmbda=16.64, metric="ms-ssim")
    assert curves.recipe_of(header("unheard-of", 70)) is None
    assert curves.recipe_of(header("base-mse-much")) is None
    points = Points()
    for metric in ("mse", "ms-ssim"):
        point = CurvePoint(Recipe("base", lmbda=16.64, metric=metric))
        points.add_measured(point, Metrics(10, 0.2, 30.0, None, None))
    assert [curve.name for curve in points.curves(PSNR)] == ["Base", "Base (MS-SSIM)"]


def test_what_is_measured_follows_the_models_that_are_there():
    infos = [
        ModelInfo("lite", "lite", "mse", None, "variable", "bundled", None, ""),
        ModelInfo("base-mse-0.013", "base", "mse", 0.013, "fixed", "installed", None, ""),
        ModelInfo("large-mse-0.013", "large", "mse", 0.013, "fixed", "missing", None, ""),
    ]
    own = [point.recipe for point in Points().missing(infos) if point.recipe is not None]
    assert own == [*(Recipe(quality=q) for q in curves.MODEL_QUALITIES), Recipe("base", lmbda=0.013)]


def test_figures_of_the_chart_have_the_form_of_the_language(encoded, qapp, qtbot):
    assert translation.install(qapp, QLocale("de")) == "de"
    try:
        encoded.tool_commands.show_chart()
        chart = encoded.tool_commands.chart
        assert chart.plot.getAxis("bottom").tickStrings([0.5, 1.0], 1, 0.5) == ["0,5", "1,0"]
        less, more = (
            Curve(name, tuple((0.1 * n * by, 20.0 + n) for n in range(1, 6)), ()) for name, by in (("a", 1), ("b", 1.5))
        )
        assert "33,3 %" in saving(less, more)
        chart.close()
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
