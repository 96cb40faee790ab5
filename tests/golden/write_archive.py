"""Add files of today's bundled weights to tests/golden/archive: python -m tests.golden.write_archive VERSION. Once for
each release that brings new weights; what is there already is never written again (docs/longevity.md).

Each file has an entry in archive.json: SHA-256 of the file, identity of the weights, and who wrote it. In profiles 2
and 3 the entry has the SHA-256 of the pixels, in profile 1 that of the latents, and the pixels lie beside the file:
they may differ by one. A file that wishes the natural look has the SHA-256 of those pixels too, and which weights they
are of.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core import codec
from hpcm_core.format import container
from hpcm_core.look import FAITHFUL, NATURAL
from hpcm_core.models.catalogue import find_look
from hpcm_core.models.loading import load
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.golden.write_integer import digest
from tests.learned import alone
from tests.paths import ROOT

FOLDER = ROOT / "tests/golden/archive"
LIST = FOLDER / "archive.json"
PIXELS = (2, 3)
"""Profiles that give the same pixels for ever."""


def pictures() -> dict[str, tuple[Picture, Recipe]]:
    """Name: picture and recipe."""
    photo = Picture.open(ROOT / "resources/samples/astronaut.png").pixels[96:160, 200:272]
    return {
        "colour-q40": (Picture(photo), Recipe(quality=40)),
        "grey-alpha-q80": (Picture(photo[:40, :48, 1:2], photo[:40, :48, 0]), Recipe(quality=80)),
        "deep-q60": (Picture(photo[:40, :48].astype(np.uint16) * 257), Recipe(quality=60)),
        "natural-q20": (Picture(photo), Recipe(quality=20, look=NATURAL)),
        "natural-q10": (Picture(photo), Recipe(quality=10, look=NATURAL)),
        "tiles-q0": (Picture(np.tile(photo, (1, 15, 1))[:, :1030]), Recipe(quality=0)),
        "colour": (Picture(photo[:40, :48], photo[:40, :48, 0]), Recipe("lossless-m")),
        "tiles": (Picture(np.tile(photo[:3], (1, 4, 1))[:, :270]), Recipe("lossless-m")),
        "grey": (Picture(photo[:40, :48, 1:2]), Recipe("lossless-m")),
        "deep": (Picture(between(photo[:24, :30])), Recipe("lossless-m")),
        "deep-grey-alpha": (Picture(between(photo[:24, :30, :1]), between(photo[:24, :30, 2])), Recipe("lossless-m")),
    }


def between(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Samples of 16 bits that lie between the levels of 8."""
    return samples.astype(np.uint16) * 256 + samples.T.reshape(samples.shape)


def entry(data: bytes, writer: str) -> dict[str, Any]:
    """What archive.json says of a file, as today's program decodes it."""
    header = container.read(data).header
    said = {
        "weights": header.model_hash.hex(),
        "profile": header.profile,
        "writer": writer,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if header.profile in PIXELS:
        said["pixels"] = digest(codec.decode(data, look=FAITHFUL).picture.pixels)
        return {**said, "natural": natural(data)} if container.read(data).look else said
    from tests.hpcm_core.entropy.exact.exactly import ENGINES, decoded_latents_of, latents_digest

    model = load(header.model_name, header.model_hash)
    return {**said, "latents": latents_digest(decoded_latents_of(data, model.network, ENGINES["reference"]()))}


def natural(data: bytes) -> dict[str, str]:
    """The natural look of a file: its weights' SHA-256 and what git calls them, and the SHA-256 of the pixels."""
    header = container.read_header(data)
    path = find_look(header.model_name, header.model_hash)
    assert path is not None
    weights = path.read_bytes()
    return {
        "sha256": hashlib.sha256(weights).hexdigest(),
        "blob": hashlib.sha1(b"blob %d\0%b" % (len(weights), weights)).hexdigest(),
        "pixels": digest(codec.decode(data, look=NATURAL).picture.pixels),
    }


def add(name: str, data: bytes, writer: str) -> None:
    """Keep a file."""
    listed = json.loads(LIST.read_text("utf-8")) if LIST.exists() else {}
    if name not in listed:
        (FOLDER / name).write_bytes(data)
        LIST.write_text(json.dumps({**listed, name: entry(data, writer)}, indent=1) + "\n", "utf-8")


def main(writer: str, *files: str) -> None:
    """files: files of an earlier version, to be kept as they are with their pixels in PNG files beside them; without
    any, today's are made.
    """
    for path in map(Path, files):
        add(path.name, path.read_bytes(), writer)
        shutil.copy(path.with_suffix(".png"), FOLDER)
    for name, (picture, recipe) in ({} if files else pictures()).items():
        with alone():
            encoded = codec.encode(picture, recipe, reconstruct=False)
        header = encoded.header
        add(f"{header.model_name}-{header.model_hash.hex()}-{name}.hpcm", encoded.data, writer)


if __name__ == "__main__":
    main(*sys.argv[1:])
