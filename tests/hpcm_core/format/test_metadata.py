"""Metadata, or the place alone, go out of a finished file; its picture stays byte by byte."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from hpcm_core import codec
from hpcm_core.errors import CorruptFile
from hpcm_core.format import container
from hpcm_core.format.metadata import without_metadata
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'


def exif_with_a_place():
    exif = Image.Exif()
    exif[271] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.fixture(scope="module")
def file():
    pixels = np.random.default_rng(3).integers(0, 256, (40, 50, 3), np.uint8)
    texts = (("Title", "a"), ("Location", "b"))
    picture = Picture(pixels, exif=exif_with_a_place(), xmp=XMP, texts=texts, resolution=Resolution(300, 300))
    return codec.encode(picture, Recipe(quality=20), reconstruct=False).data


def places(exif):
    found = Image.Exif()
    found.load(exif)
    return found.get_ifd(0x8825)


def same_picture(one, other):
    one, other = container.read(one), container.read(other)
    own = ("exif", "xmp", "iptc", "texts", "resolution")
    kept = [field.name for field in fields(one) if field.name not in own]
    return all(getattr(one, name) == getattr(other, name) for name in kept)


def test_all_metadata_can_go(file):
    assert places(container.read(file).exif)
    made = without_metadata(file)
    left = container.read(made)
    assert (left.exif, left.xmp, left.iptc, left.texts, left.resolution) == (None,) * 5
    assert len(made) < len(file)
    assert same_picture(made, file)
    assert codec.decode(made).picture.exif is None


def test_the_place_can_go_alone(file):
    made = without_metadata(file, place_only=True)
    picture = codec.decode(made).picture
    assert b"Maker" in picture.exif
    assert not places(picture.exif)
    assert picture.xmp is not None
    assert picture.texts == (("Title", "a"),)
    assert picture.resolution == (300, 300, True)
    assert same_picture(made, file)


def test_a_damaged_file_is_not_made_a_good_one(file):
    damaged = bytearray(file)
    damaged[len(file) // 2] ^= 1
    with pytest.raises(CorruptFile):
        without_metadata(damaged)
