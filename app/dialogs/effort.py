"""How much time encoding may take: what it gains, what it costs, and why it cannot be chosen where it cannot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.fields import Slider
from app.ui.translation import number, said, tr
from app.ui.widgets import muted_label, push_button, set_role
from hpcm_core.errors import Phrase
from hpcm_core.recipe import Recipe

STEPS = 50
"""Of the search, for each unit of effort and as many before (models/hpcm/patient.py, which needs PyTorch)."""
SECONDS = 3e-6
"""Of processor time for a step and a pixel, measured (docs/measurements.md, Effort)."""


def seconds_of(effort: int, pixels: int) -> float:
    """How long the search takes, roughly; 0 without one."""
    return SECONDS * STEPS * (1 + effort) * pixels if effort else 0.0


class EffortDialog(QDialog):
    """A slider with what it means. Where encoding then takes minutes, it waits until that is asked for."""

    chosen = Signal(int)

    def __init__(
        self, recipe: Recipe, usual: int, pixels: int | None, obstacle: Phrase | None, parent: QWidget | None = None
    ) -> None:
        """usual: the effort of a recipe that names none; pixels: of the picture that is open; obstacle: why there is no
        other.
        """
        super().__init__(parent)
        efforts = recipe.efforts
        self._searches, self._pixels = efforts[0] == 0, pixels
        self.setWindowTitle(tr("Effort of encoding"))
        self.setFixedWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.slider = Slider(tr("Effort of encoding"))
        self.slider.setRange(efforts[0], efforts[-1])
        self.slider.setPageStep(1)
        self.slider.setValue(usual if recipe.effort is None else recipe.effort)
        self.value = QLabel()
        self.value.setFont(theme.figure_font())
        self.value.setMinimumWidth(24)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.slider, 1)
        row.addWidget(self.value)
        column.addLayout(row)
        ends = QHBoxLayout()
        ends.addWidget(muted_label(tr("Quick")))
        ends.addStretch()
        ends.addWidget(muted_label(tr("Smallest file")))
        column.addLayout(ends)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setMinimumHeight(6 * self.words.fontMetrics().lineSpacing())  # Nothing jumps with the slider.
        column.addWidget(self.words)
        self.reason = muted_label("" if obstacle is None else said(obstacle), wrap=True)
        set_role(self.reason, "warning")
        self.reason.setVisible(obstacle is not None)
        column.addWidget(self.reason)
        # An effort that was chosen for another picture can be taken back all the same.
        self.slider.setEnabled(obstacle is None or self.slider.value() != usual)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(push_button(tr("Close"), tr("Close"), self.accept))
        column.addLayout(foot)
        self.slider.valueChanged.connect(lambda _: self._show())
        self.finished.connect(lambda _: self.chosen.emit(self.slider.value()))
        self._show()
        self.slider.setFocus()

    def _show(self) -> None:
        effort = self.slider.value()
        self.value.setText(str(effort))
        self.words.setText("\n".join(self._lines(effort)))

    def _lines(self, effort: int) -> list[str]:
        if not self._searches:
            return [tr("How long the coder looks for a smaller file; the picture stays the same.")]
        if not effort:
            return [tr("The latents as the networks give them: as quick as it is.")]
        lines = [
            tr(
                "Better latents are looked for by gradient, in {steps} steps. Measured at effort 1: 6 to 16 % fewer "
                "bytes at the same PSNR, most at high quality; efforts above it gain little more."
            ).format(steps=number(STEPS * (1 + effort), "d"))
        ]
        if self._pixels is not None:
            lines.append(tr("This picture takes {time} of processor time, roughly.").format(time=self._time(effort)))
        lines.append(tr("It is encoded when you press Encode, and can be cancelled. Decoding stays as quick as it is."))
        return lines

    def _time(self, effort: int) -> str:
        assert self._pixels is not None
        seconds = seconds_of(effort, self._pixels)
        if seconds < 90:
            return tr("{count} s").format(count=number(max(1, round(seconds)), "d"))
        return tr("{count} min").format(count=number(round(seconds / 60), "d"))
