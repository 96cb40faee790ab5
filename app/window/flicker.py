"""Original and reconstruction in turn, by themselves: what changes between them catches the eye."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction

from app.canvas.canvas import Canvas
from app.canvas.scene import View

PERIOD_MS = 500
"""How long each is shown: two changes a second, below the three that can harm people with epilepsy (WCAG 2.3.1)."""


class Flicker(QObject):
    """Runs while its action is checked; another view ends it."""

    def __init__(self, action: QAction, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._action, self._canvas = action, canvas
        self._before = canvas.look.view
        self.timer = QTimer(self)
        self.timer.setInterval(PERIOD_MS)
        self.timer.timeout.connect(self._change)
        action.setCheckable(True)
        action.toggled.connect(self._toggled)
        canvas.look_changed.connect(self._look_changed)

    def _toggled(self, on: bool) -> None:
        canvas = self._canvas
        if on:
            self._before = canvas.look.view
            canvas.set_view(View.RECONSTRUCTION)
            canvas.set_peeking(True)
            self.timer.start()
        else:
            self.timer.stop()
            canvas.set_peeking(False)
            if canvas.look.view is View.RECONSTRUCTION:
                canvas.set_view(self._before)

    def _change(self) -> None:
        canvas = self._canvas
        if not (canvas.scene.offers(View.ORIGINAL) and canvas.scene.offers(View.RECONSTRUCTION)):
            self._action.setChecked(False)
            return
        canvas.set_peeking(canvas.view is not View.ORIGINAL)

    def _look_changed(self) -> None:
        if self.timer.isActive() and self._canvas.look.view is not View.RECONSTRUCTION:
            self._action.setChecked(False)
