"""The families of models as buttons: which there are to choose from, and what of each is installed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from app.ui.buttons import VariantButton
from app.ui.translation import tr
from app.ui.words import pretty_model
from hpcm_core.models.catalogue import ModelInfo, obstacle
from hpcm_core.models.family import Rates
from hpcm_core.models.registry import lossless_coder, rates_of


def offered(models: Iterable[ModelInfo], chosen: str) -> dict[str, Rates]:
    """The variants to choose from, in the order of the models, with how the rate of each is chosen.

    The chosen one is always among them; a variant with a single model that is not installed is not worth a button.
    """
    listed = list(models)
    count = Counter(info.variant for info in listed)
    found = {
        info.variant: info.rates
        for info in listed
        if count[info.variant] > 1 or info.state != "missing" or info.variant == chosen
    }
    return found if chosen in found else found | {chosen: rates_of(chosen)}


ABREAST = 3
"""Buttons that have room beside each other."""
HEIGHT, LOW = 48, 35
"""Of buttons in one row and in two, which leave room for the coding steps below."""


class Variants(QWidget):
    """Buttons of which one is checked; more than three take more rows, of equal length."""

    chosen = Signal(str)  # by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, VariantButton] = {}
        """By variant, from left to right."""
        self.rates: dict[str, Rates] = {}
        """How the rate of each is chosen."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._group = QButtonGroup(self)

    def offer(self, models: Iterable[ModelInfo], chosen: str) -> None:
        """A button for each variant of the models that is worth one, and for the chosen one; those that stay keep
        theirs.
        """
        self.rates = offered(models, chosen)
        for name in self.buttons.keys() - self.rates.keys():
            self._group.removeButton(self.buttons[name])
            self.buttons.pop(name).deleteLater()
        before: VariantButton | None = None
        columns = ceil(len(self.rates) / ceil(len(self.rates) / ABREAST))
        for place, name in enumerate(self.rates):
            if name not in self.buttons:
                self._grid.addWidget(self._button(name))
                if before is not None:
                    self.setTabOrder(before, self.buttons[name])
            self.buttons[name].setFixedHeight(HEIGHT if columns == len(self.rates) else LOW)
            self._grid.addWidget(self.buttons[name], place // columns, place % columns)
            before = self.buttons[name]
        for column in range(ABREAST):
            self._grid.setColumnStretch(column, column < columns)
        self.buttons = {name: self.buttons[name] for name in self.rates}
        self.buttons[chosen].setChecked(True)

    def show_states(self, models: Sequence[ModelInfo]) -> None:
        """Show which weights there are."""
        for name, button in self.buttons.items():
            own = [info for info in models if info.variant == name]
            states = [info.state for info in own]
            present = sum(state != "missing" for state in states)
            coder = lossless_coder(name)
            if coder is not None and present and all(info.path is None for info in own):
                button.set_state(coder, True)
            elif obstacle(name) is not None:
                button.set_state(tr("Not in this build"), False)
            elif "bundled" in states:
                button.set_state(tr("Bundled"), True)
            elif present:
                button.set_state(tr("{count} of {total}").format(count=present, total=len(states)), True)
                words = tr("Model {name}: {count} of {total} installed")
                words = words.format(name=name.capitalize(), count=present, total=len(states))
                button.setAccessibleName(words)
            else:
                button.set_state(tr("Not installed"), False)

    def _button(self, name: str) -> VariantButton:
        button = self.buttons[name] = VariantButton(pretty_model(name))
        self._group.addButton(button)
        button.clicked.connect(lambda: self.chosen.emit(name))
        return button
