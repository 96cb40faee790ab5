"""Buttons that draw themselves: figures that are copied by a click, models, icons."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QFont, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui import icons, theme
from app.ui.translation import tr

HEIGHT = 46
"""Of a figure."""
COPIED_MS = 900
"""How long a figure says that it was copied."""


class PlainButton(QAbstractButton):
    """Base of buttons that paint themselves: repaints under the pointer and with focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def frame(self, painter: QPainter, radius: float = 6) -> QRectF:
        """The rectangle in which to paint, with the ring of the focus around it when that came by keyboard."""
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.hasFocus():
            painter.setPen(QPen(theme.current().accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, radius, radius)
        return rect


class Figure(PlainButton):
    """A number with its name and unit. A click copies it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._value = ""
        self._unit = ""
        self._exact = ""
        self._dim = False
        self._copied = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._copy)
        self.show_value("", "")

    @property
    def value(self) -> str:
        """What is shown, with its unit."""
        return f"{self._value} {self._unit}".strip()

    def show_value(self, value: str, unit: str, exact: str = "", tip: str = "") -> None:
        """Show a value; an empty one as a dash. exact is what a click copies, the value with its unit if not given."""
        self._value, self._unit, self._exact = value, unit, exact
        self.setEnabled(bool(value))
        self.setAccessibleName(f"{self._name}: {self.value}" if value else f"{self._name}: " + tr("not known"))
        self.setToolTip((f"{tip}\n" + tr("Click to copy")).strip() if value else "")
        self.updateGeometry()
        self.update()

    def set_dim(self, on: bool) -> None:
        """Paint the value as one that no longer fits the recipe."""
        self._dim = on
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(136, self.minimumSizeHint().width()), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        small = QFontMetricsF(theme.small_font())
        unit = small.horizontalAdvance(self._unit) + 4 if self._unit else 0
        value = QFontMetricsF(theme.figure_font(16)).horizontalAdvance(self._value)
        return QSize(max(110, ceil(14 + max(value + unit, small.horizontalAdvance(self._name)))), HEIGHT)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._exact or self.value)
        self._copied = True
        self.update()
        QTimer.singleShot(COPIED_MS, self, self._end_copied)

    def _end_copied(self) -> None:
        self._copied = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() and self.isEnabled():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.raised)
                painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            rect = self.frame(painter).adjusted(8, 5, -6, -5)
            painter.setFont(theme.small_font())
            painter.setPen(colours.accent if self._copied else colours.muted)
            caption = tr("Copied") if self._copied else self._name
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, caption)
            faded = self._dim or not self._value
            painter.setPen(colours.muted if faded else colours.text)
            self._paint_value(painter, rect, theme.figure_font(16))

    def _paint_value(self, painter: QPainter, rect: QRectF, font: QFont) -> None:
        value = self._value or "–"
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, value)
        if not self._unit:
            return
        shift = QFontMetricsF(font).horizontalAdvance(value) + 4
        painter.setFont(theme.small_font())
        painter.setPen(theme.current().muted)
        unit = rect.adjusted(shift, 0, 0, -1)
        painter.drawText(unit, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, self._unit)


class VariantButton(PlainButton):
    """One of the model families, with the state of its weights below the name."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._state = ""
        self._present = False
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_state("", False)

    def set_state(self, state: str, present: bool) -> None:
        """state in words; present: at least one set of weights can be used."""
        self._state, self._present = state, present
        self.setAccessibleName(tr("Model {name}: {state}").format(name=self._name, state=state))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(88, self.minimumSizeHint().width()), 48)

    def minimumSizeHint(self) -> QSize:
        texts = ((theme.heading_font(), self._name), (_state_font(), self._state))
        widest = max(QFontMetricsF(font).horizontalAdvance(text) for font, text in texts)
        return QSize(max(72, ceil(widest) + 10), 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            checked = self.isChecked()
            painter.setPen(QPen(colours.accent if checked or self.hasFocus() else colours.border, 1))
            fill = colours.selected if checked else colours.raised if self.underMouse() else colours.surface
            painter.setBrush(fill)
            painter.drawRoundedRect(rect, 6, 6)
            margin = 7 if rect.height() > 40 else 2  # Lower where there are two rows of them.
            inner = rect.adjusted(4, margin, -4, -margin)
            painter.setFont(theme.heading_font())
            painter.setPen(colours.text if self._present or checked else colours.muted)
            painter.drawText(inner, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._name)
            painter.setFont(_state_font())
            painter.setPen(colours.success if self._present else colours.muted)
            painter.drawText(inner, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self._state)


def _state_font() -> QFont:
    font = theme.small_font()
    font.setPixelSize(11)
    return font


class IconButton(PlainButton):
    """A small button that is only an icon; `name` is what it is called by assistive software and its tip."""

    def __init__(self, icon: str, name: str, side: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(side, side)
        self.set_icon(icon, name)

    def set_icon(self, icon: str, name: str) -> None:
        self._icon = icon
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() and self.isEnabled():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.border if self.isDown() else colours.raised)
                painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            self.frame(painter)
            side = 18
            place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            colour = colours.text if self.isEnabled() else colours.border
            icons.draw(painter, self._icon, place, colour)
