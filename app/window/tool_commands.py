"""What is around the picture: history of recipes, batch, chart, dialogs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from app.batch.dialog import BatchDialog
from app.batch.runner import BatchRunner
from app.desktop.report import open_folder
from app.desktop.settings import codec_environment, log_dir
from app.dialogs.curves import Points
from app.dialogs.preferences import Preferences
from app.session.history import RecipeHistory
from app.ui.notices import Notice
from app.ui.translation import tr, translated_message
from app.ui.words import format_bytes, quality_in_words
from app.window.palette import KeySheet, Palette
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.recipe import Recipe

if TYPE_CHECKING:
    from app.dialogs.chart import ChartDialog
    from app.session.document import Outcome, Shown
    from app.window.main_window import MainWindow
    from app.worker.tasks import FormatPoint

PICTURES = 50
"""Pictures whose points are kept."""


class Workflow(QObject):
    """Joins the actions of this half of the window to what they do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session
        self._batch: BatchDialog | None = None
        self._chart: ChartDialog | None = None
        self._points: dict[bytes, Points] = {}
        self.history = RecipeHistory(window.session.recipe, self)
        self.history.applied.connect(self._recipe_applied)
        self.history.changed.connect(self._show_enabled)
        window.recipe_panel.chosen.connect(self.history.push)
        window.session.document_changed.connect(self._document_changed)
        window.session.busy_changed.connect(lambda _: self._show_enabled())
        calls = {
            "undo": self.history.undo,
            "redo": self.history.redo,
            "palette": self.show_palette,
            "keys": self.show_keys,
            "preferences": self.show_preferences,
            "batch": self.show_batch,
            "chart": self.show_chart,
            "logs": self.open_logs,
        }
        window.actions_.connect_all(calls)
        window.session.opened.connect(self._show_points)
        self._show_enabled()

    # Batch.

    def batch_of(self, paths: list[Path]) -> None:
        """Put pictures and folders of pictures into the batch."""
        self.show_batch()
        if self.batch.runner.add(paths) == 0:
            self.window.show_notice(Notice(tr("There are no further pictures there."), is_error=False))

    @property
    def batch(self) -> BatchDialog:
        """The window of the batch, made when it is first asked for."""
        if self._batch is None:
            window = self.window
            self._batch = BatchDialog(
                BatchRunner(self.session, self),
                window.settings,
                lambda: self.session.recipe,
                window.show_notice,
                window,
            )
        return self._batch

    def show_batch(self) -> None:
        self.batch.show()
        self.batch.raise_()
        self.batch.activateWindow()

    def open_logs(self) -> None:
        if not open_folder(log_dir()):
            self.window.show_notice(
                Notice(tr("The log files are in {folder}").format(folder=log_dir()), is_error=False)
            )

    def close(self) -> None:
        """End what belongs to this half, before the session ends."""
        if self._batch is not None:
            self._batch.runner.stop()
            self._batch.close()
        if self._chart is not None:
            self._chart.close()

    # Chart.

    def show_chart(self) -> None:
        """Show the rate-distortion chart, made when it is first asked for."""
        if self._chart is None:
            from app.dialogs.chart import ChartDialog

            self._chart = ChartDialog(self.window)
            self._chart.formats_wanted.connect(self.measure_formats)
            # Whatever else is under way, the formats are not: their own progress is told after the session's.
            self.session.progress.connect(lambda *_: self._show_measuring())
            self.session.busy_changed.connect(lambda _: self._show_measuring())
        self._show_points()
        self._chart.show()
        self._chart.raise_()
        self._chart.activateWindow()

    @property
    def chart(self) -> ChartDialog | None:
        return self._chart

    def measure_formats(self) -> None:
        """Measure JPEG, WebP and AVIF on the picture that is open."""

        def done(original: Shown, found: tuple[FormatPoint, ...]) -> None:
            self._points_of(original).add_formats(found)
            self._show_points()

        self.session.measure_formats(done, self._show_measuring)

    def _points_of(self, original: Shown) -> Points:
        if original.pixels not in self._points and len(self._points) >= PICTURES:
            del self._points[next(iter(self._points))]
        return self._points.setdefault(original.pixels, Points())

    def _take_point(self) -> None:
        original, outcome = self.session.original, self.session.outcome
        if original is not None and outcome is not None and self._points_of(original).add(outcome):
            self._show_points()

    def _show_points(self) -> None:
        original = self.session.original
        if self._chart is not None:
            self._chart.show_points(self._points_of(original) if original is not None else Points())
            self._chart.formats.setEnabled(original is not None)

    def _show_measuring(self, stage: str = "", fraction: float = 0.0) -> None:
        """What is measured for the chart; nothing without a stage."""
        if self._chart is not None:
            self._chart.show_busy(f"{translated_message(stage)} {fraction * 100:.0f} %" if stage else "")

    # Dialogs.

    def show_palette(self) -> None:
        """Offer every command that can be used now."""
        hidden = ("palette",)
        actions = [action for name, action in self.window.actions_.all.items() if name not in hidden]
        palette = Palette(actions, self.window)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.open()

    def show_keys(self) -> None:
        """Show all keys at a glance."""
        sheet = KeySheet(self.window.actions_, self.window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def show_preferences(self) -> None:
        """Let the user choose how the codec runs and how the window looks."""
        window = self.window
        dialog = Preferences(window.settings, window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.codec_changed.connect(self._codec_changed)
        dialog.theme_chosen.connect(self._theme_chosen)
        dialog.open()

    def _codec_changed(self) -> None:
        self.session.cache.clear()
        self.session.worker.configure(codec_environment(self.window.settings))

    def _theme_chosen(self, name: str) -> None:
        self.window.settings.theme = name
        self.window.apply_theme(name)

    # Recipes.

    def _recipe_applied(self, recipe: Recipe) -> None:
        window = self.window
        window.recipe_panel.show_recipe(recipe)
        self.session.set_recipe(recipe, encode=self.session.encode_on_change and window.recipe_panel.can_use())

    def _document_changed(self) -> None:
        self._take_point()
        outcome = self.session.outcome
        self.window.recipe_panel.show_found(found(outcome) if outcome is not None else "")
        self._show_enabled()

    def _show_enabled(self) -> None:
        self.window.actions_.enable({"undo": self.history.can_undo, "redo": self.history.can_redo})


def found(outcome: Outcome) -> str:
    """What a search came to, in words; empty for a result that was not searched."""
    if outcome.recipe is None or not outcome.recipe.has_target or outcome.header is None:
        return ""
    header = outcome.header
    rate = header.model_name if header.quality == FIXED_RATE else quality_in_words(header.quality)
    psnr = f" · {outcome.metrics.psnr:.2f} dB" if outcome.metrics is not None else ""
    what = f"{rate} · {format_bytes(outcome.size_bytes)}{psnr}"
    return tr("Found: {what}").format(what=what)
