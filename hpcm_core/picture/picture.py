"""Picture: pixels and what must survive with them (alpha, bit depth, ICC profile, EXIF, XMP). Opening and saving.

Orientation is applied when a picture is opened and then said to be upright in EXIF and XMP: never both, never neither.
"""

from __future__ import annotations

import os

from hpcm_core.errors import Phrase
from hpcm_core.limits import DEFAULT_LIMITS, Limits
from hpcm_core.picture.samples import Raster


class Picture(Raster):
    """A raster with a way from and to picture files.

    Readers and writers, which load Pillow's formats, are imported when the first file is.
    """

    @property
    def hdr(self) -> str | None:
        """ "PQ" or "HLG" where the samples are of high dynamic range, which is shown toned down; else None."""
        from hpcm_core.picture.spaces import hdr_of

        return hdr_of(self.icc, self.channels)

    @classmethod
    def open(cls, path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS, frame: int = 0) -> Picture:
        """Read a picture file of a kind in docs/formats.md. frame: which of several pictures in it, counted from 0.

        Grey stays one channel; more than 8 bits become 16. Palettes, CMYK (through its ICC profile), Lab and YCbCr
        become RGB. What the file has and the picture has not is said in left_out.
        Raises PictureError for what is no readable picture, LimitExceeded before anything large is decoded.
        """
        from hpcm_core.picture.reading import read

        return cls(**vars(read(path, limits, frame)))

    @classmethod
    def from_bytes(
        cls, data: bytes | bytearray | memoryview, limits: Limits = DEFAULT_LIMITS, frame: int = 0
    ) -> Picture:
        """The same for the content of such a file; what it is, the content says. Raises as `open` does."""
        from hpcm_core.picture.reading import read_bytes

        return cls(**vars(read_bytes(data, limits, frame)))

    def save(self, path: str | os.PathLike[str], quality: int | None = None) -> tuple[Phrase, ...]:
        """Write a PNG, JPEG, WebP, TIFF, BMP, AVIF or JPEG XL file, by the name's extension, whole or not at all.

        16 bits stay 16 in PNG, TIFF and JPEG XL and are rounded to 8 elsewhere. JPEG and BMP have no alpha: such a
        picture is laid over white. BMP is written in sRGB, as is JPEG XL with a quality where colours are of high
        dynamic range or of an unusual profile. quality (0 to 100) is for JPEG, WebP, AVIF and JPEG XL; without it JPEG
        and AVIF are written at 95, the others losslessly. Below 90 JPEG and AVIF have half the chroma along each side.
        Returns what had to be left out though the format could hold it. Raises PictureError.
        """
        from hpcm_core.picture.writing import write

        return write(self, path, quality)

    def encode(self, suffix: str, quality: int | None = None) -> bytes:
        """The bytes of the file that `save` would write under a name with this suffix (".jpg"). Raises PictureError."""
        from hpcm_core.picture.writing import encode

        return encode(self, suffix, quality)
