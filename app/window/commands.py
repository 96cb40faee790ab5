"""What can be done in the window, as data: words, keys and icons of every command. `menus` has their menus."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.scene import View
from app.ui.translation import QT_TR_NOOP


@dataclass(frozen=True)
class Spec:
    """A command. keys: the first is shown; tip: empty where the words say it; view: what it shows, if it is one."""

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    view: View | None = None
    checkable: bool = False


SPECS = (
    Spec("open", QT_TR_NOOP("&Open…"), ("Ctrl+O",), "open", QT_TR_NOOP("Open a picture or a .hpcm file")),
    Spec("sample", QT_TR_NOOP("Open sa&mple photograph")),
    Spec(
        "open_folder",
        QT_TR_NOOP("Open &folder…"),
        ("Ctrl+Shift+O",),
        "",
        QT_TR_NOOP("Look through the pictures of a folder, by the arrow keys"),
    ),
    Spec(
        "compare",
        QT_TR_NOOP("Compare &two files…"),
        ("Ctrl+D",),
        "",
        QT_TR_NOOP("Compare two files that exist, without encoding"),
    ),
    Spec(
        "choose_original",
        QT_TR_NOOP("Compare with ori&ginal…"),
        (),
        "",
        QT_TR_NOOP("Choose the picture that this file was made from"),
    ),
    Spec("save", QT_TR_NOOP("&Save .hpcm…"), ("Ctrl+S",), "save", QT_TR_NOOP("Save the compressed file")),
    Spec(
        "export",
        QT_TR_NOOP("&Export picture…"),
        ("Ctrl+E",),
        "export",
        QT_TR_NOOP("Save the picture on show as JPEG, PNG or another format, at a quality and a size"),
    ),
    Spec(
        "get_models",
        QT_TR_NOOP("Get mode&ls…"),
        (),
        "",
        QT_TR_NOOP("Download and install the models that the authors of HPCM have published"),
    ),
    Spec(
        "import_model",
        QT_TR_NOOP("Import &checkpoint…"),
        (),
        "",
        QT_TR_NOOP("Install a model from a checkpoint of its authors"),
    ),
    Spec(
        "next_picture",
        QT_TR_NOOP("Ne&xt picture of the folder"),
        ("Alt+Right",),
        "",
        QT_TR_NOOP("→ too, where the whole picture is in sight"),
    ),
    Spec(
        "previous_picture",
        QT_TR_NOOP("Pre&vious picture of the folder"),
        ("Alt+Left",),
        "",
        QT_TR_NOOP("← too, where the whole picture is in sight"),
    ),
    Spec(
        "show_file",
        QT_TR_NOOP("Show in fol&der"),
        ("Ctrl+Shift+R",),
        "",
        QT_TR_NOOP("Show the file in the desktop's file manager"),
    ),
    Spec("panel", QT_TR_NOOP("Panel"), ("F9",), "", QT_TR_NOOP("Show or hide the panel"), checkable=True),
    Spec(
        "full_screen",
        QT_TR_NOOP("Full screen"),
        ("F11",),
        "",
        QT_TR_NOOP("The picture alone on the whole screen; Esc leaves"),
        checkable=True,
    ),
    Spec(
        "keep_metadata",
        QT_TR_NOOP("Save met&adata"),
        (),
        "",
        QT_TR_NOOP("Write what a picture says about itself into files: EXIF, XMP, IPTC, texts"),
        checkable=True,
    ),
    Spec(
        "keep_place",
        QT_TR_NOOP("Save the &place"),
        (),
        "",
        QT_TR_NOOP("Write where a picture was taken into files (GPS)"),
        checkable=True,
    ),
    Spec("next_frame", QT_TR_NOOP("Next picture of the file"), ("PgDown",), "", QT_TR_NOOP("The next page or frame")),
    Spec(
        "previous_frame",
        QT_TR_NOOP("Previous picture of the file"),
        ("PgUp",),
        "",
        QT_TR_NOOP("The page or frame before"),
    ),
    Spec("quit", QT_TR_NOOP("&Quit"), ("Ctrl+Q",)),
    Spec("undo", QT_TR_NOOP("&Undo recipe"), ("Ctrl+Z",), "", QT_TR_NOOP("Go back to the recipe or stroke before")),
    Spec(
        "redo",
        QT_TR_NOOP("&Redo recipe"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "",
        QT_TR_NOOP("Take the recipe or stroke that was undone"),
    ),
    Spec(
        "brush",
        QT_TR_NOOP("Pain&t the quality"),
        ("K",),
        "",
        QT_TR_NOOP("Paint which parts are kept better than the rest, or coded more cheaply"),
        checkable=True,
    ),
    Spec(
        "brush_kind", QT_TR_NOOP("&Next kind of brush"), ("N",), "", QT_TR_NOOP("Keep better, code cheaply, or erase")
    ),
    Spec("brush_smaller", QT_TR_NOOP("S&maller brush"), (",",)),
    Spec("brush_larger", QT_TR_NOOP("&Larger brush"), (".",)),
    Spec(
        "cheap_rest",
        QT_TR_NOOP("Code the rest c&heaply"),
        (),
        "",
        QT_TR_NOOP("Paint everything that is not painted to be coded cheaply"),
    ),
    Spec("unpaint", QT_TR_NOOP("&Erase all that is painted")),
    Spec(
        "paste", QT_TR_NOOP("&Paste picture"), ("Ctrl+V",), "", QT_TR_NOOP("Open the picture or file on the clipboard")
    ),
    Spec(
        "copy_view", QT_TR_NOOP("&Copy view"), ("Ctrl+C",), "", QT_TR_NOOP("Copy what the canvas shows, as a picture")
    ),
    Spec(
        "copy_file",
        QT_TR_NOOP("Copy &file"),
        ("Ctrl+Shift+C",),
        "",
        QT_TR_NOOP("Copy the compressed file, to paste it into a folder"),
    ),
    Spec(
        "reconstruction",
        QT_TR_NOOP("&Reconstruction"),
        ("1",),
        "reconstruction",
        QT_TR_NOOP("Show the reconstruction"),
        View.RECONSTRUCTION,
    ),
    Spec(
        "wipe",
        QT_TR_NOOP("&Wipe"),
        ("2",),
        "wipe",
        QT_TR_NOOP("Original left, reconstruction right of a divider"),
        View.WIPE,
    ),
    Spec(
        "original",
        QT_TR_NOOP("&Original"),
        ("3",),
        "original",
        QT_TR_NOOP("Show the original; hold Space to see it for a moment"),
        View.ORIGINAL,
    ),
    Spec("side", QT_TR_NOOP("&Side by side"), ("S",), "side", QT_TR_NOOP("Both pictures, moving together"), View.SIDE),
    Spec(
        "difference",
        QT_TR_NOOP("&Difference"),
        ("D",),
        "difference",
        QT_TR_NOOP("Absolute difference of the two pictures"),
        View.DIFFERENCE,
    ),
    Spec("bits", QT_TR_NOOP("&Bit map"), ("B",), "bits", QT_TR_NOOP("Where the bits of the file went"), View.BITS),
    Spec(
        "difference_mode",
        QT_TR_NOOP("Next &mode of difference"),
        ("M",),
        "",
        QT_TR_NOOP("Absolute, signed, relative to the original, 1 − SSIM or FLIP"),
    ),
    Spec("difference_luma", QT_TR_NOOP("Difference of lum&a only"), ("Y",)),
    Spec("gain_up", QT_TR_NOOP("More &gain"), ("]",), "", QT_TR_NOOP("Double the gain of the difference")),
    Spec("gain_down", QT_TR_NOOP("L&ess gain"), ("[",), "", QT_TR_NOOP("Halve the gain of the difference")),
    Spec(
        "flicker",
        QT_TR_NOOP("B&y turns (flicker)"),
        ("T",),
        "",
        QT_TR_NOOP("Show original and reconstruction in turn, twice a second"),
    ),
    Spec(
        "tone",
        QT_TR_NOOP("Channels, e&xposure…"),
        ("G",),
        "",
        QT_TR_NOOP("Look at one channel alone, brighter or darker, with another gamma"),
    ),
    Spec(
        "natural",
        QT_TR_NOOP("Natural look"),
        ("A",),
        "",
        QT_TR_NOOP("From the faithful picture to the natural look, which invents detail, and back"),
        checkable=True,
    ),
    Spec("loupe", QT_TR_NOOP("&Loupe"), ("L",), "", QT_TR_NOOP("Both pictures enlarged beside the pointer")),
    Spec(
        "select",
        QT_TR_NOOP("Select what is in sig&ht"),
        ("Ctrl+A",),
        "",
        QT_TR_NOOP("Drag with Shift to select any rectangle"),
    ),
    Spec("unselect", QT_TR_NOOP("Select &nothing"), ("Ctrl+Shift+A",)),
    Spec("fit", QT_TR_NOOP("&Fit"), ("F",), "fit", QT_TR_NOOP("Show the whole picture")),
    Spec("one", QT_TR_NOOP("&100 %"), ("Ctrl+0",), "one", QT_TR_NOOP("One picture pixel per screen pixel")),
    Spec("zoom_in", QT_TR_NOOP("Zoom &in"), ("Ctrl++", "+", "Ctrl+=", "=")),
    Spec("zoom_out", QT_TR_NOOP("Zoom o&ut"), ("Ctrl+-", "-")),
    Spec(
        "play",
        QT_TR_NOOP("&Play the coding steps"),
        ("P",),
        "",
        QT_TR_NOOP("Show where the bits went, one step after the other"),
    ),
    Spec(
        "cumulative",
        QT_TR_NOOP("Steps &cumulative"),
        ("C",),
        "",
        QT_TR_NOOP("Show each step together with all before it"),
    ),
    Spec(
        "step_pictures",
        QT_TR_NOOP("Pic&tures of the steps"),
        ("V",),
        "",
        QT_TR_NOOP("Show the picture as the decoder has it after each step"),
    ),
    Spec(
        "errors",
        QT_TR_NOOP("&Histogram of errors…"),
        ("E",),
        "",
        QT_TR_NOOP("How many pixels are off by how much, of the picture or of the selection"),
    ),
    Spec("encode", QT_TR_NOOP("&Encode"), ("Ctrl+Return",)),
    Spec("effort", QT_TR_NOOP("Eff&ort…"), (), "", QT_TR_NOOP("How much time encoding may take for a smaller file")),
    Spec("batch", QT_TR_NOOP("&Batch…"), ("Ctrl+B",), "", QT_TR_NOOP("Compress many pictures by one recipe")),
    Spec(
        "chart",
        QT_TR_NOOP("&Rate and distortion…"),
        ("Ctrl+R",),
        "",
        QT_TR_NOOP("Points of this picture, other formats, published curves"),
    ),
    Spec(
        "duel",
        QT_TR_NOOP("&Duel…"),
        ("X",),
        "",
        QT_TR_NOOP("JPEG, WebP, AVIF and JPEG XL with the bytes of this file, also blind"),
    ),
    Spec(
        "inspect",
        QT_TR_NOOP("&Latents at a place…"),
        ("I",),
        "",
        QT_TR_NOOP("What was coded under the pointer, from which distribution, and what it cost"),
    ),
    Spec(
        "figure_bits",
        QT_TR_NOOP("Fi&gure: bits…"),
        (),
        "",
        QT_TR_NOOP("A figure of the bits of some steps, to be saved"),
    ),
    Spec(
        "figure_attention",
        QT_TR_NOOP("Figure: &attention…"),
        (),
        "",
        QT_TR_NOOP("Where attention looks when contexts are fused; of Base and Large"),
    ),
    Spec(
        "figure_erf",
        QT_TR_NOOP("Figure: receptive &fields…"),
        (),
        "",
        QT_TR_NOOP("How far the latents around move what a step predicts"),
    ),
    Spec("cancel", QT_TR_NOOP("&Cancel"), ("Esc",)),
    Spec("theme", QT_TR_NOOP("Light or dar&k"), ("Ctrl+T",), "theme", QT_TR_NOOP("Change between light and dark")),
    Spec("preferences", QT_TR_NOOP("&Settings…"), ("Ctrl+,",), "", QT_TR_NOOP("Device, threads, colours and folders")),
    Spec("palette", QT_TR_NOOP("&Commands…"), ("Ctrl+Shift+P",), "", QT_TR_NOOP("Find and run any command")),
    Spec("keys", QT_TR_NOOP("&Keys"), ("?", "F1"), "", QT_TR_NOOP("All keys at a glance")),
    Spec("logs", QT_TR_NOOP("Open &log folder"), (), "", QT_TR_NOOP("Show the folder of the log files")),
    Spec("about", QT_TR_NOOP("&About HPCM Studio")),
)

VIEW_ACTIONS = ("reconstruction", "wipe", "original", "side", "difference", "bits")
