"""The folder of what is open: its next picture, and the file in the desktop's file manager."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.canvas.canvas import Canvas
from app.desktop.file_manager import show_file
from app.desktop.report import open_folder
from app.session.loading import Loading
from app.session.neighbours import pictures_in, step_from
from app.session.session import Session
from app.ui.notices import Notice, notice_of
from app.ui.translation import tr
from app.window.actions import Actions
from hpcm_core.errors import Phrase


class FolderCommands(QObject):
    """Joins these actions to what they do."""

    def __init__(
        self, parent: QObject, session: Session, actions: Actions, canvas: Canvas, tell: Callable[[Notice], None]
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._tell = session, actions, tell
        self._looking = Loading(session.background, self)
        self._at: Path | None = None
        """Where the person is in the folder: at what is open, or at what is being opened or could not be."""
        actions.connect_all(
            {
                "next_picture": lambda: self.step(1),
                "previous_picture": lambda: self.step(-1),
                "show_file": self.show_file,
            }
        )
        canvas.step_wanted.connect(self.step)
        session.opened.connect(self._opened)
        session.document_changed.connect(self._show_enabled)
        session.saved.connect(self._show_enabled)
        self._show_enabled()

    def browse(self, folder: Path) -> None:
        """Open the first picture of a folder; the keys lead to the others."""

        def found(paths: list[Path]) -> None:
            if paths:
                self._at = paths[0]
                self._session.open(paths[0])
            else:
                self._tell(Notice(tr("There is no picture in {folder}.").format(folder=folder.name), is_error=False))

        def failed(error: Exception, details: str) -> None:
            self._tell(notice_of(error, details, Phrase("{name} could not be read", name=folder.name)))

        self._looking.run(self._looking.begin(), lambda: pictures_in(folder), found, failed)

    def step(self, by: int) -> None:
        """Open the next picture of the folder, or the one before for -1."""
        at = self._at
        if at is None:
            return

        def found(path: Path | None) -> None:
            if path is None:
                text = tr("That is the last picture of the folder.") if by > 0 else ""
                self._tell(Notice(text or tr("That is the first picture of the folder."), is_error=False))
            else:
                self._at = path
                self._session.open(path)

        def failed(error: Exception, details: str) -> None:
            self._tell(notice_of(error, details, Phrase("{name} could not be read", name=at.parent.name)))

        self._looking.run(self._looking.begin(), lambda: step_from(at, by), found, failed)

    def show_file(self) -> None:
        """Show the result's file, or what is open, in the desktop's file manager."""
        path = self._file
        if path is not None:
            self.show(path)

    def show(self, path: Path) -> None:
        """Show a file in the desktop's file manager."""

        def done(shown: bool) -> None:
            if not shown and not open_folder(path.parent):
                self._tell(Notice(tr("The file is in {folder}").format(folder=path.parent), is_error=False))

        self._session.background.run(lambda: show_file(path), done, lambda *_: done(False))

    @property
    def _file(self) -> Path | None:
        outcome = self._session.outcome
        saved = self._session.saver.file_of(outcome) if outcome is not None else None
        return saved or self._session.path

    def _opened(self) -> None:
        self._at = self._session.path

    def _show_enabled(self) -> None:
        there = self._session.path is not None
        self._actions.enable({"next_picture": there, "previous_picture": there, "show_file": self._file is not None})
