"""The window that looks into the file, with the real codec process."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from hpcm_core.inspect.drawing import Figure
from hpcm_core.inspect.driver import open_source
from hpcm_core.inspect.latents import tile_latents
from hpcm_core.inspect.spot import spot_of, to_csv
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from tests.app.conftest import LONG, open_and_encode


@pytest.fixture
def looking(encoded, qtbot):
    """The window, and the dialog at the place under the pointer."""
    qtbot.waitUntil(lambda: encoded.session.idle, timeout=LONG)
    encoded.activateWindow()
    encoded.canvas.setFocus()
    QTest.keyClick(encoded, Qt.Key.Key_I)
    dialog = encoded.tool_commands.inspect
    assert dialog.isVisible()
    answered(dialog, qtbot)
    yield encoded, dialog
    dialog.close()


def answered(dialog, qtbot):
    qtbot.waitUntil(lambda: not dialog.looker.busy, timeout=LONG)


def drawn(dialog, qtbot, kind):
    dialog.begin(kind)
    assert dialog.go.isVisible()
    dialog.go.click()
    assert dialog.looker.busy
    qtbot.waitUntil(lambda: dialog.shown_figure is not None and not dialog.looker.busy, timeout=LONG)
    return dialog.shown_figure


def place_of(canvas, x, y):
    """Where a picture pixel is in the canvas's own coordinates."""
    view, ratio = canvas.viewport, canvas.devicePixelRatioF()
    return QPoint(round((view.edge_x(x) + view.scale / 2) / ratio), round((view.edge_y(y) + view.scale / 2) / ratio))


def test_the_latents_are_those_of_the_file(looking):
    window, dialog = looking
    source = open_source(window.session.outcome.data, Job())
    width, height = window.canvas.scene.size
    expected = spot_of(tile_latents(source, 0, lambda: None), height // 2 // 16, width // 2 // 16)
    assert to_csv(dialog.spot) == to_csv(expected), "without a pointer, the middle"
    model = dialog.table.latents
    assert model.rowCount() == 256 + 96
    shown = [model.data(model.index(0, column)) for column in range(model.columnCount())]
    assert shown[0] == str(expected.latents.channels[0])
    assert shown[1] == f"Step {expected.latents.steps[0]}"
    assert float(shown[7]) == pytest.approx(expected.latents.bits[0], abs=0.006)
    assert float(shown[9]) == pytest.approx(expected.latents.surprise[0], abs=0.006)
    assert model.data(model.index(300, 1)) == "Hyperprior z"


def test_columns_are_as_wide_as_what_they_show(looking, monkeypatch):
    """And few values are looked at for that: a click on a place must not have the window wait."""
    _, dialog = looking
    table, model = dialog.table, dialog.table.latents
    means = dialog.spot.latents.means.copy()
    means[100] = -12345.5
    table.show_spot(replace(dialog.spot, latents=replace(dialog.spot.latents, means=means)))
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            assert table.sizeHintForIndex(model.index(row, column)).width() <= table.columnWidth(column)
    looks = []
    data = type(model).data
    monkeypatch.setattr(type(model), "data", lambda *a: looks.append(None) or data(*a))
    table.show_spot(dialog.spot)
    QApplication.processEvents()
    cells = model.rowCount() * model.columnCount()
    assert len(looks) < 2 * cells, "Qt asks for eight things of each cell that it looks at"


def test_a_click_chooses_the_place(looking, qtbot, monkeypatch):
    window, dialog = looking
    canvas = window.canvas
    asked = []
    monkeypatch.setattr(window.session, "submit", lambda *a, **b: asked.append(a))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place_of(canvas, 40, 21))
    assert not asked, "the tile is here already"
    assert (dialog.spot.row, dialog.spot.column) == (1, 2)
    assert canvas.frame.mark == QRect(32, 16, 16, 16)
    place = place_of(canvas, 60, 50)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(canvas, place + QPoint(30, 10))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place + QPoint(30, 10))
    assert (dialog.spot.row, dialog.spot.column) == (1, 2), "a drag is no click"
    dialog.close()
    assert canvas.frame.mark is None
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place_of(canvas, 80, 21))
    assert (dialog.spot.row, dialog.spot.column) == (1, 2), "nobody looks"


