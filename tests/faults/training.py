"""Training as an operation that faults are tried on."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from tests.faults.operation import Files, Operation, hpcm, is_object


class Train(Operation):
    """Two steps of a tiny network, each with its checkpoint; then what is left of them with --resume."""

    most = 12

    def prepare(self) -> None:
        from hpcm_core.cli import train  # noqa: F401
        from hpcm_core.models.hpcm.config import CONFIGS
        from hpcm_core.training import loop  # noqa: F401
        from tests.hpcm_core.training.tiny import TINY

        CONFIGS["lite"] = TINY

    def setup(self) -> None:
        from tests.hpcm_core.training.tiny import save_pictures

        save_pictures(Path("pictures"), 1, 256, 256)

    def run(self) -> None:
        self._train()

    def again(self) -> None:
        self._train(*(("--resume",) if Path("run/checkpoint.pt").exists() else ()))

    def _train(self, *more: str) -> None:
        options = {} if more else {"steps": 2, "batch": 1, "start": "random", "precision": "float32"}
        every = ("--log-every", "1", "--save-every", "1", "--validation", "pictures", "--device", "cpu")
        hpcm("train", "pictures", "-o", "run", *every, *more, *(f"--{k}={v}" for k, v in options.items()))

    def normal(self, name: str, data: bytes) -> object:
        if name == "run/checkpoint.pt":
            saved = _checkpoint(data)
            return saved and {key: saved[key] for key in saved.keys() - {"seconds"}}
        if name == "run/log.jsonl":
            return [_without_time(line) for line in dict.fromkeys(data.splitlines()) if is_object(line)]
        if name == "run/CARD.md":
            return [line for line in data.splitlines() if not line.startswith(b"| Hours")]
        if name == "run/progress.svg":
            return data.startswith(b"<svg") and data.rstrip().endswith(b"</svg>")
        return data

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        if name == "run/checkpoint.pt":
            return bool(_checkpoint(data))
        whole = self.normal(name, expected[name])
        found = self.normal(name, data)
        return name == "run/log.jsonl" and isinstance(whole, list) and whole[: len(found)] == found


def _checkpoint(data: bytes) -> dict[str, Any]:
    """What is in a training's checkpoint, tensors by their bytes; empty for none."""
    import torch

    def plain(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.numpy().tobytes()
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value

    try:
        found: dict[str, Any] = plain(torch.load(io.BytesIO(data), weights_only=True))
    except Exception:
        return {}
    return found


def _without_time(line: bytes) -> dict[str, Any]:
    return {key: value for key, value in json.loads(line).items() if key != "seconds"}
