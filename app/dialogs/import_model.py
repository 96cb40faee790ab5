"""Importing a checkpoint: the dialog that asks for what the file does not say of itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.fields import Choice
from app.ui.translation import number, tr
from app.ui.widgets import muted_label
from app.worker.model_tasks import ImportJob
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import METRIC_NAMES, variants
from hpcm_core.models.said import Guess, guess, positive


def importable() -> dict[str, str]:
    """The variants of which there is a checkpoint for each rate, with their names; others come with the program."""
    return {name: name.capitalize() for name, config in variants().items() if config.rates == "fixed"}


def completed(found: Guess, wanted: ModelInfo | None) -> Guess:
    """What a file does not say is taken from the model that is wanted, unless the file says that it is another."""
    if wanted is None:
        return found
    asked = Guess(wanted.variant, wanted.metric, wanted.lmbda)
    return asked if found.fits(asked) else found


class ImportDialog(QDialog):
    """Asks for variant, metric and lambda. Emits what is wanted when it is accepted; it imports nothing itself."""

    wanted = Signal(object)  # ImportJob

    def __init__(self, path: Path, parent: QWidget | None = None, wanted: ModelInfo | None = None) -> None:
        """wanted: the model that the checkpoint is probably for."""
        super().__init__(parent)
        self._path = path
        found = completed(guess(path), wanted)
        self.setWindowTitle(tr("Import a checkpoint"))
        self.setMinimumWidth(420)
        self.variant = Choice.of(tr("Variant of the model"), importable(), found.variant)
        self.metric_box = Choice.of(tr("Metric that the model was trained for"), METRIC_NAMES, found.metric)
        self.lmbda = QLineEdit("" if found.lmbda is None else number(found.lmbda, "g"))
        self.lmbda.setAccessibleName(tr("Lambda that the model was trained for"))
        self.lmbda.setPlaceholderText(tr("such as {example}").format(example=number(0.013, "g")))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        name = QLabel(path.name)
        name.setTextFormat(Qt.TextFormat.PlainText)  # It may look like a tag.
        column.addWidget(name)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = ((tr("Variant"), self.variant), (tr("Trained for"), self.metric_box), (tr("λ (rate)"), self.lmbda))
        for place, (text, widget) in enumerate(rows):
            grid.addWidget(QLabel(text), place, 0)
            grid.addWidget(widget, place, 1)
        column.addLayout(grid)
        column.addWidget(muted_label(tr("Only tensors are read; no code in the file is ever run."), wrap=True))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.button = self.buttons.addButton(tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        self.lmbda.textChanged.connect(lambda _: self._show_enabled())
        self.accepted.connect(self._emit)
        self._show_enabled()
        if found.lmbda is None:
            self.lmbda.setFocus()

    def _show_enabled(self) -> None:
        self.button.setEnabled(positive(self.lmbda.text()) is not None)

    def _emit(self) -> None:
        lmbda = positive(self.lmbda.text())
        if lmbda is not None:
            self.wanted.emit(ImportJob(self._path, self.variant.currentData(), self.metric_box.currentData(), lmbda))
