"""More room for the picture: without the panel, or on the whole screen without anything else."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from app.desktop.settings import Settings
from app.window.actions import Actions


class Room(QObject):
    """Shows and hides what is around the canvas."""

    def __init__(
        self, window: QMainWindow, settings: Settings, actions: Actions, panel: QWidget, around: Sequence[QWidget]
    ) -> None:
        """around: what goes with the panel on a full screen."""
        super().__init__(window)
        self._window, self._settings, self._actions, self._panel, self._around = (
            window, settings, actions, panel, around,
        )  # fmt: skip
        self._geometry: QByteArray | None = None
        actions["panel"].setChecked(settings.panel_shown)
        panel.setVisible(settings.panel_shown)
        actions["panel"].toggled.connect(self._panel_chosen)
        actions["full_screen"].toggled.connect(self._screen_chosen)

    @property
    def is_full(self) -> bool:
        """The picture has the whole screen."""
        return self._geometry is not None

    def leave(self) -> None:
        """Leave the full screen."""
        self._actions["full_screen"].setChecked(False)

    def geometry(self) -> QByteArray:
        """The window's geometry when it is not on the full screen."""
        return self._geometry if self._geometry is not None else self._window.saveGeometry()

    def _panel_chosen(self, on: bool) -> None:
        self._settings.panel_shown = on
        self._panel.setVisible(on)

    def _screen_chosen(self, on: bool) -> None:
        if on == self.is_full:
            return
        for part in self._around:
            part.setVisible(not on)
        self._panel.setVisible(not on and self._settings.panel_shown)
        if on:
            self._geometry = self._window.saveGeometry()
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            self._geometry = None
            self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)
        self._actions.enable({"panel": not on})
