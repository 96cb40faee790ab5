"""The window in another language: nothing is left out, files are up to date, what is translated fits."""

from __future__ import annotations

import ast
import importlib.util
import re
import string
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

from app.batch.model import reason_in_words
from app.canvas.scene import View
from app.session.document import load_picture
from app.ui import translation
from app.ui.notices import Notice, notice_of
from app.ui.translation import said
from app.window.menus import MENUS
from hpcm_core.batch import Row, output_path
from hpcm_core.errors import HpcmError, Phrase
from hpcm_core.recipe import Recipe
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


def places(text):
    """Names of the values in a text, each with its format. How a value is quoted is each language's own matter."""
    return sorted((name, form) for _, name, form, _ in string.Formatter().parse(text) if name is not None)


def windows_of(window):
    """The main window and all its dialogs, with an error."""
    flow = window.tool_commands
    for show in (flow.show_batch, flow.show_chart, flow.show_duel, flow.show_palette, flow.show_keys):
        show()
    flow.show_preferences()
    window.file_commands.import_checkpoint(Path("base-mse-0.013.pth.tar"))
    window.file_commands.ask_export()
    flow.batch.template.setText("{nothing}")
    window.show_notice(Notice(Phrase("{name} could not be opened", name="x.png"), "Details"))
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
NAMES = {
    "English",
    "Deutsch",
    "Lite",
    "Base",
    "Large",
    "PSNR",
    "SSIM",
    "HPCM",
    "Studio",
    "Kodak",
    "bpp",
    "kbit",
    "part",
    "png",
    "CPU",
    "bit",
}
NAMES |= {"stem", "suffix", "model", "quality", "lambda", "name", "hpcm", "Ctrl", "Shift", "Return", "Esc", "nothing"}
NAMES |= {"psi", "base", "mse", "pth", "tar", "MSE", "JPEG", "WebP", "AVIF", "PNG", "TIFF", "BMP"}


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
        str(batch.table.model().headerData(column, Qt.Orientation.Horizontal))
        for column in range(batch.table.model().columnCount())
    ]
    for dialog in window.findChildren(QDialog):
        dialog.close()
    assert len(said) > 300
    assert sum("⟦" in text for text in said) > 200
    assert {text: unmarked(text) for text in said if unmarked(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_speaks_the_language_and_nothing_is_cut_off(
    letters, make_window, show_result, speak, qtbot, language
):
    sources = {
        source: entry.text
        for source, entry in messages_of(FOLDER / f"hpcm-studio_{language}.ts")
        if entry.text != source
    }
    assert translation.install(QApplication.instance(), QLocale(language)) == language
    window = make_window()
    show_result(window)
    windows = windows_of(window)
    said = {text for found in windows for text in texts_of(found)}
    assert said & set(sources) == set()
    assert len(said & set(sources.values())) > 150
    for dialog in windows[1:]:
        dialog.resize(dialog.minimumSize())
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
        assert places(source) == places(entry.text), source
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


def test_phrases_are_said_with_what_stands_in_them(speak):
    class Upper(Marked):
        def translate(self, context, source, disambiguation=None, n=-1):
            return re.sub(r"[a-z]+(?![^{]*\})", lambda word: word.group().upper(), source)

    saved = Phrase("Saved {name}", name="a.hpcm")
    coding = Phrase("{stage} (attempt {number})", stage=Phrase("Coding"), number=3)
    assert (said(saved), said(coding)) == ("Saved a.hpcm", "Coding (attempt 3)")
    speak(Upper())
    assert said(saved) == "SAVED a.hpcm"
    assert said(coding) == "CODING (ATTEMPT 3)"
    assert said(Phrase("{size:,} bytes or {share:.1f} %", size=1234, share=5)) == "1,234 BYTES OR 5.0 %"
    assert said(Phrase("{name} is {other}.", name="{other}", other="x")) == "{other} IS x."
    assert said("Something {else} of the kind") == "Something {else} of the kind"


def test_errors_are_said_in_the_language_from_wherever_they_come(speak, tmp_path):
    assert translation.install(QApplication.instance(), QLocale("de")) == "de"
    (tmp_path / "empty.png").touch()
    with pytest.raises(HpcmError) as caught:
        load_picture(tmp_path / "empty.png", lambda picture: picture)
    assert said(notice_of(caught.value, "", Phrase("{name} could not be opened", name="empty.png")).message) == (
        "empty.png ist leer."
    )
    what = Phrase("{name} could not be opened", name="a.png")
    assert said(notice_of(MemoryError(), "", what).message) == (
        "a.png konnte nicht geöffnet werden. Der Speicher reichte nicht."
    )
    assert said(notice_of(PermissionError(13, "Verboten"), "", what).message) == (
        "a.png konnte nicht geöffnet werden: Verboten."
    )
    with pytest.raises(HpcmError) as caught:
        output_path(Path("a.png"), None, "a?b", Recipe())
    assert said(caught.value.phrase) == (
        "Die Namensvorlage „a?b“ ergibt „a?b.hpcm“, worin Zeichen stehen, die in Dateinamen nicht vorkommen dürfen."
    )
    row = Row("/a/b.png", reason=Phrase("{path} does not exist.", path="/a/b.png"))
    assert reason_in_words(row) == "diese Datei gibt es nicht."


def is_ready(node):
    """Whether an argument is a phrase that was made elsewhere, where it is tested: `Phrase(...)` or `error.phrase`."""
    return (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Phrase") or (
        isinstance(node, ast.Attribute) and node.attr == "phrase"
    )


FORWARDING = {"hpcm_core/errors.py"}
"""Where phrases are made of what a caller gave."""
ALONE = {"plain_decoder.py"}
"""Programs that import nothing of this one and speak English."""


def test_every_phrase_and_every_error_has_a_template_that_its_values_fit(tools):
    """An error's sentence is a literal with the values it names: nothing else can be translated."""
    found = list(tools.phrase_calls(tools.sources("hpcm_core", "app")))
    assert sum(template is not None for template in map(tools.template_of, (call for _, call in found))) > 200
    wrong = []
    for path, call in found:
        place = path.relative_to(ROOT).as_posix()
        template = tools.template_of(call)
        if place in FORWARDING or (template is None and len(call.args) == 1 and is_ready(call.args[0])):
            continue
        named = {keyword.arg for keyword in call.keywords}
        if template is None or len(call.args) != 1 or {name for name, _ in places(template)} != named:
            wrong.append(f"{place}:{call.lineno}: {ast.unparse(call)}")
    assert wrong == []


def test_every_raise_of_an_error_is_one_that_is_translated(tools):
    """What is raised is made by its class, which the test above knows, or it is one of few that are made elsewhere."""
    files = [path for path in tools.sources("hpcm_core", "app") if path.name not in ALONE]
    known = {ast.unparse(call.func) for _, call in tools.phrase_calls(files)}
    unknown = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Raise) or node.exc is None:
                continue
            name = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
            bare = name in CHOSEN and isinstance(node.exc, ast.Call) and is_text(node.exc.args[0])
            if bare or name not in known | CHOSEN | ELSEWHERE:
                unknown.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {ast.unparse(node)}")
    assert unknown == []


def is_text(node):
    return isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp))


