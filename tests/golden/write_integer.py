"""Write the golden files of profile 2: python -m tests.golden.write_integer. Never again once they are released."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import numpy.typing as npt

from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.paths import ROOT

FOLDER = ROOT / "tests/golden/integer"


def _photo(height: int, width: int) -> npt.NDArray[np.uint8]:
    return Picture.open(ROOT / "resources/samples/astronaut.png").pixels[40 : 40 + height, 180 : 180 + width]


def pictures() -> dict[str, tuple[Picture, int]]:
    """Name: picture and quality."""
    photo = _photo(137, 90)
    return {
        "colour-q70": (Picture(photo), 70),
        "deep-q100": (Picture(photo[:48, :64].astype(np.uint16) * 257), 100),
        "grey-q0": (Picture(photo[..., 1:2], alpha=photo[..., 0]), 0),
    }


def digest(pixels: npt.NDArray[np.generic]) -> str:
    """SHA-256 of samples, little-endian, row by row."""
    return hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    digests = {}
    for name, (picture, quality) in pictures().items():
        encoded = codec.encode(picture, Recipe(quality=quality))
        (FOLDER / f"{name}.hpcm").write_bytes(encoded.data)
        assert encoded.reconstruction is not None
        digests[name] = digest(encoded.reconstruction.pixels)
    (FOLDER / "digests.json").write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    main()
