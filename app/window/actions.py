"""Every command of the window as a QAction: menus, toolbar and keys are made from this one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.canvas.scene import View
from app.ui import icons
from app.ui.translation import QT_TR_NOOP, tr


@dataclass(frozen=True)
class _Spec:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    view: View | None = None
    checkable: bool = False


SPECS = (
    _Spec("open", QT_TR_NOOP("&Open…"), ("Ctrl+O",), "open", QT_TR_NOOP("Open a picture or a .hpcm file")),
    _Spec("sample", QT_TR_NOOP("Open sa&mple photograph")),
    _Spec(
        "open_folder",
        QT_TR_NOOP("Open &folder…"),
        ("Ctrl+Shift+O",),
        "",
        QT_TR_NOOP("Compress all pictures of a folder in a batch"),
    ),
    _Spec(
        "compare",
        QT_TR_NOOP("Compare &two files…"),
        ("Ctrl+D",),
        "",
        QT_TR_NOOP("Compare two files that exist, without encoding"),
    ),
    _Spec(
        "choose_original",
        QT_TR_NOOP("Compare with ori&ginal…"),
        (),
        "",
        QT_TR_NOOP("Choose the picture that this file was made from"),
    ),
    _Spec("save", QT_TR_NOOP("&Save .hpcm…"), ("Ctrl+S",), "save", QT_TR_NOOP("Save the compressed file")),
    _Spec(
        "export",
        QT_TR_NOOP("&Export reconstruction…"),
        ("Ctrl+E",),
        "export",
        QT_TR_NOOP("Save the reconstruction as PNG or another format"),
    ),
    _Spec(
        "get_models",
        QT_TR_NOOP("Get mode&ls…"),
        (),
        "",
        QT_TR_NOOP("Download and install the models that the authors of HPCM have published"),
    ),
    _Spec(
        "import_model",
        QT_TR_NOOP("Import &checkpoint…"),
        (),
        "",
        QT_TR_NOOP("Install a model from a checkpoint of its authors"),
    ),
    _Spec(
        "next_picture",
        QT_TR_NOOP("Ne&xt picture of the folder"),
        ("Alt+Right",),
        "",
        QT_TR_NOOP("→ too, where the whole picture is in sight"),
    ),
    _Spec(
        "previous_picture",
        QT_TR_NOOP("Pre&vious picture of the folder"),
        ("Alt+Left",),
        "",
        QT_TR_NOOP("← too, where the whole picture is in sight"),
    ),
    _Spec(
        "show_file",
        QT_TR_NOOP("Show in fol&der"),
        ("Ctrl+Shift+R",),
        "",
        QT_TR_NOOP("Show the file in the desktop's file manager"),
    ),
    _Spec("panel", QT_TR_NOOP("Panel"), ("F9",), "", QT_TR_NOOP("Show or hide the panel"), checkable=True),
    _Spec(
        "full_screen",
        QT_TR_NOOP("Full screen"),
        ("F11",),
        "",
        QT_TR_NOOP("The picture alone on the whole screen; Esc leaves"),
        checkable=True,
    ),
    _Spec(
        "keep_metadata",
        QT_TR_NOOP("Save met&adata"),
        (),
        "",
        QT_TR_NOOP("Write what a picture says about itself into files: EXIF, XMP, IPTC, texts"),
        checkable=True,
    ),
    _Spec(
        "keep_place",
        QT_TR_NOOP("Save the &place"),
        (),
        "",
        QT_TR_NOOP("Write where a picture was taken into files (GPS)"),
        checkable=True,
    ),
    _Spec("next_frame", QT_TR_NOOP("Next picture of the file"), ("PgDown",), "", QT_TR_NOOP("The next page or frame")),
    _Spec(
        "previous_frame",
        QT_TR_NOOP("Previous picture of the file"),
        ("PgUp",),
        "",
        QT_TR_NOOP("The page or frame before"),
    ),
    _Spec("quit", QT_TR_NOOP("&Quit"), ("Ctrl+Q",)),
    _Spec("undo", QT_TR_NOOP("&Undo recipe"), ("Ctrl+Z",), "", QT_TR_NOOP("Go back to the recipe or stroke before")),
    _Spec(
        "redo",
        QT_TR_NOOP("&Redo recipe"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "",
        QT_TR_NOOP("Take the recipe or stroke that was undone"),
    ),
    _Spec(
        "brush",
        QT_TR_NOOP("Pain&t the quality"),
        ("K",),
        "",
        QT_TR_NOOP("Paint which parts are kept better than the rest, or coded more cheaply"),
        checkable=True,
    ),
    _Spec(
        "brush_kind", QT_TR_NOOP("&Next kind of brush"), ("N",), "", QT_TR_NOOP("Keep better, code cheaply, or erase")
    ),
    _Spec("brush_smaller", QT_TR_NOOP("S&maller brush"), (",",)),
    _Spec("brush_larger", QT_TR_NOOP("&Larger brush"), (".",)),
    _Spec("unpaint", QT_TR_NOOP("&Erase all that is painted")),
    _Spec(
        "paste", QT_TR_NOOP("&Paste picture"), ("Ctrl+V",), "", QT_TR_NOOP("Open the picture or file on the clipboard")
    ),
    _Spec(
        "copy_view", QT_TR_NOOP("&Copy view"), ("Ctrl+C",), "", QT_TR_NOOP("Copy what the canvas shows, as a picture")
    ),
    _Spec(
        "copy_file",
        QT_TR_NOOP("Copy &file"),
        ("Ctrl+Shift+C",),
        "",
        QT_TR_NOOP("Copy the compressed file, to paste it into a folder"),
    ),
    _Spec(
        "reconstruction",
        QT_TR_NOOP("&Reconstruction"),
        ("1",),
        "reconstruction",
        QT_TR_NOOP("Show the reconstruction"),
        View.RECONSTRUCTION,
    ),
    _Spec(
        "wipe",
        QT_TR_NOOP("&Wipe"),
        ("2",),
        "wipe",
        QT_TR_NOOP("Original left, reconstruction right of a divider"),
        View.WIPE,
    ),
    _Spec(
        "original",
        QT_TR_NOOP("&Original"),
        ("3",),
        "original",
        QT_TR_NOOP("Show the original; hold Space to see it for a moment"),
        View.ORIGINAL,
    ),
    _Spec("side", QT_TR_NOOP("&Side by side"), ("S",), "side", QT_TR_NOOP("Both pictures, moving together"), View.SIDE),
    _Spec(
        "difference",
        QT_TR_NOOP("&Difference"),
        ("D",),
        "difference",
        QT_TR_NOOP("Absolute difference of the two pictures"),
        View.DIFFERENCE,
    ),
    _Spec("bits", QT_TR_NOOP("&Bit map"), ("B",), "bits", QT_TR_NOOP("Where the bits of the file went"), View.BITS),
    _Spec(
        "difference_mode",
        QT_TR_NOOP("Next &mode of difference"),
        ("M",),
        "",
        QT_TR_NOOP("Absolute, signed, relative to the original, or 1 − SSIM"),
    ),
    _Spec("difference_luma", QT_TR_NOOP("Difference of lum&a only"), ("Y",)),
    _Spec("gain_up", QT_TR_NOOP("More &gain"), ("]",), "", QT_TR_NOOP("Double the gain of the difference")),
    _Spec("gain_down", QT_TR_NOOP("L&ess gain"), ("[",), "", QT_TR_NOOP("Halve the gain of the difference")),
    _Spec(
        "flicker",
        QT_TR_NOOP("B&y turns (flicker)"),
        ("T",),
        "",
        QT_TR_NOOP("Show original and reconstruction in turn, twice a second"),
    ),
    _Spec(
        "tone",
        QT_TR_NOOP("Channels, e&xposure…"),
        ("G",),
        "",
        QT_TR_NOOP("Look at one channel alone, brighter or darker, with another gamma"),
    ),
    _Spec("loupe", QT_TR_NOOP("&Loupe"), ("L",), "", QT_TR_NOOP("Both pictures enlarged beside the pointer")),
    _Spec(
        "select",
        QT_TR_NOOP("Select what is in sig&ht"),
        ("Ctrl+A",),
        "",
        QT_TR_NOOP("Drag with Shift to select any rectangle"),
    ),
    _Spec("unselect", QT_TR_NOOP("Select &nothing"), ("Ctrl+Shift+A",)),
    _Spec("fit", QT_TR_NOOP("&Fit"), ("F",), "fit", QT_TR_NOOP("Show the whole picture")),
    _Spec("one", QT_TR_NOOP("&100 %"), ("Ctrl+0",), "one", QT_TR_NOOP("One picture pixel per screen pixel")),
    _Spec("zoom_in", QT_TR_NOOP("Zoom &in"), ("Ctrl++", "+", "Ctrl+=", "=")),
    _Spec("zoom_out", QT_TR_NOOP("Zoom o&ut"), ("Ctrl+-", "-")),
    _Spec(
        "play",
        QT_TR_NOOP("&Play the coding steps"),
        ("P",),
        "",
        QT_TR_NOOP("Show where the bits went, one step after the other"),
    ),
    _Spec(
        "cumulative",
        QT_TR_NOOP("Steps &cumulative"),
        ("C",),
        "",
        QT_TR_NOOP("Show each step together with all before it"),
    ),
    _Spec(
        "step_pictures",
        QT_TR_NOOP("Pic&tures of the steps"),
        ("V",),
        "",
        QT_TR_NOOP("Show the picture as the decoder has it after each step"),
    ),
    _Spec(
        "errors",
        QT_TR_NOOP("&Histogram of errors…"),
        ("E",),
        "",
        QT_TR_NOOP("How many pixels are off by how much, of the picture or of the selection"),
    ),
    _Spec("encode", QT_TR_NOOP("&Encode"), ("Ctrl+Return",)),
    _Spec("batch", QT_TR_NOOP("&Batch…"), ("Ctrl+B",), "", QT_TR_NOOP("Compress many pictures by one recipe")),
    _Spec(
        "chart",
        QT_TR_NOOP("&Rate and distortion…"),
        ("Ctrl+R",),
        "",
        QT_TR_NOOP("Points of this picture, other formats, published curves"),
    ),
    _Spec(
        "duel",
        QT_TR_NOOP("&Duel…"),
        ("X",),
        "",
        QT_TR_NOOP("JPEG, WebP, AVIF and JPEG XL with the bytes of this file, also blind"),
    ),
    _Spec("cancel", QT_TR_NOOP("&Cancel"), ("Esc",)),
    _Spec("theme", QT_TR_NOOP("Light or dar&k"), ("Ctrl+T",), "theme", QT_TR_NOOP("Change between light and dark")),
    _Spec("preferences", QT_TR_NOOP("&Settings…"), ("Ctrl+,",), "", QT_TR_NOOP("Device, threads, colours and folders")),
    _Spec("palette", QT_TR_NOOP("&Commands…"), ("Ctrl+Shift+P",), "", QT_TR_NOOP("Find and run any command")),
    _Spec("keys", QT_TR_NOOP("&Keys"), ("?", "F1"), "", QT_TR_NOOP("All keys at a glance")),
    _Spec("logs", QT_TR_NOOP("Open &log folder"), (), "", QT_TR_NOOP("Show the folder of the log files")),
    _Spec("about", QT_TR_NOOP("&About HPCM Studio")),
)

VIEW_ACTIONS = ("reconstruction", "wipe", "original", "side", "difference", "bits")
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
        "unpaint",
        "",
        "paste",
        "copy_view",
        "copy_file",
        "",
        "preferences",
    ),
    QT_TR_NOOP("&Codec"): ("encode", "cancel", "", "duel", "chart", "errors", "batch"),
    QT_TR_NOOP("&View"): (
        *VIEW_ACTIONS,
        "",
        "fit",
        "one",
        "zoom_in",
        "zoom_out",
        "loupe",
        "flicker",
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
