"""Work that must not hold up the window: reading, writing and preparing pictures, on threads of the window's own
process.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class Background(QObject):
    """Runs functions on threads and calls back on the thread that this object lives on."""

    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ended.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._closed = False
        self._writing: list[threading.Thread] = []

    def _call(self, call: Callable[[], Any]) -> None:
        call()

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception, str], None],
        must_finish: bool = False,
    ) -> None:
        """Call work() elsewhere, then done(result) or failed(error, traceback) here.

        must_finish: closing waits for it.
        """

        def body() -> None:
            call: Callable[[], Any]
            try:
                result = work()
            except Exception as error:
                problem, details = error, traceback.format_exc()

                def call() -> None:
                    failed(problem, details)
            else:

                def call() -> None:
                    done(result)

            if not self._closed:
                self._ended.emit(call)

        # Daemon threads: reading a huge picture cannot be interrupted, and must not hold up quitting.
        thread = threading.Thread(target=body, name="background", daemon=True)
        self._writing = [other for other in self._writing if other.is_alive()]
        if must_finish:
            self._writing.append(thread)
        thread.start()

    def close(self) -> None:
        """Wait for files that are being written; drop everything else."""
        self._closed = True
        for thread in self._writing:
            thread.join()
