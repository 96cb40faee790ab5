"""The window in another language: nothing is left out, files are up to date, what is translated fits."""

from __future__ import annotations

import ast
import importlib.util
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMainWindow,
    QWidget,
)

from app.canvas.scene import View
from app.ui import translation
from app.ui.notices import Notice
from app.ui.translation import MESSAGES, _patterns, translated_message
from app.window.actions import MENUS
from tests.app.conftest import open_and_encode
from tests.paths import ROOT

from .test_layout import cut_off

FOLDER = ROOT / "resources" / "translations"
LANGUAGES = sorted(path.stem.partition("_")[2] for path in FOLDER.glob("*.ts"))


@pytest.fixture
def tools():
    spec = importlib.util.spec_from_file_location("translations", ROOT / "installers" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def speak(qapp) -> Iterator:
    """Installs a translator, and takes all away at the end."""
    own = []

    def install(translator):
        own.append(translator)
        qapp.installTranslator(translator)

    yield install
    for translator in [*own, *qapp.findChildren(QTranslator)]:
        qapp.removeTranslator(translator)


def messages_of(path):
    for message in ElementTree.parse(path).getroot().iter("message"):
        yield message.findtext("source"), message.find("translation")


def windows_of(window):
    """The main window and all its dialogs, with an error."""
    flow = window.tool_commands
    for show in (flow.show_batch, flow.show_chart, flow.show_palette, flow.show_keys, flow.show_preferences):
        show()
    window.file_commands.import_checkpoint(Path("base-mse-0.013.pth.tar"))
    flow.batch.template.setText("{nothing}")
    window.show_notice(Notice("x.png could not be opened.", "Details"))
    window.canvas.select_visible()
    return [window, *window.findChildren(QDialog)]


def texts_of(window):
    """All that a window says: texts, tips, names for assistive software, titles, actions, entries of choices."""
    yield window.windowTitle()
    for widget in window.findChildren(QWidget):
        # Qt's own parts say nothing of ours; what a person typed is no text of the window.
        if widget.objectName().startswith("qt_") or isinstance(widget.parent(), (QComboBox, QAbstractSpinBox)):
            continue
        if type(widget).__module__.startswith("pyqtgraph") or widget.window() is not window:
            continue
        yield from (widget.accessibleName(), widget.toolTip())
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(index) for index in range(widget.count()))
    ours = [action for action in window.findChildren(QAction) if action.objectName()[:1].isalpha()]
    for action in (*ours, *(window.menuBar().actions() if isinstance(window, QMainWindow) else ())):
        yield from (action.text(), action.toolTip())


