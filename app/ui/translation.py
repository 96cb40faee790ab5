"""The window's language: every text goes through `tr`, and translations are files of Qt's Linguist in resources.

What is not made where it is shown (names of stages, reasons, errors, notices) is an English Phrase on its way, for logs
and reports, and is translated by `said` where it is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from hpcm_core.errors import Phrase
from hpcm_core.resources import resource


def QT_TR_NOOP(text: str) -> str:
    """Mark a text that is translated later, by `tr`: where a table is made, the language is not known yet.

    Qt's own function of this name has no types; lupdate knows it by the name.
    """
    return text


FOLDER = "translations"
"""Of the bundled resources: hpcm-studio_de.qm and so on, made by `python installers/translations.py`."""


def tr(text: str) -> str:
    """A text of the window in the language of the window. The text must be a literal: lupdate reads the source."""
    return QCoreApplication.translate("", text)


def said(text: str) -> str:
    """A phrase in the language of the window, its phrases too; any other text as it is, such as what `tr` gave."""
    if not isinstance(text, Phrase):
        return text
    values = {name: said(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return tr(text.template).format(**values)


def install(app: QCoreApplication, locale: QLocale | None = None) -> str:
    """Load the translation for a locale (the system's by default) into the program; returns its language, or ""."""
    locale = locale or QLocale()
    own = QTranslator(app)
    if not own.load(locale, "hpcm-studio", "_", str(resource(FOLDER))):
        return ""
    app.installTranslator(own)
    of_qt = QTranslator(app)
    # Qt's own words: buttons of messages, menus of text fields.
    if of_qt.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    return own.language()