CHOSEN = {"kind", "type(error)"}
"""Classes of errors that a caller chose: these take a phrase that is ready."""
ELSEWHERE = {
    # Errors that were made before, as the test of phrases knows.
    *(
        "damaged",
        "fault",
        "missing",
        "_absent",
        "_too_large",
        "_mismatch",
        "_missed",
        "unread",
        "_unreachable",
        "too_deep",
        "found",
        "absent",
        "pytorch.absent",
        "_unsafe",
        "rows.stopped",
        "without_coder",
    ),
    # What the reader of TIFF files and coders say to who called them; a sentence is made of it before anyone sees it.
    *("Damaged", "CoderError", "DamagedStream"),
    # Errors of programming, which no user sees; and those of the command line, which speaks English.
    *("ValueError", "KeyError", "AttributeError", "NotImplementedError", "OSError", "BlockingIOError", "SystemExit"),
    *("click.UsageError", "click.ClickException", "click.Abort", "argparse.ArgumentTypeError"),
}
"""What else is raised."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_translated(tools, language):
    """If this fails: python installers/translations.py, translate what is unfinished, run it again."""
    translated = {
        source: entry.text
        for source, entry in messages_of(FOLDER / f"hpcm-studio_{language}.ts")
        if entry.get("type") is None
    }
    assert [template for template in tools.templates() if not translated.get(template)] == []
    for template in tools.templates():
        assert places(template) == places(translated[template]), template


SPOKEN = {"Notice": 0, "Failure": 0, "notice_of": 2, "report": 0, "progress": 0, "emit": 0}
"""Calls that hand words to the window, and which argument they are."""


def test_no_words_reach_the_window_that_are_neither_a_phrase_nor_translated(tools):
    bare = []
    for path in tools.sources("app", "hpcm_core"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(call, "func", None), "id", getattr(getattr(call, "func", None), "attr", ""))
            place = SPOKEN.get(name)
            if not isinstance(call, ast.Call) or place is None or len(call.args) <= place:
                continue
            words = call.args[place]
            parts = words.values if isinstance(words, ast.JoinedStr) else [words]
            if any(re.search("[A-Za-z]", str(part.value)) for part in parts if isinstance(part, ast.Constant)):
                bare.append(f"{path.relative_to(ROOT).as_posix()}:{call.lineno}: {ast.unparse(words)}")
    assert bare == []


def test_a_language_that_there_is_not_leaves_the_window_english(speak):
    assert translation.install(QApplication.instance(), QLocale("mi")) == ""
    assert said(Phrase("Saved {name}", name="a.hpcm")) == "Saved a.hpcm"
