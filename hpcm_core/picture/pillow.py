"""Samples to Pillow's pictures, and those to sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from hpcm_core.picture.samples import Samples, to_8_bits


def image_of(samples: Samples) -> Image.Image:
    """H x W x (1, 2, 3 or 4) samples at 8 bits: grey, grey + alpha, RGB, RGB + alpha."""
    samples = to_8_bits(samples)
    return Image.fromarray(np.ascontiguousarray(samples[:, :, 0] if samples.shape[2] == 1 else samples))


def to_srgb(
    image: Image.Image,
    icc: bytes | None,
    intent: ImageCms.Intent = ImageCms.Intent.PERCEPTUAL,
    flags: ImageCms.Flags = ImageCms.Flags.NONE,
) -> Image.Image:
    """An RGB picture in sRGB, through the ICC profile where there is a usable one."""
    if icc is not None:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(icc)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=intent,
                outputMode="RGB",
                flags=flags,
            )
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")
