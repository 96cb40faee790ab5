"""The header of a .hpcm file: what its HEAD chunk holds, and what it may not say."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hpcm_core.errors import CorruptFile, LimitExceeded, Phrase, UnsupportedVersion
from hpcm_core.limits import Limits

FLOAT32_PROFILE = 0
"""The published float32 networks: for training and comparison, not for files."""
EXACT_PROFILE = 1
"""An entropy model in integers, the same on every machine; transforms in float32."""
INTEGER_PROFILE = 2
"""Transforms in integers too."""
JPEG_XL_PROFILE = 4
"""No arithmetic of this program's: streams are those of JPEG XL without loss. (3 is that of models/lossless.)"""
MAX_QUALITY = 100
FIXED_RATE = 255
"""The quality of a model that has one rate only."""
COLOUR_FROM_PROFILE = 0
"""What the ICC profile says, sRGB without one."""
COLOUR_SPACES = range(10)
"""Besides that, those of picture/spaces.py; a file with one of them has no ICC profile."""
PADDING_RULES = (0, 1)
"""Repeat the last column and row to the right and bottom, to whole units of the model's first or second size."""
UPRIGHT = 1
"""The only EXIF orientation of version 1: it is applied before coding."""
MAX_NAME = 32
HASH_BYTES = 8

_HEAD = struct.Struct("<IIBBBBBBBBHHH8sB")
_FLAG_ALPHA = 1
_U8, _U16, _U32 = 0xFF, 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True)
class Header:
    """The picture, the model that coded it, and the tile grid.

    width and height are pixels of the upright picture; channels is 1 (grey) or 3 (RGB), alpha not counted. model_hash
    is the first 8 bytes of the SHA-256 of the model's weights. threads is recorded for profile 0 (float32), whose
    results depend on it, and has no meaning elsewhere. quality is 0 to 100, or 255 for a fixed-rate model. How the
    picture is padded and cut into tiles follows from the model (transform/tiling.py); the header only counts the tiles.
    """

    width: int
    height: int
    bit_depth: int
    channels: int
    has_alpha: bool
    model_name: str
    model_hash: bytes
    profile: int
    threads: int
    quality: int
    tile_rows: int
    tile_cols: int
    orientation: int = UPRIGHT
    colour_space: int = COLOUR_FROM_PROFILE
    padding: int = 0

    @property
    def tile_count(self) -> int:
        return self.tile_rows * self.tile_cols


def pack_header(header: Header) -> bytes:
    """The payload of the HEAD chunk of a header without a fault."""
    name = header.model_name.encode("ascii")
    return (
        _HEAD.pack(
            header.width,
            header.height,
            header.bit_depth,
            header.channels,
            _FLAG_ALPHA if header.has_alpha else 0,
            header.orientation,
            header.colour_space,
            header.padding,
            header.profile,
            header.quality,
            header.threads,
            header.tile_rows,
            header.tile_cols,
            header.model_hash,
            len(name),
        )
        + name
    )


def parse_header(payload: memoryview, limits: Limits) -> Header:
    """The header in the payload of a HEAD chunk. Raises UnsupportedVersion, CorruptFile or LimitExceeded."""
    if len(payload) < _HEAD.size:
        raise CorruptFile("The file is damaged: its header is too short.")
    fields = _HEAD.unpack_from(payload)
    width, height, bit_depth, channels, flags, orientation, colour_space, padding = fields[:8]
    profile, quality, threads, rows, cols, model_hash, name_length = fields[8:]
    name = bytes(payload[_HEAD.size :])
    if len(name) != name_length or not name.isascii():
        raise CorruptFile("The file is damaged: the model's name in its header is not valid.")
    for value, known, what in (
        (flags & ~_FLAG_ALPHA, 0, Phrase("flags")),
        (orientation, UPRIGHT, Phrase("orientation")),
        (colour_space if colour_space not in COLOUR_SPACES else 0, 0, Phrase("colour space")),
        (padding if padding not in PADDING_RULES else 0, 0, Phrase("padding rule")),
    ):
        if value != known:
            raise UnsupportedVersion(
                "The file needs a newer version of this program: its {what} cannot be understood.", what=what
            )
    header = Header(
        width=width,
        height=height,
        bit_depth=bit_depth,
        channels=channels,
        has_alpha=bool(flags & _FLAG_ALPHA),
        model_name=name.decode("ascii"),
        model_hash=model_hash,
        profile=profile,
        threads=threads,
        quality=quality,
        tile_rows=rows,
        tile_cols=cols,
        colour_space=colour_space,
        padding=padding,
    )
    if fault := header_fault(header):
        raise CorruptFile("The file is damaged: {fault}.", fault=fault)
    check_limits(header, limits)
    return header


def header_fault(header: Header) -> Phrase | None:
    """What no valid header says, whatever the limits; None if there is nothing."""
    name = header.model_name
    rules = (
        (1 <= header.width <= _U32 and 1 <= header.height <= _U32, Phrase("its size in pixels is not possible")),
        (header.bit_depth in (8, 16), Phrase("it says {bits} bits per sample", bits=header.bit_depth)),
        (header.channels in (1, 3), Phrase("it says {count} colour channels", count=header.channels)),
        (1 <= len(name) <= MAX_NAME, Phrase("the model's name is empty or too long")),
        (all("!" <= c <= "~" for c in name), Phrase("the model's name is not plain ASCII")),
        (len(header.model_hash) == HASH_BYTES, Phrase("the model's hash is not 8 bytes")),
        (0 <= header.profile <= _U8, Phrase("the arithmetic profile is out of range")),
        (0 <= header.threads <= _U16, Phrase("the number of threads is out of range")),
        (
            header.profile != FLOAT32_PROFILE or header.threads >= 1,
            Phrase("it says float32 arithmetic with no threads"),
        ),
        (
            0 <= header.quality <= MAX_QUALITY or header.quality == FIXED_RATE,
            Phrase("it says quality {quality}", quality=header.quality),
        ),
        (1 <= header.tile_rows <= min(header.height, _U16), Phrase("its rows of tiles do not fit its height")),
        (1 <= header.tile_cols <= min(header.width, _U16), Phrase("its columns of tiles do not fit its width")),
        (
            header.orientation == UPRIGHT and header.colour_space in COLOUR_SPACES and header.padding in PADDING_RULES,
            Phrase("its orientation, colour space or padding rule is not one of version 1"),
        ),
    )
    return next((fault for holds, fault in rules if not holds), None)


def check_limits(header: Header, limits: Limits) -> None:
    """Raise LimitExceeded for a picture or tile grid above the limits."""
    if max(header.width, header.height) > limits.side or header.width * header.height > limits.pixels:
        raise LimitExceeded(
            "The picture of {width} x {height} pixels is larger than the limit.",
            width=header.width,
            height=header.height,
        )
    if header.tile_count > limits.chunks:
        raise LimitExceeded("The file has more than {limit} chunks.", limit=limits.chunks)
