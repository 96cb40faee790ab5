"""Make the font of the window from Inter: resources/fonts/*.ttf.

    npm pack inter-ui@4.1.1 && tar xzf inter-ui-4.1.1.tgz
    pip install fonttools==4.68.0 brotli==1.2.1
    python installers/font.py package/web

Run when another version of Inter is wanted; neither the program nor its build needs fonttools. The same versions give
the same files. What is changed, and why, stands in resources/fonts/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FAMILY = "HPCM Sans"
"""A name of its own: an Inter that is installed, of whatever version, must not mix with this one."""
STYLES = {"Regular": "Inter-Regular", "SemiBold": "Inter-SemiBold"}
RANGES = (
    # Latin with its extensions, modifiers and marks, Greek, Cyrillic, Latin for Vietnamese
    *((0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF)),
    # punctuation, small digits, currencies, letterlike signs, fractions, arrows, mathematics
    *((0x2000, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x214F), (0x2150, 0x215F), (0x2190, 0x22FF)),
    # keys, shapes, check marks, ligatures that old texts have, the sign for what is no character
    *((0x2300, 0x23FF), (0x25A0, 0x25FF), (0x2713, 0x2718), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD)),
)
FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum")
"""Without calt, which makes an arrow of "->" and a times sign of "2x4": names of files are shown as they are."""


def make(source: Path, style: str, target: Path) -> None:
    """Write one style as TrueType."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = list(FEATURES)
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 9, 11, 13, 14]
    options.notdef_outline = True
    options.hinting = False
    font = TTFont(source, recalcTimestamp=False)
    part = subset.Subsetter(options)
    part.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    part.subset(font)
    font.flavor = None
    _rename(font, style)
    font.save(target)


def _rename(font: Any, style: str) -> None:
    names, plain, regular = font["name"], FAMILY.replace(" ", ""), style == "Regular"
    version = str(names.getName(5, 3, 1)).split(";")[0]
    words = {
        1: FAMILY,
        2: "Regular" if regular else "Bold",
        3: f"{version};{plain}-{style}",
        4: f"{FAMILY} {style}",
        5: f"{version}; a part of Inter",
        6: f"{plain}-{style}",
    }
    for number in (*words, 16, 17):
        names.removeNames(nameID=number)
    for number, text in words.items():
        names.setName(text, number, 3, 1, 0x409)
    if not regular:
        # The bold of its family for systems that know two weights only, and for Qt, which else makes it bolder still.
        font["head"].macStyle |= 1
        font["OS/2"].fsSelection = font["OS/2"].fsSelection & ~(1 << 6) | 1 << 5


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for style, name in STYLES.items():
        target = FOLDER / f"{FAMILY.replace(' ', '')}-{style}.ttf"
        make(Path(sys.argv[1]) / f"{name}.woff2", style, target)
        print(f"{target.relative_to(FOLDER.parents[1])}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
