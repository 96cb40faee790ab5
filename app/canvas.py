"""The canvas: shows a Scene in one of its views, with one transform for all of them, and follows pointer, wheel and
keys.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import loupe, overlays, theme
from app.rectangle import rect_between
from app.renderer import Look, Renderer
from app.translation import tr
from app.viewport import FIT_MARGIN, Viewport, fit
from app.views import Scene, View

WHEEL_STEP = 1.25
"""Zoom factor of one notch of the wheel."""

PAN_STEP = 64
"""Device-independent pixels that an arrow key moves the picture."""

PANE_GAP = 2
"""Device pixels between the two panes of the side-by-side view."""

CLICK_REACH = 3
"""Device-independent pixels that a click may move without being a drag."""

GRIP_REACH = 10
"""Device-independent pixels at either side of the divider in which it can be taken hold of."""


@dataclass(frozen=True)
class Pane:
    """A part of the canvas that shows one view; rect in device pixels."""

    rect: QRect
    view: View


class Canvas(QWidget):
    """Widget for all views.

    Its own coordinates are device pixels throughout; Qt's are converted where events come in.
    """

    hovered = Signal(object)  # (x, y) of the picture pixel under the pointer, or None
    zoom_changed = Signal(float)  # device pixels per picture pixel
    view_changed = Signal(object)  # the View that is shown now
    look_changed = Signal()
    selection_changed = Signal(object)  # QRect in picture pixels, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Picture canvas"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.renderer = Renderer()
        self._scene = Scene()
        self._look = Look()
        self._viewport = Viewport()
        self._peeking = False
        self._pointer: QPointF | None = None  # device pixels of the canvas
        self._dragged: QPointF | None = None
        self._moving_divider = False
        self._selection: QRect | None = None
        self._selecting_from: QPointF | None = None  # device pixels of the canvas
        self._loupe = False

    # What is shown.

    @property
    def scene(self) -> Scene:
        return self._scene

    @property
    def viewport(self) -> Viewport:
        return self._viewport

    @property
    def look(self) -> Look:
        return self._look

    @property
    def view(self) -> View:
        """The view on the screen: the chosen one, or the nearest that the scene offers; the original while peeking."""
        if self._peeking and self._scene.offers(View.ORIGINAL):
            return View.ORIGINAL
        return self._scene.nearest(self._look.view)

    def set_scene(self, scene: Scene) -> None:
        """Show other pictures. The transform stays where the size does."""
        old = self._scene
        before = self.view
        self._scene = scene
        for pyramid in (old.original, old.reconstruction, old.difference):
            if pyramid is not None and pyramid not in (scene.original, scene.reconstruction, scene.difference):
                self.renderer.cache.forget(pyramid)
        if scene.size != old.size:
            self.select(None)
            self._look = replace(self._look, divider=scene.size[0] // 2)
            self._viewport = replace(self._viewport, fitted=True)
        self._settle()
        if self.view is not before:
            self.view_changed.emit(self.view)
        self._emit_hover()
        self.update()

    def set_view(self, view: View) -> None:
        self._change_view(lambda: self.set_look(replace(self._look, view=view)))

    def set_peeking(self, on: bool) -> None:
        """Show the original for as long as this is on."""
        self._change_view(lambda: setattr(self, "_peeking", on))

    def set_look(self, look: Look) -> None:
        """Change view, divider, gain, opacity or step."""
        if look != self._look:
            self._look = look
            self.look_changed.emit()
            self.update()

    @property
    def selection(self) -> QRect | None:
        """The selected rectangle, in picture pixels."""
        return self._selection

    def select(self, rect: QRect | None) -> None:
        """Select a rectangle of picture pixels, or nothing."""
        if rect != self._selection:
            self._selection = rect
            self.selection_changed.emit(rect)
            self.update()

    def select_visible(self) -> None:
        """Select what of the picture is in sight."""
        if not self._scene.is_empty:
            width, height = self._pane_size()
            corners = self._viewport.to_picture(0, 0), self._viewport.to_picture(width, height)
            self.select(rect_between(*corners, self._scene.size))

    @property
    def loupe(self) -> bool:
        """Whether both pictures are shown enlarged beside the pointer."""
        return self._loupe

    def set_loupe(self, on: bool) -> None:
        """Show both pictures enlarged beside the pointer, or no longer."""
        self._loupe = on
        self.update()

    def _change_view(self, change: object) -> None:
        before, panes = self.view, self.panes()
        assert callable(change)
        change()
        if self.view is before:
            return
        # The picture point in the middle of the pane stays in the middle when panes get narrower or wider.
        old, new = panes[0].rect.size(), self.panes()[0].rect.size()
        moved = self._viewport.panned((new.width() - old.width()) / 2, (new.height() - old.height()) / 2)
        self._viewport = replace(moved, fitted=self._viewport.fitted)
        self._settle()
        self.view_changed.emit(self.view)
        self.update()

    # Geometry.

    def device_size(self) -> QSize:
        """Size of the canvas in device pixels."""
        ratio = self.devicePixelRatioF()
        return QSize(round(self.width() * ratio), round(self.height() * ratio))

    def panes(self) -> tuple[Pane, ...]:
        """The parts of the canvas and what each shows: two for the side-by-side view, else one."""
        size = self.device_size()
        if self.view is not View.SIDE:
            return (Pane(QRect(0, 0, size.width(), size.height()), self.view),)
        width = max((size.width() - PANE_GAP) // 2, 1)
        left = QRect(0, 0, width, size.height())
        right = QRect(size.width() - width, 0, width, size.height())
        return Pane(left, View.ORIGINAL), Pane(right, View.RECONSTRUCTION)

    def fit(self) -> None:
        """Show the whole picture, and keep doing so when the window changes its size."""
        self._set_viewport(self._fitted())

    def one_to_one(self) -> None:
        """One picture pixel per device pixel, around the pointer or the middle."""
        x, y = self._anchor()
        self._set_viewport(self._viewport.one_to_one(x, y))

    def zoom(self, factor: float) -> None:
        """Zoom by a factor around the pointer or the middle."""
        x, y = self._anchor()
        self._set_viewport(self._viewport.zoomed(factor, x, y, self._pane_size(), self._scene.size))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device-independent pixels."""
        ratio = self.devicePixelRatioF()
        self._set_viewport(self._viewport.panned(dx * ratio, dy * ratio))

    def picture_position(self, point: QPointF) -> tuple[float, float]:
        """Picture coordinates under a point of this widget."""
        device = self._to_device(point)
        pane = self._pane_at(device)
        return self._viewport.to_picture(device.x() - pane.rect.left(), device.y() - pane.rect.top())

    def shown_divider(self) -> int:
        """Column at which the wipe divides: the chosen one, kept in sight so that it can always be taken hold of."""
        pane = self.panes()[0].rect
        first, _ = self._viewport.to_picture(0, 0)
        last, _ = self._viewport.to_picture(pane.width(), 0)
        low, high = max(int(first) + 1, 0) if first > 0 else 0, min(int(last), self._scene.size[0])
        return min(max(self._look.divider, low), max(high, low))

    def set_divider(self, column: float) -> None:
        """Move the divider to the nearest pixel edge."""
        self.set_look(replace(self._look, divider=min(max(round(column), 0), self._scene.size[0])))

    def _fitted(self) -> Viewport:
        return fit(self._pane_size(), self._scene.size, FIT_MARGIN * self.devicePixelRatioF())

    def _settle(self) -> None:
        """Bring the transform into bounds after the pane or the picture changed."""
        if not self._scene.is_empty:
            self._set_viewport(self._fitted() if self._viewport.fitted else self._viewport)

    def _set_viewport(self, viewport: Viewport) -> None:
        if self._scene.is_empty:
            return
        kept = viewport.kept_in(self._pane_size(), self._scene.size)
        if kept == self._viewport:
            return
        zoomed = kept.scale != self._viewport.scale
        self._viewport = kept
        if zoomed:
            self.zoom_changed.emit(kept.scale)
        self._emit_hover()
        self.update()

    def _pane_size(self) -> tuple[float, float]:
        size = self.panes()[0].rect.size()
        return float(size.width()), float(size.height())

    def _to_device(self, point: QPointF) -> QPointF:
        return point * self.devicePixelRatioF()

    def _pane_at(self, device: QPointF) -> Pane:
        panes = self.panes()
        return next((pane for pane in panes if device.x() < pane.rect.right() + 1), panes[-1])

    def _anchor(self) -> tuple[float, float]:
        """Pane coordinates that zooming keeps in place."""
        if self._pointer is not None:
            pane = self._pane_at(self._pointer)
            return self._pointer.x() - pane.rect.left(), self._pointer.y() - pane.rect.top()
        width, height = self._pane_size()
        return width / 2, height / 2

    def _over_divider(self, device: QPointF) -> bool:
        if self.view is not View.WIPE:
            return False
        edge = self._viewport.edge_x(self.shown_divider())
        return abs(device.x() - edge) <= GRIP_REACH * self.devicePixelRatioF()

    def _emit_hover(self) -> None:
        self.hovered.emit(self.hovered_pixel())

    def hovered_pixel(self) -> tuple[int, int] | None:
        """The picture pixel under the pointer."""
        if self._pointer is None or self._scene.is_empty:
            return None
        pane = self._pane_at(self._pointer)
        local = self._pointer - QPointF(pane.rect.topLeft())
        x, y = self._viewport.to_picture(local.x(), local.y())
        width, height = self._scene.size
        return (int(x), int(y)) if 0 <= x < width and 0 <= y < height else None

    # Events.

    def paintEvent(self, event: QPaintEvent) -> None:
        look = replace(self._look, divider=self.shown_divider())
        self.renderer.begin()
        with QPainter(self) as painter:
            ratio = self.devicePixelRatioF()
            painter.fillRect(self.rect(), theme.current().canvas)
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            for pane in self.panes():
                self.renderer.paint(painter, pane.rect, self._scene, self._viewport, replace(look, view=pane.view))
            painter.restore()
            overlays.paint(painter, self, look)
            if self._loupe:
                painter.scale(1 / ratio, 1 / ratio)
                loupe.paint(painter, self, look)
        if self.renderer.incomplete:
            QTimer.singleShot(0, self, self.update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle()
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1.0 + event.value())
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointer = self._to_device(event.position())
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned and not self._scene.is_empty:
            self.zoom(WHEEL_STEP ** (turned / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        device = self._to_device(event.position())
        selects = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and not self._scene.is_empty
        if event.button() == Qt.MouseButton.LeftButton and selects:
            self._selecting_from = device
        elif event.button() == Qt.MouseButton.LeftButton and self._over_divider(device):
            self._moving_divider = True
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._dragged = device
        self._show_cursor(device)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        device = self._to_device(event.position())
        self._pointer = device
        if self._selecting_from is not None:
            self._drag_selection(self._selecting_from, device)
        elif self._moving_divider:
            self.set_divider(self._viewport.to_picture(device.x(), 0)[0])
        elif self._dragged is not None:
            moved = device - self._dragged
            self._dragged = device
            self._set_viewport(self._viewport.panned(moved.x(), moved.y()))
        self._show_cursor(device)
        self._emit_hover()
        if self.view is View.SIDE or self._loupe:
            self.update()  # The other pane shows the pointer's place too.

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._selecting_from is not None and not self._is_drag(
            self._selecting_from, self._to_device(event.position())
        ):
            self.select(None)
        self._selecting_from = None
        self._moving_divider = False
        self._dragged = None
        self._show_cursor(self._to_device(event.position()))

    def _is_drag(self, start: QPointF, end: QPointF) -> bool:
        moved = end - start
        return max(abs(moved.x()), abs(moved.y())) > CLICK_REACH * self.devicePixelRatioF()

    def _drag_selection(self, start: QPointF, end: QPointF) -> None:
        if self._is_drag(start, end):
            origin = QPointF(self._pane_at(start).rect.topLeft())  # A drag stays in the pane where it began.
            a, b = start - origin, end - origin
            corners = self._viewport.to_picture(a.x(), a.y()), self._viewport.to_picture(b.x(), b.y())
            self.select(rect_between(*corners, self._scene.size))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer = self._to_device(event.position())
        if self._viewport.fitted:
            self.one_to_one()
        else:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self._emit_hover()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: QPoint(1, 0),
            Qt.Key.Key_Right: QPoint(-1, 0),
            Qt.Key.Key_Up: QPoint(0, 1),
            Qt.Key.Key_Down: QPoint(0, -1),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        elif self.view is View.WIPE and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_divider(self.shown_divider() - move.x() * max(1, round(8 / self._viewport.scale)))
        else:
            self.pan(move.x() * PAN_STEP, move.y() * PAN_STEP)

    def _show_cursor(self, device: QPointF) -> None:
        if self._moving_divider or (self._dragged is None and self._over_divider(device)):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._dragged is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def pointer(self) -> QPointF | None:
        """Where the pointer is, in device pixels of the canvas."""
        return self._pointer
