"""The histogram of errors: of the pictures that are compared, or of what is selected of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtWidgets import QWidget

from app.canvas.canvas import Canvas
from app.desktop.clipboard import png_of
from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.session.errors import ErrorCounts, count_errors
from app.session.selection_meter import SETTLE_MS
from app.session.session import Session
from app.ui.notices import Notice
from app.ui.translation import number, tr
from app.window.actions import Actions

if TYPE_CHECKING:
    from app.dialogs.errors import ErrorsDialog


class ErrorCommands(QObject):
    """Counts on a thread whenever pictures or selection have settled, as long as the dialog is open."""

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        actions: Actions,
        canvas: Canvas,
        tell: Callable[[Notice], None],
    ) -> None:
        super().__init__(parent)
        self._parent, self._session, self._settings = parent, session, settings
        self._actions, self._canvas, self._tell = actions, canvas, tell
        self.dialog: ErrorsDialog | None = None
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._count)
        actions.connect_all({"errors": self.show})
        session.document_changed.connect(self._changed)
        session.natural.changed.connect(self._changed)
        canvas.selection_changed.connect(lambda _: self._changed())
        self._changed()

    def show(self) -> None:
        """Show the histogram, made when it is first asked for."""
        if self.dialog is None:
            from app.dialogs.errors import ErrorsDialog

            self.dialog = ErrorsDialog(self._parent)
            self.dialog.save_wanted.connect(self.ask_save)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self._changed()

    def ask_save(self) -> None:
        file_dialogs.ask_for_target(
            self._parent, self._settings, file_dialogs.SAVE_ERRORS, self._session.path, self.save
        )

    def save(self, path: Path) -> None:
        """Write the histogram: as a table, or as the picture that is seen."""
        dialog, kind = self.dialog, path.suffix.lower()
        if dialog is None or dialog.counts is None:
            return
        if kind not in (".csv", ".png"):
            self._tell(Notice(tr("The histogram can be saved as PNG or CSV.")))
            return
        data = dialog.counts.as_csv().encode() if kind == ".csv" else png_of(dialog.picture())
        self._session.saver.write(data, path, self._session.path)

    def close(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

    def _changed(self) -> None:
        there = self._session.original is not None and self._session.outcome is not None
        self._actions.enable({"errors": there})
        if self.dialog is not None and self.dialog.isVisible():
            self._timer.start()

    def _count(self) -> None:
        original, outcome, dialog = self._session.original, self._session.outcome, self.dialog
        self._asked += 1
        if dialog is None:
            return
        if original is None or outcome is None:
            dialog.show_counts(None, tr("Needs an original and a result"))
            return
        mine, rect = self._asked, self._canvas.selection
        first, second = original.picture.pixels, outcome.shown.picture.pixels
        words = tr("All {count} pixels")
        if rect is not None and QRect(0, 0, first.shape[1], first.shape[0]).contains(rect):
            rows, columns = slice(rect.top(), rect.bottom() + 1), slice(rect.left(), rect.right() + 1)
            first, second = first[rows, columns], second[rows, columns]
            words = tr("The selection's {count} pixels")

        of = " · " + tr("of the faithful picture") if self._session.natural.words else ""

        def done(counts: ErrorCounts) -> None:
            # Another picture or selection may have been asked for since.
            if mine == self._asked:
                dialog.show_counts(counts, words.format(count=number(counts.pixels, ",d")) + of)

        def failed(error: Exception, details: str) -> None:
            self._tell(Notice(str(error), details))

        self._session.background.run(lambda: count_errors(first, second), done, failed)
