"""What to encode with: the model and its rate."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.lambda_page import LambdaPage
from app.panels.missing import GET, missing_hint, obstacle_hint
from app.panels.target import MODES, TargetPage
from app.panels.variants import Variants
from app.ui import lambdas
from app.ui.buttons import IconButton, VariantButton
from app.ui.fields import Choice, Slider, WholeNumberBox, end_typing
from app.ui.remaining import Remaining
from app.ui.translation import said, tr
from app.ui.widgets import Card, Check, ElidedLabel, muted_label, progress_bar, row_of
from hpcm_core.format.header import MAX_QUALITY
from hpcm_core.models.catalogue import ModelInfo, list_models, obstacle
from hpcm_core.models.family import Rates
from hpcm_core.models.rates import quality_to_lambda
from hpcm_core.models.registry import config_of, efforts_of, lossless_coder, remark_of, variants
from hpcm_core.recipe import DEFAULT_QUALITY, Recipe


class RecipePanel(Card):
    """Model, rate, and the button that encodes. It edits a Recipe and never acts on it."""

    chosen = Signal(object)  # Recipe, when the user has finished choosing (the slider was released)
    changing = Signal(object)  # Recipe, while the slider moves
    encode_wanted = Signal()
    cancel_wanted = Signal()
    automatic_changed = Signal(bool)
    import_wanted = Signal()
    get_wanted = Signal()
    effort_wanted = Signal()
    typed = Signal()  # typing in a field has ended

    def __init__(self, recipe: Recipe, automatic: bool, parent: QWidget | None = None) -> None:
        super().__init__(tr("Model and quality"), parent)
        self._models: list[ModelInfo] = []
        self._shown = recipe
        self._variant = Recipe().model
        self._quality = recipe.quality if recipe.quality is not None else DEFAULT_QUALITY
        self._filling = False
        self._can_encode = False
        self._busy = False
        self._remaining = Remaining()
        self._variants = Variants()
        self._variants.chosen.connect(self._choose_variant)
        self._published = list_models(look=False)
        self._variants.offer(self._published, self._variant)
        self.body.addWidget(self._variants)
        self._build_modes()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_quality())
        self._rates = LambdaPage()
        self._rates.chosen.connect(self._finish)
        self.metric_box, self.lambdas = self._rates.metric_box, self._rates.lambdas
        self._pages.addWidget(self._rates)
        self.target = TargetPage()
        self.target.chosen.connect(self._finish)
        self._pages.addWidget(self.target)
        self.body.addWidget(self._pages)
        self.hint = muted_label(wrap=True)
        self.hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.hint.linkActivated.connect(self._link_chosen)
        self.body.addWidget(self.hint)
        for field in (self.spin, self.target.spin):
            end_typing(field, self.typed.emit)
        self._build_foot(automatic)
        self.show_recipe(recipe)

    def _build_modes(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.mode = Choice()
        self.mode.setAccessibleName(tr("What the rate is given as"))
        self.mode.addItem(tr("Quality"))
        for mode in MODES:
            self.mode.addItem(tr(mode.name), mode)
        self.mode.activated.connect(lambda _: self._mode_chosen())
        self._mode_label = QLabel(tr("Rate given as"))
        row.addWidget(self._mode_label)
        row.addWidget(self.mode, 1)
        self.body.addLayout(row)

    def _build_quality(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self.slider = Slider(tr("Quality"))
        self.slider.setRange(0, MAX_QUALITY)
        self.slider.setPageStep(10)
        self.slider.valueChanged.connect(self._slider_moved)
        self.slider.sliderReleased.connect(self._finish)
        self.spin = WholeNumberBox()
        self.spin.setRange(0, MAX_QUALITY)
        self.spin.setAccessibleName(tr("Quality as a number"))
        self.spin.setFixedWidth(56)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.valueChanged.connect(self._spin_changed)
        grid.addWidget(self.slider, 1, 0)
        grid.addWidget(self.spin, 1, 1)
        ends = QHBoxLayout()
        ends.addWidget(muted_label(tr("Smallest file")))
        ends.addStretch()
        ends.addWidget(muted_label(tr("Best picture")))
        grid.addLayout(ends, 2, 0)
        for row in (0, 3):  # Other pages are higher.
            grid.setRowStretch(row, 1)
        return page

    def _build_foot(self, automatic: bool) -> None:
        self.automatic = Check(tr("Encode when the quality changes"), wrap=True)
        self.automatic.setChecked(automatic)
        self.automatic.toggled.connect(self.automatic_changed)
        self.body.addWidget(self.automatic)
        self.button = QPushButton(tr("Encode"))
        self.button.setProperty("primary", True)
        self.button.setAccessibleName(tr("Encode or cancel"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(lambda: (self.cancel_wanted if self._busy else self.encode_wanted).emit())
        self.bar = progress_bar(tr("Progress"))
        self.stage = ElidedLabel()
        foot = QVBoxLayout()
        foot.setSpacing(6)
        self.corner.addWidget(self.stage)
        words = tr("A .hpcm file is open. To encode it anew, choose the picture that it was made from.")
        self.why_not = muted_label(words, wrap=True)
        self.why_not.hide()
        self.effort = IconButton("effort", tr("Effort of encoding"), 32)
        self.effort.clicked.connect(self.effort_wanted)
        foot.addLayout(row_of(self.button, self.effort, wide=self.button))
        foot.addWidget(self.bar)
        foot.addWidget(self.why_not)
        self.body.addLayout(foot)
        self.body.setContentsMargins(16, 12, 16, 8)
        self.show_busy(False)

    # Shown.

    @property
    def variants(self) -> dict[str, VariantButton]:
        """The buttons of the models to choose from, by variant."""
        return self._variants.buttons

    @property
    def models(self) -> list[ModelInfo]:
        """Every model, with its state; those without a look at the disk before that is known."""
        return self._models or self._published

    @property
    def rates(self) -> Rates:
        """How the rate of the chosen variant is chosen."""
        return self._variants.rates[self._variant]

    @property
    def _metric(self) -> str:
        """What the chosen model was trained for; only where each rate has models of its own there is a choice."""
        return self._rates.trained_for if self.rates == "fixed" else "mse"

    @property
    def recipe(self) -> Recipe | None:
        """What is chosen now; None while no lambda is on offer."""
        names = ["keep_metadata", "embed_preview"]
        if lossless_coder(self._variant) is None:
            names.append("quality_map")
        if self._shown.model == self._variant:
            names.append("effort")  # Another model means something else by it.
        kept: dict[str, Any] = {name: getattr(self._shown, name) for name in names}
        rates, metric = self.rates, self._metric
        if rates == "none":
            return Recipe(model=self._variant, **kept)
        if self.mode.currentData() is not None:
            return Recipe(model=self._variant, metric=metric, **self.target.fields, **kept)
        if rates == "variable":
            return Recipe(model=self._variant, quality=self.slider.value(), **kept)
        lmbda = self._rates.lmbda
        if lmbda is None:
            return None
        return Recipe(model=self._variant, lmbda=lmbda, metric=metric, **kept)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe that was chosen elsewhere."""
        self._filling = True
        self._shown = recipe
        self._variant = recipe.model if recipe.model in {*self.variants, *variants()} else Recipe().model
        self._offer()
        if recipe.quality is not None:
            self.slider.setValue(recipe.quality)
            self.spin.setValue(recipe.quality)
        self._rates.show_rate(recipe.metric, recipe.lmbda)
        self._explain()
        mode = self.target.show_recipe(recipe)
        self.mode.setCurrentIndex(0 if mode is None else 1 + MODES.index(mode))
        self._show_page()
        self._filling = False
        self._show_hint()

    def show_found(self, text: str) -> None:
        """What the search for a target came to; empty while nothing is known."""
        self.target.show_found(text)

    def set_models(self, models: list[ModelInfo]) -> bool:
        """Show which weights there are. Returns whether nobody had known."""
        first, self._models = not self._models, models
        self._offer()
        self._show_hint()
        return first

    def _offer(self) -> None:
        """The variants, and the rates of the chosen one."""
        self._variants.offer(self._models or self._published, self._variant)
        if self._models:
            self._variants.show_states(self._models)
        self._rates.offer(self._variant, self._models)

    def set_can_encode(self, on: bool, is_open: bool) -> None:
        """Whether there is an original to encode, and whether anything is open: that cannot be encoded then."""
        self._can_encode = on
        self.why_not.setVisible(is_open and not on)
        self._show_button()

    def show_busy(self, on: bool) -> None:
        """A job runs: the button cancels it."""
        self._busy = on
        if on:
            self._remaining.begin()
        self.bar.setValue(0)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # Nothing jumps when a job starts or ends.
        self.bar.setSizePolicy(policy)
        self.bar.setVisible(on)
        if not on:
            self.stage.clear()
        self._show_button()

    def show_progress(self, stage: str, fraction: float) -> None:
        self.bar.setValue(round(fraction * 1000))
        self.stage.setText(" · ".join((*self._remaining.words(fraction), f"{said(stage)}…")))

    def _show_button(self) -> None:
        own = self._shown.model == self._variant
        words = tr("Encode with effort {value}") if self._shown.is_patient and own else tr("Encode")
        self.button.setText(tr("Cancel") if self._busy else words.format(value=self._shown.effort))
        self.effort.setEnabled(len(efforts_of(self._variant)) > 0)
        self.button.setProperty("primary", not self._busy)
        self.button.style().unpolish(self.button)
        self.button.style().polish(self.button)
        self.button.setEnabled(self._busy or (self._can_encode and self.can_use()))

    # Chosen.

    def _choose_variant(self, name: str) -> None:
        self._variant = name
        self._show_page()
        self._rates.offer(name, self._models)
        self._explain()
        self._finish()

    def _mode_chosen(self) -> None:
        mode = self.mode.currentData()
        if mode is not None:
            self.target.set_mode(mode)
            self.show_found("")
        self._show_page()
        self._finish()

    def _show_page(self) -> None:
        variable = self.rates == "variable"
        self.mode.setItemText(0, tr("Quality") if variable else tr("λ (rate)"))
        page = 2 if self.mode.currentData() is not None else 0 if variable else 1
        self._pages.setCurrentIndex(page)
        for control in (self._mode_label, self.mode, self._pages):
            control.setVisible(self.rates != "none")

    def _explain(self) -> None:
        """What the chosen quality means, in tips."""
        config = config_of(self._variant)
        if self.rates == "variable" and config is not None:
            value = quality_to_lambda(self.slider.value(), config.rate_lambdas)
            for control in (self.slider, self.spin):
                control.setToolTip(lambdas.of_quality(self.slider.value(), value))

    def _slider_moved(self, value: int) -> None:
        if self._filling:
            return
        self._filling = True
        self.spin.setValue(value)
        self._filling = False
        self._explain()
        recipe = self.recipe
        if recipe is not None:
            (self.changing if self.slider.isSliderDown() else self.chosen).emit(recipe)

    def _spin_changed(self, value: int) -> None:
        if not self._filling:
            self.slider.setValue(value)

    def _finish(self) -> None:
        self._show_hint()
        recipe = self.recipe
        if recipe is not None and not self._filling:
            self.chosen.emit(recipe)

    def _any_present(self) -> ModelInfo | None:
        """For a target: the search takes any installed model of the variant."""
        infos = [info for info in self._models if (info.variant, info.metric) == (self._variant, self._metric)]
        return next((info for info in infos if info.state != "missing"), infos[0] if infos else None)

    def _selected(self) -> ModelInfo | None:
        recipe = self.recipe
        if recipe is None:
            return None
        if recipe.has_target:
            return self._any_present()
        wanted = (recipe.metric, recipe.lmbda) if self.rates == "fixed" else None
        infos = (info for info in self._models if info.variant == self._variant)
        return next((info for info in infos if wanted in (None, (info.metric, info.lmbda))), None)

    def can_use(self) -> bool:
        """Whether this installation can compute with the chosen model and its weights are there. Of what does not come
        with the program that is known once the models were looked for.
        """
        known = bool(self._models) or self.rates != "fixed"
        return known and self.missing is None and obstacle(self._variant) is None

    @property
    def missing(self) -> ModelInfo | None:
        """The chosen model, if its weights are not there."""
        selected = self._selected()
        return selected if selected is not None and selected.state == "missing" else None

    def _show_hint(self) -> None:
        missing, fault, coder = self.missing, obstacle(self._variant), lossless_coder(self._variant)
        if fault is not None:
            self.hint.setText(obstacle_hint(fault))
        elif missing is not None:
            self.hint.setText(missing_hint(missing.name))
        elif coder is not None:
            if (remark := remark_of(self._variant)) is None:
                words = tr("Every pixel is kept, so there is no quality to choose. Inside the file is {coder}.")
            else:
                words = tr("Every pixel is kept, by {coder}.") + " " + said(remark)
            self.hint.setText(words.format(coder=said(coder)))
        self.hint.setVisible(missing is not None or fault is not None or coder is not None)
        self._show_button()

    def _link_chosen(self, link: str) -> None:
        (self.get_wanted if link == GET else self.import_wanted).emit()
