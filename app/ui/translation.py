"""The window's language: every text goes through `tr`, and translations are files of Qt's Linguist in resources.

What is not made where it is shown (names of stages, reasons, errors, notices) is an English Phrase on its way, for logs
and reports, and is translated by `said` where it is shown.
"""

from __future__ import annotations

import re
import string
from functools import cache
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from hpcm_core.errors import Phrase
from hpcm_core.resources import resource


def QT_TR_NOOP(text: str) -> str:
    """Mark a text that is translated later, by `tr`: where a table is made, the language is not known yet.

    Qt's own function of this name has no types; lupdate knows it by the name.
    """
    return text


_MINUS = re.compile("(?<![eE])-")
"""Of a number as Python writes it; that of an exponent stays, so that the number can be read again."""

FOLDER = "translations"
"""Of the bundled resources: hpcm-studio_de.qm and so on, made by `python installers/translations.py`."""


def tr(text: str) -> str:
    """A text of the window in the language of the window. The text must be a literal: lupdate reads the source."""
    return QCoreApplication.translate("", text)


def language() -> str:
    """The code of the window's language, such as "de". It is a text that each translation has: so the two cannot
    disagree.
    """
    return tr("en")


@cache
def _marks(language: str) -> dict[int, str]:
    """What stands for Python's comma and point in numbers."""
    locale = QLocale(language)
    return str.maketrans({",": locale.groupSeparator(), ".": locale.decimalPoint()})


def number(value: float, form: str = ",") -> str:
    """A number in the form of the window's language, with a true minus. form: as Python's format takes it."""
    return in_form(format(value, form))


def in_form(text: str) -> str:
    """A number as Python writes it, in the form of the window's language, with a true minus."""
    return _MINUS.sub("−", text.translate(_marks(language())))


def decimal_point() -> str:
    """What stands before the fraction of a number."""
    return _marks(language())[ord(".")]


class _Formatter(string.Formatter):
    """Numbers that a template gives a form are written as the language does."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec and isinstance(value, (int, float)):
            return number(value, format_spec)
        return str(super().format_field(value, format_spec))


def said(text: str) -> str:
    """A phrase in the language of the window, its phrases too; any other text as it is, such as what `tr` gave."""
    if not isinstance(text, Phrase):
        return text
    values = {name: said(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return _Formatter().format(tr(text.template), **values)


def available() -> list[str]:
    """Codes of the languages that the window speaks, English first."""
    own = sorted(path.stem.partition("_")[2] for path in resource(FOLDER).glob("hpcm-studio_*.qm"))
    return ["en", *own]


def name_of(code: str) -> str:
    """A language by its own name."""
    name = QLocale(code).nativeLanguageName()
    return "English" if code == "en" else name[:1].upper() + name[1:]


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
