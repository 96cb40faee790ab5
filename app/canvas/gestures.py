"""What pointer, wheel and arrow keys do on the canvas: zoom, pan, move the divider, select."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from app.canvas.frame import Frame
from app.canvas.rectangle import rect_between
from app.canvas.scene import View
from app.canvas.viewport import Viewport

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


class Steered(Protocol):
    """What gestures are made on: the canvas, or whatever stands for it in a test."""

    @property
    def frame(self) -> Frame:
        """What is shown at this moment."""

    def fit(self) -> None:
        """Show the whole picture."""

    def one_to_one(self) -> None:
        """One picture pixel per device pixel, around the pointer."""

    def zoom(self, factor: float) -> None:
        """Zoom by a factor around the pointer."""

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device-independent pixels."""

    def step(self, by: int) -> None:
        """Ask for the next picture, or the one before for -1."""

    def set_viewport(self, viewport: Viewport) -> None:
        """Another transform."""

    def set_divider(self, column: float) -> None:
        """Move the divider of the wipe to a column of the picture."""

    def select(self, rect: QRect | None) -> None:
        """Select a rectangle of picture pixels, or nothing."""

    def click(self, device: QPointF) -> None:
        """A click on the picture."""

    def setCursor(self, shape: Qt.CursorShape, /) -> None:
        """Qt's own: the pointer's look."""


class Gestures:
    """At most one drag at a time: of the picture, of the divider, or of a selection. All points in device pixels."""

    def __init__(self, canvas: Steered) -> None:
        self._canvas = canvas
        self.pointer: QPointF | None = None
        self._dragged: QPointF | None = None
        self._moving_divider = False
        self._selecting_from: QPointF | None = None
        self._pressed_at: QPointF | None = None

    def turned(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        frame = self._canvas.frame
        self.pointer = event.position() * frame.ratio
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned and not frame.scene.is_empty:
            self._canvas.zoom(WHEEL_STEP ** (turned / 120))

    def pressed(self, event: QMouseEvent) -> None:
        """Begin a drag: with Shift a selection, on the divider its own, else the picture's."""
        frame = self._canvas.frame
        device = event.position() * frame.ratio
        selects = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and not frame.scene.is_empty
        if event.button() == Qt.MouseButton.LeftButton and selects:
            self._selecting_from = device
        elif event.button() == Qt.MouseButton.LeftButton and _over_divider(frame, device):
            self._moving_divider = True
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._dragged = device
            self._pressed_at = device if event.button() == Qt.MouseButton.LeftButton else None
        self._show_cursor(device)

    def moved(self, event: QMouseEvent) -> None:
        """Go on with what is dragged."""
        frame = self._canvas.frame
        device = event.position() * frame.ratio
        self.pointer = device
        if self._selecting_from is not None:
            self._drag_selection(frame, self._selecting_from, device)
        elif self._moving_divider:
            self._canvas.set_divider(frame.viewport.to_picture(device.x(), 0)[0])
        elif self._dragged is not None:
            moved = device - self._dragged
            self._dragged = device
            self._canvas.set_viewport(frame.viewport.panned(moved.x(), moved.y()))
        self._show_cursor(device)

    def released(self, event: QMouseEvent) -> None:
        """End the drag; where there was none it was a click. One with Shift selects nothing."""
        frame = self._canvas.frame
        device = event.position() * frame.ratio
        if self._selecting_from is not None and not _is_drag(frame, self._selecting_from, device):
            self._canvas.select(None)
        pressed_at, self._pressed_at = self._pressed_at, None
        if pressed_at is not None and not frame.scene.is_empty and not _is_drag(frame, pressed_at, device):
            self._canvas.click(device)
        self._selecting_from = None
        self._moving_divider = False
        self._dragged = None
        self._show_cursor(device)

    def double_clicked(self, event: QMouseEvent) -> None:
        """Between the whole picture and its pixels."""
        frame = self._canvas.frame
        self.pointer = event.position() * frame.ratio
        if frame.viewport.fitted:
            self._canvas.one_to_one()
        else:
            self._canvas.fit()

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Arrow keys move the picture, with Shift the divider; where the whole picture is in sight, left and right go
        to the one before and the next. Returns whether it was such a key.
        """
        frame = self._canvas.frame
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            return False
        if frame.look.view is View.WIPE and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._canvas.set_divider(frame.look.divider - move.x() * max(1, round(8 / frame.viewport.scale)))
        elif frame.viewport.fitted and move.x() and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._canvas.step(-move.x())
        else:
            self._canvas.pan(move.x() * PAN_STEP, move.y() * PAN_STEP)
        return True

    def _drag_selection(self, frame: Frame, start: QPointF, end: QPointF) -> None:
        if _is_drag(frame, start, end):
            origin = QPointF(frame.pane_at(start).rect.topLeft())  # A drag stays in the pane where it began.
            a, b = start - origin, end - origin
            corners = frame.viewport.to_picture(a.x(), a.y()), frame.viewport.to_picture(b.x(), b.y())
            self._canvas.select(rect_between(*corners, frame.scene.size))

    def _show_cursor(self, device: QPointF) -> None:
        """The pointer's look, by what is shown when the gesture has been followed."""
        if self._moving_divider or (self._dragged is None and _over_divider(self._canvas.frame, device)):
            self._canvas.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._dragged is not None:
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self._canvas.setCursor(Qt.CursorShape.CrossCursor)


def _over_divider(frame: Frame, device: QPointF) -> bool:
    if frame.look.view is not View.WIPE or frame.painting is not None:
        return False
    edge = frame.viewport.edge_x(frame.look.divider)
    return abs(device.x() - edge) <= GRIP_REACH * frame.ratio


def _is_drag(frame: Frame, start: QPointF, end: QPointF) -> bool:
    moved = end - start
    return max(abs(moved.x()), abs(moved.y())) > CLICK_REACH * frame.ratio
