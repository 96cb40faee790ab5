"""The window's frame: menus and toolbar, which command is in which, and how they are made from the actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QSizePolicy, QToolBar, QToolButton, QWidget

from app.ui.translation import QT_TR_NOOP, tr
from app.window.actions import Actions
from app.window.commands import VIEW_ACTIONS

MENUS: dict[str, tuple[str, ...]] = {
    QT_TR_NOOP("&File"): (
        "open",
        "open_folder",
        "sample",
        "previous_picture",
        "next_picture",
        "",
        "compare",
        "choose_original",
        "",
        "save",
        "export",
        "keep_metadata",
        "keep_place",
        "show_file",
        "",
        "get_models",
        "import_model",
        "",
        "quit",
    ),
    QT_TR_NOOP("&Edit"): (
        "undo",
        "redo",
        "",
        "brush",
        "brush_kind",
        "brush_smaller",
        "brush_larger",
        "cheap_rest",
        "unpaint",
        "",
        "paste",
        "copy_view",
        "copy_file",
        "",
        "preferences",
    ),
    QT_TR_NOOP("&Codec"): (
        "encode",
        "effort",
        "cancel",
        "",
        "duel",
        "chart",
        "errors",
        "batch",
        "",
        "inspect",
        "figure_bits",
        "figure_attention",
        "figure_erf",
    ),
    QT_TR_NOOP("&View"): (
        *VIEW_ACTIONS,
        "",
        "fit",
        "one",
        "zoom_in",
        "zoom_out",
        "loupe",
        "flicker",
        "natural",
        "tone",
        "",
        "next_frame",
        "previous_frame",
        "",
        "difference_mode",
        "difference_luma",
        "gain_up",
        "gain_down",
        "",
        "select",
        "unselect",
        "",
        "play",
        "cumulative",
        "step_pictures",
        "",
        "panel",
        "full_screen",
        "theme",
    ),
    QT_TR_NOOP("&Help"): ("palette", "keys", "", "logs", "about"),
}
"""Menus by title; an empty name is a separator."""

_FILES, _ZOOM = ("open", "save", "export"), ("fit", "one")
TOOLS = (*_FILES, "", *VIEW_ACTIONS, "", *_ZOOM)
"""Actions on the toolbar; an empty name is a separator."""
WITH_WORDS = ((*_FILES, *VIEW_ACTIONS, *_ZOOM), (*_FILES, *VIEW_ACTIONS), VIEW_ACTIONS, ())
"""Actions with words beside their icons, the more the wider the window; the other icons stand alone, with their tips.
So no button is pushed into an overflow menu.
"""

SHORT = {"save": QT_TR_NOOP("Save"), "export": QT_TR_NOOP("Export")}
"""Words for the toolbar where the menu's are too long."""


def build_menus(window: QMainWindow, actions: Actions) -> None:
    """Fill the menu bar."""
    for title, names in MENUS.items():
        menu = QMenu(tr(title), window)
        for name in names:
            if name:
                menu.addAction(actions[name])
            else:
                menu.addSeparator()
        window.menuBar().addMenu(menu)
    # The window knows every action itself, so that its keys work whether or not a menu or the toolbar shows it.
    window.addActions(list(actions.all.values()))


def insert_menu(window: QMainWindow, title: str, menu: QMenu, before: str) -> None:
    """Put a menu into the menu of that title, before the action of that name."""
    for action in window.menuBar().actions():
        owner = action.menu()
        if action.text() == tr(title) and isinstance(owner, QMenu):
            place = next(entry for entry in owner.actions() if entry.objectName() == before)
            owner.insertMenu(place, menu)


def build_toolbar(window: QMainWindow, actions: Actions) -> QToolBar:
    """Files and views at the left, the theme at the right."""
    bar = QToolBar(tr("Toolbar"))
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for name in TOOLS:
        if not name:
            bar.addSeparator()
            continue
        action = actions[name]
        action.setIconText(tr(SHORT[name]) if name in SHORT else action.text().replace("&", "").rstrip(" …"))
        bar.addAction(action)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addAction(actions["theme"])
    for action in actions.all.values():
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            # By keyboard only: a click must not take the keys (Space, arrows) from the canvas.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.toolTip())
    window.addToolBar(bar)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    return bar


def widths_with_words(bar: QToolBar) -> list[int]:
    """Width that the window needs for each of WITH_WORDS."""
    bar.ensurePolished()
    widths = []
    for names in WITH_WORDS:
        set_words(bar, names)
        layout = bar.layout()
        if layout is not None:
            layout.invalidate()  # Qt leaves that out while the bar is hidden.
        widths.append(bar.sizeHint().width() + 24)
    return widths


def set_words(bar: QToolBar, names: Sequence[str]) -> None:
    """Show words beside the icons of these actions; all other icons stand alone."""
    beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(beside if action.objectName() in names else alone)


def show_about(window: QMainWindow) -> None:
    """What this program is."""
    from app.desktop import edition
    from hpcm_core import __version__

    QMessageBox.about(
        window,
        tr("About HPCM Studio"),
        f"<h3>HPCM Studio {__version__}</h3><p>"
        + tr("Compress pictures with HPCM, a learned image codec, and see what compression did to them.")
        + f"</p><p>{tr(edition.note()) if edition.note() else ''}</p>",
    )
