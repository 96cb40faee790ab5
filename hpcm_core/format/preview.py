"""The small picture that a .hpcm file may carry for file managers: made on encoding, never needed for decoding."""

from __future__ import annotations

import io

from PIL import Image

from hpcm_core.limits import THUMBNAIL_LIMITS
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.pillow import image_of, to_srgb
from hpcm_core.picture.size import fit

SIDES = (256, 192, 128, 96, 64)
"""Longer sides that a preview may have, in pixels; file managers ask for 128 and 256."""
ASKED_SIDE = 96
"""The side of a preview that the user asked for, whatever it costs."""
SHARE = 0.005
"""Nobody has to ask for a preview that adds no more than this share to the file."""
LARGE_SHARE = 0.01
"""The same for pictures that are too large to be decoded for a thumbnail: without a preview they have none at all."""
_CHUNK = 12
_SMALLEST = 600
"""Bytes that JPEG's tables alone take, about."""
_QUALITY = 70


def small_image(picture: Picture, side: int) -> Image.Image:
    """The picture in sRGB, 8 bits, no side above `side` pixels: RGB, or RGBA where it has an alpha plane."""
    # Every n-th sample, four of them for a pixel of the result along each side: enough for the filter after it.
    step = max(1, max(picture.width, picture.height) // (4 * side))
    image = to_srgb(image_of(picture.pixels[::step, ::step]), picture.icc)
    if picture.alpha is not None:
        image.putalpha(image_of(picture.alpha[::step, ::step, None]))
    width, height = fit(picture.width, picture.height, side)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def encode_preview(picture: Picture, side: int = ASKED_SIDE) -> bytes:
    """A JPEG file of the picture, in sRGB and laid over white."""
    return _jpeg(small_image(picture, side))


def cheap_preview(picture: Picture, file_bytes: int) -> bytes | None:
    """The largest preview that adds at most its share to a file of so many bytes; None where the smallest adds more."""
    share = LARGE_SHARE if picture.width * picture.height > THUMBNAIL_LIMITS.pixels else SHARE
    budget = int(file_bytes * share) - _CHUNK
    if budget < _SMALLEST:
        return None
    largest = small_image(picture, SIDES[0])
    for side in SIDES:
        preview = _jpeg(largest.resize(fit(*largest.size, side), Image.Resampling.LANCZOS))
        if len(preview) <= budget:
            return preview
    return None


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    if image.mode == "RGBA":  # What is transparent may have any colour.
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image)
        image = flat
    image.convert("RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