def test_the_mark_is_painted_around_the_place(looking, qtbot):
    window, _ = looking
    canvas = window.canvas
    canvas.clicked.emit(40, 21)
    with_mark = canvas.grab().toImage()
    canvas.set_mark(None)
    without = canvas.grab().toImage()
    corner = place_of(canvas, 31, 15)
    ratio = canvas.devicePixelRatioF()
    assert with_mark.pixel(corner * ratio) != without.pixel(corner * ratio)


def test_a_row_shows_what_had_informed_it(looking):
    window, dialog = looking
    spot = dialog.spot
    assert "step" in dialog.around_title.text()
    row = int(np.flatnonzero(spot.latents.steps == 8)[0])
    dialog.table.selectRow(row)
    assert "step 8" in dialog.around_title.text()
    assert "Of 49 positions" in dialog.around_note.text()
    assert f"channel {spot.latents.channels[row]}" in dialog.around_note.text()
    window.canvas.clicked.emit(5, 5)
    dialog.table.selectRow(int(np.flatnonzero(dialog.spot.latents.steps == 1)[0]))
    assert "only the hyperprior" in dialog.around_note.text()
    dialog.table.selectRow(260)
    assert "shared by 16 positions" in dialog.around_note.text()
    assert not dialog.over.isEnabled()


def saved(dialog, qtbot, path):
    dialog.save_to(path)
    qtbot.waitUntil(lambda: path.name in dialog.stage.text(), timeout=LONG)


