"""The rate as a target: a file size, bits per pixel or a PSNR, instead of a quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui.fields import NumberBox
from app.ui.translation import QT_TR_NOOP, tr
from app.ui.widgets import muted_label
from hpcm_core.recipe import MAX_TARGET, Recipe


@dataclass(frozen=True)
class Mode:
    """One way of giving the rate. field: of the recipe; scale: of the field to what is shown."""

    name: str
    field: str
    unit: str
    decimals: int
    default: float
    step: float
    scale: float
    help: str


MODES = (
    Mode(
        QT_TR_NOOP("File size"),
        "target_bytes",
        "kB",
        1,
        50.0,
        5.0,
        1000.0,
        QT_TR_NOOP("The best picture whose whole file is no larger."),
    ),
    Mode(
        QT_TR_NOOP("Bits per pixel"),
        "target_bpp",
        "bpp",
        3,
        0.5,
        0.05,
        1.0,
        QT_TR_NOOP("The best picture whose whole file has no more."),
    ),
    Mode(
        QT_TR_NOOP("PSNR"),
        "target_psnr",
        "dB",
        2,
        34.0,
        0.5,
        1.0,
        QT_TR_NOOP("The smallest file whose picture is at least as close."),
    ),
)
"""The rate modes beside quality, in the order of the choice."""

SIZES = {
    **dict.fromkeys(("b", "byte", "bytes"), 0.001),
    **dict.fromkeys(("k", "kb"), 1.0),
    "kib": 1.024,
    **dict.fromkeys(("m", "mb"), 1000.0),
    "mib": 1048.576,
    **dict.fromkeys(("g", "gb"), 1e6),
    "gib": 1073741.824,
}
"""Units in which a size can be typed, each in kB."""
_MAX_KB = 4_000_000.0


class TargetPage(QWidget):
    """A number with its unit, and what the search has found for it."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = MODES[0]
        self._values = {mode.field: mode.default for mode in MODES}
        self._filling = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self.label = QLabel()
        self.spin = NumberBox()
        self.spin.setFixedWidth(128)
        self.spin.valueChanged.connect(self._value_changed)
        self.label.setBuddy(self.spin)
        self.help = muted_label(wrap=True)
        self.found = muted_label(wrap=True)
        self.found.setAccessibleName(tr("What the search found"))
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.spin, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.help, 1, 0, 1, 2)
        grid.addWidget(self.found, 2, 0, 1, 2)
        grid.setRowStretch(3, 1)
        self.set_mode(self._mode)
        self.show_found("")

    def show_found(self, text: str) -> None:
        """What the search came to, in the place of the explanation; empty while nothing is known."""
        self.found.setText(text)
        self.found.setVisible(bool(text))
        self.help.setVisible(not text)

    @property
    def fields(self) -> dict[str, Any]:
        """The recipe's field that is set here, with its value."""
        value = self.spin.value() * self._mode.scale
        return {self._mode.field: max(1, round(value)) if self._mode.field == "target_bytes" else value}

    def set_mode(self, mode: Mode) -> None:
        """Ask for another kind of target; each keeps its last value."""
        self._filling = True
        self._mode = mode
        at_most = tr("At least") if mode.field == "target_psnr" else tr("At most")
        self.label.setText(at_most)
        self.help.setText(tr(mode.help))
        self.spin.setAccessibleName(tr("Target: {name} in {unit}").format(name=tr(mode.name), unit=mode.unit))
        self.spin.setToolTip(tr(mode.help))
        self.spin.setDecimals(mode.decimals)
        self.spin.setRange(10**-mode.decimals, _MAX_KB if mode.field == "target_bytes" else MAX_TARGET)
        self.spin.setSingleStep(mode.step)
        self.spin.setSuffix(f" {mode.unit}")
        self.spin.units = SIZES if mode.field == "target_bytes" else {}
        self.spin.setValue(self._values[mode.field])
        self._filling = False

    def show_recipe(self, recipe: Recipe) -> Mode | None:
        """Show the target of a recipe; returns its mode, None where it has no target."""
        for mode in MODES:
            value = getattr(recipe, mode.field)
            if value is not None:
                self._values[mode.field] = value / mode.scale
                self.set_mode(mode)
                return mode
        return None

    def _value_changed(self, value: float) -> None:
        if not self._filling:
            self._values[self._mode.field] = value
            self.chosen.emit()