class Marked(QTranslator):
    """A language in which every text of the window stands in brackets."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context, source, disambiguation=None, n=-1):
        return f"⟦{source}⟧" if context == "" else ""


# Names, units and what a person wrote: the same in every language.
NAMES = {"Lite", "Base", "Large", "PSNR", "SSIM", "HPCM", "Studio", "Kodak", "bpp", "kbit", "part", "png", "CPU", "bit"}
NAMES |= {"stem", "suffix", "model", "quality", "lambda", "name", "hpcm", "Ctrl", "Shift", "Return", "Esc", "nothing"}
NAMES |= {"psi", "base", "mse", "pth", "tar", "MSE", "JPEG", "WebP", "AVIF"}


def unmarked(text):
    """Words outside the brackets that are no names. Paths and numbers are none either."""
    outside = re.sub(r"⟦[^⟦⟧]*⟧", "", re.sub(r"⟦[^⟦⟧]*⟧", "", text))
    outside = re.sub(r"<[^>]*>|[~/][\w./-]*|hpcm models import[^<]*|\{[^}]*\}", "", outside)
    return [word for word in re.findall(r"[^\W\d_]{3,}", outside) if word not in NAMES]


def test_every_text_of_every_window_can_be_translated(make_window, picture_file, speak, qtbot):
    speak(Marked())
    window = make_window()
    window.load_models()
    open_and_encode(window, picture_file, qtbot)
    said = [text for found in windows_of(window) for text in texts_of(found) if text]
    for view in View:
        window.canvas.set_view(view)
        said += [window.hud.legend.accessibleName(), window.steps.sum.text(), window.readout.note.text()]
    for step in range(13):
        said += [str(window.steps.model.data(window.steps.model.index(step)))]
    batch = window.tool_commands.batch
    said += [
        str(batch.model.headerData(column, Qt.Orientation.Horizontal)) for column in range(batch.model.columnCount())
    ]
    for dialog in window.findChildren(QDialog):
        dialog.close()
    assert len(said) > 300
    assert sum("⟦" in text for text in said) > 200
    assert {text: unmarked(text) for text in said if unmarked(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_speaks_the_language_and_nothing_is_cut_off(make_window, picture_file, speak, qtbot, language):
    sources = {
        source: entry.text
        for source, entry in messages_of(FOLDER / f"hpcm-studio_{language}.ts")
        if entry.text != source
    }
    assert translation.install(QApplication.instance(), QLocale(language)) == language
    window = make_window()
    open_and_encode(window, picture_file, qtbot)
    windows = windows_of(window)
    said = {text for found in windows for text in texts_of(found)}
    assert said & set(sources) == set()
    assert len(said & set(sources.values())) > 150
    for mode in range(4):
        window.recipe_panel.mode.setCurrentIndex(mode)
        window.recipe_panel.mode.activated.emit(mode)
        qtbot.wait(20)
        assert [text for found in windows for text in cut_off(found)] == []
    assert window.panel.widget().minimumSizeHint().width() <= window.panel.viewport().width()
    for dialog in windows[1:]:
        dialog.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_complete_and_keep_their_places(language):
    entries = list(messages_of(FOLDER / f"hpcm-studio_{language}.ts"))
    assert len(entries) > 300
    for source, entry in entries:
        assert entry.get("type") is None, f"{source!r} is not translated"
        assert entry.text, source
        assert sorted(re.findall(r"\{\w+\}", source)) == sorted(re.findall(r"\{\w+\}", entry.text)), source
        assert source.count("&") == entry.text.count("&"), source
        assert source.endswith("…") == entry.text.endswith("…"), source


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_up_to_date(tools, tmp_path, language):
    """If this fails: python installers/translations.py, translate what is unfinished, run it again."""
    kept = FOLDER / f"hpcm-studio_{language}.ts"
    fresh = tmp_path / kept.name
    fresh.write_bytes(kept.read_bytes())
    tools.collect(fresh)
    assert [source for source, _ in messages_of(fresh)] == [source for source, _ in messages_of(kept)]
    made = tmp_path / "made.qm"
    tools.compile_to(kept, made)
    assert made.read_bytes() == kept.with_suffix(".qm").read_bytes()


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_two_entries_of_a_menu_have_one_access_key(make_window, speak, language):
    if language != "en":
        translation.install(QApplication.instance(), QLocale(language))
    window = make_window()
    menus = [action.menu() for action in window.menuBar().actions()]
    assert len(menus) == len(MENUS)
    for entries in (window.menuBar().actions(), *(menu.actions() for menu in menus)):
        keys = [found.group(1).lower() for entry in entries if (found := re.search(r"&(\w)", entry.text()))]
        assert sorted(keys) == sorted(set(keys)), [entry.text() for entry in entries]


def test_messages_from_elsewhere_are_translated_by_their_patterns(speak):
    class Upper(Marked):
        def translate(self, context, source, disambiguation=None, n=-1):
            return re.sub(r"[a-z]+(?![^{]*\})", lambda word: word.group().upper(), source)

    assert translated_message("Saved a.hpcm") == "Saved a.hpcm"
    speak(Upper())
    assert translated_message("Saved a.hpcm") == "SAVED a.hpcm"
    assert translated_message("Coding (attempt 3)") == "CODING (ATTEMPT 3)"
    assert translated_message("a.png could not be opened. There was not enough memory.") == (
        "a.png COULD NOT BE OPENED. THERE WAS NOT ENOUGH MEMORY."
    )
    assert translated_message("Something {else} of the kind") == "Something {else} of the kind"
    assert len(set(MESSAGES)) == len(MESSAGES)


SPOKEN = {"Notice": 0, "Failure": 0, "notice_of": 2, "report": 0, "progress": 0, "emit": 0}
"""Calls that hand a sentence to the window, and which argument it is."""


def sentences():
    """Sentences in the source that reach the window without `tr`; what is filled in stands as x."""
    for path in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "hpcm_core").glob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(call, "func", None), "id", getattr(getattr(call, "func", None), "attr", ""))
            place = SPOKEN.get(name)
            if not isinstance(call, ast.Call) or place is None or len(call.args) <= place:
                continue
            found = call.args[place]
            parts = found.values if isinstance(found, ast.JoinedStr) else [found]
            if all(isinstance(part, (ast.Constant, ast.FormattedValue)) for part in parts):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
                if re.search("[A-Z][a-z]", text):
                    yield path.relative_to(ROOT).as_posix(), text


def test_every_sentence_that_comes_from_elsewhere_has_a_pattern():
    found = list(sentences())
    assert len(found) > 30
    assert ("hpcm_core/codec.py", "Coding") in found
    unknown = [entry for entry in found if not any(pattern.fullmatch(entry[1]) for pattern, _ in _patterns())]
    assert unknown == []


def test_a_language_that_there_is_not_leaves_the_window_english(speak):
    assert translation.install(QApplication.instance(), QLocale("mi")) == ""
    assert translated_message("Saved a.hpcm") == "Saved a.hpcm"
