"""What is around the picture: history of recipes, batch, chart, dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.batch.dialog import BatchDialog
from app.batch.runner import BatchRunner
from app.canvas.canvas import Canvas
from app.desktop.clipboard import png_of
from app.desktop.report import open_folder
from app.desktop.settings import Settings, codec_environment, log_dir
from app.dialogs import file_dialogs
from app.dialogs.curves import Points, as_csv, as_svg, name_of
from app.dialogs.effort import EffortDialog
from app.dialogs.preferences import Preferences
from app.duel.dialog import DuelDialog
from app.inspect.dialog import LATENTS, InspectDialog
from app.panels.recipe import RecipePanel
from app.session.curve_meter import CurveMeter
from app.session.document import Outcome, Shown, look_alike
from app.session.history import RecipeHistory
from app.session.session import Session
from app.ui.notices import Notice
from app.ui.translation import tr
from app.ui.words import format_bytes, format_decibels, quality_in_words
from app.window.actions import Actions
from app.window.palette import KeySheet, Palette
from app.window.toast import Toasts
from app.worker.tasks import CurvePoint
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.models.registry import effort_obstacle, usual_effort
from hpcm_core.recipe import Recipe
from hpcm_core.results import Metrics

if TYPE_CHECKING:
    from app.dialogs.chart import ChartDialog

PICTURES = 50
"""Pictures whose points are kept."""


class ToolCommands(QObject):
    """Joins these actions to what they do. Batch and chart are made when they are first asked for."""

    codec_changed = Signal()  # it runs otherwise now, by the settings

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        actions: Actions,
        recipe_panel: RecipePanel,
        canvas: Canvas,
        tell: Callable[[Notice], None],
        apply_theme: Callable[[str], None],
        show_file: Callable[[Path], None],
    ) -> None:
        """parent: of the dialogs; apply_theme: repaints everything in the colours of that name; show_file: shows a file
        in its folder.
        """
        super().__init__(parent)
        self._parent, self._canvas = parent, canvas
        self._session, self._settings, self._actions, self._recipe_panel = session, settings, actions, recipe_panel
        self._tell, self._apply_theme, self._show_file = tell, apply_theme, show_file
        self.runner = BatchRunner(session, self)
        self.runner.finished.connect(self._batch_finished)
        self._batch: BatchDialog | None = None
        self._chart: ChartDialog | None = None
        self._duel: DuelDialog | None = None
        self._inspect: InspectDialog | None = None
        self._points: dict[bytes, Points] = {}
        self.meter = CurveMeter(session, self)
        self.meter.measured.connect(self._measured)
        self.meter.changed.connect(self._show_measuring)
        self.history = RecipeHistory(session.recipe, self)
        self.history.applied.connect(self._recipe_applied)
        self.history.changed.connect(self._show_enabled)
        recipe_panel.chosen.connect(self.history.push)
        recipe_panel.effort_wanted.connect(self.show_effort)
        session.document_changed.connect(self._document_changed)
        session.busy_changed.connect(lambda _: self._show_enabled())
        calls = {
            "undo": self.history.undo,
            "redo": self.history.redo,
            "palette": self.show_palette,
            "keys": self.show_keys,
            "preferences": self.show_preferences,
            "batch": self.show_batch,
            "effort": self.show_effort,
            "chart": self.show_chart,
            "duel": self.show_duel,
            "inspect": lambda: self.show_inspect(),
            "figure_bits": lambda: self.show_inspect("bits"),
            "figure_attention": lambda: self.show_inspect("attention"),
            "figure_erf": lambda: self.show_inspect("erf"),
            "logs": self.open_logs,
        }
        actions.connect_all(calls)
        session.opened.connect(self._show_points)
        session.opened.connect(self._opened)
        self._show_enabled()

    # Batch.

    def batch_of(self, paths: list[Path]) -> None:
        """Put pictures and folders of pictures into the batch."""

        def added(count: int) -> None:
            if count == 0:
                self._tell(Notice(tr("There are no further pictures there."), is_error=False))

        self.show_batch()
        self.batch.runner.add(paths, added)

    @property
    def batch(self) -> BatchDialog:
        """The window of the batch, made when it is first asked for."""
        if self._batch is None:
            self.runner.recipe = self._session.recipe.for_any_picture
            self._batch = made = BatchDialog(
                self.runner,
                self._settings,
                lambda: self._session.recipe.for_any_picture,
                lambda notice: self.batch_toasts.show(notice),
                self._parent,
            )
            self.batch_toasts = Toasts(made.pages)
            made.table.open_wanted.connect(lambda path: self._from_batch(lambda: self._session.open(path)))
            made.table.compare_wanted.connect(lambda *paths: self._from_batch(lambda: self._session.compare(*paths)))
            made.table.show_wanted.connect(self._show_file)
        return self._batch

    def _from_batch(self, show: Callable[[], None]) -> None:
        """Show something of the batch in the main window, which comes before the batch's."""
        show()
        self._parent.raise_()
        self._parent.activateWindow()

    def show_batch(self) -> None:
        self.batch.show()
        self.batch.raise_()
        self.batch.activateWindow()

    def _batch_finished(self) -> None:
        """Tell the end of a batch that is out of sight."""
        if self._batch is None or self._batch.isVisible():
            return
        counts = self.runner.counts
        words = ((tr("{count} done"), "done"), (tr("{count} skipped"), "skipped"), (tr("{count} failed"), "failed"))
        parts = [text.format(count=counts[state]) for text, state in words if counts[state]]
        text = tr("The batch is finished: {what}").format(what=", ".join(parts))
        self._tell(Notice(text, is_error=False))

    def open_logs(self) -> None:
        if not open_folder(log_dir()):
            self._tell(Notice(tr("The log files are in {folder}").format(folder=log_dir()), is_error=False))

    def close(self) -> None:
        """End what belongs to this half, before the session ends."""
        if self._batch is not None:
            self.runner.stop()
            self._batch.close()
        for dialog in (self._chart, self._duel, self._inspect):
            if dialog is not None:
                dialog.close()

    # Duel.

    def show_duel(self) -> None:
        """Hold the result against other codecs. The window for that is made when it is first asked for."""
        self.duel.show()
        self.duel.raise_()
        self.duel.activateWindow()
        self.duel.begin()

    @property
    def duel(self) -> DuelDialog:
        """The window of the duel."""
        if self._duel is None:
            self._duel = DuelDialog(
                self._session, self._settings, self._tell, lambda: self._recipe_panel.models, self._parent
            )
        return self._duel

    # Looking into the file.

    def show_inspect(self, kind: str = LATENTS) -> None:
        """Look into the file on show, at the pointer's place."""
        place = self._canvas.frame.hovered_pixel
        self.inspect.show()
        self.inspect.raise_()
        self.inspect.activateWindow()
        self.inspect.begin(kind, place)

    @property
    def inspect(self) -> InspectDialog:
        """The window that looks into the file."""
        if self._inspect is None:
            self._inspect = InspectDialog(self._session, self._canvas, self._settings, self._tell, self._parent)
        return self._inspect

    # Chart.

    def show_chart(self) -> None:
        """Show the rate-distortion chart, made when it is first asked for."""
        if self._chart is None:
            from app.dialogs.chart import ChartDialog

            self._chart = ChartDialog(self._parent)
            self._chart.measure_wanted.connect(self.measure_curves)
            self._chart.stop_wanted.connect(self.meter.stop)
            self._chart.save_wanted.connect(self.ask_save_chart)
            self._chart.recipe_wanted.connect(self._recipe_wanted)
        self._show_points()
        self._chart.show()
        self._chart.raise_()
        self._chart.activateWindow()

    @property
    def chart(self) -> ChartDialog | None:
        return self._chart

    def measure_curves(self) -> None:
        """Measure the picture that is open with each installed model, and in other formats."""
        original = self._session.original
        if original is not None:
            self.meter.start(self._points_of(original).missing(self._recipe_panel.models))

    def _measured(self, original: Shown, point: CurvePoint, metrics: Metrics) -> None:
        self._points_of(original).add_measured(point, metrics)
        self._show_points()

    def _recipe_wanted(self, recipe: Recipe) -> None:
        """A point of the chart was chosen: its recipe is the window's now."""
        now = self._session.recipe
        self.take_recipe(replace(recipe, keep_metadata=now.keep_metadata, embed_preview=now.embed_preview))

    def ask_save_chart(self) -> None:
        """Write the curves: as a table, as a drawing of all measures, or as the picture that is seen."""
        if self._chart is None:
            return
        # What is on show now: another picture may come while its name is asked for.
        points, shows_published, seen = self._chart.points, self._chart.reference.isChecked(), self._chart.picture()
        original, opened = self._session.original, self._session.path
        name = original.path.name if original is not None and original.path is not None else "HPCM Studio"

        def save(path: Path) -> None:
            kind = path.suffix.lower()
            if kind == ".csv":
                data = as_csv(points, shows_published).encode()
            elif kind == ".svg":
                data = as_svg(points, shows_published, name).encode()
            else:
                data = png_of(seen)
            self._session.saver.write(data, path, opened)

        file_dialogs.ask_for_target(self._parent, self._settings, file_dialogs.SAVE_CHART, opened, save)

    def _points_of(self, original: Shown) -> Points:
        if original.pixels not in self._points and len(self._points) >= PICTURES:
            del self._points[next(iter(self._points))]
        return self._points.setdefault(original.pixels, Points())

    def _take_point(self) -> None:
        original, outcome = self._session.original, self._session.outcome
        if original is None or outcome is None or not look_alike(original, outcome.shown):
            return  # A file beside what is hardly its original is no point of a curve.
        if self._points_of(original).add(outcome):
            self._show_points()

    def _show_points(self) -> None:
        original = self._session.original
        if self._chart is not None:
            self._chart.show_points(self._points_of(original) if original is not None else Points())
            self._chart.set_can_measure(original is not None)

    def _show_measuring(self) -> None:
        """What is measured for the chart."""
        point = self.meter.current
        if self._chart is not None:
            words = tr("{what}: {number} of {total}")
            number, total = self.meter.done + 1, self.meter.total
            text = words.format(what=name_of(point), number=number, total=total) if point is not None else ""
            self._chart.show_measuring(text)

    # Dialogs.

    def show_palette(self) -> None:
        """Offer every command that can be used now."""
        hidden = ("palette",)
        actions = [action for name, action in self._actions.all.items() if name not in hidden]
        palette = Palette(actions, self._parent)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.open()

    def show_keys(self) -> None:
        """Show all keys at a glance."""
        sheet = KeySheet(self._actions, self._parent)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def show_preferences(self) -> None:
        """Let the user choose how the codec runs and how the window looks."""
        dialog = Preferences(self._settings, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.codec_changed.connect(self._codec_changed)
        dialog.theme_chosen.connect(self._theme_chosen)
        dialog.open()

    def _codec_changed(self) -> None:
        self._session.cache.clear()
        self._session.worker.configure(codec_environment(self._settings))
        self.codec_changed.emit()

    def _theme_chosen(self, name: str) -> None:
        self._settings.theme = name
        self._apply_theme(name)

    # Recipes.

    def take_recipe(self, recipe: Recipe) -> None:
        """Something else than the panel chose a recipe, which is the window's now."""
        self.history.push(recipe)
        self._recipe_applied(recipe)

    def show_effort(self) -> None:
        """Let the user choose how much time encoding may take."""
        recipe, original = self._session.recipe, self._session.original
        usual = usual_effort(recipe.model)
        width, height = (original.picture.width, original.picture.height) if original is not None else (1, 1)
        obstacle = effort_obstacle(recipe.model, width, height, recipe.quality_map is not None)
        pixels = width * height if original is not None else None
        dialog = EffortDialog(recipe, usual, pixels, obstacle, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def use(effort: int) -> None:
            now = self._session.recipe
            wanted = replace(now, effort=None if effort == usual else effort)
            if now.model == recipe.model and wanted != now:
                self.take_recipe(wanted)

        dialog.chosen.connect(use)
        dialog.open()

    def _opened(self) -> None:
        """What was painted belonged to the picture before."""
        if self.history.painted:
            self.history.clear(self._session.recipe)
            self._recipe_panel.show_recipe(self._session.recipe)

    def _recipe_applied(self, recipe: Recipe) -> None:
        self._recipe_panel.show_recipe(recipe)
        self._session.set_recipe(recipe, encode=self._session.encode_on_change and self._recipe_panel.can_use())

    def _document_changed(self) -> None:
        self._take_point()
        outcome = self._session.outcome
        self._recipe_panel.show_found(found(outcome) if outcome is not None and not self._session.is_stale else "")
        self._show_enabled()

    def _show_enabled(self) -> None:
        outcome = self._session.outcome
        duel = self._session.original is not None and outcome is not None and outcome.header is not None
        coded = outcome is not None and outcome.has_steps
        self._actions.enable(dict.fromkeys(("inspect", "figure_bits", "figure_attention", "figure_erf"), coded))
        self._actions.enable({"effort": len(self._session.recipe.efforts) > 0})
        self._actions.enable({"undo": self.history.can_undo, "redo": self.history.can_redo, "duel": duel})


def found(outcome: Outcome) -> str:
    """What a search came to, in words; empty for a result that was not searched."""
    if outcome.recipe is None or not outcome.recipe.has_target or outcome.header is None:
        return ""
    header = outcome.header
    rate = header.model_name if header.quality == FIXED_RATE else quality_in_words(header.quality)
    psnr = f" · {format_decibels(outcome.metrics.psnr)} dB" if outcome.metrics is not None else ""
    what = f"{rate} · {format_bytes(outcome.size_bytes)}{psnr}"
    return tr("Found: {what}").format(what=what)
