"""Puts the program together: settings, logs, theme, codec process, session, window; then runs Qt's event loop."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QLocale, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.canvas.scene import View
from app.desktop import single_instance
from app.desktop.garbage_collector import Collector
from app.desktop.settings import Settings, codec_environment, config_dir, log_dir
from app.session.session import Session
from app.ui import icons, theme, translation
from app.ui.notices import Notice
from app.window.main_window import MainWindow
from app.window.screenshot import Screenshot
from app.worker.codec_worker import CodecWorker
from hpcm_core.errors import Phrase

log = logging.getLogger("hpcm.app")


def run(options: argparse.Namespace) -> int:
    """Run the window until it is closed; returns the exit status."""
    codec_log = start_logging(log_dir())
    app = QApplication(sys.argv[:1])
    app.setApplicationName("hpcm-studio")
    app.setApplicationDisplayName("HPCM Studio")
    QGuiApplication.setDesktopFileName("hpcm-studio")
    settings = Settings()
    language = options.language or settings.language
    translation.install(app, QLocale(language) if language else None)
    name = single_instance.name_of(config_dir())
    alone = options.screenshot is not None
    if not alone and single_instance.hand_over(name, options.files):
        return 0
    theme.apply(options.theme or settings.theme)
    app.setWindowIcon(icons.application_icon())
    Collector(app)
    session = Session(CodecWorker(codec_log), settings.recipe)
    window = MainWindow(session, settings)
    if options.size:
        window.resize(*options.size)
    if options.view:
        window.canvas.set_view(View(options.view))
    listener = single_instance.Instance(name, window)
    listener.wanted.connect(window.come_forward)
    if not alone:
        listener.listen()
        window.closing.connect(listener.close)
    _report_exceptions(window)
    signal.signal(signal.SIGINT, lambda *_: window.quit())
    signal.signal(signal.SIGTERM, lambda *_: window.quit())
    heartbeat = QTimer(window)  # Lets Python see signals while Qt's loop runs.
    heartbeat.start(200)
    heartbeat.timeout.connect(lambda: None)
    screenshot = Screenshot(window, options.screenshot) if options.screenshot else None
    window.show()
    QTimer.singleShot(0, lambda: _begin(window, session, options))
    status = app.exec()
    session.close()
    if screenshot is not None:
        status = screenshot.status
    # In this order and now: while Python goes down, Qt could still call what is half gone.
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return status


def _begin(window: MainWindow, session: Session, options: argparse.Namespace) -> None:
    """What can wait until the window is on the screen."""
    session.worker.configure(codec_environment(window.settings))
    session.worker.start()
    window.load_models()
    if options.files:
        window.file_commands.take(options.files)
    elif options.sample:
        window.file_commands.open_sample()


def start_logging(folder: Path) -> str | None:
    """Log to files in the folder. Returns the codec process's log file, or None if the folder cannot be written."""
    root = logging.getLogger("hpcm")
    root.setLevel(logging.INFO)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "window.log", maxBytes=1 << 20, backupCount=2, encoding="utf-8"
        )
    except OSError:
        root.addHandler(logging.StreamHandler())
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    return str(folder / "codec.log")


def _report_exceptions(window: MainWindow) -> None:
    """An error of the program itself is logged and shown, and does not end it."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error(details)
        if isinstance(error, Exception):
            message = Phrase("The program met an error of its own: {reason}", reason=f"{kind.__name__}: {error}")
            window.show_notice(Notice(message, details))

    sys.excepthook = hook
