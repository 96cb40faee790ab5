"""The formats that pictures are written in, and what each asks of a user. Imports no coder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A kind of picture file. suffixes: in small letters, the first for new files. quality: the one that is proposed, 0
    to 100; None where no sample is ever lost. lossless: no sample is lost where no quality is given.
    """

    name: str
    suffixes: tuple[str, ...]
    quality: int | None = None
    lossless: bool = True

    @property
    def suffix(self) -> str:
        """That of new files."""
        return self.suffixes[0]


JPEG_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif")
FORMATS = (
    Format("PNG", (".png",)),
    Format("JPEG", JPEG_SUFFIXES, quality=90, lossless=False),
    Format("WebP", (".webp",), quality=85),
    Format("AVIF", (".avif",), quality=75, lossless=False),
    Format("JPEG XL", (".jxl",), quality=90),
    Format("TIFF", (".tif", ".tiff")),
    Format("BMP", (".bmp",)),
)


def format_of(suffix: str) -> Format | None:
    """The format that files with this ending (".JPG") have; None for an unknown one."""
    return next((one for one in FORMATS if suffix.lower() in one.suffixes), None)
