"""The window's tests share one codec process, run without a screen, and keep their settings to themselves."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.settings import Settings
from app.dialogs.export import ExportDialog
from app.session.document import Outcome
from app.session.session import Session
from app.ui import theme
from app.window.main_window import MainWindow
from app.worker.codec_worker import CodecWorker
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource

LONG = 180_000
"""Milliseconds that a job may take on a busy machine."""


class PatientBot(QtBot):
    """Waits as long as a busy machine may take, not for five seconds, where a test says nothing else."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = LONG) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = LONG, **rest: Any) -> Any:  # type: ignore[override]
        return super().waitSignal(signal, timeout=timeout, **rest)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """pytest-qt's, with more patience."""
    return PatientBot(request)


def wait_shown(widget: QWidget) -> None:
    """Wait until a window is on the screen. QtBot.waitExposed waits for nothing outside a with statement."""
    assert QTest.qWaitForWindowExposed(widget, LONG)


def wait_active(window: QWidget) -> None:
    """Make a window that which has the keys, and wait until it is."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window, LONG)


@pytest.fixture(autouse=True, scope="package")
def no_collection_elsewhere() -> Iterator[None]:
    """As in the program (app.desktop.garbage_collector): no worker's thread may collect Qt objects, between two tests
    neither.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def collect_on_this_thread(no_collection_elsewhere: None) -> Iterator[None]:
    """What the collector's timer does in the program."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def worker(qapp: QApplication) -> Iterator[CodecWorker]:
    """The one worker with its codec process."""
    theme.apply("light")
    shared = CodecWorker()
    shared.start()
    yield shared
    shared.stop()
    QGuiApplication.clipboard().clear()  # Qt must not find data that Python owned when Python is gone.


@pytest.fixture(scope="session")
def sample() -> Picture:
    """A part of the sample photograph: large enough for MS-SSIM, small enough to be quick. Odd sizes on purpose."""
    whole = Picture.open(resource("samples/astronaut.png"))
    return Picture(whole.pixels[100:283, 150:407].copy())


@pytest.fixture
def picture_file(sample: Picture, tmp_path: Path) -> Path:
    path = tmp_path / "part.png"
    sample.save(path)
    return path


@pytest.fixture(scope="session")
def large_data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A picture that takes seconds, as PNG."""
    whole = Picture.open(resource("samples/astronaut.png"))
    path = tmp_path_factory.mktemp("large") / "large.png"
    Picture(whole.pixels.repeat(4, axis=0).repeat(4, axis=1)).save(path)
    return path.read_bytes()


@pytest.fixture
def large_file(large_data: bytes, tmp_path: Path) -> Path:
    """A picture that takes seconds: there is time to cancel or to fail."""
    path = tmp_path / "large.png"
    path.write_bytes(large_data)
    return path


@pytest.fixture
def make_window(qtbot: QtBot, worker: CodecWorker, tmp_path: Path) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows on the shared worker. What runs at the end of a test is cancelled, the process stays."""
    windows: list[MainWindow] = []

    def make(recipe: Recipe | None = None, worker: CodecWorker = worker) -> MainWindow:
        settings = Settings(tmp_path / "config")
        session = Session(worker, recipe or Recipe(quality=30))
        window = MainWindow(session, settings)
        window.resize(1200, 800)
        window.show()
        wait_shown(window)
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.session.cancel()
        qtbot.waitUntil(lambda window=window: window.session.idle, timeout=LONG)
        window.session.background.close()
        window.session.deleteLater()
        window.hide()
        window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    return make_window()


@pytest.fixture(scope="session")
def kept() -> list[tuple[bytes, Recipe, Outcome]]:
    """The small picture's result, once there is one."""
    return []


@pytest.fixture
def show_result(picture_file: Path, kept: list[tuple[bytes, Recipe, Outcome]], qtbot: QtBot) -> Callable[..., None]:
    """Opens the small picture in a window that has the default recipe, and waits until it is encoded and checked.

    It is encoded once; later windows find that result among those that a session keeps, as if they had had the picture
    open before.
    """

    def show(window: MainWindow) -> None:
        for result in kept:
            window.session.cache.put(*result)
        open_and_encode(window, picture_file, qtbot)
        if not kept:
            session = window.session
            kept.append((session.original.pixels, session.recipe, session.outcome))

    return show


@pytest.fixture
def encoded(window: MainWindow, show_result: Callable[..., None]) -> MainWindow:
    """A window with the small picture, encoded and checked."""
    show_result(window)
    return window


def open_and_encode(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    """Open a picture and wait for everything that follows."""
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    qtbot.waitUntil(
        lambda: window.session.outcome is not None and window.session.outcome.decode_seconds is not None, timeout=LONG
    )


def pixels_of(widget):
    """What a widget paints, H x W x 3."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def drop(widget, *paths):
    """Drag files into a widget and let them go there; it must take them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert widget.acceptDrops()
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    held = QDragEnterEvent(QPoint(50, 50), *rest)
    QApplication.sendEvent(widget, held)
    assert held.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(50, 50), *rest))


def export_dialog(window: MainWindow) -> ExportDialog:
    """The dialog that Ctrl+E opens."""
    wait_active(window)
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    return next(found for found in window.findChildren(ExportDialog) if found.isVisible())


def export_to(window: MainWindow, path: Path) -> None:
    """Export what is shown by the keys of a user, who types the name; the folder is the last one."""
    window.settings.export_folder = str(path.parent)
    dialog = export_dialog(window)
    dialog.target.name.selectAll()
    QTest.keyClicks(dialog.target.name, path.name)
    QTest.keyClick(dialog.target.name, Qt.Key.Key_Return)
