"""What pointer, wheel and arrow keys do on the canvas: zoom, pan, move the divider, select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from app.canvas.rectangle import rect_between
from app.canvas.scene import View

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas

WHEEL_STEP = 1.25
"""Zoom factor of one notch of the wheel."""

PAN_STEP = 64
"""Device-independent pixels that an arrow key moves the picture."""

CLICK_REACH = 3
"""Device-independent pixels that a click may move without being a drag."""

GRIP_REACH = 10
"""Device-independent pixels at either side of the divider in which it can be taken hold of."""

MOVES = {
    Qt.Key.Key_Left: QPoint(1, 0),
    Qt.Key.Key_Right: QPoint(-1, 0),
    Qt.Key.Key_Up: QPoint(0, 1),
    Qt.Key.Key_Down: QPoint(0, -1),
}


class Gestures:
    """At most one drag at a time: of the picture, of the divider, or of a selection. All points in device pixels."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.pointer: QPointF | None = None
        self._dragged: QPointF | None = None
        self._moving_divider = False
        self._selecting_from: QPointF | None = None

    def turned(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        self.pointer = self._canvas.to_device(event.position())
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned and not self._canvas.scene.is_empty:
            self._canvas.zoom(WHEEL_STEP ** (turned / 120))

    def pressed(self, event: QMouseEvent) -> None:
        """Begin a drag: with Shift a selection, on the divider its own, else the picture's."""
        device = self._canvas.to_device(event.position())
        selects = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and not self._canvas.scene.is_empty
        if event.button() == Qt.MouseButton.LeftButton and selects:
            self._selecting_from = device
        elif event.button() == Qt.MouseButton.LeftButton and self._over_divider(device):
            self._moving_divider = True
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._dragged = device
        self._show_cursor(device)

    def moved(self, event: QMouseEvent) -> None:
        """Go on with what is dragged."""
        canvas = self._canvas
        device = canvas.to_device(event.position())
        self.pointer = device
        if self._selecting_from is not None:
            self._drag_selection(self._selecting_from, device)
        elif self._moving_divider:
            canvas.set_divider(canvas.viewport.to_picture(device.x(), 0)[0])
        elif self._dragged is not None:
            moved = device - self._dragged
            self._dragged = device
            canvas.set_viewport(canvas.viewport.panned(moved.x(), moved.y()))
        self._show_cursor(device)

    def released(self, event: QMouseEvent) -> None:
        """End the drag; a click with Shift selects nothing."""
        device = self._canvas.to_device(event.position())
        if self._selecting_from is not None and not self._is_drag(self._selecting_from, device):
            self._canvas.select(None)
        self._selecting_from = None
        self._moving_divider = False
        self._dragged = None
        self._show_cursor(device)

    def double_clicked(self, event: QMouseEvent) -> None:
        """Between the whole picture and its pixels."""
        self.pointer = self._canvas.to_device(event.position())
        if self._canvas.viewport.fitted:
            self._canvas.one_to_one()
        else:
            self._canvas.fit()

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Arrow keys move the picture, with Shift the divider. Returns whether it was such a key."""
        canvas = self._canvas
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            return False
        if canvas.view is View.WIPE and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            canvas.set_divider(canvas.shown_divider() - move.x() * max(1, round(8 / canvas.viewport.scale)))
        else:
            canvas.pan(move.x() * PAN_STEP, move.y() * PAN_STEP)
        return True

    def _over_divider(self, device: QPointF) -> bool:
        canvas = self._canvas
        if canvas.view is not View.WIPE:
            return False
        edge = canvas.viewport.edge_x(canvas.shown_divider())
        return abs(device.x() - edge) <= GRIP_REACH * canvas.devicePixelRatioF()

    def _is_drag(self, start: QPointF, end: QPointF) -> bool:
        moved = end - start
        return max(abs(moved.x()), abs(moved.y())) > CLICK_REACH * self._canvas.devicePixelRatioF()

    def _drag_selection(self, start: QPointF, end: QPointF) -> None:
        if self._is_drag(start, end):
            canvas = self._canvas
            origin = QPointF(canvas.pane_at(start).rect.topLeft())  # A drag stays in the pane where it began.
            a, b = start - origin, end - origin
            corners = canvas.viewport.to_picture(a.x(), a.y()), canvas.viewport.to_picture(b.x(), b.y())
            canvas.select(rect_between(*corners, canvas.scene.size))

    def _show_cursor(self, device: QPointF) -> None:
        if self._moving_divider or (self._dragged is None and self._over_divider(device)):
            self._canvas.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._dragged is not None:
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._canvas.setCursor(Qt.CursorShape.CrossCursor)
