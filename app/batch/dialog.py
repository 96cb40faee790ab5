"""The window of the batch: its table, its rules, its recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.batch.model import notes_in_words, state_in_words
from app.batch.runner import FINISHED, BatchRunner
from app.batch.table import BatchTable
from app.desktop.clipboard import files_of, take_copy
from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.ui import theme
from app.ui.fields import NumberBox
from app.ui.notices import Notice, notice_of
from app.ui.remaining import Remaining
from app.ui.translation import said, tr
from app.ui.widgets import Area, Card, Check, ElidedLabel, muted_label, open_at, push_button, row_of, set_role
from app.ui.words import describe_recipe, format_bytes
from hpcm_core.batch import Row, Rules, output_path
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.recipe import Recipe


class BatchDialog(QDialog):
    """A window beside the main one; closing hides it, and what runs goes on."""

    def __init__(
        self, runner: BatchRunner, settings: Settings, recipe: Callable[[], Recipe], tell: Callable[[Notice], None],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, Qt.WindowType.Window)
        self.runner = runner
        self._settings = settings
        self._window_recipe = recipe
        self._tell = tell
        self._remaining = Remaining()
        runner.folder = settings.batch_folder
        self.setWindowTitle(tr("Batch"))
        self.setAcceptDrops(True)
        self.setSizeGripEnabled(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        column.addWidget(self._build_table(), 1)
        self.reason = muted_label(wrap=True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)  # A file's name may look like a tag.
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setAccessibleName(tr("Why the selected row has its state"))
        column.addWidget(self.reason)
        column.addWidget(self._build_options())
        column.addLayout(self._build_foot())
        runner.state_changed.connect(self._show_state)
        runner.row_changed.connect(lambda _: self._show_state())
        self._rules_changed()
        self._show_state()
        self.setMinimumSize(QSize(880, 560).expandedTo(self.minimumSizeHint()))
        open_at(self, 1120, 720)

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(push_button(tr("Add pictures…"), tr("Add pictures to the batch"), self._ask_files))
        row.addWidget(push_button(tr("Add folder…"), tr("Add the pictures of a folder"), self._ask_folder))
        row.addStretch()
        self.retry = push_button(tr("Retry"), tr("Retry the selected or all failed rows"), self._retry)
        self.skip = push_button(tr("Skip"), tr("Skip the selected rows"), lambda: self.runner.skip(self.selected()))
        self.remove = push_button(tr("Remove"), tr("Remove the selected rows"), self._remove)
        for button in (self.retry, self.skip, self.remove):
            row.addWidget(button)
        return row

    def _build_table(self) -> QWidget:
        self.table = BatchTable(self.runner)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        for wanted, call in (
            (self.table.retry_wanted, self._retry),
            (self.table.skip_wanted, lambda: self.runner.skip(self.selected())),
            (self.table.remove_wanted, self._remove),
        ):
            wanted.connect(call)
        self.pages = Area()
        self.pages.addWidget(_empty_page())
        self.pages.addWidget(self.table)
        return self.pages

    def _build_options(self) -> QWidget:
        card = Card(tr("What to make"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self.recipe_label = ElidedLabel()
        self.use_window = push_button(
            tr("As in the window"), tr("Use the recipe of the main window"), self._take_recipe
        )
        self.load = push_button(tr("Load…"), tr("Load a recipe from a file"), self._ask_recipe)
        self.save = push_button(tr("Save…"), tr("Save the recipe to a file"), self._ask_save_recipe)
        self.folder_label = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        choose = push_button(tr("Choose…"), tr("Choose the folder of the output"), self._ask_output)
        self.beside = push_button(
            tr("Beside pictures"), tr("Put each file beside its picture"), lambda: self.set_folder(None)
        )
        self.template = QLineEdit(self.runner.template)
        self.template.setAccessibleName(tr("Name of each file: stem, suffix, model, quality and lambda in braces"))
        self.template.setToolTip("{stem} {suffix} {model} {quality} {lambda}")
        self.template.textChanged.connect(lambda _: self._rules_changed())
        self.problem = muted_label(wrap=True)
        self.skip_existing = Check(tr("Skip where the output exists"))
        self.skip_existing.setChecked(True)
        self.skip_larger = Check(tr("Skip where the file would be larger"))
        self.min_gain = NumberBox()
        self.min_gain.setAccessibleName(tr("Skip below this gain in percent"))
        self.min_gain.setRange(0, 99)
        self.min_gain.setDecimals(0)
        self.min_gain.setSuffix(" %")
        self.min_gain.setFixedWidth(68)
        for check in (self.skip_existing, self.skip_larger):
            check.toggled.connect(lambda _: self._rules_changed())
        self.min_gain.valueChanged.connect(lambda _: self._rules_changed())
        rows: tuple[tuple[str, QWidget, tuple[QWidget, ...]], ...] = (
            (tr("Recipe"), self.recipe_label, (self.use_window, self.load, self.save)),
            (tr("Folder"), self.folder_label, (choose, self.beside)),
            (tr("Name"), self.template, ()),
        )
        for number, (text, widget, buttons) in enumerate(rows):
            grid.addWidget(QLabel(text), number, 0)
            grid.addWidget(widget, number, 1, 1, 1 if buttons else 2)
            grid.addLayout(row_of(*buttons), number, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.problem, len(rows), 1, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, 56)
        card.body.addLayout(grid)
        rules = QHBoxLayout()
        rules.setSpacing(20)
        rules.addWidget(self.skip_existing)
        rules.addWidget(self.skip_larger)
        gain = QHBoxLayout()
        gain.setSpacing(8)
        gain.addWidget(QLabel(tr("Skip below a gain of")))
        gain.addWidget(self.min_gain)
        rules.addLayout(gain)
        rules.addStretch()
        card.body.addLayout(rules)
        return card

    def _build_foot(self) -> QHBoxLayout:
        self.summary = muted_label()
        self.summary.setAccessibleName(tr("State of the batch"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the batch"))
        self.report = push_button(tr("Save report…"), tr("Save the report as CSV"), self._ask_report)
        self.stop = push_button(tr("Stop"), tr("Stop the batch"), self.runner.stop)
        self.go = push_button(tr("Start"), tr("Start or pause the batch"), self._go)
        self.go.setProperty("primary", True)
        return row_of(self.bar, self.summary, self.report, self.stop, self.go, wide=self.bar)

    # Shown.

    def selected(self) -> list[int]:
        """Numbers of the selected rows."""
        return self.table.selected()

    def _show_state(self) -> None:
        runner, counts = self.runner, self.runner.counts
        total = len(runner.rows)
        finished = total - counts["waiting"] - counts["running"]
        looking = runner.is_searching
        self.pages.setCurrentIndex(1 if total or looking else 0)
        self.recipe_label.setText(describe_recipe(runner.recipe))
        self.recipe_label.setToolTip(runner.recipe.to_json())
        self.folder_label.setText(str(runner.folder) if runner.folder is not None else tr("Beside each picture"))
        self.bar.setRange(0, max(1, total * 100))
        self.bar.setValue(finished * 100 + round(runner.fraction * 100 * bool(counts["running"])))
        parts = [tr("Looking for pictures…")] if looking else []
        parts.append(tr("{finished} of {total}").format(finished=finished, total=total))
        for text, key in ((tr("{count} skipped"), "skipped"), (tr("{count} failed"), "failed")):
            parts += [text.format(count=counts[key])] if counts[key] else []
        if runner.running:
            parts += self._remaining.words(runner.part_done)
        before, after = runner.totals
        if before:
            parts.append(f"{format_bytes(before)} → {format_bytes(after)}")
        self.summary.setText(" · ".join(parts) if total or looking else "")
        waiting = counts["waiting"] > 0 or looking
        self.go.setText(tr("Pause") if runner.running else tr("Go on") if finished and waiting else tr("Start"))
        self.go.setEnabled((runner.running or waiting) and not self.problem.text())
        self.stop.setEnabled(runner.running or counts["running"] > 0)
        self.report.setEnabled(finished > 0)
        chosen = self.selected()
        self._show_reason([runner.rows[row] for row in chosen if row < total])
        states = {runner.rows[row].state for row in chosen if row < total}
        self.retry.setEnabled(bool(states & FINISHED) if chosen else counts["failed"] > 0)
        self.skip.setEnabled(bool(states & {"waiting", "running"}))
        self.remove.setEnabled(bool(states - {"running"}))
        for widget in (self.use_window, self.load, self.template):
            widget.setEnabled(not runner.running)

    def _show_reason(self, chosen: list[Row]) -> None:
        """Say in full what the table has room to begin with."""
        row = chosen[0] if len(chosen) == 1 else None
        parts = [] if row is None else notes_in_words(row)
        if row is not None and parts:
            self.reason.setText(f"{Path(row.source).name}: {state_in_words(row)}. " + " ".join(parts))
        self.reason.setVisible(bool(parts))

    def _rules_changed(self) -> None:
        self.runner.rules = Rules(
            self.skip_existing.isChecked(), self.skip_larger.isChecked(), float(self.min_gain.value())
        )
        self.runner.template = self.template.text()
        try:
            example = output_path(Path("name.png"), None, self.runner.template, self.runner.recipe)
        except HpcmError as error:
            self.problem.setText(said(error.phrase))
            set_role(self.problem, "danger")
        else:
            self.problem.clear()
            self.template.setToolTip(f"{{stem}} {{suffix}} {{model}} {{quality}} {{lambda}}: name.png → {example.name}")
        self.problem.setVisible(bool(self.problem.text()))
        self._show_state()

    # Wishes.

    def set_folder(self, folder: Path | None) -> None:
        """Where the files go; None: each beside its picture."""
        self.runner.folder = folder
        self._settings.batch_folder = folder
        self._show_state()

    def set_recipe(self, recipe: Recipe) -> None:
        """What to encode with."""
        self.runner.recipe = recipe
        self._rules_changed()

    def load_recipe(self, path: Path) -> None:
        """Take the recipe of a JSON file, as `hpcm batch --recipe` does."""
        try:
            self.set_recipe(Recipe.from_file(path))
        except (HpcmError, OSError) as error:
            self._tell(notice_of(error, repr(error), Phrase("{name} could not be read", name=path.name)))

    def _take_recipe(self) -> None:
        self.set_recipe(self._window_recipe())

    def _go(self) -> None:
        if self.runner.running:
            self.runner.pause()
        else:
            self._remaining.begin()
            self.runner.start()

    def _retry(self) -> None:
        failed = [index for index, row in enumerate(self.runner.rows) if row.state == "failed"]
        self.runner.retry(self.selected() or failed)

    def _remove(self) -> None:
        self.runner.remove(self.selected())

    def _ask_files(self) -> None:
        file_dialogs.ask_for_files(self, self._settings, file_dialogs.ADD, self.runner.add)

    def _ask_folder(self) -> None:
        file_dialogs.ask_for_folder(self, self._settings, tr("Add a folder"), self._add_folder)

    def _add_folder(self, folder: Path) -> None:
        self.runner.add([folder])

    def _ask_output(self) -> None:
        file_dialogs.ask_for_folder(self, self._settings, tr("Folder of the output"), self.set_folder)

    def _ask_recipe(self) -> None:
        file_dialogs.ask_for_file(self, self._settings, file_dialogs.LOAD_RECIPE, self.load_recipe)

    def _ask_save_recipe(self) -> None:
        text = self.runner.recipe.to_json()
        file_dialogs.ask_for_target(
            self, self._settings, file_dialogs.SAVE_RECIPE, Path("recipe"), lambda path: self._write(path, text)
        )

    def _ask_report(self) -> None:
        text = self.runner.report()
        file_dialogs.ask_for_target(
            self, self._settings, file_dialogs.SAVE_REPORT, Path("batch"), lambda path: self._write(path, text)
        )

    def _write(self, path: Path, text: str) -> None:
        if file_dialogs.write(path, text.encode(), self._tell):
            self._tell(Notice(Phrase("Saved {name}", name=path.name), is_error=False))

    def showEvent(self, event: QShowEvent) -> None:
        # Desktops keep a dialog above the window that it belongs to, where a row is shown: it belongs to none, and the
        # desktop finds its place as that of any window.
        self.windowHandle().setTransientParent(None)  # type: ignore[arg-type]  # None is Qt's null here.
        QWidget.showEvent(self, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        take_copy(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        take_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if take_copy(event):
            self.runner.add(files_of(event.mimeData()))


def _empty_page() -> QFrame:
    """What the table's place shows while there are no rows."""
    page = QFrame()
    page.setObjectName("drop")
    column = QVBoxLayout(page)
    column.setSpacing(4)
    title = QLabel(tr("Drop pictures or folders here"))
    title.setFont(theme.title_font())
    note = muted_label(tr("All of them are compressed by one recipe; the originals stay as they are."))
    column.addStretch()
    for label in (title, note):
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(label)
    column.addStretch()
    return page
