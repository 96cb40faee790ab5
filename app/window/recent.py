"""The files that were opened last, as a menu and for the first page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.settings import Settings
from app.session.background import Background
from app.ui.translation import tr


class RecentFiles(QObject):
    """Offers those that are there. Each is looked for on a thread of its own: a drive that does not answer holds up
    neither the window nor the other files.
    """

    changed = Signal(object)  # list of paths, the newest first

    def __init__(
        self, parent: QWidget, settings: Settings, background: Background, open_: Callable[[Path], object]
    ) -> None:
        super().__init__(parent)
        self._settings, self._background, self._open = settings, background, open_
        self._there: set[Path] = set()
        self._looked_for: set[Path] = set()
        self._shown: list[Path] | None = None
        self.menu = QMenu(tr("Open &recent"), parent)
        self.menu.aboutToShow.connect(self.look)
        self.look()

    def add(self, path: Path) -> None:
        """Remember a file that was opened."""
        self._settings.add_recent(path)
        self._there.add(path.absolute())
        self.look()

    def look(self) -> None:
        """Find out which files are there now."""
        for path in self._settings.recent_files:
            if path not in self._looked_for:
                self._looked_for.add(path)
                self._look_for(path)
        self._fill()

    def _look_for(self, path: Path) -> None:
        def found(there: bool) -> None:
            self._looked_for.discard(path)
            (self._there.add if there else self._there.discard)(path)
            self._fill()

        self._background.run(lambda: os.path.isfile(path), found, lambda *_: found(False))

    def _fill(self) -> None:
        recent = [path for path in self._settings.recent_files if path in self._there]
        if recent == self._shown:
            return
        self._shown = recent
        self.menu.clear()
        for number, path in enumerate(recent, 1):
            action = self.menu.addAction(f"&{number % 10}  {path.name.replace('&', '&&')}")
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._open(path))
        self.menu.setEnabled(bool(recent))
        if recent:
            self.menu.addSeparator()
            self.menu.addAction(tr("&Clear list")).triggered.connect(self._clear)
        self.changed.emit(recent)

    def _clear(self) -> None:
        self._settings.clear_recent()
        self._fill()
