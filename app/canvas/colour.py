"""Samples to the colours of the screen: 8 bits, through the picture's ICC profile to sRGB.

Only what is painted goes through here. Metrics, differences and the pixel readout use the codec's own samples.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColorSpace, QImage

from hpcm_core.picture.colour import is_hdr

log = logging.getLogger("hpcm.display")

Pixels: TypeAlias = npt.NDArray[np.uint8]
Convert: TypeAlias = Callable[[npt.NDArray[Any]], Pixels]
"""H x W x C of uint8 or uint16 to H x W x C of uint8, C = 1 or 3."""

STRIP = 1 << 22
"""Samples that are converted at a time: small beside a large picture, large beside the cost of a call."""


def to_8_bit(samples: npt.NDArray[Any]) -> Pixels:
    """uint8 as they are; uint16 rounded to the nearest of 256 levels, so that both ends stay what they are."""
    if samples.dtype == np.uint8:
        return np.asarray(samples, dtype=np.uint8)
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


def converter(icc: bytes | None, channels: int) -> Convert | None:
    """What brings a picture's samples to the screen's colours; None where they are that already, or nearly.

    A profile that cannot be used (damaged, or of another kind than the samples) is logged and left aside.
    """
    if not icc:
        return None
    space = QColorSpace.fromIccProfile(QByteArray(icc))
    # Qt would cut off what is brighter than paper; the profile's own curves tone it down.
    if channels == 3 and not is_hdr(icc) and space.isValid() and space.colorModel() == QColorSpace.ColorModel.Rgb:
        if space == QColorSpace(QColorSpace.NamedColorSpace.SRgb):
            return None
        return _by_qt(space)
    try:
        return _by_cms(icc, channels)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        log.warning("The picture's colour profile cannot be used: %s", error)
        return None


def _by_qt(space: QColorSpace) -> Convert:
    """RGB of 8 or 16 bits; 16 bits are rounded only after the conversion."""
    transform = space.transformationToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))

    def convert(samples: npt.NDArray[Any]) -> Pixels:
        height, width, _ = samples.shape
        deep = samples.dtype == np.uint16
        padded = np.full((height, width, 4), np.iinfo(samples.dtype).max, samples.dtype)
        padded[:, :, :3] = samples
        form = QImage.Format.Format_RGBX64 if deep else QImage.Format.Format_RGBX8888
        image = QImage(padded.data, width, height, padded.strides[0], form)
        image.applyColorTransform(transform)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
        pixels = rows[:, : padded.strides[0]].view(samples.dtype).reshape(height, width, 4)
        return np.ascontiguousarray(to_8_bit(pixels[:, :, :3]))

    return convert


def _by_cms(icc: bytes, channels: int) -> Convert:
    """Grey, and RGB through tables: everything that Qt does not do. 8 bits."""
    mode = "L" if channels == 1 else "RGB"
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )

    def convert(samples: npt.NDArray[Any]) -> Pixels:
        flat = to_8_bit(samples)
        image = Image.fromarray(np.ascontiguousarray(flat[:, :, 0] if channels == 1 else flat))
        converted = ImageCms.applyTransform(image, transform)
        assert converted is not None
        pixels = np.asarray(converted)
        return np.ascontiguousarray(pixels[:, :, :channels])  # Grey stays grey: its three channels are equal.

    return convert


def strips(height: int, samples_per_row: int, multiple: int = 1) -> Iterator[slice]:
    """Slices of rows of about STRIP samples, each a multiple of rows high but for the last."""
    step = max(STRIP // max(samples_per_row, 1) // multiple, 1) * multiple
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def shown(samples: npt.NDArray[Any], convert: Convert | None) -> Pixels:
    """Samples as they are painted; the very same array where nothing has to be done."""
    if convert is None and samples.dtype == np.uint8:
        return samples
    call = convert or to_8_bit
    out = np.empty(samples.shape, np.uint8)
    for rows in strips(samples.shape[0], samples.shape[1] * samples.shape[2]):
        out[rows] = call(samples[rows])
    return out
