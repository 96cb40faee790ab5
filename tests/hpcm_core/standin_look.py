"""A look for the bundled model that nobody trained: another g_s, which says nothing of how looks look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hpcm_core.models import catalogue
from hpcm_core.models.weights import read_weights
from hpcm_core.resources import resource
from tests.hpcm_core.format.chunks import join, split

IDENTITY = "8d975ba75836a2e5"
"""Of the bundled Lite."""


def look_weights(seed: int = 1) -> dict[str, np.ndarray]:
    """The bundled g_s with every weight nearer to zero, by up to an eighth: never beyond what sums may reach."""
    draw = np.random.default_rng(seed)
    bundled = read_weights(resource("models/lite.safetensors"))
    made = {name: array for name, array in bundled.items() if name.startswith("g_s.")}
    for name, array in made.items():
        if name.endswith(".weight"):
            part = draw.integers(0, 33, array.shape)
            made[name] = (array - array.astype(np.int64) * part // 256).astype(np.int16)
    return made


def without_bundled_looks(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Within this process the bundled models are there without their looks."""
    (folder / "models").mkdir(parents=True)
    for path in resource("models").glob("*.safetensors"):
        if not path.stem.endswith(".natural"):
            (folder / "models" / path.name).symlink_to(path)
    monkeypatch.setattr(catalogue, "_bundled", lambda name: folder / f"models/{name}.safetensors")


def install_look(folder: Path, weights: dict[str, np.ndarray] | None = None, model_hash: str = IDENTITY) -> Path:
    """Beside imported models, HPCM_DATA_DIR being `folder`, where it goes before a bundled one; gives the file."""
    path = folder / "models" / "lite.natural.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(look_weights() if weights is None else weights, path, {"look": "natural", "model_hash": model_hash})
    return path


def wishing(data: bytes, payload: bytes) -> bytes:
    chunks = split(data)
    return join([chunks[0], (b"look", payload), *chunks[1:]])
