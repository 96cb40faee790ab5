"""From a trained model to a smaller one of the same kind, for a training to begin from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpcm_core.models.registry import trainable
from hpcm_core.training.quantization import read_network, varied_crops


def prune_model(path: Path, variant: str, smaller: str, folders: Sequence[Path], count: int, seed: int) -> Any:
    """The network of the variant `smaller` that does as nearly as it can what the weights of `variant` in a safetensors
    file do, fitted on `count` crops of the folders' pictures at rates from all over the range.

    Takes memory for the features of all crops, 25 MB each for Lite. Raises ModelError and PictureError.
    """
    family, config = trainable(variant)
    _, other = trainable(smaller)
    network = read_network(path, variant)
    return family.pruned(network, other, varied_crops(folders, count, seed, len(config.rate_lambdas) - 1.0))
