"""The main window: joins canvas, panels and actions to the session.

It decides nothing about pictures or jobs itself.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.canvas.canvas import Canvas
from app.canvas.hud import Hud
from app.canvas.scene import View
from app.desktop.settings import Settings
from app.panels.readout import ReadoutPanel
from app.panels.recipe import RecipePanel
from app.panels.steps import StepsPanel
from app.session.document import offers_frames
from app.session.selection_meter import Measured, SelectionMeter
from app.session.session import Session
from app.ui import theme
from app.ui.notices import Notice, notice_of
from app.ui.translation import number, said
from app.ui.widgets import Area, room_for
from app.window import menus
from app.window.actions import Actions
from app.window.brush_commands import BrushCommands
from app.window.drops import Drops
from app.window.error_commands import ErrorCommands
from app.window.file_commands import FileCommands
from app.window.folder_commands import FolderCommands
from app.window.glimpse import Glimpse
from app.window.look_commands import LookCommands
from app.window.model_commands import ModelCommands
from app.window.peek import Peek
from app.window.room import Room
from app.window.status import describe
from app.window.status_bar import StatusParts
from app.window.step_pictures import StepPictures
from app.window.toast import Toasts
from app.window.tool_commands import ToolCommands
from app.window.unfinished import Unfinished
from app.window.view_commands import ViewCommands, remembered_style
from app.window.welcome import Welcome
from hpcm_core.errors import Phrase
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.registry import map_labels
from hpcm_core.recipe import Recipe

PANEL_WIDTH = 344
WIDTH, HEIGHT = 1360, 880
"""Of the window at first, unless the panel needs more height."""


class MainWindow(QMainWindow):
    """The program's window. The session is given, so that tests can share one codec process."""

    closing = Signal()

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self._asks = True
        session.encode_on_change = settings.encode_on_change
        self.setWindowTitle("HPCM Studio[*]")
        self.setMinimumSize(900, 600)
        self.actions_ = Actions(self)
        self.canvas = Canvas()
        self.hud = Hud(self.canvas, remembered_style(settings), settings.overlay_opacity)
        self.welcome = Welcome()
        self.recipe_panel = RecipePanel(session.recipe, settings.encode_on_change)
        self.readout = ReadoutPanel()
        self.steps = StepsPanel(map_labels(session.recipe.model))
        self.meter = SelectionMeter(session, self)
        self._build()
        self.toasts = Toasts(self.pages)
        actions, canvas, tell = self.actions_, self.canvas, self.show_notice
        self.view_commands = ViewCommands(self, settings, actions, canvas, self.hud, self.steps)
        self.look_commands = LookCommands(session, canvas, self.readout, actions, self)
        self._connect()
        self.step_pictures = StepPictures(session, canvas, self.steps, actions, tell)
        self.folder_commands = FolderCommands(self, session, actions, canvas, tell)
        self.tool_commands = ToolCommands(
            self,
            session,
            settings,
            actions,
            self.recipe_panel,
            canvas,
            tell,
            self.apply_theme,
            self.folder_commands.show,
        )
        self.brush_commands = BrushCommands(session, canvas, self.hud, actions, self.tool_commands.take_recipe, self)
        self.error_commands = ErrorCommands(self, session, settings, actions, canvas, tell)
        self.file_commands = FileCommands(
            self, session, settings, actions, canvas, tell, self.tool_commands.batch_of, self.load_models,
            lambda: self.recipe_panel.missing,
        )  # fmt: skip
        self.model_commands = ModelCommands(
            self, session, settings, actions, self.status, tell, self.load_models, lambda: self.recipe_panel.missing,
        )  # fmt: skip
        self.tool_commands.codec_changed.connect(self.model_commands.codec_changed)
        self.unfinished = Unfinished(
            self, session, self.tool_commands.runner, settings, self.status, self.tool_commands.show_batch,
            self.file_commands.ask_save,
        )  # fmt: skip
        self.unfinished.quit_wanted.connect(self.quit)
        self.room = Room(self, settings, actions, self.panel, (self.menuBar(), self.toolbar, self.statusBar()))
        for name in ("full_screen", "brush"):
            actions[name].toggled.connect(lambda _: self._show_enabled())
        self._connect_files()
        Drops(self, self.welcome.set_hot, self.file_commands.take)
        Glimpse(self.pages, session)
        self._document_changed()
        self.peek = Peek(self, canvas)
        geometry = settings.geometry
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(self.default_size(room_for(self)))

    # Building.

    def _build(self) -> None:
        menus.build_menus(self, self.actions_)
        self.toolbar = menus.build_toolbar(self, self.actions_)
        self._words_need = menus.widths_with_words(self.toolbar)
        self.pages = Area()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.canvas)
        body = self.panel_body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        for card in (self.recipe_panel, self.readout, self.steps):
            column.addWidget(card)
        column.addStretch(1)  # With a factor: else cards with lists would grow in a high window.
        self.panel = QScrollArea()
        self.panel.setObjectName("panel")
        self.panel.setWidget(body)
        self.panel.setWidgetResizable(True)
        self.panel.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.panel.setFixedWidth(PANEL_WIDTH)
        self.panel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The scroll bar takes its room from the margin, so that nothing moves when it comes.
        self.panel.verticalScrollBar().rangeChanged.connect(
            lambda _, last: column.setContentsMargins(12, 8, 2 if last > 0 else 12, 8)
        )
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.pages, 1)
        row.addWidget(self.panel)
        self.setCentralWidget(middle)
        self.status = StatusParts(self.statusBar())

    def default_size(self, available: QSize) -> QSize:
        """The panel in full height, with a result of whatever model, where there is room for it."""
        frame = 0
        for part in (self.menuBar(), self.toolbar, self.statusBar()):
            part.ensurePolished()  # The least height comes from the style sheet.
            frame += part.sizeHint().expandedTo(part.minimumSize()).height()
        beside = self.panel.verticalScrollBar().sizeHint().width()
        needed = frame + self.panel_body.heightForWidth(PANEL_WIDTH - beside)
        needed += self.readout.still_to_come + self.steps.still_to_come
        return QSize(WIDTH, max(HEIGHT, needed)).boundedTo(available).expandedTo(self.minimumSize())

    def _connect(self) -> None:
        session, canvas = self.session, self.canvas
        session.document_changed.connect(self._document_changed)
        session.natural.changed.connect(self._show_pixel)
        session.part_first.visible = canvas.visible_part
        session.may_encode = self.recipe_panel.can_use
        session.part_first.changed.connect(
            lambda: canvas.set_scene(replace(canvas.scene, part=session.part_first.part))
        )
        session.opened.connect(self._opened)
        session.busy_changed.connect(self._busy_changed)
        session.progress.connect(self.recipe_panel.show_progress)
        session.noticed.connect(self.show_notice)
        session.codec_state.connect(lambda text: self.status.codec.setText(said(text)))
        self.recipe_panel.chosen.connect(self._recipe_chosen)
        self.recipe_panel.changing.connect(lambda recipe: session.set_recipe(recipe, encode=False))
        self.recipe_panel.encode_wanted.connect(session.encode)
        self.recipe_panel.cancel_wanted.connect(session.cancel)
        self.recipe_panel.automatic_changed.connect(self._automatic_changed)
        for typing in (self.recipe_panel, self.readout.frames):
            typing.typed.connect(self.pages.give_focus)
        self.readout.frames.chosen.connect(session.choose_frame)
        canvas.selection_changed.connect(self._selection_changed)
        self.meter.changed.connect(self._show_selection)
        canvas.look_changed.connect(self._show_pixel)
        canvas.hovered.connect(lambda _: self._show_pixel())
        canvas.zoom_changed.connect(self._show_zoom)
        canvas.view_changed.connect(self._view_changed)
        self.actions_.connect_all(
            {
                "quit": self.close,
                "encode": session.encode,
                "cancel": self._escape,
                "theme": self.toggle_theme,
                "next_frame": lambda: self.readout.frames.step(1),
                "previous_frame": lambda: self.readout.frames.step(-1),
                "about": lambda: menus.show_about(self),
            }
        )

    def _connect_files(self) -> None:
        files = self.file_commands
        self.welcome.open_wanted.connect(files.ask_open)
        self.welcome.sample_wanted.connect(files.open_sample)
        self.welcome.recent_wanted.connect(self.session.open)
        files.recent.changed.connect(self.welcome.show_recent)
        files.folder_wanted.connect(self.folder_commands.browse)
        self.readout.original_wanted.connect(files.ask_original)
        self.recipe_panel.import_wanted.connect(files.ask_checkpoint)
        self.recipe_panel.get_wanted.connect(self.model_commands.show)
        menus.insert_menu(self, "&File", files.recent.menu, "sample")

    # From the session.

    def _document_changed(self) -> None:
        session, outcome = self.session, self.session.outcome
        self.look_commands.show()
        self.view_commands.show_enabled()
        self.pages.setCurrentWidget(self.welcome if session.is_empty else self.canvas)
        shown = session.original or (outcome.shown if outcome is not None else None)
        self.readout.show_original(session.original, outcome)
        self.readout.show_notes(shown.picture if shown is not None else None)
        if outcome is None:
            self.steps.show_bits(None)
        else:
            self.steps.show_bits(outcome.bits, outcome.payload_bytes)
        self._show_enabled()
        width, height = self.canvas.scene.size
        self.status.size.setText(f"{width} × {height}" if width else "")
        self._show_zoom(self.canvas.viewport.scale)
        self._show_pixel()
        path = session.path
        self.setWindowTitle(f"{path.name}[*] — HPCM Studio" if path is not None else "HPCM Studio[*]")

    def _opened(self) -> None:
        self.toasts.clear_errors()
        self.canvas.fit()
        self.canvas.setFocus()

    def _busy_changed(self, busy: bool) -> None:
        self.recipe_panel.show_busy(busy)
        self._show_enabled()

    def _show_enabled(self) -> None:
        can_encode = self.session.original is not None
        can_cancel = self.session.busy or self.canvas.selection is not None or self.room.is_full
        can_cancel = can_cancel or self.actions_["brush"].isChecked()
        self.actions_.enable({"encode": can_encode and self.recipe_panel.can_use(), "cancel": can_cancel})
        original, on = self.session.original, offers_frames(self.session.original, self.session.outcome)
        count = original.picture.frames if original is not None else 1
        frame = original.frame if original is not None else 0
        self.readout.frames.show_frame(frame, count, on)
        self.actions_.enable({"next_frame": on and frame + 1 != count, "previous_frame": on and frame > 0})
        self.recipe_panel.set_can_encode(can_encode, not self.session.is_empty)

    def show_notice(self, notice: Notice) -> None:
        """Show a message that does not stop the work."""
        self.toasts.show(notice)

    def load_models(self) -> None:
        """Find out which models there are; called when the window is on the screen."""
        from hpcm_core.models.catalogue import list_models

        def show(models: list[ModelInfo]) -> None:
            if self.recipe_panel.set_models(models):
                self.session.encode_what_waited()
            self._show_enabled()

        self.session.background.run(
            list_models,
            show,
            lambda error, details: self.show_notice(
                notice_of(error, details, Phrase("The models could not be listed"))
            ),
        )

    # From the panels.

    def _recipe_chosen(self, recipe: Recipe) -> None:
        self.session.set_recipe(recipe, encode=self.session.encode_on_change and self.recipe_panel.can_use())

    def _automatic_changed(self, on: bool) -> None:
        self.session.encode_on_change = self.settings.encode_on_change = on

    def _escape(self) -> None:
        """Stop the job that the user waits for; then put away the brush, clear the selection, leave the full screen."""
        if self.session.busy:
            self.session.cancel()
        elif self.brush_commands.in_hand:
            self.brush_commands.put_away()
        elif self.canvas.selection is not None:
            self.canvas.select(None)
        else:
            self.room.leave()

    def _selection_changed(self, rect: QRect | None) -> None:
        self.meter.select(rect)
        self._show_enabled()

    def _show_selection(self, measured: Measured | None) -> None:
        self.readout.selection.show_measured(measured, self.session.original is not None)

    # From the canvas.

    def _view_changed(self, _: View) -> None:
        self.toasts.set_lift(self.hud.height() + 8 if self.hud.isVisible() else 0)
        self._show_pixel()

    def _show_zoom(self, scale: float) -> None:
        percent = scale * 100
        text = number(percent, ".0f" if percent >= 10 else ".1f") + " %"
        self.status.zoom.setText(text if not self.canvas.scene.is_empty else "")

    def _show_pixel(self) -> None:
        self.status.pixel.setText(describe(self.canvas.frame, self.session.original, self.session.outcome))

    # The window itself.

    def come_forward(self, files: list[Path]) -> None:
        """Another start of the program wants this window, and perhaps files in it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        if files:
            self.file_commands.take(files)

    def toggle_theme(self) -> None:
        self.apply_theme("light" if theme.current().name == "dark" else "dark")
        self.settings.theme = theme.current().name

    def apply_theme(self, name: str) -> None:
        """Repaint everything in another theme."""
        theme.apply(name)
        self.actions_.paint_icons()
        for widget in self.findChildren(QWidget):
            widget.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pages.give_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fitting = (
            names for names, need in zip(menus.WITH_WORDS, self._words_need, strict=True) if need <= self.width()
        )
        menus.set_words(self.toolbar, next(fitting, ()))

    def quit(self) -> None:
        """Close without a question."""
        self._asks = False
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._asks and not self.unfinished.may_quit():
            event.ignore()
            return
        self.settings.geometry = self.room.geometry()
        self.settings.recipe = self.session.recipe
        self.settings.sync()
        self.closing.emit()
        self.hide()
        self.tool_commands.close()
        self.model_commands.close()
        self.error_commands.close()
        self.file_commands.close()
        QGuiApplication.processEvents()
        self.peek.end()
        self.session.close()
        super().closeEvent(event)
