"""The style sheet: everything that Qt's own controls need beyond the palette."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app.ui.colours import Theme

_SHEET = """
QMainWindow, QDialog { background: $window; }
QMenuBar { background: $window; border: none; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $faded; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }

QToolBar { background: $window; border: none; border-bottom: 1px solid $border; padding: 6px 8px; spacing: 4px; }
QToolBar::separator { background: $border; width: 1px; margin: 6px 8px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 5px 8px;
    background: transparent; color: $text; }
QToolButton:hover { background: $raised; }
QToolButton:pressed { background: $border; }
QToolButton:checked { background: $selected; color: $text; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faded; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: $surface; border: 1px solid $border; border-radius: 6px;
    padding: 6px 14px; min-height: 18px; }
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $border; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faded; background: $window; }
QPushButton[primary="true"] { background: $accent; border-color: $accent; color: $on_accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[primary="true"]:pressed { background: $accent_pressed; }
QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled { background: $raised; border-color: $border; color: $faded; }
QPushButton[flat="true"] { background: transparent; border-color: transparent; padding: 4px 8px; }
QPushButton[flat="true"]:hover { background: $raised; }
QPushButton[flat="true"]:focus { border-color: $accent; }
QPushButton[status="true"] { background: transparent; border: 1px solid transparent; border-radius: 4px;
    color: $warning; padding: 1px 6px; min-height: 14px; }
QPushButton[status="true"]:hover { background: $raised; }
QPushButton[status="true"]:focus { border-color: $accent; }

QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit { background: $surface; border: 1px solid $border; border-radius: 6px;
    padding: 4px 8px; min-height: 20px; }
QComboBox { combobox-popup: 0; }
QSpinBox, QDoubleSpinBox { padding: 4px 0; min-height: 20px; }
QAbstractSpinBox > QLineEdit { border: none; background: transparent; padding: 0; min-height: 18px; }
QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit:focus { border-color: $accent; }
QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QLineEdit:disabled { color: $faded; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; width: 0; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $border; padding: 4px; outline: none;
    selection-background-color: $selected; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 4px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button { width: 0; border: none; }

QSlider { min-height: 22px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: $knob;
    border: 1px solid $knob_border; }
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 12px; height: 12px; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { background: $raised; border-color: $border; }

QProgressBar { background: $raised; border: none; border-radius: 2px; min-height: 4px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QScrollArea, QScrollArea > QWidget > QWidget#panelBody { background: $window; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $border; border-radius: 3px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle:horizontal { background: $border; border-radius: 3px; min-width: 32px; }
QScrollBar::handle:horizontal:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }

QStatusBar { background: $window; border-top: 1px solid $border; color: $muted; min-height: 28px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 0 8px; }

QWidget#panel { background: $window; border-left: 1px solid $border; }
QFrame#card { background: $surface; border: 1px solid $border; border-radius: 8px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="danger"] { color: $danger; }

QTableView { background: $surface; border: 1px solid $border; border-radius: 8px; outline: none;
    selection-background-color: $selected; selection-color: $text; }
QTableView::item { padding: 0 8px; border: none; }
QHeaderView { background: transparent; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 6px 10px; }
QHeaderView::section:first { border-top-left-radius: 7px; }
QHeaderView::section:last { border-top-right-radius: 7px; }
QTableView:focus { border-color: $accent; }
QListWidget#commands { background: $surface; border: 1px solid $border; border-radius: 6px; padding: 4px;
    outline: none; }
QListWidget#commands::item { padding: 7px 8px; border-radius: 4px; }
QListWidget#commands::item:selected { background: $selected; color: $text; }
QListView#steps { background: transparent; border: none; outline: none; }
QFrame#hud { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame#toast { background: $surface; border: 1px solid $border; border-radius: 8px; }
QPlainTextEdit { background: $window; border: 1px solid $border; border-radius: 6px; color: $text; }
QFrame#drop { background: $surface; border: 2px dashed $border; border-radius: 16px; }
QFrame#drop[hot="true"] { border-color: $accent; background: $selected; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QAbstractButton#variant { background: $surface; }
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet in a theme's colours."""
    dark = theme.name == "dark"
    faded = _mix(theme.muted, theme.window, 0.45)
    words = {
        "accent_hover": theme.accent.lighter(108).name(),
        "accent_pressed": theme.accent.darker(112).name(),
        "faded": faded.name(),
        "knob": theme.text.name() if dark else theme.surface.name(),
        "knob_border": theme.text.name() if dark else _mix(theme.border, theme.muted, 0.4).name(),
    }
    for name in (
        "window",
        "surface",
        "raised",
        "border",
        "text",
        "muted",
        "accent",
        "on_accent",
        "selected",
        "warning",
        "danger",
    ):
        words[name] = getattr(theme, name).name()
    sheet = _SHEET
    for word in sorted(words, key=len, reverse=True):
        sheet = sheet.replace("$" + word, words[word])
    return sheet


def _mix(a: QColor, b: QColor, part: float) -> QColor:
    """a with `part` of b in it."""
    return QColor(
        round(a.red() * (1 - part) + b.red() * part),
        round(a.green() * (1 - part) + b.green() * part),
        round(a.blue() * (1 - part) + b.blue() * part),
    )
