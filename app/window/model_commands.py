"""Getting models: the window for it, and what of it the main window shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.desktop.settings import Settings
from app.session.session import Session
from app.ui.notices import Notice
from app.ui.translation import tr
from app.window.actions import Actions
from app.window.links import open_address
from app.window.status_bar import StatusParts
from app.window.toast import Toasts
from app.worker.codec_worker import CodecWorker
from hpcm_core.models.catalogue import ModelInfo

if TYPE_CHECKING:
    from app.getting.dialog import GetDialog


class ModelCommands(QObject):
    """The window is made when it is first asked for. What is being got goes on when that is closed."""

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        actions: Actions,
        status: StatusParts,
        tell: Callable[[Notice], None],
        models_changed: Callable[[], None],
        missing: Callable[[], ModelInfo | None],
    ) -> None:
        """parent: of the window; models_changed: called when one was installed; missing: tells the chosen model that is
        not installed.
        """
        super().__init__(parent)
        self._parent = parent
        self._session, self._settings, self._status, self._tell = session, settings, status, tell
        self._models_changed, self._missing = models_changed, missing
        self._dialog: GetDialog | None = None
        status.models.clicked.connect(lambda: self.show())
        actions.connect_all({"get_models": self.show})

    @property
    def dialog(self) -> GetDialog:
        """The window, made when it is first asked for."""
        if self._dialog is None:
            from app.getting.dialog import GetDialog
            from app.getting.runner import GetRunner

            session = self._session
            runner = GetRunner(session.background, lambda: CodecWorker(session.worker.log_file), self)
            runner.installed.connect(lambda _: self._models_changed())
            runner.finished.connect(self._finished)
            runner.state_changed.connect(self._show_running)
            self._dialog = made = GetDialog(runner, self._settings, self._parent)
            self.toasts = Toasts(made.pages)  # The main window's may lie behind this one.
            made.link_wanted.connect(lambda address: open_address(address, session.background, self.toasts.show))
        return self._dialog

    def show(self) -> None:
        """Show the window, with the chosen model selected if that is missing."""
        dialog, missing = self.dialog, self._missing()
        if missing is not None and not dialog.isVisible():
            dialog.select(missing.name)
        dialog.runner.refresh()
        if self._session.idle:
            dialog.runner.measure()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def codec_changed(self) -> None:
        """Models take another time now."""
        if self._dialog is not None:
            self._dialog.runner.forget_speed()

    def close(self) -> None:
        """End what is being got; the next start goes on with it when it is asked to."""
        if self._dialog is not None:
            self._dialog.runner.close()
            self._dialog.close()

    def _show_running(self) -> None:
        runner = self.dialog.runner
        words = tr("Models: {finished} of {total}")
        self._status.models.setText(words.format(finished=runner.done, total=runner.total))
        self._status.models.setVisible(runner.running)

    def _finished(self, came: int, failed: int) -> None:
        """Tell the end of what is out of sight."""
        self._models_changed()
        if self.dialog.isVisible():
            return
        if came:
            self._tell(Notice(tr("Models installed: {count}").format(count=came), is_error=False))
        if failed:
            self._tell(Notice(tr("Models that did not come: {count}. Get models… tells why.").format(count=failed)))
