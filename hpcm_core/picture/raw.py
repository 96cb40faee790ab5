"""Camera RAW and DNG through rawpy, which is an extra: `pip install hpcm-studio[raw]`."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import PurePath

import numpy as np
from PIL import Image

from hpcm_core.errors import Phrase, PictureError
from hpcm_core.files import RAW_SUFFIXES
from hpcm_core.limits import Limits
from hpcm_core.picture import metadata
from hpcm_core.picture.parts import Parts, check_size

_SIGNATURES = (b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"\0MRM", b"FOVb")
_TIFF = (b"II*\0", b"MM\0*")
_SRGB_CURVE = (2.4, 12.92)


def is_raw(head: bytes, name: str) -> bool:
    """Whether a file that begins so and has this name is of a camera's sensor.

    Most kinds are TIFF files to look at, with a small picture where a picture is expected: so the name decides.
    """
    if head.startswith(_SIGNATURES) or head[4:12] == b"ftypcrx " or (head[8:10] == b"CR" and head.startswith(_TIFF)):
        return True
    return head.startswith(_TIFF) and PurePath(name).suffix.lower() in RAW_SUFFIXES


def installed() -> bool:
    """Whether raw files can be developed here."""
    return find_spec("rawpy") is not None


def read(data: bytes, name: str, limits: Limits) -> Parts:
    """The picture developed with the camera's white balance, brightness as exposed, to sRGB of 16 bits, upright."""
    if not installed():
        raise PictureError(
            "{name} is a camera's raw file, for which the package rawpy must be installed.", name=name
        ) from None
    import rawpy

    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            check_size(name, raw.sizes.width, raw.sizes.height, limits)
            pixels = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                output_bps=16,
                output_color=rawpy.ColorSpace.sRGB,
                gamma=_SRGB_CURVE,
            )
    except rawpy.LibRawError as error:
        raise PictureError(
            "{name} is damaged, or raw data of a camera that this program does not know.", name=name
        ) from error
    except MemoryError:
        raise PictureError("{name} needs more memory than there is.", name=name) from None
    left_out = [Phrase("the camera's raw data, of which this picture was developed")]
    return Parts(np.ascontiguousarray(pixels, np.uint16), exif=_exif(data), left_out=left_out)


def _exif(data: bytes) -> bytes | None:
    """EXIF of the kinds that are TIFF files to look at. LibRaw has turned the picture: it does not say otherwise."""
    try:
        tags = Image.Exif()
        tags.load(data)
        return metadata.exif_of_tags(tags)
    except Exception:  # Pillow meets what it does not know with many kinds of exception.
        return None
