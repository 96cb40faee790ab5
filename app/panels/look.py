"""How the result is looked at: the slider from its faithful picture to the natural one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.ui.fields import Slider
from app.ui.translation import tr
from app.ui.widgets import Check, muted_label, set_role
from app.ui.words import look_in_words
from hpcm_core.look import FAITHFUL, NATURAL, NONE

STEPS = 100


class LookControl(QWidget):
    """A slider in percent with its words. It is hidden for models that have one look."""

    chosen = Signal(int)  # a look, while the slider moves
    store_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 8, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self.slider = Slider(tr("Look, from faithful to natural"))
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(20)
        self.slider.valueChanged.connect(lambda value: self.chosen.emit(round(value * NATURAL / STEPS)))
        self.invented = muted_label(tr("invented detail"))
        self.store = Check(tr("Store in the file"), wrap=True)
        self.store.setAccessibleName(tr("Store this look in the file"))
        self.store.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.store.setToolTip(
            tr("A saved .hpcm file then opens with this look, and is a few bytes larger.")
            + "\n"
            + tr("Programs that know no looks show the faithful picture.")
        )
        self.store.toggled.connect(self.store_chosen)
        grid.addWidget(muted_label(tr("Faithful")), 0, 0)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(muted_label(tr("Natural")), 0, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.store, 1)
        foot.addStretch()
        foot.addWidget(self.invented)
        grid.addLayout(foot, 1, 0, 1, 3)
        policy = self.store.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # Nothing jumps when the look changes.
        self.store.setSizePolicy(policy)
        self.show_look(FAITHFUL, False, False)
        self.hide()

    def show_look(self, look: int, can: bool, stored: bool, beyond: bool = False) -> None:
        """can: there is a result that has looks; stored: whether its file shall wish the look; beyond: the result's
        quality is too high for a look.
        """
        for control in (self.slider, self.store):
            control.blockSignals(True)
        self.slider.setValue(round(look * STEPS / NATURAL))
        self.store.setChecked(stored)
        for control in (self.slider, self.store):
            control.blockSignals(False)
        self.slider.setEnabled(can)
        self.store.setVisible(can and (look != FAITHFUL or stored))
        self.invented.setText(
            tr("none from quality {value} on").format(value=NONE) if beyond else tr("invented detail")
        )
        set_role(self.invented, "warning" if look and can else "muted")
        lines = [
            tr("The same file, the same bytes: toward natural, more of the texture is made up."),
            tr("Never take it for evidence, nor measure it; every figure is of the faithful picture."),
        ]
        if beyond:
            lines = [tr("At so high a quality nothing is missing that could be invented.")]
        elif look:
            lines.insert(0, look_in_words(look))
        elif not can:
            lines.append(tr("There is no result to look at yet."))
        for widget in (self.slider, self.invented):
            widget.setToolTip("\n".join(lines))
