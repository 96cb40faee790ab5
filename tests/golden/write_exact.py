"""Write the golden files of exact arithmetic: `python -m tests.golden.write_exact`, once per arithmetic profile.

Every later version must decode them to the recorded latents, so a file that is there is never written again. The model
is Lite with weights from a formula, so that no training of the bundled weights changes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image

from hpcm_core import codec
from hpcm_core.entropy.exact.reference import ReferenceEngine
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.models.hpcm.config import BASE
from hpcm_core.models.hpcm.exact import ExactEntropy
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.hpcm_core.entropy.exact.exactly import (
    calm,
    decode_tile,
    decoded_latents,
    drive,
    encode_tile,
    exact,
    formula_lite,
    latents_digest,
    network,
    small,
    trace_digest,
    wavy,
)

FOLDER = Path(__file__).resolve().parent / "exact"
PICTURES = {
    "colour-q70": ("astronaut", (150, 20, 350, 190), 70),
    "grey-q0": ("chelsea", (100, 30, 220, 250), 0),
}
"""File: sample, its box (left, top, right, bottom), quality. The weights being what they are, each takes 65 KB."""
DERIVED = (
    "base-2-3-3",
    "base-2-3-12",
    "base-4-3-6",
    "base-1-stage",
    "base-2-stages",
    "base-4-stages",
    "base-no-fusion",
    "base-unshared",
    "base-psi-2-3-3",
    "lite-2-3-3",
    "base-charm",
    "base-dcvc-dc",
    "quad-prior",
)
"""Variants of which a tile each is kept, with few channels and weights from the formula."""


def pixels_of(name: str) -> np.ndarray:
    sample, box, _ = PICTURES[name]
    with Image.open(resource(f"samples/{sample}.png")) as image:
        pixels = np.array(image.convert("L" if name.startswith("grey") else "RGB").crop(box))
    return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    digests = {}
    with patch.object(codec, "load", lambda _: formula_lite()):
        for name, (_, _, quality) in PICTURES.items():
            path = FOLDER / f"{name}.hpcm"
            if not path.exists():
                encoded = codec.encode(Picture(pixels_of(name)), Recipe(quality=quality), reconstruct=False)
                path.write_bytes(encoded.data)
            digests[name] = latents_digest(decoded_latents(path.read_bytes(), ReferenceEngine()))
    y_hat, trace = drive(ExactEntropy(network(BASE), ReferenceEngine()), *wavy(BASE))
    digests["base"] = {"latents": latents_digest(y_hat), "requests": trace_digest(trace)}
    path = FOLDER / "digests.json"
    if path.exists():
        assert json.loads(path.read_text()) == digests, (
            "This version computes other latents than the one that wrote them."
        )
    path.write_text(json.dumps(digests, indent=1) + "\n")
    write_tiles()


@torch.inference_mode()
def write_tiles() -> None:
    """A tile of each derived variant, and what it decodes to."""
    digests = {}
    for variant in DERIVED:
        entropy = exact(calm(variant), ReferenceEngine())
        path = FOLDER / f"{variant}.tile"
        if not path.exists():
            y, _ = wavy(small(variant))
            path.write_bytes(pack_tile(encode_tile(entropy, y / 4, lambda: None).tile))
        tile = parse_tile(path.read_bytes(), entropy.streams)
        digests[variant] = latents_digest(decode_tile(entropy, tile, 16, 16, lambda: None).y_hat)
    path = FOLDER / "derived.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    assert before.items() <= digests.items(), "This version computes other latents than the one that wrote them."
    path.write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    main()
