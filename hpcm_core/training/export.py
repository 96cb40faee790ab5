"""From a run to a model that others can use: averaged weights as safetensors, and a card that says what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from hpcm_core.errors import ModelError
from hpcm_core.files import atomic_write, writing
from hpcm_core.models.published import model_name
from hpcm_core.models.weights import IDENTITY_BYTES, identity
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.validation import Point

SMALL = 4096
"""Elements: tensors up to this size stay float32, which costs next to nothing and keeps gains and biases exact."""


def stored(network: nn.Module) -> dict[str, Tensor]:
    """The weights as they are stored: float16 where a tensor has over 4096 elements. Raises ModelError where a weight
    is not finite or does not fit float16.
    """
    tensors = {}
    for name, value in network.state_dict().items():
        tensor = value.detach().float().cpu().contiguous()
        tensors[name] = tensor.half() if tensor.numel() > SMALL else tensor
        if not torch.isfinite(tensors[name]).all():
            raise ModelError("The weights {name} are not finite or too large to be stored.", name=name)
    return tensors


def export(
    folder: Path, network: nn.Module, config: TrainingConfig, notes: Mapping[str, str], points: Sequence[Point]
) -> Path:
    """Write <model name>.safetensors and CARD.md to `folder`; returns the path of the weights. Raises HpcmError."""
    tensors = stored(network)
    name = model_name(config.variant, config.metric, config.lambdas[0] if config.fixed_rate else None)
    lambdas = ",".join(f"{value:g}" for value in config.lambdas)
    path = folder / f"{name}.safetensors"
    metadata = {"variant": config.variant, "metric": config.metric, "lambda": lambdas}
    hashed = identity(tensors, config.family.arithmetic(config.network))[:IDENTITY_BYTES].hex()
    with writing(path):
        atomic_write(path, save(tensors, metadata))
    with writing(folder / "CARD.md"):
        atomic_write(folder / "CARD.md", card(name, hashed, config, notes, points).encode())
    return path


def _purpose(config: TrainingConfig) -> str:
    if config.lossless:
        return "no loss at all"
    return f"{config.metric}, lambda {', '.join(f'{value:g}' for value in config.lambdas)}"


def card(
    name: str, identity_hex: str, config: TrainingConfig, notes: Mapping[str, str], points: Sequence[Point]
) -> str:
    """A model card to fill in: what the run knows about itself, and headings for what only its maker knows."""
    facts = {
        "Identity": f"`{identity_hex}`",
        "Variant": config.variant,
        "Trained for": _purpose(config)
        + (f"; {config.ms_ssim_part:g} of the distortion is MS-SSIM" if config.ms_ssim_part else "")
        + ("; the perceptual stage's distortion" if config.perceptual else "")
        + ("; the natural look" if config.natural else "")
        + (f"; up to {config.highest:g}" if config.highest else ""),
        **notes,
        "Batch": f"{config.batch} crops of {config.crop} x {config.crop}"
        + (f", {config.late_batch} of {config.late_crop} x {config.late_crop} late" if config.late_crop else ""),
        "Optimizer": f"{config.optimizer}, learning rate {config.learning_rate:g}, {config.schedule}",
        "Weights": f"average with decay {config.ema:g}; {config.precision} training",
    }
    lines = [f"# {name}", "", "| | |", "| --- | --- |", *(f"| {key} | {value} |" for key, value in facts.items()), ""]
    lines += ["## Data and licence", "", "Say here which pictures these are, their licences, and that of the weights."]
    if points and config.lossless:
        lines += ["", "## Rate", "", "On the validation pictures, by estimated bits, without headers."]
        lines += ["", "| bits per pixel | bits per sample |", "| --- | --- |"]
        lines += [f"| {p.bpp:.4f} | {p.bpp / 3:.4f} |" for p in points]
    elif points:
        lines += ["", "## Rate and distortion", "", "On the validation pictures, by estimated bits, without headers."]
        lines += ["", "| lambda | bpp | PSNR (dB) |", "| --- | --- | --- |"]
        lines += [f"| {p.lmbda:g} | {p.bpp:.4f} | {p.psnr:.2f} |" for p in points]
    lines += ["", "## Configuration", "", "```json", config.to_json(), "```", ""]
    return "\n".join(lines)
