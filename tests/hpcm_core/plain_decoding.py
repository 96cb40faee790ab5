"""What tests of the plain decoder share: weights, small files, and both decoders side by side."""

from __future__ import annotations

import numpy as np

from hpcm_core import codec, plain_decoder
from hpcm_core.errors import HpcmError
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.learned import alone
from tests.paths import ROOT

WEIGHTS_FILE, TABLES_FILE = resource("models/lite.safetensors"), resource("ggm_tables.npz")
WEIGHTS, TABLES = plain_decoder.Weights(WEIGHTS_FILE), plain_decoder.Tables(TABLES_FILE)
NATURAL_FILE = resource("models/lite.natural.safetensors")
PHOTO = Picture.open(ROOT / "resources/samples/astronaut.png").pixels
SMALL = Picture(PHOTO[100:133, 200:247])
SMALL_FILE = codec.encode(SMALL, Recipe(quality=30), reconstruct=False).data
LOSSLESS_FILE = resource("models/lossless-m.safetensors")
LOSSLESS = plain_decoder.Weights(LOSSLESS_FILE)
with alone():
    SMALL_LOSSLESS = codec.encode(Picture(PHOTO[100:107, 200:213]), Recipe("lossless-m"), reconstruct=False).data

NOISE = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)


def plain(data, weights=WEIGHTS):
    return plain_decoder.decode(bytes(data), weights, TABLES)


def outcome(decode, data):
    """Pixels as bytes, or the name of the error."""
    try:
        return decode(data)
    except HpcmError as error:
        return type(error).__name__
    except plain_decoder.Refused as refused:
        return refused.kind


def both(data, weights=WEIGHTS):
    """What the two decoders make of a file."""
    mine = outcome(lambda data: codec.decode(data).picture.pixels.tobytes(), data)
    return mine, outcome(lambda data: plain(data, weights)[0].tobytes(), data)


def deep(pixels):
    return pixels.astype(np.uint16) * 257 + np.arange(pixels.size, dtype=np.uint16).reshape(pixels.shape) % 200
