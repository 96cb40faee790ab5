"""Fields of the window: choices, numbers, sliders. The wheel belongs to what it is turned over only if that has the
focus; anything else scrolls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QToolTip, QWidget

from app.ui import icons, theme
from app.ui.translation import decimal_point, language, tr

HINT_MS = 200
"""After which a field tells its limits: the click that ended the typing would take the hint away."""
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}([.,]\d{3})+")
_AMOUNT = re.compile(r"\s*([-+]?[\d.,]+)\s*([^\d\s.,]*)\s*")


class WheelPasser(QObject):
    """Keeps the wheel from a control that has not got the focus; what the control lies in gets it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def wheel_with_focus(control: QWidget) -> None:
    """Let a control take the wheel only while it has the focus, and never take the focus by the wheel."""
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(WheelPasser(control))


class _Typing(QObject):
    """Ends the typing in a number field by Return, which takes the number, and by Esc, which gives it up."""

    def __init__(self, field: QSpinBox | QDoubleSpinBox, leave: Callable[[], object]) -> None:
        super().__init__(field)
        self._field = field
        self._leave = leave

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        takes = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not takes and event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # Esc is a key of the window too.
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if takes:
            self._field.interpretText()
        else:
            self._field.setValue(self._field.value())  # type: ignore[arg-type]  # Each box takes its own kind of number.
        self._leave()
        return True


def end_typing(field: QSpinBox | QDoubleSpinBox, leave: Callable[[], object]) -> None:
    """Call `leave`, which gives the focus to something else, when Return or Esc ends the typing in a field."""
    field.installEventFilter(_Typing(field, leave))


def pad_text(box: QAbstractSpinBox) -> None:
    """Keep the text of a number field as far from its frame as in other fields: style sheets do not reach it."""
    box.lineEdit().setTextMargins(8, 0, 8, 0)


def _tell_limits(field: QWidget, low: str, high: str) -> None:
    """Say below a field what it takes."""
    text = tr("From {low} to {high}").format(low=low, high=high)
    place = QPoint(0, field.height())
    QTimer.singleShot(HINT_MS, field, lambda: QToolTip.showText(field.mapToGlobal(place), text, field))


class WholeNumberBox(QSpinBox):
    """A whole number. One beyond the limits becomes the limit when the typing ends, and the limits are told."""

    def __init__(self) -> None:
        super().__init__()
        self.setKeyboardTracking(False)
        wheel_with_focus(self)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        beyond = text.isdecimal() and len(text) < 10 and not self.minimum() <= int(text) <= self.maximum()
        return (QValidator.State.Intermediate, text, pos) if beyond else super().validate(text, pos)

    def fixup(self, text: str) -> str:
        if not text.isdecimal():
            return super().fixup(text)
        _tell_limits(self, str(self.minimum()), str(self.maximum()))
        return str(min(max(int(text), self.minimum()), self.maximum()))


class NumberBox(QDoubleSpinBox):
    """A number with a unit, typed as people write it: with a point or a comma, in the field's unit or another that it
    knows. It is shown in the language's own form, as all figures of the window are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.units: Mapping[str, float] = {}
        """Units that can be typed, in small letters, each in the field's own."""
        self.setLocale(QLocale(language()))
        self.setGroupSeparatorShown(True)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        pad_text(self)
        wheel_with_focus(self)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        value = self._amount(text)
        good = value is not None and self.minimum() <= value <= self.maximum()
        return (QValidator.State.Acceptable if good else QValidator.State.Intermediate), text, pos

    def fixup(self, text: str) -> str:
        """The nearest limit for a number beyond; anything that is none stays, and the value with it."""
        value = self._amount(text)
        if value is None:
            return text
        low, high = (self.textFromValue(limit) + self.suffix() for limit in (self.minimum(), self.maximum()))
        _tell_limits(self, low, high)
        return low if value < self.minimum() else high

    def valueFromText(self, text: str) -> float:
        value = self._amount(text)
        return self.value() if value is None else value

    def _amount(self, text: str) -> float | None:
        """What was typed, in the field's unit; None where it is no number or has an unknown unit."""
        own = self.suffix()
        found = _AMOUNT.fullmatch(text) or _AMOUNT.fullmatch(text.removesuffix(own))
        if found is None:
            return None
        unit = found[2].lower()
        scale = 1.0 if unit in ("", own.strip().lower()) else self.units.get(unit)
        try:
            return None if scale is None else float(self._plain(found[1])) * scale
        except ValueError:
            return None

    def _plain(self, digits: str) -> str:
        """A number as Python reads it: of points and commas, the last is before the fraction, unless it groups digits
        in this language as it does in 1,500,000.
        """
        fraction = "," if digits.rfind(",") > digits.rfind(".") else "."
        group = "." if fraction == "," else ","
        grouped = _GROUPED.fullmatch(digits) is not None and group not in digits and fraction != decimal_point()
        if grouped and (digits.count(fraction) > 1 or self.decimals() < 3):
            return digits.replace(fraction, "")
        return digits.replace(group, "").replace(fraction, ".")


class Choice(QComboBox):
    """A combo box with an arrow in the theme's colours."""

    def __init__(self) -> None:
        super().__init__()
        wheel_with_focus(self)

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


class Slider(QSlider):
    """A slider from left to right; name: for screen readers."""

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        wheel_with_focus(self)
