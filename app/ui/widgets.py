"""Small building blocks of the panels."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from PySide6.QtCore import QLocale, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QValidator,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.translation import tr

HEIGHT = 46
"""Of a figure."""
COPIED_MS = 900
"""How long a figure says that it was copied."""


class Card(QFrame):
    """A titled group. `corner` is a layout at the right end of the title line."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title = QLabel(title)
        self.title.setFont(theme.heading_font())
        head.addWidget(self.title)
        head.addStretch()
        self.corner = QHBoxLayout()
        self.corner.setSpacing(4)
        head.addLayout(self.corner)
        self.body.addLayout(head)


class Area(QStackedWidget):
    """Pages over which messages and settings float; tells when its size changes."""

    resized = Signal()

    def setCurrentWidget(self, page: QWidget) -> None:
        """Show a page. The focus stays on the pages: left to Qt, it would go to whatever control comes next."""
        focused = QApplication.focusWidget()
        if page is self.currentWidget() or focused is None or not self.isAncestorOf(focused):
            super().setCurrentWidget(page)
            return
        focused.clearFocus()
        super().setCurrentWidget(page)
        self.give_focus()

    def give_focus(self) -> None:
        """Give the focus to the page on show, or to the first of its controls that takes it."""
        page = self.currentWidget()
        if page is not None:
            taking = [page, *page.findChildren(QWidget)]
            first = next((found for found in taking if found.focusPolicy() & Qt.FocusPolicy.StrongFocus), page)
            first.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


def muted_label(text: str = "", wrap: bool = False) -> QLabel:
    """Secondary text."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setFont(theme.small_font())
    label.setWordWrap(wrap)
    return label


class ElidedLabel(QLabel):
    """One line of secondary text that gives way to its neighbours: what has no room is cut, and told by the tip."""

    def __init__(self, side: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self.setProperty("role", "muted")
        self.setFont(theme.small_font())
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._side = side
        self._tip = ""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @property
    def is_cut(self) -> bool:
        """Whether the text has no room now."""
        return self._shown() != self.text()

    def setToolTip(self, text: str) -> None:
        """What the tip says beside the text that has no room."""
        self._tip = text
        self._show_tip()

    def _show_tip(self) -> None:
        lines = (self.text() if self.is_cut else "", self._tip)
        super().setToolTip("\n".join(line for line in lines if line))

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(self.text(), self._side, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        rect = self.contentsRect()
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(rect, self.alignment() | Qt.AlignmentFlag.AlignVCenter, self._shown())
        self._show_tip()


def set_role(label: QLabel, role: str) -> None:
    """Change the colour of a label to that of its role: muted, warning or danger."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


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


class Check(QCheckBox):
    """A check box in the theme's colours: the style's own has too little contrast on dark ground."""

    def __init__(self, text: str, wrap: bool = False, parent: QWidget | None = None) -> None:
        """wrap: where one line has no room, the text takes more."""
        super().__init__(text, parent)
        self._wrap = wrap
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, side = theme.current(), 16
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(0.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
            on = self.isChecked()
            edge = colours.accent if on or self.hasFocus() or self.underMouse() else colours.muted
            painter.setPen(QPen(edge, 1))
            painter.setBrush(colours.accent if on else colours.surface)
            painter.drawRoundedRect(box, 4, 4)
            if on:
                icons.draw(painter, "check", box.adjusted(1.5, 1.5, -1.5, -1.5), colours.on_accent)
            if self.hasFocus():
                painter.setPen(QPen(colours.text, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, 4, 4)
            painter.setPen(colours.text if self.isEnabled() else colours.muted)
            text = QRectF(self.rect()).adjusted(side + 8, 0, 0, 0)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | self._flags
            painter.drawText(text, flags, self.text())

    @property
    def _flags(self) -> int:
        return Qt.TextFlag.TextWordWrap if self._wrap else Qt.TextFlag.TextSingleLine

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 26, 20)

    def minimumSizeHint(self) -> QSize:
        if not self._wrap:
            return self.sizeHint()
        return QSize(max(map(self.fontMetrics().horizontalAdvance, self.text().split()), default=0) + 26, 20)

    def hasHeightForWidth(self) -> bool:
        return self._wrap

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, width - 24, 1 << 16)
        return max(20, self.fontMetrics().boundingRect(room, self._flags, self.text()).height())

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)


def pad_text(box: QAbstractSpinBox) -> None:
    """Keep the text of a number field as far from its frame as in other fields: style sheets do not reach it."""
    box.lineEdit().setTextMargins(8, 0, 8, 0)


class NumberBox(QDoubleSpinBox):
    """A number field that writes a decimal point in every language, as all figures of the window do; a comma that is
    typed is taken for one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        pad_text(self)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        return super().validate(text.replace(",", "."), pos)

    def valueFromText(self, text: str) -> float:
        return super().valueFromText(text.replace(",", "."))


class Choice(QComboBox):
    """A combo box with an arrow in the theme's colours."""

    @classmethod
    def of(cls, name: str, entries: Mapping[str, str], current: str | None = None) -> Choice:
        """name: for screen readers; entries: texts by their data; current: what is chosen, else the first."""
        box = cls()
        box.setAccessibleName(name)
        for key, text in entries.items():
            box.addItem(text, key)
        box.setCurrentIndex(max(0, box.findData(current)))
        return box

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            colour = theme.current().muted
            icons.draw(painter, "down", QRectF(self.width() - 26, (self.height() - 16) / 2, 16, 16), colour)


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
            inner = rect.adjusted(4, 7, -4, -7)
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
