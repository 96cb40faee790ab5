"""Write the golden files of profile 3: python -m tests.golden.write_lossless_integers. Never again once released."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import numpy.typing as npt

from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.config import CONFIGS
from hpcm_core.models.lossless.integers import Integers
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from tests.paths import ROOT

FOLDER = ROOT / "tests/golden/lossless-integers"
VARIANT = "lossless-m"


def tiles() -> dict[str, npt.NDArray[np.uint8]]:
    """A photograph, and what lies as far from one as samples can."""
    photo = Picture.open(ROOT / "resources/samples/chelsea.png").rgb()[90:122, 140:180]
    rows, columns, colours = np.indices((24, 20, 3))
    hard = np.where((rows * 7 + columns * 3 + colours * 5) % 11 < 4, 255, (rows * columns * 37 + colours * 91) % 256)
    return {"photograph": np.ascontiguousarray(photo), "hard": hard.astype(np.uint8)}


def model() -> Integers:
    """The bundled one."""
    return Integers.of(CONFIGS[VARIANT], read_weights(resource(f"models/{VARIANT}.safetensors")))


def digests(integers: Integers, samples: npt.NDArray[np.uint8]) -> dict[str, str]:
    """SHA-256 of what the network says as little-endian int32, and of the stream."""
    head, prediction = reference.heads(integers, samples)
    parts = {"head": head.astype("<i4").tobytes(), "prediction": prediction.astype("<i4").tobytes()}
    parts["stream"] = reference.encode_tile(integers, samples)
    return {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    integers = model()
    found = {name: digests(integers, samples) for name, samples in tiles().items()}
    (FOLDER / "digests.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
