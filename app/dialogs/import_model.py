"""Importing a checkpoint: what a file says of itself, and the dialog that asks for the rest."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.fields import Choice
from app.ui.translation import number, tr
from app.ui.widgets import muted_label
from app.worker.tasks import ImportJob
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import METRIC_NAMES, METRICS, variants

SHORT = 2
"""Letters of a variant's name that must stand alone in a file's name to count; longer ones may be part of a word."""
_MAX_HEADER = 1 << 24
"""Bytes of a safetensors header that are read."""


class Guess(NamedTuple):
    """What a file seems to hold; None where it does not say."""

    variant: str | None = None
    metric: str | None = None
    lmbda: float | None = None


def importable() -> dict[str, str]:
    """The variants of which there is a checkpoint for each rate, with their names; others come with the program."""
    return {name: name.capitalize() for name, config in variants().items() if config.rates == "fixed"}


def guess(path: Path) -> Guess:
    """From the metadata of a safetensors file, else from the file's name. Loads no tensor."""
    said = _metadata(path)
    name = path.name.lower()
    words = set(re.split(r"[^a-z0-9.]+", name))
    variant = said.get("variant")
    known = importable()
    if variant not in known:
        # The longest name that is there: "base-psi" before "base".
        there = [other for other in known if other in name and (len(other) > SHORT or other in words)]
        variant = max(there, key=len, default=None)
    metric = said.get("metric")
    if metric not in METRICS:
        flat = re.sub("[^a-z]", "", name)
        metric = "ms-ssim" if "msssim" in flat else "mse" if "mse" in flat else None
    lmbda = _positive(said.get("lambda", ""))
    if lmbda is None:
        numbers = re.findall(r"(?<![\d.])\d+\.\d+(?![\d])", name)
        lmbda = _positive(numbers[-1]) if numbers else None
    return Guess(variant, metric, lmbda)


def completed(found: Guess, wanted: ModelInfo | None) -> Guess:
    """What a file does not say is taken from the model that is wanted, unless the file says that it is another."""
    if wanted is None:
        return found
    asked = Guess(wanted.variant, wanted.metric, wanted.lmbda)
    same = all(there in (None, other) for there, other in zip(found, asked, strict=True))
    return asked if same else found


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
        column.addWidget(QLabel(path.name))
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
        self.button.setEnabled(_positive(self.lmbda.text()) is not None)

    def _emit(self) -> None:
        lmbda = _positive(self.lmbda.text())
        if lmbda is not None:
            self.wanted.emit(ImportJob(self._path, self.variant.currentData(), self.metric_box.currentData(), lmbda))


def _metadata(path: Path) -> dict[str, str]:
    """What a safetensors file says of itself; nothing for any other file."""
    if path.suffix.lower() != ".safetensors":
        return {}
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            content = json.loads(file.read(size)) if size <= _MAX_HEADER else {}
    except (OSError, ValueError, RecursionError):
        return {}
    found = content.get("__metadata__") if isinstance(content, dict) else None
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _positive(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < math.inf else None
