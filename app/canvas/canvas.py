"""The canvas: shows a Scene in one of its views, with one transform for all of them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas import loupe, overlays, painting, values
from app.canvas.brush import Painting, Stroke
from app.canvas.frame import Frame, Pane, panes_of, with_divider_in_sight
from app.canvas.gestures import Gestures
from app.canvas.rectangle import rect_between
from app.canvas.renderer import Look, Renderer
from app.canvas.scene import Scene, View
from app.canvas.viewport import FIT_MARGIN, Viewport, centred, fit
from app.ui import theme
from app.ui.translation import tr


class Canvas(QWidget):
    """Widget for all views.

    Its own coordinates are device pixels throughout; Qt's are converted where events come in.
    """

    hovered = Signal(object)  # (x, y) of the picture pixel under the pointer, or None
    zoom_changed = Signal(float)  # device pixels per picture pixel
    view_changed = Signal(object)  # the View that is shown now
    look_changed = Signal()
    step_wanted = Signal(int)  # 1: the next picture, -1: the one before
    selection_changed = Signal(object)  # QRect in picture pixels, or None
    painted = Signal(object)  # QualityMap, after a stroke
    clicked = Signal(int, int)  # column and row of a picture pixel

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
        self._gestures = Gestures(self)
        self._selection: QRect | None = None
        self._mark: QRect | None = None
        self._loupe = False
        self._painting: Painting | None = None
        self._stroke: Stroke | None = None

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

    @property
    def frame(self) -> Frame:
        """What is shown at this moment."""
        panes = self._panes()
        look, ratio = replace(self._look, view=self.view), self.devicePixelRatioF()
        return Frame(
            self._scene,
            with_divider_in_sight(look, self._viewport, panes[0].rect, self._scene.size[0], ratio),
            self._viewport,
            panes,
            ratio,
            self._gestures.pointer,
            self._selection,
            self._painting,
            self._mark,
        )

    def set_scene(self, scene: Scene) -> None:
        """Show other pictures. The transform stays where the size does."""
        old = self._scene
        before = self.view
        self._scene = scene
        staying = {levels.identity for levels in scene.painted}
        for levels in old.painted:
            if levels.identity not in staying:
                self.renderer.cache.forget(levels)
        if scene.size != old.size:
            self.select(None)
            self._look = replace(self._look, divider=scene.size[0] // 2)
            self._viewport = replace(self._viewport, fitted=True)
        if self._look.step is not None and scene.bits is not None and self._look.step >= len(scene.bits.labels):
            self._look = replace(self._look, step=None)  # Another model's maps: there is no such step.
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
            self.select(self.visible_part())

    def visible_part(self) -> QRect | None:
        """The picture pixels that are in sight."""
        if self._scene.is_empty:
            return None
        width, height = self._pane_size()
        corners = self._viewport.to_picture(0, 0), self._viewport.to_picture(width, height)
        return rect_between(*corners, self._scene.size)

    def set_mark(self, rect: QRect | None) -> None:
        """Outline a rectangle of picture pixels, or nothing."""
        self._mark = rect
        self.update()

    def click(self, device: QPointF) -> None:
        """Tell of a click, by the picture pixel under it."""
        x, y = self.frame.picture_at(device)
        width, height = self._scene.size
        if 0 <= x < width and 0 <= y < height:
            self.clicked.emit(int(x), int(y))

    @property
    def loupe(self) -> bool:
        """Whether both pictures are shown enlarged beside the pointer."""
        return self._loupe

    def set_loupe(self, on: bool) -> None:
        """Show both pictures enlarged beside the pointer, or no longer."""
        self._loupe = on
        self.update()

    @property
    def painting(self) -> Painting | None:
        """What is painted and with what, while the brush is in the hand."""
        return self._painting

    def set_painting(self, painting: Painting | None) -> None:
        """Take the brush into the hand, or put it away; a stroke under way is given up."""
        self._painting, self._stroke = painting, None
        self.update()

    def _begin_stroke(self, event: QMouseEvent) -> bool:
        """Whether a button that is pressed begins a stroke of the brush."""
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._painting is None or shift or event.button() != Qt.MouseButton.LeftButton or self._scene.is_empty:
            return False
        self._stroke = Stroke(self._painting, self._scene.size)
        self._go_on(self._stroke, event)
        return True

    def _go_on(self, stroke: Stroke, event: QMouseEvent) -> None:
        assert self._painting is not None
        frame = self.frame
        stroke.to(*frame.picture_at(event.position() * frame.ratio))
        self._painting = replace(self._painting, offsets=stroke.map)
        self.update()

    def _change_view(self, change: object) -> None:
        before, panes = self.view, self._panes()
        assert callable(change)
        change()
        if self.view is before:
            return
        # The picture point in the middle of the pane stays in the middle when panes get narrower or wider.
        old, new = panes[0].rect.size(), self._panes()[0].rect.size()
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

    def _panes(self) -> tuple[Pane, ...]:
        return panes_of(self.device_size(), self.view)

    def fit(self) -> None:
        """Show the whole picture, and keep doing so when the window changes its size."""
        self.set_viewport(self._fitted())

    def one_to_one(self) -> None:
        """One picture pixel per device pixel, around the pointer or the middle."""
        x, y = self._anchor()
        self.set_viewport(centred(self._viewport.one_to_one(x, y), self._pane_size(), self._scene.size))

    def zoom(self, factor: float) -> None:
        """Zoom by a factor around the pointer or the middle."""
        x, y = self._anchor()
        self.set_viewport(self._viewport.zoomed(factor, x, y, self._pane_size(), self._scene.size))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device-independent pixels."""
        ratio = self.devicePixelRatioF()
        self.set_viewport(self._viewport.panned(dx * ratio, dy * ratio))

    def step(self, by: int) -> None:
        """Ask for the next picture, or the one before for -1."""
        self.step_wanted.emit(by)

    def set_divider(self, column: float) -> None:
        """Move the divider to the nearest pixel edge."""
        self.set_look(replace(self._look, divider=min(max(round(column), 0), self._scene.size[0])))

    def _fitted(self) -> Viewport:
        return fit(self._pane_size(), self._scene.size, FIT_MARGIN * self.devicePixelRatioF())

    def _settle(self) -> None:
        """Bring the transform into bounds after the pane or the picture changed."""
        if not self._scene.is_empty:
            self.set_viewport(self._fitted() if self._viewport.fitted else self._viewport)

    def set_viewport(self, viewport: Viewport) -> None:
        """Another transform, kept in bounds."""
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
        size = self._panes()[0].rect.size()
        return float(size.width()), float(size.height())

    def _anchor(self) -> tuple[float, float]:
        """Pane coordinates that zooming keeps in place."""
        frame = self.frame
        if frame.pointer is not None:
            corner = frame.pane_at(frame.pointer).rect.topLeft()
            return frame.pointer.x() - corner.x(), frame.pointer.y() - corner.y()
        width, height = self._pane_size()
        return width / 2, height / 2

    def _emit_hover(self) -> None:
        self.hovered.emit(self.frame.hovered_pixel)

    # Events.

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self.frame
        self.renderer.begin()
        with QPainter(self) as painter:
            ratio = frame.ratio
            painter.fillRect(self.rect(), theme.current().canvas)
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            for pane in frame.panes:
                self.renderer.paint(
                    painter, pane.rect, frame.scene, frame.viewport, replace(frame.look, view=pane.view)
                )
            painter.restore()
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            values.paint(painter, frame)
            painting.paint(painter, frame)
            painter.restore()
            overlays.paint(painter, frame)
            if self._loupe:
                painter.scale(1 / ratio, 1 / ratio)
                loupe.paint(painter, frame, self.renderer)
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
        self._gestures.turned(event)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._begin_stroke(event):
            self._gestures.pressed(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.moved(event)
        if self._stroke is not None:
            self._go_on(self._stroke, event)
        self._emit_hover()
        if self.view is View.SIDE or self._loupe or self._painting is not None:
            self.update()  # The other pane shows the pointer's place too, and the brush goes with it.

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.released(event)
        if self._stroke is not None and event.button() == Qt.MouseButton.LeftButton:
            stroke, self._stroke = self._stroke, None
            self.painted.emit(stroke.map)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._begin_stroke(event):
            self._gestures.double_clicked(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._gestures.pointer = None
        self._emit_hover()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._gestures.key_pressed(event):
            super().keyPressEvent(event)
