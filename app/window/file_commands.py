"""What goes in and out of the window: file dialogs, drops, the clipboard, recent files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.canvas.canvas import Canvas
from app.canvas.scene import View
from app.desktop.clipboard import FileCopies, files_of, picture_of
from app.desktop.settings import Settings
from app.dialogs import file_dialogs
from app.dialogs.import_model import ImportDialog, importable
from app.session.importing import import_model
from app.session.saving import Keep
from app.session.session import Session
from app.ui.notices import Notice, notice_of
from app.ui.translation import tr
from app.ui.widgets import Check
from app.window.actions import Actions
from app.window.recent import RecentFiles
from app.worker.tasks import Exported
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.models.catalogue import ModelInfo, obstacle
from hpcm_core.models.said import is_checkpoint
from hpcm_core.resources import resource

if TYPE_CHECKING:
    from app.dialogs.export import Exportable


class FileCommands(QObject):
    """Joins the actions for files and the clipboard to what they do."""

    folder_wanted = Signal(object)  # path of a folder to look through

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        actions: Actions,
        canvas: Canvas,
        tell: Callable[[Notice], None],
        batch_of: Callable[[list[Path]], None],
        models_changed: Callable[[], None],
        missing: Callable[[], ModelInfo | None],
    ) -> None:
        """parent: of the dialogs; batch_of: takes what is more than the window can show at once; models_changed: called
        when one was installed; missing: tells the chosen model that is not installed.
        """
        super().__init__(parent)
        self._parent = parent
        self._session, self._settings, self._actions, self._canvas = session, settings, actions, canvas
        self._tell, self._batch_of, self._models_changed, self._missing = tell, batch_of, models_changed, missing
        self._copies = FileCopies()
        self._names: dict[str, str] = {}
        """What pictures were called that were exported, by what was proposed."""
        calls = {
            "open": self.ask_open,
            "sample": self.open_sample,
            "open_folder": self.ask_folder,
            "compare": self.ask_compare,
            "choose_original": self.ask_original,
            "save": self.ask_save,
            "export": self.ask_export,
            "import_model": self.ask_checkpoint,
            "paste": self.paste,
            "copy_view": self.copy_view,
            "copy_file": self.copy_file,
        }
        actions.connect_all(calls)
        for name, kept in (("keep_metadata", settings.keep_metadata), ("keep_place", settings.keep_place)):
            actions[name].setChecked(kept)
            actions[name].toggled.connect(lambda _: self._kept())
        self._kept()
        self._session.opened.connect(self._opened)
        self._session.document_changed.connect(self._show_enabled)
        self.recent = RecentFiles(parent, settings, session.background, session.open)
        self._show_enabled()

    # In.

    def take(self, paths: list[Path]) -> None:
        """Open what was dropped or handed over: a file, two files of one size to compare, or many for a batch. A
        checkpoint is imported.
        """
        if any(is_checkpoint(path.name) for path in paths):
            self._take_checkpoints(paths)
        elif len(paths) == 1 and not paths[0].is_dir():
            self._session.open(paths[0])
        elif len(paths) == 2 and not any(path.is_dir() for path in paths):
            pictures = not any(path.suffix.lower() == ".hpcm" for path in paths)  # Others are nothing for a batch.
            differ = (lambda _: self._batch_of(paths)) if pictures else None
            self._session.compare(paths[0], paths[1], differ)
        else:
            self._batch_of(paths)

    def ask_open(self) -> None:
        file_dialogs.ask_for_file(self._parent, self._settings, file_dialogs.OPEN, self._session.open)

    def ask_original(self) -> None:
        file_dialogs.ask_for_file(self._parent, self._settings, file_dialogs.ORIGINAL, self._session.choose_original)

    def open_sample(self) -> None:
        """Open the photograph that comes with the program."""
        self._session.open(resource(file_dialogs.SAMPLE))

    def ask_folder(self) -> None:
        file_dialogs.ask_for_folder(self._parent, self._settings, tr("Open a folder"), self.folder_wanted.emit)

    def ask_compare(self) -> None:

        def ask_second(first: Path) -> None:
            file_dialogs.ask_for_file(
                self._parent, self._settings, file_dialogs.SECOND, lambda second: self._session.compare(first, second)
            )

        file_dialogs.ask_for_file(self._parent, self._settings, file_dialogs.FIRST, ask_second)

    def paste(self) -> None:
        """Open what is on the clipboard: files, or a picture."""
        mime = QGuiApplication.clipboard().mimeData()
        if paths := files_of(mime):
            self.take(paths)
            return
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            self._tell(Notice(tr("There is no picture on the clipboard."), is_error=False))
        else:
            self._session.open_picture(picture_of(image))

    def ask_checkpoint(self) -> None:
        if self._can_import():
            file_dialogs.ask_for_file(self._parent, self._settings, file_dialogs.CHECKPOINT, self.import_checkpoint)

    def import_checkpoint(self, path: Path) -> None:
        """Ask what the checkpoint is, then install it."""
        if not self._can_import():
            return
        dialog = ImportDialog(path, self._parent, self._missing())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(lambda job: import_model(self._session, job, self._imported))
        dialog.open()

    def _can_import(self) -> bool:
        """Whether this installation can compute with any model that is imported; says so where it cannot."""
        faults = [obstacle(name) for name in importable()]
        if faults[0] is None or not all(faults):
            return True
        self._tell(Notice(faults[0].phrase))
        return False

    def _take_checkpoints(self, paths: list[Path]) -> None:
        if len(paths) == 1:
            self.import_checkpoint(paths[0])
        else:
            self._tell(Notice(tr("Checkpoints are imported one at a time."), is_error=False))

    def _imported(self, model: ModelInfo) -> None:
        self._tell(Notice(tr("Installed {name}").format(name=model.name), is_error=False))
        self._models_changed()

    def _opened(self) -> None:
        path = self._session.path
        if path is not None:
            self.recent.add(path)
            if path != resource(file_dialogs.SAMPLE):
                self._settings.last_folder = str(path.parent)

    # Out.

    @property
    def _named_after(self) -> Path | None:
        """The file that a result is called after: its own where it has one, whatever it is compared with."""
        outcome = self._session.outcome
        return outcome.shown.path if outcome is not None and outcome.shown.path is not None else self._session.path

    def ask_save(self) -> bool:
        """Save the result on show, even if another comes while its name is asked for; whether a name was given."""
        session, outcome = self._session, self._session.outcome
        original, look = session.original, session.natural.stored_look
        return outcome is not None and file_dialogs.ask_for_target(
            self._parent,
            self._settings,
            file_dialogs.SAVE,
            self._named_after,
            lambda path: session.saver.save(outcome, path, original, look),
        )

    def ask_export(self) -> None:
        """Write what is shown, or the other picture, as a file of another format."""
        from app.dialogs.export import ExportDialog  # brings the writers of all formats

        session = self._session
        pictures = self._exportable()
        if not pictures:
            return
        shows_original = self._canvas.view is View.ORIGINAL or session.outcome is None
        shown = len(pictures) - 1 if shows_original and session.original is not None else 0
        checks = []
        for name in ("keep_metadata", "keep_place"):
            action = self._actions[name]
            check = Check(action.text().replace("&", ""))
            check.setToolTip(action.toolTip())
            check.setChecked(action.isChecked())
            check.setEnabled(action.isEnabled())
            check.toggled.connect(action.setChecked)
            action.enabledChanged.connect(check.setEnabled)
            checks.append(check)
        dialog = ExportDialog(session, self._settings, pictures, shown, self._names, checks, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self._export)
        dialog.open()

    def _exportable(self) -> list[Exportable]:
        """The pictures that can be exported: the result at its look, without it, the original."""
        session, outcome, natural = self._session, self._session.outcome, self._session.natural
        from app.dialogs.export import Exportable

        found = []
        if outcome is not None:
            stem = (self._named_after or Path("picture")).stem
            faithful = outcome.shown.picture
            name = tr("Reconstruction") if outcome.header is not None else outcome.description
            if natural.picture is not None:  # Whoever meets the file shall know.
                words = f"{tr('Reconstruction')} · {natural.words}"
                found.append(Exportable(words, faithful, stem + "-hpcm-natural", natural.picture, natural.shown))
                name += " · " + tr("Faithful")
            found.append(Exportable(name, faithful, stem + "-hpcm"))
        if session.original is not None:
            stem = session.original.path.stem if session.original.path is not None else "picture"
            found.append(Exportable(tr("Original"), session.original.picture, stem + "-export"))
        return found

    def _export(self, one: Exportable, path: Path, made: Exported) -> None:
        original = self._session.original
        left_out = (*self._session.saver.keep.left_out(one.picture), *made.left_out)
        self._session.saver.write(made.data.data, path, original.path if original is not None else None, left_out)

    def _kept(self) -> None:
        """What goes into files is chosen."""
        metadata, place = self._actions["keep_metadata"].isChecked(), self._actions["keep_place"].isChecked()
        self._settings.keep_metadata, self._settings.keep_place = metadata, place
        self._session.saver.keep = Keep(metadata, place)
        self._actions.enable({"keep_place": metadata})

    def copy_view(self) -> None:
        """Put what the canvas shows on the clipboard."""
        if not self._session.is_empty:
            QGuiApplication.clipboard().setImage(self._canvas.grab().toImage())
            self._tell(Notice(tr("Copied the view"), is_error=False))

    def copy_file(self) -> None:
        """Put the compressed file on the clipboard."""
        outcome, path = self._session.outcome, self._session.path
        if outcome is None or outcome.header is None:
            return
        name = f"{path.stem if path is not None else 'picture'}.hpcm"
        try:
            data = self._session.saver.keep.file(outcome, self._session.natural.stored_look)
            mime = self._copies.mime(data, name, outcome.shown.path)
        except (OSError, HpcmError) as error:
            self._tell(notice_of(error, repr(error), Phrase("The file could not be copied")))
            return
        QGuiApplication.clipboard().setMimeData(mime)
        self._tell(Notice(tr("Copied {name}").format(name=name), is_error=False))

    def close(self) -> None:
        """Take from the clipboard what goes with the program."""
        clipboard = QGuiApplication.clipboard()
        if self._copies.are_in(clipboard.mimeData()):
            clipboard.clear()  # Its file goes with the program; and Qt must not find the data when Python is gone.
        self._copies.close()

    def _show_enabled(self) -> None:
        session = self._session
        has_result = session.outcome is not None
        is_hpcm = session.outcome is not None and session.outcome.header is not None
        self._actions.enable(
            {
                "save": is_hpcm,
                "export": not session.is_empty,
                "choose_original": has_result and session.original is None,
                "copy_view": not session.is_empty,
                "copy_file": is_hpcm,
            }
        )
