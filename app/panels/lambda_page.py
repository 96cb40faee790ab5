"""The rate as a λ: one of those that published models were trained for, each a model of its own."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui import lambdas
from app.ui.fields import Choice
from app.ui.translation import number, tr
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import METRIC_NAMES


class LambdaPage(QWidget):
    """What a model was trained for, and its λ."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._variant = ""
        self._models: list[ModelInfo] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.metric_box = Choice.of(tr("Metric that the model was trained for"), METRIC_NAMES)
        self.metric_box.activated.connect(lambda _: self._metric_chosen())
        self.lambdas = Choice()
        self.lambdas.setAccessibleName(tr("Lambda"))
        self.lambdas.activated.connect(lambda _: self._explain())
        self.lambdas.activated.connect(lambda _: self.chosen.emit())
        grid.addWidget(QLabel(tr("Trained for")), 0, 0)
        grid.addWidget(self.metric_box, 0, 1)
        name = QLabel(tr("λ (rate)"))
        name.setToolTip(lambdas.meaning())
        grid.addWidget(name, 1, 0)
        grid.addWidget(self.lambdas, 1, 1)
        grid.setRowStretch(2, 1)

    @property
    def trained_for(self) -> str:
        """What the chosen model was trained for."""
        return str(self.metric_box.currentData())

    @property
    def lmbda(self) -> float | None:
        """The chosen λ; None while none is on offer."""
        value: float | None = self.lambdas.currentData()
        return value

    def show_rate(self, metric: str, lmbda: float | None) -> None:
        """Show a choice that was made elsewhere."""
        self.metric_box.setCurrentIndex(max(0, self.metric_box.findData(metric)))
        self._fill(lmbda)

    def offer(self, variant: str, models: Iterable[ModelInfo]) -> None:
        """Offer the λ of a variant, and keep the chosen one where it has that too."""
        self._variant, self._models = variant, list(models)
        self._fill(self.lmbda)

    def _metric_chosen(self) -> None:
        self._fill(None)
        self.chosen.emit()

    def _fill(self, wanted: float | None) -> None:
        mine = (self._variant, self.trained_for)
        infos = [info for info in self._models if (info.variant, info.metric) == mine and info.lmbda is not None]
        infos.sort(key=lambda info: info.lmbda or 0.0)
        self.lambdas.clear()
        for info in infos:
            words = lambdas.in_words(*mine, info.lmbda or 0)
            if info.state == "missing":  # There is no room for both; the tip has the rate.
                words = number(info.lmbda or 0, "g") + "  · " + tr("not installed")
            self.lambdas.addItem(words, info.lmbda)
            tip = lambdas.meaning(*mine, info.lmbda)
            self.lambdas.setItemData(self.lambdas.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        if not infos and wanted is not None:
            self.lambdas.addItem(lambdas.in_words(*mine, wanted), wanted)
        present = next((i for i, info in enumerate(infos) if info.state != "missing"), len(infos) // 2)
        found = self.lambdas.findData(wanted) if wanted is not None else -1
        self.lambdas.setCurrentIndex(found if found >= 0 else present)
        self._explain()

    def _explain(self) -> None:
        """What the chosen λ means, in its tip."""
        self.lambdas.setToolTip(lambdas.meaning(self._variant, self.trained_for, self.lmbda))
