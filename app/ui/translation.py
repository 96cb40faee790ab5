"""The window's language: every text goes through `tr`, and translations are files of Qt's Linguist in resources.

The codec and the command line speak English. What comes from there into the window (names of stages, reasons, errors)
is translated where it is shown, by the patterns in MESSAGES.
"""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from hpcm_core.resources import resource


def QT_TR_NOOP(text: str) -> str:
    """Mark a text that is translated later, by `tr`: where a table is made, the language is not known yet.

    Qt's own function of this name has no types; lupdate knows it by the name.
    """
    return text


FOLDER = "translations"
"""Of the bundled resources: hpcm-studio_de.qm and so on, made by `python installers/translations.py`."""

MESSAGES = (
    # Stages of a job.
    QT_TR_NOOP("Starting"),
    QT_TR_NOOP("Opening"),
    QT_TR_NOOP("Opening {name}"),
    QT_TR_NOOP("Loading the model"),
    QT_TR_NOOP("Analysing"),
    QT_TR_NOOP("Coding"),
    QT_TR_NOOP("Reconstructing"),
    QT_TR_NOOP("Decoding"),
    QT_TR_NOOP("Measuring"),
    QT_TR_NOOP("Measuring {format}"),
    QT_TR_NOOP("Checking the checkpoint"),
    QT_TR_NOOP("Writing"),
    QT_TR_NOOP("Done"),
    QT_TR_NOOP("{stage} (attempt {number})"),
    # The codec's state.
    QT_TR_NOOP("Codec ready · {device}"),
    QT_TR_NOOP("Codec restarting"),
    QT_TR_NOOP("Codec unavailable"),
    # What the session tells.
    QT_TR_NOOP("Saved {name}"),
    QT_TR_NOOP("{name} could not be opened."),
    QT_TR_NOOP("{name} could not be opened: {reason}."),
    QT_TR_NOOP("{name} could not be read."),
    QT_TR_NOOP("{name} could not be read: {reason}."),
    QT_TR_NOOP("{name} could not be written."),
    QT_TR_NOOP("{name} could not be written: {reason}."),
    QT_TR_NOOP("{name} cannot be read: {reason}."),
    QT_TR_NOOP("{name} cannot be written: {reason}."),
    QT_TR_NOOP("{what} There was not enough memory."),
    QT_TR_NOOP("The original is never overwritten; please choose another name."),
    QT_TR_NOOP("The result could not be prepared for showing."),
    QT_TR_NOOP("The file does not decode to the picture that is shown. Please encode it again."),
    QT_TR_NOOP("The models could not be listed: {reason}"),
    QT_TR_NOOP("The program met an error of its own: {reason}"),
    QT_TR_NOOP(
        "{first} is {width} × {height} pixels and {second} {other_width} × {other_height}; "
        "only pictures of one size can be compared."
    ),
    QT_TR_NOOP("The model could not be installed."),
    QT_TR_NOOP("The model could not be installed: {reason}."),
    # What the codec advises.
    QT_TR_NOOP("Lossless WebP is the better choice here: {size} bytes, every pixel as it was."),
    QT_TR_NOOP("WebP is the better choice here: {decibels} dB in {size} bytes."),
    # Errors of the codec.
    QT_TR_NOOP("The codec could not be loaded: {reason}"),
    QT_TR_NOOP("The codec met an error of its own: {reason}"),
    QT_TR_NOOP("There was not enough memory for this picture."),
    QT_TR_NOOP("There was not enough memory to hand the picture to the codec."),
    QT_TR_NOOP("There was not enough memory to take the result over."),
    QT_TR_NOOP("The codec process ended again and again before it was ready."),
    QT_TR_NOOP("The codec stopped unexpectedly and was restarted."),
    QT_TR_NOOP("The graphics card failed; if it does so again, choose the processor in the settings."),
    QT_TR_NOOP("{name} is damaged or not a picture of a kind that this program reads."),
    QT_TR_NOOP("The folder {name} does not exist."),
    QT_TR_NOOP("{path} is too large for a recipe."),
    QT_TR_NOOP("There is not enough memory to save this picture."),
    QT_TR_NOOP("The model {name} is not installed. {how}"),
    QT_TR_NOOP("Download it from {place} and run: {command}"),
    QT_TR_NOOP(
        "It is none of the published ones; ask whoever made it for its checkpoint and run: hpcm models import FILE"
    ),
    # Rows of a batch, and the names of its files.
    QT_TR_NOOP("The name template has no field {names}; there are {fields}."),
    QT_TR_NOOP("The name template {template} gives {name}, which is no file name."),
    QT_TR_NOOP("The name template {template} is not valid."),
    QT_TR_NOOP("the output exists"),
    QT_TR_NOOP("by hand"),
    QT_TR_NOOP("larger than its source by {percent} %"),
    QT_TR_NOOP("gains {percent} %, less than {least} %"),
    QT_TR_NOOP("the output would overwrite its own source"),
    QT_TR_NOOP("another picture of this batch has the same output name"),
)
"""Sentences that are made where no Qt is, as patterns: {name} stands for any text, which may be one of these itself."""


def tr(text: str) -> str:
    """A text of the window in the language of the window. The text must be a literal: lupdate reads the source."""
    return QCoreApplication.translate("", text)


def translated_message(text: str) -> str:
    """A sentence from outside the window's code, in its language; as it is where no pattern fits."""
    for pattern, source in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return tr(source).format(**{name: translated_message(part) for name, part in found.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The messages as regular expressions, those with the most words of their own first."""
    parts = ((re.split(r"\{(\w+)\}", source), source) for source in MESSAGES)
    made = [
        ("".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(split)), source)
        for split, source in parts
    ]
    made.sort(key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[1])))
    return tuple((re.compile(pattern, re.DOTALL), source) for pattern, source in made)


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
