"""Every command of the window as a QAction: menus, toolbar and keys are made from this one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app import icons
from app.views import View


@dataclass(frozen=True)
class _Spec:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    view: View | None = None


SPECS = (
    _Spec("open", "&Open…", ("Ctrl+O",), "open", "Open a picture or a .hpcm file"),
    _Spec("sample", "Open &sample photograph"),
    _Spec("open_folder", "Open &folder…", ("Ctrl+Shift+O",), "", "Compress all pictures of a folder in a batch"),
    _Spec("compare", "Compare &two files…", ("Ctrl+D",), "", "Compare two files that exist, without encoding"),
    _Spec("choose_original", "Compare with o&riginal…", (), "", "Choose the picture that this file was made from"),
    _Spec("save", "&Save .hpcm…", ("Ctrl+S",), "save", "Save the compressed file"),
    _Spec(
        "export", "&Export reconstruction…", ("Ctrl+E",), "export", "Save the reconstruction as PNG or another format"
    ),
    _Spec("import_model", "Import &checkpoint…", (), "", "Install a model from a checkpoint of its authors"),
    _Spec("quit", "&Quit", ("Ctrl+Q",)),
    _Spec("undo", "&Undo recipe", ("Ctrl+Z",), "", "Go back to the recipe before"),
    _Spec("redo", "&Redo recipe", ("Ctrl+Shift+Z", "Ctrl+Y"), "", "Take the recipe that was undone"),
    _Spec("paste", "&Paste picture", ("Ctrl+V",), "", "Open the picture or file on the clipboard"),
    _Spec("copy_view", "&Copy view", ("Ctrl+C",), "", "Copy what the canvas shows, as a picture"),
    _Spec("copy_file", "Copy &file", ("Ctrl+Shift+C",), "", "Copy the compressed file, to paste it into a folder"),
    _Spec(
        "reconstruction", "&Reconstruction", ("1",), "reconstruction", "Show the reconstruction", View.RECONSTRUCTION
    ),
    _Spec("wipe", "&Wipe", ("2",), "wipe", "Original left, reconstruction right of a divider", View.WIPE),
    _Spec(
        "original",
        "&Original",
        ("3",),
        "original",
        "Show the original; hold Space to see it for a moment",
        View.ORIGINAL,
    ),
    _Spec("side", "&Side by side", ("S",), "side", "Both pictures, moving together", View.SIDE),
    _Spec(
        "difference", "&Difference", ("D",), "difference", "Absolute difference of the two pictures", View.DIFFERENCE
    ),
    _Spec("bits", "&Bit map", ("B",), "bits", "Where the bits of the file went", View.BITS),
    _Spec("difference_mode", "Next &mode of difference", ("M",), "", "Absolute, signed, or relative to the original"),
    _Spec("difference_luma", "Difference of l&uma only", ("Y",)),
    _Spec("gain_up", "More &gain", ("]",), "", "Double the gain of the difference"),
    _Spec("gain_down", "&Less gain", ("[",), "", "Halve the gain of the difference"),
    _Spec("loupe", "&Loupe", ("L",), "", "Both pictures enlarged beside the pointer"),
    _Spec("select", "Select what is in si&ght", ("Ctrl+A",), "", "Drag with Shift to select any rectangle"),
    _Spec("unselect", "Select &nothing", ("Ctrl+Shift+A",)),
    _Spec("fit", "&Fit", ("F",), "fit", "Show the whole picture"),
    _Spec("one", "&100 %", ("Ctrl+0",), "one", "One picture pixel per screen pixel"),
    _Spec("zoom_in", "Zoom &in", ("Ctrl++", "+", "Ctrl+=", "=")),
    _Spec("zoom_out", "Zoom o&ut", ("Ctrl+-", "-")),
    _Spec("play", "&Play the coding steps", ("P",), "", "Show where the bits went, one step after the other"),
    _Spec("cumulative", "Steps &cumulative", ("C",), "", "Show each step together with all before it"),
    _Spec("encode", "&Encode", ("Ctrl+Return",)),
    _Spec("batch", "&Batch…", ("Ctrl+B",), "", "Compress many pictures by one recipe"),
    _Spec("chart", "&Rate and distortion…", ("Ctrl+R",), "", "Points of this picture, other formats, published curves"),
    _Spec("cancel", "&Cancel", ("Esc",)),
    _Spec("theme", "&Light or dark", ("Ctrl+T",), "theme", "Change between light and dark"),
    _Spec("preferences", "&Settings…", ("Ctrl+,",), "", "Device, threads, colours and folders"),
    _Spec("palette", "&Commands…", ("Ctrl+Shift+P",), "", "Find and run any command"),
    _Spec("keys", "&Keys", ("?", "F1"), "", "All keys at a glance"),
    _Spec("logs", "Open &log folder", (), "", "Show the folder of the log files"),
    _Spec("about", "&About HPCM Studio"),
)

VIEW_ACTIONS = ("reconstruction", "wipe", "original", "side", "difference", "bits")
MENUS: dict[str, tuple[str, ...]] = {
    "&File": (
        "open",
        "open_folder",
        "sample",
        "",
        "compare",
        "choose_original",
        "",
        "save",
        "export",
        "",
        "import_model",
        "",
        "quit",
    ),
    "&Edit": ("undo", "redo", "", "paste", "copy_view", "copy_file", "", "preferences"),
    "&Codec": ("encode", "cancel", "", "batch", "chart"),
    "&View": (
        *VIEW_ACTIONS,
        "",
        "fit",
        "one",
        "zoom_in",
        "zoom_out",
        "loupe",
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
        "",
        "theme",
    ),
    "&Help": ("palette", "keys", "", "logs", "about"),
}
"""Menus by title; an empty name is a separator."""


class Actions:
    """The actions by name. `views` are checkable and exclusive."""

    def __init__(self, owner: QObject) -> None:
        self.all: dict[str, QAction] = {}
        self.views: dict[View, QAction] = {}
        self._group = QActionGroup(owner)
        for spec in SPECS:
            action = QAction(spec.text, owner)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            tip = spec.tip or spec.text.replace("&", "").rstrip("…")
            shown = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if spec.keys else ""
            action.setToolTip(f"{tip} ({shown})" if shown else tip)
            action.setStatusTip("")
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
