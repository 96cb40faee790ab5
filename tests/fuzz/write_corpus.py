"""Writes the whole inputs that fuzzing in Python begins with to corpus/: `python -m tests.fuzz.write_corpus`.

What fuzzing has found is beside them, under names of its own (`found-...`), and stays.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms
from safetensors.numpy import save

from hpcm_core import codec
from hpcm_core.format import container
from hpcm_core.format.alpha import encode_alpha
from hpcm_core.format.tile import parse_tile
from hpcm_core.picture.metadata import PREFIX
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.fuzz import samples
from tests.fuzz.targets import CORPUS
from tests.hpcm_core.format.chunks import FULL, PLAIN
from tests.hpcm_core.models.jpegxl.streams import frame, head
from tests.hpcm_core.picture import made_elsewhere
from tests.toy.plain import PLAIN as FAMILY
from tests.toy.plain import weights

SETTINGS = """[window]
theme=dark
geometry=AdnQywADAAAAAAAA
language=de
[files]
recent="[\\"/tmp/a.png\\"]"
[codec]
threads=2
engine=fast
[recipe]
last="{\\"version\\": 1, \\"model\\": \\"lite\\", \\"quality\\": 40}"
[view]
overlay_opacity=50
"""


def exif() -> bytes:
    """With a thumbnail's directory, a place, and sizes."""
    made = Image.Exif()
    made[0x0112] = 6
    made[0x010E] = "A face"
    made.get_ifd(0x8769)[0xA002] = 16
    made.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    return made.tobytes().removeprefix(PREFIX)


def pictures() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, (9, 12), dtype=np.uint8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = Picture(colour, icc=srgb, exif=exif(), xmp=FULL.xmp)
    for suffix in (".png", ".jpg", ".webp", ".tif", ".bmp", ".avif", ".jxl"):
        yield f"plain{suffix}", plain.encode(suffix)
    deep = Picture(colour.astype(np.uint16) * 257, alpha.astype(np.uint16) * 257)
    for suffix in (".png", ".tif", ".jxl"):
        yield f"deep{suffix}", deep.encode(suffix)
    image = Image.fromarray(colour)
    for name, options in {
        "palette.png": {"format": "PNG"},
        "frames.gif": {"format": "GIF", "save_all": True, "append_images": [image.rotate(180)]},
        "lzw.tif": {"format": "TIFF", "compression": "tiff_lzw"},
        "deflate.tif": {"format": "TIFF", "compression": "tiff_adobe_deflate"},
        "progressive.jpg": {"format": "JPEG", "progressive": True},
    }.items():
        out = io.BytesIO()
        (image.quantize(8) if name.startswith("palette") else image).save(out, **options)
        yield name, out.getvalue()
    for name, mode in {"cmyk.jpg": "CMYK", "cmyk.tif": "CMYK", "lab.tif": "LAB", "bits.tif": "1"}.items():
        out = io.BytesIO()
        converted = Image.new(mode, (12, 9)) if mode == "LAB" else image.convert(mode)
        converted.save(out, "TIFF" if name.endswith("tif") else "JPEG")
        yield name, out.getvalue()
    for name in ("HEIC_10", "HEIC_TWO", "JXL_ANIMATED", "JXL_16", "JXL_OF_JPEG"):
        yield name.lower().replace("_", "-"), getattr(made_elsewhere, name)


def checkpoints() -> Iterator[tuple[str, bytes]]:
    arrays = weights(FAMILY.configs["plain"])
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    yield "whole.safetensors", b"s" + save(arrays)
    for name, content, zipped in (
        ("zip", tensors, True),
        ("zip of halves", {name: tensor.half() for name, tensor in tensors.items()}, True),
        ("wrapped", {"state_dict": {"state_dict": {f"module.{k}": v for k, v in tensors.items()}}}, True),
        ("before zip", tensors, False),
        ("a list", [1, 2, 3], True),
    ):
        out = io.BytesIO()
        torch.save(content, out, _use_new_zipfile_serialization=zipped)
        yield f"{name}.pth", b"p" + out.getvalue()


def seeds() -> Iterator[tuple[str, str, bytes]]:
    """Target, name and bytes."""
    for name, data in {"full": container.write(FULL), "plain": container.write(PLAIN)}.items():
        yield "container", name, data
    yield "container", "wishes", container.write(replace(FULL, gain=b"gains", look=b"\0\1"))
    for name, data in samples.files().items():
        if name != "two tiles":
            yield "decode", name, data
    for name, data in samples.wishing().items():
        yield "decode", name.replace(",", ""), data
    patient = Picture(Picture.open(resource("samples/astronaut.png")).pixels[:48, 128:176].copy())
    yield "decode", "with effort", codec.encode(patient, Recipe(quality=30, effort=1), reconstruct=False).data
    yield "decode", "first profile", samples.first_profile()
    for number, (name, data) in enumerate(samples.lossless().items()):
        yield "decode", name.replace(",", ""), data
        stream = parse_tile(container.read(data).tiles[0], 1).streams[0]
        yield "codestream", name.replace(",", ""), bytes((number,)) + bytes(stream)
    for name, data in samples.learned().items():
        yield "decode", name.replace(",", ""), data
    yield "codestream", "frame of zeros", b"\0" + head(17, 16) + frame()
    yield "tile", "four streams", bytes(PLAIN.tiles[0])
    small = Picture.open(resource("samples/astronaut.png"))
    for suffix in (".jpg", ".png"):
        yield "preview", f"preview{suffix}", Picture(small.pixels[:24:2, :32:2].copy()).encode(suffix)
    plane = np.arange(192, dtype=np.uint8).reshape(12, 16)
    yield "alpha", "8 bits", encode_alpha(plane)
    yield "alpha", "16 bits", encode_alpha(plane.astype(np.uint16) * 257)
    yield "texts", "two", b"Title\0A face\0Place\0Berlin\0"
    yield "texts", "resolution", bytes.fromhex("e0930400e093040001")
    yield "metadata", "exif", exif()
    yield "metadata", "xmp", samples.XMP
    yield "metadata", "iptc", b"\x1c\x02\x05\0\x05title\x1c\x02\x5a\0\x06Berlin"
    for name, data in pictures():
        yield "picture", name, data
    for name, data in checkpoints():
        yield "checkpoint", name, data
    for name, recipe in {
        "usual": Recipe(),
        "target": Recipe(target_psnr=40.0),
        "fixed": Recipe("base", lmbda=0.013),
    }.items():
        yield "recipe", name, recipe.to_json().encode()
    yield "recipe", "look and effort", Recipe(quality=30, look=100, effort=2).to_json().encode()
    yield "recipe", "other keys", json.dumps({"version": 1, "speed": [{}, None, 1e400, "\u202e"]}).encode()
    yield "settings", "usual", SETTINGS.encode()


def main() -> None:
    for target, name, data in seeds():
        path: Path = CORPUS / target / name.replace(" ", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
