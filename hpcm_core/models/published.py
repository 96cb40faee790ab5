"""The checkpoints that the authors of HPCM have published: which there are, where, and what to expect of each.

resources/checkpoints.json lists them, resources/rd/published.json has their figures. Importing this module imports no
torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from hpcm_core.resources import resource

LAMBDAS = {"mse": (0.0018, 0.0035, 0.0067, 0.013, 0.025, 0.0483), "ms-ssim": (2.4, 4.58, 8.73, 16.64, 31.73, 60.5)}
"""Of the models with a published curve, in the order of resources/rd/published.json."""
_PARAMETER_BYTES = 4


class Expected(NamedTuple):
    """Means over the Kodak pictures. decibels: PSNR, or MS-SSIM where the model was trained for that."""

    bpp: float
    decibels: float


@dataclass(frozen=True)
class Published:
    """One of the authors' checkpoints.

    page: where a browser finds it; kmac: thousands of multiply-accumulates a pixel, as models/macs.py counts;
    expected: None where its authors give no figures.
    """

    name: str
    variant: str
    metric: str
    lmbda: float
    page: str
    licence: str
    parameters: int
    kmac: float
    expected: Expected | None

    @property
    def size(self) -> int:
        """Bytes on the disk when it is installed, but for a head of some kB."""
        return self.parameters * _PARAMETER_BYTES


def model_name(variant: str, metric: str, lmbda: float | None) -> str:
    """The name of a model, as files and recipes carry it."""
    return variant if lmbda is None else f"{variant}-{metric}-{lmbda:g}"


def expected(variant: str, metric: str, lmbda: float) -> Expected | None:
    """What the authors give for a model; None where they give nothing."""
    curve = _curves().get(f"{variant}_{metric.replace('-', '')}")
    if curve is None or lmbda not in LAMBDAS[metric]:
        return None
    at = LAMBDAS[metric].index(lmbda)
    return Expected(curve["bpp"][at], curve["psnr" if metric == "mse" else "msssim_db"][at])


def page_of_authors() -> str:
    """Where the authors tell of their models."""
    return str(_listed()["source"])


@cache
def published() -> dict[str, Published]:
    """All of them by the name of their model, in the order of variant, metric and lambda."""
    listed = _listed()
    variants = list(listed["variants"])
    entries = sorted(
        listed["checkpoints"],
        key=lambda entry: (variants.index(entry["variant"]), entry["metric"] != "mse", entry["lambda"]),
    )
    found = [_read(entry, listed) for entry in entries]
    return {one.name: one for one in found}


def _read(entry: dict[str, Any], listed: dict[str, Any]) -> Published:
    key = entry["variant"], entry["metric"], entry["lambda"]
    cost = listed["variants"][entry["variant"]]
    return Published(
        model_name(*key),
        *key,
        page=f"https://drive.google.com/file/d/{entry['google_drive_id']}",
        licence=listed["licence"],
        parameters=cost["parameters"],
        kmac=cost["kmac_per_pixel"],
        expected=expected(*key),
    )


@cache
def _listed() -> dict[str, Any]:
    listed: dict[str, Any] = json.loads(resource("checkpoints.json").read_text("utf-8"))
    return listed


@cache
def _curves() -> dict[str, dict[str, list[float]]]:
    kodak: dict[str, dict[str, list[float]]] = json.loads(resource("rd/published.json").read_text("utf-8"))["kodak"]
    return kodak
