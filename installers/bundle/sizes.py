"""What each part of a bundle weighs: bytes of its files, and of the same compressed by themselves.

    python installers/bundle/sizes.py BUNDLE [--level 19]

Prints a table in Markdown. Needs zstd. What parts have in common is compressed once in a package, and twice here.
"""

from __future__ import annotations

import argparse
import subprocess
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

PARTS = {
    "the bundled model's earlier weights": ("*/resources/models/*@*",),
    "the bundled model": ("*/resources/models/*",),
    "PyTorch": ("*/torch/*", "*/torchgen/*", "*/functorch/*"),
    "Qt: Core, Gui, Widgets": ("*/libQt6Core*", "*/libQt6Gui*", "*/libQt6Widgets*"),
    "Qt: ICU": ("*/libicu*",),
    "Qt: Network, for one window per user": ("*/libQt6Network*", "*/QtNetwork.*"),
    "Qt: X11, Wayland, D-Bus, plugins": ("*/PySide6/Qt/*",),
    "PySide6 and Shiboken": ("*/PySide6/*", "*/shiboken6/*"),
    "NumPy": ("*/numpy/*",),
    "NumPy: OpenBLAS and its Fortran": ("*/numpy.libs/*",),
    "Pillow with JPEG, PNG, WebP, TIFF, AVIF": ("*/PIL/*", "*/pillow.libs/*"),
    "imagecodecs: JPEG XL": ("*/imagecodecs*jxl*", "*/imagecodecs*jpegxl*", "*/imagecodecs*brotli*"),
    "imagecodecs: deep AVIF": ("*/imagecodecs/_avif*", "*/imagecodecs.libs/libavif*", "*/imagecodecs.libs/libaom*"),
    "imagecodecs: shared": ("*/imagecodecs/*", "*/imagecodecs.libs/*"),
    "pi-heif: HEIC": ("*/pi_heif*", "*/_pi_heif*"),
    "rawpy: camera RAW": ("*/rawpy/*", "*/rawpy.libs/*"),
    "Python: library and modules in C": ("*/libpython*", "*/python3*/*", "*/base_library.zip", "*/_internal/lib*.so*"),
    "the program, and all of Python's and the packages' code": ("*/hpcm-studio", "*/hpcm-studio.exe", "*/hpcm.exe"),
    "the native coder": ("*/coder/*",),
    "the rest": ("*",),
}  # fmt: skip
"""By patterns of their files' names; a file counts where the first that fits it stands."""


def part_of(name: str) -> str:
    """The part that a file counts to."""
    return next(part for part, patterns in PARTS.items() if any(fnmatch(name, pattern) for pattern in patterns))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--level", type=int, default=19)
    options = parser.parse_args()
    groups = defaultdict(list)
    for path in sorted(options.bundle.rglob("*")):
        if path.is_file() and not path.is_symlink():
            groups[part_of(path.as_posix())].append(path)
    print("| part | files (MB) | compressed (MB) |\n| --- | ---: | ---: |")
    whole = [0, 0]
    for part in sorted(groups, key=lambda part: list(PARTS).index(part)):
        data = b"".join(path.read_bytes() for path in groups[part])
        packed = subprocess.run(["zstd", "--quiet", f"-{options.level}"], input=data, capture_output=True, check=True)
        sizes = len(data), len(packed.stdout)
        whole = [total + size for total, size in zip(whole, sizes, strict=True)]
        print(f"| {part} | {sizes[0] / 1e6:.1f} | {sizes[1] / 1e6:.1f} |", flush=True)
    print(f"| together | {whole[0] / 1e6:.1f} | {whole[1] / 1e6:.1f} |")


if __name__ == "__main__":
    main()
