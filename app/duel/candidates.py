"""Who takes part in the duel beside the .hpcm file on show: other formats, other models, results from before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.session.session import Session
from app.ui.translation import tr
from app.ui.widgets import Check, muted_label
from app.ui.words import describe_recipe, pretty_model
from hpcm_core.evaluation.contestants import FORMATS
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import METRIC_NAMES
from hpcm_core.recipe import Recipe

MOST_ENTRANTS = 9
"""Contestants of a duel, the .hpcm file on show among them: as many as there are keys."""
SHOWN_RESULTS = 6
"""Results from before that are offered."""


@dataclass(frozen=True)
class Entrants:
    """names: of formats, in the order of FORMATS; rivals: as evaluation.duel takes them."""

    names: tuple[str, ...] = tuple(FORMATS)
    rivals: tuple[Recipe, ...] = ()


def rivals_of(session: Session, models: Sequence[ModelInfo]) -> dict[Recipe, str]:
    """The other models that are installed, each held to what the others are held to, and results that this picture had
    before, as they are; with their names.
    """
    original, outcome = session.original, session.outcome
    if original is None or outcome is None or outcome.header is None:
        return {}
    found: dict[Recipe, str] = {}
    own = next((model for model in models if model.name == outcome.header.model_name), None)
    for model in models:
        same = own is not None and (model.variant, model.metric) == (own.variant, own.metric)
        if model.state != "missing" and model.rates != "none" and not same:
            metric = "" if model.rates == "variable" else f" · {METRIC_NAMES[model.metric]}"
            # Any target stands for that of the duel.
            found[Recipe(model.variant, metric=model.metric, target_bpp=1.0)] = pretty_model(model.variant) + metric
    plain = (
        replace(recipe, keep_metadata=True, embed_preview=False) for recipe in session.cache.recipes(original.pixels)
    )
    mine = outcome.recipe and replace(outcome.recipe, keep_metadata=True, embed_preview=False)
    results = [one for one in dict.fromkeys(plain) if one != mine and not one.has_target and one.quality_map is None]
    return found | {recipe: describe_recipe(recipe) for recipe in results[:SHOWN_RESULTS]}


class CandidatesBox(QFrame):
    """Floats below its button: a check for everybody who can take part."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("card")
        self.setAccessibleName(tr("Candidates of the duel"))
        self.chosen = Entrants()
        self.checks: dict[str | Recipe, Check] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)

    def offer(self, rivals: dict[Recipe, str], below: QWidget) -> None:
        """Show everybody who can take part now, below a button."""
        kept = {recipe: describe_recipe(recipe) for recipe in self.chosen.rivals if recipe not in rivals}
        self._fill(rivals | kept)
        self.adjustSize()
        self.move(below.mapToGlobal(QPoint(0, below.height() + 4)))
        self.show()
        next(iter(self.checks.values())).setFocus()

    def forget(self) -> None:
        """Another picture is open: results of the one before are none of it."""
        matched = tuple(recipe for recipe in self.chosen.rivals if recipe.has_target)
        self.chosen = replace(self.chosen, rivals=matched)

    def _fill(self, rivals: dict[Recipe, str]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.checks = {}
        formats: dict[str | Recipe, str] = dict(FORMATS.items())
        groups: tuple[tuple[str, dict[str | Recipe, str]], ...] = (
            (tr("Formats"), formats),
            (tr("Other models, at the same size or quality"), {r: name for r, name in rivals.items() if r.has_target}),
            (tr("Results of this picture, as they are"), {r: name for r, name in rivals.items() if not r.has_target}),
        )
        chosen = (*self.chosen.names, *self.chosen.rivals)
        for title, entries in groups:
            if entries:
                self._column.addSpacing(4 if self.checks else 0)
                self._column.addWidget(muted_label(title))
            for entry, name in entries.items():
                check = Check(name)
                check.setChecked(entry in chosen)
                check.toggled.connect(lambda _, check=check: self._toggled(check))
                self._column.addWidget(check)
                self.checks[entry] = check
        self.note = muted_label(tr("Results of other qualities are here as soon as they were made in the main window."))
        self._column.addWidget(self.note)

    def _toggled(self, check: Check) -> None:
        on = [entry for entry, one in self.checks.items() if one.isChecked()]
        if len(on) >= MOST_ENTRANTS:
            check.setChecked(False)
            self.note.setText(tr("At most {count} can take part.").format(count=MOST_ENTRANTS))
            return
        names = tuple(entry for entry in on if isinstance(entry, str))
        self.chosen = Entrants(names, tuple(entry for entry in on if isinstance(entry, Recipe)))
