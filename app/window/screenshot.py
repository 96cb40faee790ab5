"""Takes a picture of the window when all work is done, and quits: for the documentation and for a look from afar."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.ui.notices import Notice
from app.window.main_window import MainWindow

SETTLE_MS = 400
"""Time for the last paint after the last job."""

LIMIT_MS = 180_000


class Screenshot(QObject):
    """Waits for the session to be idle with a result, grabs the window, closes it. status: 0, or 1 if that failed."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._idle_since: int | None = None
        self._waited = 0
        self.status = 1
        self._failed = False
        window.session.noticed.connect(self._noticed)
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _noticed(self, notice: Notice) -> None:
        self._failed = self._failed or notice.is_error

    def _look(self) -> None:
        self._waited += self._timer.interval()
        session = self._window.session
        done = session.idle and (
            session.outcome is not None or self._failed or (session.is_empty and self._waited > 2000)
        )
        if not done:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._waited
        if self._idle_since is not None and self._waited - self._idle_since >= SETTLE_MS:
            self._finish()
        elif self._waited > LIMIT_MS:
            self._window.quit()

    def _finish(self) -> None:
        self._timer.stop()
        saved = self._window.grab().save(str(self._path))
        self.status = 0 if saved and not self._failed else 1
        self._window.quit()
