"""Write what the golden files of profile 2 are in the bundled looks: python -m tests.golden.write_looks.

Again only where a look gets other weights, which no file depends on.
"""

from __future__ import annotations

import hashlib
import json
import os

import numpy as np
import numpy.typing as npt

from hpcm_core import codec
from hpcm_core.look import NATURAL
from hpcm_core.models.loading import with_look
from hpcm_core.models.rates import recorded_rate
from hpcm_core.progress import Job
from hpcm_core.resources import resource
from tests.golden.write_integer import FOLDER, digest, pictures

LIST = FOLDER / "looks.json"
BETWEEN = 77


def bundled_looks() -> dict[str, str]:
    """SHA-256 of the file of each look that comes with the program, by its name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(resource("models").glob("*.natural.safetensors"))
    }


def second_g_s(data: bytes) -> npt.NDArray[np.generic]:
    """What the look's g_s makes of a file, whatever the file's quality leaves of it."""
    file, model = codec.opened(data, Job())
    header, model = file.header, with_look(model)
    natural = model.family.decode(model, header, file.tiles, recorded_rate(header.quality, model.config), Job(), "cpu")
    assert natural.natural is not None
    return natural.natural(Job())


def main() -> None:
    os.environ["HPCM_DATA_DIR"] = os.devnull  # no look of one's own
    weights = bundled_looks()
    digests = {}
    for name in pictures() if weights else ():
        data = (FOLDER / f"{name}.hpcm").read_bytes()
        looks = {str(look): codec.decode(data, look=look).picture.pixels for look in (BETWEEN, NATURAL)}
        digests[name] = {look: digest(made) for look, made in (looks | {"g_s": second_g_s(data)}).items()}
    LIST.write_text(json.dumps({"weights": weights, "pixels": digests}, indent=1) + "\n")


if __name__ == "__main__":
    main()
