"""Write the golden files of profile 3: python -m tests.golden.write_lossless_integers. What is there already is never
written again.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

from hpcm_core.models.lossless import reference
from hpcm_core.models.lossless.config import CONFIGS
from hpcm_core.models.lossless.integers import Integers
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.resources import resource
from tests.paths import ROOT

FOLDER = ROOT / "tests/golden/lossless-integers"
LIST = FOLDER / "digests.json"
VARIANT = "lossless-m"
WEIGHTS = f"{VARIANT}@64bc53c7baad2490"
"""The first that were bundled, for good: no training of later ones changes these files."""


def tiles() -> dict[str, reference.Samples]:
    """A photograph, and what lies as far from one as samples can; the same in grey and of 16 bits."""
    photo = Picture.open(ROOT / "resources/samples/chelsea.png").rgb()[90:122, 140:180]
    rows, columns, colours = np.indices((24, 20, 3))
    hard = np.where((rows * 7 + columns * 3 + colours * 5) % 11 < 4, 255, (rows * columns * 37 + colours * 91) % 256)
    made: dict[str, reference.Samples] = {"photograph": np.ascontiguousarray(photo), "hard": hard.astype(np.uint8)}
    for name, samples in [*made.items()]:
        rows, columns, colours = np.indices(samples.shape)
        between = rows * 131 + columns * 59 + colours * 23  # of two levels of 8 bits
        ends = (samples == 0) | (samples == 255)
        deep = np.where(ends, samples * 257.0, samples * 256.0 + between % 256).astype(np.uint16)
        made["grey-" + name] = np.ascontiguousarray(samples[:, :, 1:2])
        made["deep-" + name], made["deep-grey-" + name] = deep, np.ascontiguousarray(deep[:, :, 1:2])
    return made


def model(name: str = WEIGHTS) -> Integers:
    """That of the golden files; VARIANT is today's."""
    return Integers.of(CONFIGS[VARIANT], read_weights(resource(f"models/{name}.safetensors")))


def digests(integers: Integers, samples: reference.Samples) -> dict[str, str]:
    """SHA-256 of what the network says as little-endian int32, and of the stream."""
    head, prediction = reference.heads(integers, samples)
    parts = {"head": head.astype("<i4").tobytes(), "prediction": prediction.astype("<i4").tobytes()}
    parts["stream"] = reference.encode_tile(integers, samples)
    return {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    integers = model()
    known = json.loads(LIST.read_text("utf-8")) if LIST.exists() else {}
    found = {name: known.get(name) or digests(integers, samples) for name, samples in tiles().items()}
    LIST.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
