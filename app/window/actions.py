"""Every command of the window (commands.py) as a QAction, for menus, toolbar and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.canvas.scene import View
from app.ui import icons
from app.ui.translation import tr
from app.window.commands import SPECS


class Actions:
    """The actions by name. `views` are checkable and exclusive."""

    def __init__(self, owner: QObject) -> None:
        self.all: dict[str, QAction] = {}
        self.views: dict[View, QAction] = {}
        self._group = QActionGroup(owner)
        for spec in SPECS:
            action = QAction(tr(spec.text), owner)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            tip = tr(spec.tip) if spec.tip else tr(spec.text).replace("&", "").rstrip(" …")
            shown = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if spec.keys else ""
            action.setToolTip(f"{tip} ({shown})" if shown else tip)
            action.setStatusTip("")
            action.setCheckable(spec.checkable)
            if spec.view is not None:
                action.setCheckable(True)
                action.setData(spec.view)
                self._group.addAction(action)
                self.views[spec.view] = action
            self.all[spec.name] = action
        self.paint_icons()

    def paint_icons(self) -> None:
        """Give every action its icon in the colours of the theme."""
        for spec in SPECS:
            if spec.icon:
                self.all[spec.name].setIcon(icons.icon(spec.icon))

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def connect_all(self, calls: Mapping[str, Callable[[], object]]) -> None:
        """What each of these actions does."""
        for name, call in calls.items():
            self.all[name].triggered.connect(lambda _=False, call=call: call())

    def enable(self, enabled: Mapping[str, bool]) -> None:
        """Which of these actions can be used now."""
        for name, on in enabled.items():
            self.all[name].setEnabled(on)
