"""What a picture file of some kind has no place for: taken out of the picture before it is written, and named."""

from __future__ import annotations

from dataclasses import replace

from hpcm_core.errors import Phrase
from hpcm_core.picture import metadata, spaces
from hpcm_core.picture.formats import JPEG_SUFFIXES
from hpcm_core.picture.parts import named
from hpcm_core.picture.samples import COMMENT, Raster

_SEGMENT = 65533
"""Bytes that fit into a segment of JPEG."""
_IPTC_ROOM = _SEGMENT - 64
_HOLDS_IPTC = (*JPEG_SUFFIXES, ".png", ".tif", ".tiff")
_HOLDS_RESOLUTION = (*_HOLDS_IPTC, ".bmp")
_COMMON_DPI = (72, 96)


def fitted(picture: Raster, suffix: str) -> tuple[Raster, list[Phrase]]:
    """The picture with what a file of this suffix (".jpg") can hold, and what that is not."""
    left_out = []
    jpeg, bmp = suffix in JPEG_SUFFIXES, suffix == ".bmp"
    room = _SEGMENT - len(metadata.PREFIX)
    if picture.exif is not None and (bmp or (jpeg and len(picture.exif) > room)):
        left_out.append(Phrase("EXIF") if bmp else Phrase("EXIF, which is larger than JPEG can hold"))
        picture = replace(picture, exif=None)
    if picture.xmp is not None and bmp:
        left_out.append(Phrase("XMP"))
        picture = replace(picture, xmp=None)
    if picture.iptc is not None and (suffix not in _HOLDS_IPTC or (jpeg and len(picture.iptc) > _IPTC_ROOM)):
        left_out.append(Phrase("IPTC"))
        picture = replace(picture, iptc=None)
    if suffix != ".png":
        kept = tuple(one for one in picture.texts if jpeg and one[0] == COMMENT and len(one[1].encode()) <= _SEGMENT)
        left_out += named([one for one in picture.texts if one not in kept])
        picture = replace(picture, texts=kept)
    if picture.resolution is not None and suffix not in _HOLDS_RESOLUTION:
        if not metadata.says_resolution(picture.exif):
            left_out += _missed(picture)
        picture = replace(picture, resolution=None)
    if bmp and picture.icc is not None and spaces.space_of(picture.icc, picture.channels) != spaces.SRGB:
        left_out.append(Phrase("colours outside sRGB"))
    if picture.icc is not None and picture.channels == 1 and _has_no_grey(suffix, picture):
        picture = replace(picture, icc=spaces.fitting(picture.icc, 3))
        if picture.icc is None:
            left_out.append(Phrase("the colour profile, which does not fit the picture's channels"))
    if suffix == ".avif" and picture.bit_depth > 8:  # The format has 10 and 12, its writer has not.
        left_out.append(Phrase("the lower bits of its {bits}", bits=picture.bit_depth))
    return picture, left_out


def _has_no_grey(suffix: str, picture: Raster) -> bool:
    """Whether a grey picture becomes RGB in a file: its profile is to be one for RGB then."""
    deep_with_alpha = picture.bit_depth == 16 and picture.alpha is not None
    return suffix in (".webp", ".avif") or (suffix in (".tif", ".tiff") and deep_with_alpha)


def _missed(picture: Raster) -> list[Phrase]:
    """What to say of a resolution; nothing of those that programs put in when nobody chose one."""
    if picture.resolution is None or not picture.resolution.absolute or round(picture.resolution.x) in _COMMON_DPI:
        return []
    return [Phrase("the resolution of {dpi:.0f} dpi", dpi=picture.resolution.x)]