def test_saved_as_csv(looking, qtbot, tmp_path):
    window, dialog = looking
    saved(dialog, qtbot, tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert text == to_csv(dialog.spot)
    assert len(list(csv.DictReader(io.StringIO(text)))) == 352
    shown = len(window.toasts.shown)
    dialog.save_to(tmp_path / "nowhere" / "a.csv")
    qtbot.waitUntil(lambda: len(window.toasts.shown) > shown, timeout=LONG)
    assert "a.csv could not be written" in window.toasts.shown[-1].notice.message
    assert not (tmp_path / "nowhere").exists()


def test_what_is_saved_is_what_was_on_show_when_its_name_was_asked_for(looking, qtbot, tmp_path, monkeypatch):
    """Another place was clicked, or another file came."""
    window, dialog = looking
    text = to_csv(dialog.spot)

    def ask(*_):
        before = dialog.spot
        window.canvas.clicked.emit(5, 5)
        qtbot.waitUntil(lambda: dialog.spot not in (None, before), timeout=LONG)
        return str(tmp_path / "a.csv"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    dialog.save.click()
    qtbot.waitUntil((tmp_path / "a.csv").exists, timeout=LONG)
    assert (tmp_path / "a.csv").read_text() == text != to_csv(dialog.spot)


def test_figures_are_drawn_and_saved(looking, qtbot, tmp_path):
    window, dialog = looking
    bits = window.session.outcome.bits
    dialog.begin("bits")
    dialog.first.setCurrentIndex(1)
    dialog.last.setCurrentIndex(5)
    figure = drawn(dialog, qtbot, "bits")
    # A tile whose steps are observed adds its bits in another order.
    assert np.allclose(figure.arrays["bits"], bits.steps[1:6].sum(axis=0), rtol=1e-5, atol=1e-5)
    saved(dialog, qtbot, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as found:
        assert np.array_equal(found["bits"], figure.arrays["bits"])
    saved(dialog, qtbot, tmp_path / "a.png")
    Image.open(tmp_path / "a.png").verify()
    dialog.save_to(tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()
    assert len(dialog.figure.panels) == 1

    dialog.begin("erf")
    assert dialog.shown_figure is None, "another figure is to be drawn"
    dialog.step.setCurrentIndex(dialog.step.findData("6"))
    figure = drawn(dialog, qtbot, "erf")
    assert list(figure.arrays) == ["step_6"]
    window.canvas.clicked.emit(5, 5)
    assert dialog.kind.currentData() == "erf", "a click chooses where the next is drawn"
    assert dialog.shown_figure is figure
    assert (dialog.spot.row, dialog.spot.column) == (0, 0)
    window.canvas.clicked.emit(40, 21)
    dialog.begin("bits")
    window.canvas.clicked.emit(5, 5)
    assert dialog.kind.currentData() == "latents"


def test_a_figure_is_drawn_and_written_beside_the_window(looking, qtbot, tmp_path, monkeypatch):
    """That of a picture of 24 megapixels takes a second."""
    _, dialog = looking
    dialog.begin("bits")
    drawn(dialog, qtbot, "bits")
    threads = []
    monkeypatch.setattr(Figure, "png", lambda figure: threads.append(threading.current_thread()) or b"png")
    saved(dialog, qtbot, tmp_path / "a.png")
    assert threads != [threading.main_thread()]
    assert (tmp_path / "a.png").read_bytes() == b"png"


def test_the_channel_of_a_row_over_the_picture(looking, qtbot):
    _, dialog = looking
    dialog.table.selectRow(2)
    channel = int(dialog.spot.latents.channels[2])
    value, row, column = dialog.spot.latents.values[2], dialog.spot.row, dialog.spot.column
    dialog.over.click()
    qtbot.waitUntil(lambda: dialog.shown_figure is not None, timeout=LONG)
    assert dialog.shown_figure.meta["channel"] == channel
    assert dialog.shown_figure.arrays["values"][row, column] == value
    assert len(dialog.figure.panels) == 3


def test_what_there_is_none_of_is_said(looking, qtbot):
    window, dialog = looking
    told = []
    window.session.noticed.connect(told.append)
    dialog.begin("attention")
    dialog.go.click()
    answered(dialog, qtbot)
    assert dialog.shown_figure is None
    assert "lite has no attention" in told[-1].message


def test_it_waits_for_the_codec_and_can_be_given_up(looking, qtbot):
    window, dialog = looking
    window.session.encode()
    assert window.session.busy
    dialog.begin("bits")
    dialog.go.click()
    QApplication.processEvents()
    assert dialog.looker.busy
    assert window.session.busy, "the encoding goes on"
    assert dialog.go.text() == "Stop"
    dialog.go.click()
    assert not dialog.looker.busy
    assert window.session.busy
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)
    assert dialog.shown_figure is None

    dialog.go.click()
    QApplication.processEvents()
    assert not window.session.busy, "nobody else waits for it"
    dialog.reject()
    assert not dialog.looker.busy
    assert dialog.isVisible()
    dialog.reject()
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)


def test_another_result_is_looked_into_at_the_same_place(looking, qtbot):
    window, dialog = looking
    window.canvas.clicked.emit(40, 21)
    before = dialog.spot
    window.recipe_panel.slider.setValue(10)
    qtbot.waitUntil(
        lambda: dialog.spot is not None and dialog.spot is not before and not dialog.looker.busy, timeout=2 * LONG
    )
    assert (dialog.spot.row, dialog.spot.column) == (1, 2)
    assert dialog.spot.bits < before.bits


def test_of_a_file_without_latents_nothing_is_asked(looking, qtbot):
    """Whoever chooses to keep every pixel while this window is open has asked for none of it: it says so itself."""
    window, dialog = looking
    window.tool_commands.take_recipe(Recipe("lossless"))
    qtbot.waitUntil(lambda: window.session.outcome.recipe.model == "lossless" and window.session.idle, timeout=LONG)
    window.canvas.clicked.emit(10, 10)
    answered(dialog, qtbot)
    qtbot.waitUntil(lambda: window.session.idle, timeout=LONG)
    assert window.toasts.shown == []
    assert dialog.summary.text() == "What Lossless codes cannot be looked into."
    dialog.begin("bits")
    assert not dialog.go.isEnabled()


def test_without_a_file_there_is_nothing_to_look_into(window, picture_file, qtbot):
    assert not window.actions_["inspect"].isEnabled()
    open_and_encode(window, picture_file, qtbot)
    assert window.actions_["inspect"].isEnabled()
    assert window.actions_["figure_erf"].isEnabled()


def test_a_figure_does_not_come_under_the_name_of_another(looking, qtbot):
    _, dialog = looking
    dialog.begin("bits")
    dialog.go.click()
    assert dialog.looker.busy
    dialog.begin("channel")
    qtbot.waitUntil(lambda: not dialog.looker.busy, timeout=LONG)
    assert dialog.shown_figure is None
    assert drawn(dialog, qtbot, "channel").meta["figure"] == "channel"


def test_a_figure_is_not_written_over_the_original(looking, picture_file, qtbot):
    window, dialog = looking
    before = picture_file.read_bytes()
    drawn(dialog, qtbot, "bits")
    dialog.save_to(picture_file)
    qtbot.waitUntil(lambda: window.toasts.shown != [], timeout=LONG)
    assert "never overwritten" in window.toasts.shown[-1].notice.message
    assert picture_file.read_bytes() == before
