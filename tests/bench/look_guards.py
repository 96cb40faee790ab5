"""What a look must not do, in figures: weaves, casts, texture in smooth parts, noise around letters.

Each is of a picture beside its original, 8-bit levels of luma where not said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageDraw, ImageFont
from torch.nn.functional import avg_pool2d

Plane = npt.NDArray[np.float64]
Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""

_LUMA = np.array([0.299, 0.587, 0.114])
_PERIOD, _REPEATS = 8, 8
_REGION = 32
_WINDOW, _SMOOTH, _TIMES = 11, 2.0, 3.0


def luma(rgb: npt.NDArray[np.uint8]) -> Plane:
    plane: Plane = rgb @ _LUMA
    return plane


def weave(made: Plane, original: Plane) -> float:
    """What of the error repeats every 8 pixels, the stride of g_s: the deviation of the means of each place of a period
    over 8 x 8 periods, less what chance gives them; the root of the mean over the picture.
    """
    side = _PERIOD * _REPEATS
    height, width = (length // side for length in made.shape)
    error = (made - original)[: height * side, : width * side]
    squares = error.reshape(height, _REPEATS, _PERIOD, width, _REPEATS, _PERIOD)
    means = squares.mean(axis=(1, 4), keepdims=True)
    by_chance = (squares - means).var(axis=(1, 2, 4, 5), ddof=_PERIOD**2) / _REPEATS**2
    return float(np.sqrt(max((means.var(axis=(1, 2, 4, 5), ddof=1) - by_chance).mean(), 0)))


def cast(made: npt.NDArray[np.uint8], original: npt.NDArray[np.uint8]) -> float:
    """Mean size of the difference of means of 32 x 32 pixels, over R, G and B."""
    height, width = (length // _REGION for length in made.shape[:2])
    error = (made.astype(float) - original)[: height * _REGION, : width * _REGION]
    return float(np.abs(error.reshape(height, _REGION, width, _REGION, 3).mean(axis=(1, 3))).mean())


def false_texture(made: Plane, faithful: Plane, original: Plane) -> float:
    """Of the places whose original is smooth (a deviation below 2 levels in 11 x 11 pixels), the part where the look
    has more than three times the deviation of the faithful picture and at least 2 levels (the relative variance of
    DeSRA, Xie et al., 2307.02457).
    """
    smooth = deviation(original) < _SMOOTH
    rough = (deviation(made) > _TIMES * deviation(faithful)) & (deviation(made) > _SMOOTH)
    return float((smooth & rough).sum() / max(smooth.sum(), 1))


def deviation(plane: Plane) -> Plane:
    mean, square = (
        avg_pool2d(torch.from_numpy(value)[None, None], _WINDOW, 1)[0, 0].numpy() for value in (plane, plane * plane)
    )
    of_all: Plane = np.sqrt(np.maximum(square - mean * mean, 0))
    return of_all


def errors_in(boxes: Iterable[Box], made: npt.NDArray[np.uint8], original: npt.NDArray[np.uint8]) -> list[float]:
    """Mean size of the error over R, G and B in each box; of faces, where invented detail is another person's."""
    error = np.abs(made.astype(float) - original)
    return [float(error[y : y + height, x : x + width].mean()) for x, y, width, height in boxes]


def page() -> npt.NDArray[np.uint8]:
    """Lines of text of 9 to 26 pixels, dark on light and light on dark."""
    image = Image.new("RGB", (512, 512), (250, 249, 245))
    draw = ImageDraw.Draw(image)
    draw.rectangle((256, 0, 512, 512), (32, 38, 54))
    top = 8
    for size in (9, 11, 13, 16, 20, 26):
        font = ImageFont.load_default(size)
        for line in ("Invented detail is no letter", "0123456789 (a + b) / c = 3.14", "Quickly: HAMBURGEFONTSIV; &c!"):
            draw.text((8, top), line[: 440 // size], (30, 30, 34), font)
            draw.text((264, top), line[: 440 // size], (236, 232, 220), font)
            top += size + 8
    return np.asarray(image)


def letters(look: Callable[[npt.NDArray[np.uint8]], tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]]) -> float:
    """Error of the look on a page of letters as a multiple of the faithful picture's. look: gives both of a picture,
    the look first.
    """
    drawn = page()
    natural, faithful = (np.abs(made.astype(float) - drawn).mean() for made in look(drawn))
    return float(natural / faithful)
