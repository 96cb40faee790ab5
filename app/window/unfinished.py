"""Work that would be lost with the window: it is shown in the status bar, and asked about once before the end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.batch.runner import BatchRunner
from app.desktop.settings import Settings
from app.session.session import Session
from app.ui.notices import Notice
from app.ui.translation import tr
from app.ui.widgets import Check
from app.window.status_bar import StatusParts


class Unfinished(QObject):
    """Follows session and batch."""

    quit_wanted = Signal()  # the person was asked, and means it

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        runner: BatchRunner,
        settings: Settings,
        status: StatusParts,
        show_batch: Callable[[], None],
        save: Callable[[], bool],
    ) -> None:
        """show_batch, save: what a click on the status bar does; save asks for a name, and returns if it got one."""
        super().__init__(parent)
        self._parent = parent
        self._session, self._runner, self._settings, self._status, self._save = session, runner, settings, status, save
        self._question: QMessageBox | None = None
        self._leaves_when_saved = False
        status.batch.clicked.connect(lambda: show_batch())
        status.unsaved.setText(tr("Not saved"))
        status.unsaved.setToolTip(tr("Save the compressed file") + " (Ctrl+S)")
        status.unsaved.clicked.connect(lambda: save())
        session.saved.connect(self._saved)
        session.noticed.connect(self._noticed)
        for changed in (session.document_changed, session.natural.changed, session.saved, runner.state_changed):
            changed.connect(self._show)
        self._show()

    def reasons(self) -> list[str]:
        """What would be lost, each in a sentence."""
        session, runner = self._session, self._runner
        found = []
        if runner.is_unfinished:
            counts = runner.counts
            finished = len(runner.rows) - counts["waiting"] - counts["running"]
            words = tr("The batch: {finished} of {total} pictures are done.")
            found.append(words.format(finished=finished, total=len(runner.rows)))
        if session.encoding is not None:
            found.append(tr("The picture is being encoded."))
        elif session.is_unsaved:
            found.append(tr("The compressed file is not saved."))
        return found

    def may_quit(self) -> bool:
        """True where nothing would be lost; else asks, and tells by `quit_wanted`."""
        reasons = self.reasons() if self._settings.ask_before_quit else []
        if reasons and self._question is None:
            self._ask(reasons)
        return not reasons

    def _ask(self, reasons: list[str]) -> None:
        question = self._question = QMessageBox(self._parent)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setWindowTitle(tr("Quit"))
        question.setText(tr("Quit, and lose this?"))
        question.setInformativeText("\n".join(reasons))
        leave = question.addButton(tr("Quit"), QMessageBox.ButtonRole.DestructiveRole)
        save = None
        if self._session.is_unsaved:
            save = question.addButton(tr("Save…"), QMessageBox.ButtonRole.AcceptRole)
        stay = question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        again = Check(tr("Don't ask again"))
        question.setCheckBox(again)

        def done() -> None:
            self._question = None
            if question.clickedButton() is leave:
                self._settings.ask_before_quit = not again.isChecked()
                self.quit_wanted.emit()
            elif save is not None and question.clickedButton() is save:
                self._leaves_when_saved = True
                if not self._save():
                    self._leaves_when_saved = False  # A file that is saved later is saved for itself.

        question.finished.connect(lambda _: done())
        question.open()

    def _saved(self) -> None:
        if self._leaves_when_saved:
            self._leaves_when_saved = False
            self._parent.close()

    def _noticed(self, notice: Notice) -> None:
        if notice.is_error:
            self._leaves_when_saved = False  # The file could not be written.

    def _show(self) -> None:
        runner, counts = self._runner, self._runner.counts
        finished = len(runner.rows) - counts["waiting"] - counts["running"]
        words = tr("Batch: {finished} of {total}")
        self._status.batch.setText(words.format(finished=finished, total=len(runner.rows)))
        self._status.batch.setVisible(runner.is_unfinished)
        self._status.batch.setToolTip(tr("Show the batch") + " (Ctrl+B)")
        self._status.unsaved.setVisible(self._session.is_unsaved)
        self._parent.setWindowModified(self._session.is_unsaved)
