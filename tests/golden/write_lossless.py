"""Write tests/golden/lossless: files without loss, which every later JPEG XL and every later coder of ours must decode
to the same samples. What is there already is never written again.

.venv/bin/python -m tests.golden.write_lossless
"""

from __future__ import annotations

import json

import numpy as np

from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.golden.write_integer import digest
from tests.learned import alone
from tests.paths import ROOT

FOLDER = ROOT / "tests" / "golden" / "lossless"
LIST = FOLDER / "lossless.json"


def pictures() -> dict[str, Picture]:
    """Small ones with a little noise, by depth and channels; the second and the last of two tiles, alpha as named."""
    made = {}
    draw = np.random.default_rng(19)
    for name, bits, shape, alpha in (
        ("colour", 8, (40, 48, 3), False),
        ("two-tiles", 8, (3, 1030, 1), False),
        ("deep-alpha", 16, (24, 20, 3), True),
        ("deep-grey", 16, (24, 20, 1), False),
        ("learned", 8, (40, 48, 3), False),
        ("learned-tiles-alpha", 8, (3, 260, 3), True),
        ("learned-grey", 8, (40, 48, 1), False),
        ("learned-equal-colours", 8, (40, 48, 3), False),
        ("learned-deep-alpha", 16, (24, 20, 3), True),
        ("learned-deep-grey-tiles", 16, (3, 260, 1), False),
    ):
        y, x, c = np.mgrid[: shape[0], : shape[1], : shape[2]]
        most = (1 << bits) - 1
        smooth = most * (0.5 + 0.3 * np.sin(x / 9 + c) * np.cos(y / 7)) + draw.normal(0, most / 100, shape)
        samples = np.clip(smooth, 0, most).astype(f"u{bits // 8}")
        if "equal" in name:
            samples = np.repeat(samples[:, :, :1], 3, axis=2)
        made[name] = Picture(samples, samples[:, :, 0] // 2 if alpha else None)
    return made


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    said = json.loads(LIST.read_text("utf-8")) if LIST.exists() else {}
    for name, picture in pictures().items():
        if name in said:
            continue
        recipe = Recipe("lossless-m" if name.startswith("learned") else "lossless")
        with alone():
            data = codec.encode(picture, recipe, reconstruct=False).data
        (FOLDER / f"{name}.hpcm").write_bytes(data)
        said[name] = {"pixels": digest(picture.pixels)}
        if picture.alpha is not None:
            said[name]["alpha"] = digest(picture.alpha)
    LIST.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
