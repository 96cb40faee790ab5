"""Small whole .hpcm files to damage: every kind of content that a file can have, in few bytes."""

from __future__ import annotations

from functools import cache

import numpy as np

from hpcm_core import codec
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap
from hpcm_core.models.loading import load
from hpcm_core.models.rates import recorded_rate
from hpcm_core.picture import colour
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.models.float_lite import float_lite
from tests.learned import alone

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,30N"/></rdf:RDF></x:xmpmeta>'
)


@cache
def files() -> dict[str, bytes]:
    """Whole files of the bundled model, by what is in them. Encoding is exact, so they are the same everywhere."""
    photo = Picture.open(resource("samples/astronaut.png")).pixels[:, 128:]
    small = np.ascontiguousarray(photo[:64, :64])
    alpha = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    extras = {
        "icc": colour.from_gamma(1 / 1.8, None),
        "exif": b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
        "xmp": XMP,
        "iptc": b"\x1c\x02\x05\0\x05title",
        "texts": (("Title", "A face"), ("Location", "Berlin")),
        "resolution": Resolution(300.0, 300.0, True),
    }
    pictures = {
        "plain": (Picture(small), 20),
        "low": (Picture(small), 0),
        "high": (Picture(small), 100),
        "grey": (Picture(np.ascontiguousarray(photo[:33, :48, :1])), 60),
        "deep": (Picture(small.astype(np.uint16) * 257), 60),
        "alpha": (Picture(small, alpha), 40),
        "deep alpha": (Picture(small.astype(np.uint16) * 257, alpha.astype(np.uint16) * 257), 40),
        "everything": (Picture(small, alpha, **extras), 40),
        "two tiles": (Picture(np.ascontiguousarray(np.tile(photo, (3, 1, 1))[:1040, :8])), 0),
    }
    return {
        name: codec.encode(picture, Recipe(quality=quality, embed_preview=name == "everything"), reconstruct=False).data
        for name, (picture, quality) in pictures.items()
    }


@cache
def wishing() -> dict[str, bytes]:
    """Files of today's bundled model with the chunks that came last: qualities of parts, and a wished look."""
    photo = Picture.open(resource("samples/astronaut.png")).pixels[:, 128:]
    small, wide = Picture(np.ascontiguousarray(photo[:64, :64])), Picture(np.ascontiguousarray(photo[:50, :100]))
    deep = Picture(wide.pixels.astype(np.uint16) * 257, np.tile(np.arange(100, dtype=np.uint16) * 655, (50, 1)))
    painted = QualityMap.of(np.array([[22, -9]], np.int8))
    pictures = {
        "natural": (small, Recipe(quality=10, look=256)),
        "between": (small, Recipe(quality=60, look=100)),
        "painted": (wide, Recipe(quality=30, quality_map=painted)),
        "painted, deep, alpha, natural": (deep, Recipe(quality=20, quality_map=painted, look=256)),
    }
    return {name: codec.encode(one, recipe, reconstruct=False).data for name, (one, recipe) in pictures.items()}


@cache
def lossless() -> dict[str, bytes]:
    """Files without loss, by what is in them: JPEG XL in the place of a model. Another version of it may write other
    bytes, which says nothing: what is damaged is decoded here.
    """
    draw = np.random.default_rng(19)
    page = np.full((48, 64, 3), 255, np.uint8)
    letter = np.where(draw.random((8, 7, 1)) < 0.5, 0, 255)
    for place in range(12):
        page[4 + place // 6 * 20 :, 3 + place % 6 * 10 :][:8, :7] = letter
    smooth = (np.add.outer(np.arange(20), np.arange(24)) * 700 + draw.integers(0, 300, (20, 24))).astype(np.uint16)
    deep = np.stack((smooth, smooth // 2, smooth // 3), axis=2)
    pictures = {
        "lossless": Picture((deep[:16, :17] >> 8).astype(np.uint8)),
        "lossless of two frames": Picture(page),
        "lossless, deep, alpha": Picture(deep, smooth),
        "lossless, grey": Picture((smooth[:, :, np.newaxis] >> 8).astype(np.uint8)),
    }
    return {name: codec.encode(one, Recipe("lossless"), reconstruct=False).data for name, one in pictures.items()}


@cache
def learned() -> dict[str, bytes]:
    """Files of the learned coder without loss: a tile, two with alpha, grey, of equal colours, of 16 bits."""
    photo = Picture.open(resource("samples/astronaut.png")).pixels[:30, 128:]
    deep = photo[:, :24] * np.uint16(256) + np.random.default_rng(5).integers(0, 256, (30, 24, 3), np.uint16)
    wide = np.ascontiguousarray(np.tile(photo[:2], (1, 2, 1))[:, :259])
    pictures = {
        "learned": Picture(np.ascontiguousarray(photo[:, :40])),
        "learned, two tiles, alpha": Picture(wide, wide[:, :, 0]),
        "learned, grey": Picture(np.ascontiguousarray(photo[:, :40, :1])),
        "learned, equal colours": Picture(np.repeat(photo[:, :40, :1], 3, axis=2)),
        "learned, deep": Picture(deep),
        "learned, deep, grey": Picture(np.ascontiguousarray(deep[:, :, 1:2])),
    }
    with alone():
        return {name: codec.encode(one, Recipe("lossless-m"), reconstruct=False).data for name, one in pictures.items()}


@cache
def first_profile() -> bytes:
    """A file of arithmetic profile 1, which the Lite of before coded."""
    model = float_lite()
    picture = Picture(np.ascontiguousarray(Picture.open(resource("samples/astronaut.png")).pixels[:64, 128:192]))
    header = codec.header_of(picture, model.name, model.identity, model.config, 20)
    coded = model.family.encode(model, picture, header, recorded_rate(20, model.config), Job(), "cpu")
    return container.write(container.Container(header, coded.tiles))


def model_of(data: bytes) -> object:
    """What decodes a file, ready to compute."""
    header = container.read_header(data)
    return load(header.model_name, header.model_hash)
