"""Where contestants are looked at: one alone, up to four in linked panes, or up to four that meet at a cross."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas import overlays
from app.canvas.difference import Style
from app.canvas.frame import PANE_GAP, Frame, Pane
from app.canvas.gestures import GRIP_REACH, Gestures
from app.canvas.renderer import Look, Renderer
from app.canvas.scene import Scene, View
from app.canvas.viewport import FIT_MARGIN, Viewport, fit
from app.ui import theme
from app.ui.translation import tr

MOST = 4
"""Contestants that are seen at a time."""


class Layout(Enum):
    """How contestants are laid out. The value is a name for settings and tests."""

    ONE = "one"
    PANES = "panes"
    CROSS = "cross"


@dataclass(frozen=True, eq=False)
class Sight:
    """What one place shows: a scene's reconstruction, or its difference, under a name."""

    scene: Scene
    name: str


class Arena(QWidget):
    """Shows contestants with one transform for all. Its coordinates are device pixels, as the canvas's are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Pictures of the duel"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self.renderer = Renderer()
        self.sights: tuple[Sight, ...] = ()
        self.layout_ = Layout.PANES
        self.difference: Style | None = None
        """How differences are shown, where they are."""
        self.peeking = False
        self._gestures = Gestures(self)
        self._viewport = Viewport()
        self._cross = (0, 0)  # a column and a row of the picture
        self._moving = (False, False)  # whether the pointer drags the cross across, and down

    # What is shown.

    def show_sights(self, sights: Sequence[Sight], layout: Layout) -> None:
        """Show these, at most MOST, in that layout; of the first alone in ONE. The transform stays where sizes do."""
        before, pane = self.size_of_picture, self._pane_size()
        self.sights, self.layout_ = tuple(sights[: 1 if layout is Layout.ONE else MOST]), layout
        if self.size_of_picture != before:
            width, height = self.size_of_picture
            self._cross = (width // 2, height // 2)
            self._viewport = replace(self._viewport, fitted=True)
        # The picture point in the middle of a pane stays in the middle when panes get narrower or wider.
        across, down = ((new - old) / 2 for new, old in zip(self._pane_size(), pane, strict=True))
        self._viewport = replace(self._viewport.panned(across, down), fitted=self._viewport.fitted)
        self._settle()
        self.update()

    def show_difference(self, style: Style | None) -> None:
        """Show differences from the original in that style, or the pictures again."""
        self.difference = style
        self.update()

    def set_peeking(self, on: bool) -> None:
        """Show the original in every place for as long as this is on."""
        self.peeking = on
        self.update()

    @property
    def size_of_picture(self) -> tuple[int, int]:
        return self.sights[0].scene.size if self.sights else (0, 0)

    @property
    def viewport(self) -> Viewport:
        return self._viewport

    @property
    def cross(self) -> tuple[int, int]:
        """Column and row of the picture at which the contestants of the cross meet."""
        return self._cross

    @property
    def frame(self) -> Frame:
        """As gestures see it: the cross has one transform over the whole, so it is one pane."""
        places = self.places()
        if self.layout_ is Layout.CROSS or not places:
            places = (QRect(QPoint(), self._device_size()),)
        scene = self.sights[0].scene if self.sights else Scene()
        panes = tuple(Pane(rect, View.RECONSTRUCTION) for rect in places)
        return Frame(scene, Look(), self._viewport, panes, self.devicePixelRatioF(), self._gestures.pointer, None)

    def places(self) -> tuple[QRect, ...]:
        """Where each of the sights lies, in device pixels."""
        size, count = self._device_size(), len(self.sights)
        if count == 0:
            return ()
        if self.layout_ is Layout.CROSS:
            x = min(max(self._viewport.edge_x(self._cross[0]), 0), size.width())
            y = min(max(self._viewport.edge_y(self._cross[1]), 0), size.height())
            return _around(QPoint(x, y), size, count)
        columns = 2 if count == 4 else count
        rows = -(-count // columns)
        width = max((size.width() - PANE_GAP * (columns - 1)) // columns, 1)
        height = max((size.height() - PANE_GAP * (rows - 1)) // rows, 1)
        return tuple(
            QRect(place % columns * (width + PANE_GAP), place // columns * (height + PANE_GAP), width, height)
            for place in range(count)
        )

    # What gestures ask for.

    def fit(self) -> None:
        """Show the whole picture, and keep doing so when the window changes its size."""
        self.set_viewport(self._fitted())

    def one_to_one(self) -> None:
        """One picture pixel per device pixel, around the pointer or the middle."""
        self.set_viewport(self._viewport.one_to_one(*self._anchor()))

    def zoom(self, factor: float) -> None:
        """Zoom by a factor around the pointer or the middle."""
        self.set_viewport(self._viewport.zoomed(factor, *self._anchor(), self._pane_size(), self.size_of_picture))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device-independent pixels."""
        ratio = self.devicePixelRatioF()
        self.set_viewport(self._viewport.panned(dx * ratio, dy * ratio))

    def set_viewport(self, viewport: Viewport) -> None:
        """Another transform, kept in bounds."""
        if self.sights:
            self._viewport = viewport.kept_in(self._pane_size(), self.size_of_picture)
            self.update()

    def step(self, by: int) -> None:
        """There is one picture only."""

    def set_divider(self, column: float) -> None:
        """There is no divider but the cross, which moves by itself."""

    def click(self, device: QPointF) -> None:
        """Nothing."""

    def select(self, rect: QRect | None) -> None:
        """Nothing is selected here."""

    def move_cross(self, column: float, row: float) -> None:
        """Let the contestants meet elsewhere in the picture."""
        width, height = self.size_of_picture
        self._cross = (min(max(round(column), 0), width), min(max(round(row), 0), height))
        self.update()

    def _device_size(self) -> QSize:
        ratio = self.devicePixelRatioF()
        return QSize(round(self.width() * ratio), round(self.height() * ratio))

    def _pane_size(self) -> tuple[float, float]:
        size = self.frame.panes[0].rect.size()
        return float(size.width()), float(size.height())

    def _anchor(self) -> tuple[float, float]:
        frame = self.frame
        if frame.pointer is not None:
            corner = frame.pane_at(frame.pointer).rect.topLeft()
            return frame.pointer.x() - corner.x(), frame.pointer.y() - corner.y()
        width, height = self._pane_size()
        return width / 2, height / 2

    def _fitted(self) -> Viewport:
        return fit(self._pane_size(), self.size_of_picture, FIT_MARGIN * self.devicePixelRatioF())

    def _settle(self) -> None:
        if self.sights:
            self.set_viewport(self._fitted() if self._viewport.fitted else self._viewport)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        self.renderer.begin()
        places = self.places()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.current().canvas)
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            for sight, rect in zip(self.sights, places, strict=True):
                crossed = self.layout_ is Layout.CROSS
                viewport = self._viewport.panned(-rect.x(), -rect.y()) if crossed else self._viewport
                self.renderer.paint(painter, rect, sight.scene, viewport, self._look())
            painter.restore()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.layout_ is Layout.CROSS and len(places) > 1:
                self._paint_cross(painter, places, ratio)
            else:
                self._paint_twins(painter, places, ratio)
            for sight, rect in zip(self.sights, places, strict=True):
                self._paint_name(painter, sight, rect, ratio)
        if self.renderer.incomplete:
            QTimer.singleShot(0, self, self.update)

    def _look(self) -> Look:
        if self.peeking:
            return Look(view=View.ORIGINAL)
        if self.difference is None:
            return Look(view=View.RECONSTRUCTION)
        style = self.difference
        return Look(view=View.DIFFERENCE, mode=style.mode, luma=style.luma, gain=style.gain)

    def _paint_name(self, painter: QPainter, sight: Sight, rect: QRect, ratio: float) -> None:
        name = tr("Original") if self.peeking else sight.name
        if self.difference is not None and not self.peeking:
            name += f" · {tr('Difference')} ×{self.difference.gain}"
        margin = overlays.LABEL_MARGIN
        room = rect.width() / ratio - 2 * margin
        if room < 40 or rect.height() / ratio < 24 + 2 * margin:
            return
        x = rect.left() / ratio + margin
        if self.layout_ is Layout.CROSS and rect.left() > 0:
            x = rect.right() / ratio - margin - min(overlays.label_width(painter, name), room)
        y = rect.top() / ratio + margin
        if self.layout_ is Layout.CROSS and rect.top() > 0:
            y = rect.bottom() / ratio - margin - 24
        overlays.label(painter, name, x, y, room)

    def _paint_cross(self, painter: QPainter, places: Sequence[QRect], ratio: float) -> None:
        across, down = places[0].right() + 1, places[-1].top()
        width, height = self.width(), self.height()
        lines = [QRectF(across / ratio - 0.75, 0, 1.5, height)]
        if len(places) > 2:
            left = 0 if len(places) == 4 else across / ratio
            lines.append(QRectF(left, down / ratio - 0.75, width - left, 1.5))
        for grown, colour in ((1.25, QColor(0, 0, 0, 70)), (0.0, QColor(255, 255, 255))):
            for line in lines:
                painter.fillRect(line.adjusted(-grown, -grown, grown, grown), colour)
        middle = QPointF(across / ratio, (down if len(places) > 2 else self._device_size().height() / 2) / ratio)
        painter.setPen(QPen(QColor(0, 0, 0, 60), 3))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(middle, 9, 9)

    def _paint_twins(self, painter: QPainter, places: Sequence[QRect], ratio: float) -> None:
        """A small cross in every other pane at the place that the pointer's place corresponds to."""
        frame = self.frame
        if frame.pointer is None or frame.hovered_pixel is None:
            return
        own = frame.pane_at(frame.pointer).rect
        at = frame.pointer - QPointF(own.topLeft())
        for rect in places:
            if rect == own:
                continue
            point = (at + QPointF(rect.topLeft())) / ratio
            for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(255, 255, 255), 1.25)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(point - QPointF(7, 0), point + QPointF(7, 0))
                painter.drawLine(point - QPointF(0, 7), point + QPointF(0, 7))

    # Events.

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle()
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._gestures.turned(event)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._moving = self._over_cross(event.position())
        if not any(self._moving) or event.button() != Qt.MouseButton.LeftButton:
            self._moving = (False, False)
            self._gestures.pressed(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if any(self._moving):
            point = event.position() * self.devicePixelRatioF()
            column, row = self._viewport.to_picture(point.x(), point.y())
            self.move_cross(column if self._moving[0] else self._cross[0], row if self._moving[1] else self._cross[1])
            return
        self._gestures.moved(event)
        across, down = self._over_cross(event.position())
        if across or down:
            both = Qt.CursorShape.SizeAllCursor
            self.setCursor(both if across and down else Qt.CursorShape.SplitHCursor if across else
                           Qt.CursorShape.SplitVCursor)  # fmt: skip
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._moving = (False, False)
        self._gestures.released(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._gestures.double_clicked(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._gestures.pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._gestures.key_pressed(event):
            super().keyPressEvent(event)

    def _over_cross(self, point: QPointF) -> tuple[bool, bool]:
        """Whether a point (device-independent) is on the upright line of the cross, and on the level one."""
        places = self.places()
        if self.layout_ is not Layout.CROSS or len(places) < 2:
            return False, False
        ratio = self.devicePixelRatioF()
        across = abs(point.x() * ratio - places[0].right() - 1) <= GRIP_REACH * ratio
        level = len(places) > 2 and (len(places) == 4 or point.x() * ratio > places[0].right())
        return across, level and abs(point.y() * ratio - places[-1].top()) <= GRIP_REACH * ratio


def _around(cross: QPoint, size: QSize, count: int) -> tuple[QRect, ...]:
    """The parts of an area that meet at a point: two, left and right; of three the first has the whole left."""
    left, right = cross.x(), size.width() - cross.x()
    above, below = cross.y(), size.height() - cross.y()
    if count == 1:
        return (QRect(QPoint(), size),)
    if count == 2:
        return QRect(0, 0, left, size.height()), QRect(cross.x(), 0, right, size.height())
    upper, lower = QRect(cross.x(), 0, right, above), QRect(cross.x(), cross.y(), right, below)
    if count == 3:
        return QRect(0, 0, left, size.height()), upper, lower
    return QRect(0, 0, left, above), upper, QRect(0, cross.y(), left, below), lower
