"""The analysis and synthesis transforms over a whole picture, in windows that see across each other's borders.

What a window computes equals what the whole picture would give, to float rounding, so that memory is bounded by the
window and no seam can show. Pictures are padded to whole tiles by repeating the last row and column, which costs
no copy: a window reads the padding by clipped indices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hpcm_core.entropy.streams import Report, empty_latents
from hpcm_core.format.header import Header
from hpcm_core.picture.picture import Picture
from hpcm_core.transform.placed import Codec, computing_on, transforms_on
from hpcm_core.transform.tiling import Grid, Span, Window, windows

CPU = torch.device("cpu")
Rate = float | Tensor
"""One for the whole picture, or, HxW, one for each latent: of a model of variable rate its position q, of others how
often the gain is doubled.
"""


def analyse(network: Codec, picture: Picture, cut: Grid, q: Rate, report: Report, device: torch.device = CPU) -> Tensor:
    """Latents y of the padded picture: 1xMxhxw as `cut` says, float32, on the processor.

    device: where the transform runs. Raises DeviceError.
    """
    transforms = transforms_on(network, device)
    config = network.config
    y = torch.from_numpy(empty_latents(config.latent_channels, cut.height, cut.width))
    grid = windows(cut.height, cut.width, config.window, config.halo)
    for i, window in enumerate(grid):
        report(i / len(grid))
        x = _padded_pixels(picture, _pixels(window.outer_rows, cut), _pixels(window.outer_columns, cut))
        at, gain = _local(config, q, window, device)
        with computing_on(device):
            outer = transforms.analysis(x.to(device), at).cpu() * gain
        rows, columns = _inside(window.rows, window.outer_rows), _inside(window.columns, window.outer_columns)
        y[..., window.rows.slice, window.columns.slice] = outer[..., rows, columns]
    return y


def synthesize(
    network: Codec,
    y_hat: Tensor,
    header: Header,
    cut: Grid,
    q: Rate,
    report: Report,
    device: torch.device = CPU,
) -> npt.NDArray[np.generic]:
    """Pixels from latents: H x W x C as the header says, uint8 or uint16. device: where the transform runs.

    Raises DeviceError.
    """
    transforms = transforms_on(network, device)
    config = network.config
    dtype = np.uint8 if header.bit_depth == 8 else np.uint16
    pixels = np.empty((header.height, header.width, header.channels), dtype)
    grid = windows(cut.height, cut.width, config.window, config.halo)
    for i, window in enumerate(grid):
        report(i / len(grid))
        seen = y_hat[..., window.outer_rows.slice, window.outer_columns.slice]
        at, gain = _local(config, q, window, device)
        with computing_on(device):
            outer = transforms.synthesis((seen / gain).to(device), at)[0].cpu()
        rows, columns = _pixels(window.rows, cut), _pixels(window.columns, cut)
        height, width = min(rows.stop, header.height) - rows.start, min(columns.stop, header.width) - columns.start
        if height <= 0 or width <= 0:
            continue
        top = (window.rows.start - window.outer_rows.start) * cut.stride
        left = (window.columns.start - window.outer_columns.start) * cut.stride
        x_hat = outer[:, top : top + height, left : left + width]
        if header.channels == 1:
            x_hat = x_hat.mean(dim=0, keepdim=True)
        samples = (x_hat.clamp(0, 1) * float(np.iinfo(dtype).max)).round_().permute(1, 2, 0).contiguous().numpy()
        pixels[rows.start : rows.start + height, columns.start : columns.start + width] = samples.astype(dtype)
    return pixels


def _local(config: Any, q: Rate, window: Window, device: torch.device) -> tuple[Rate, Rate]:
    """What a window's transform takes as its rate, and the gain on the latents that it does not know of."""
    if not isinstance(q, Tensor):
        return q, 1.0
    part = q[window.outer_rows.slice, window.outer_columns.slice]
    if config.rates == "variable":
        return part.unsqueeze(0).to(device), 1.0
    return 0.0, torch.exp2(part)


def _padded_pixels(picture: Picture, rows: Span, columns: Span) -> Tensor:
    """A range of pixels as 1x3xHxW in [0, 1]; beyond the picture its last row and column repeat."""
    y = np.minimum(np.arange(*rows), picture.height - 1)
    x = np.minimum(np.arange(*columns), picture.width - 1)
    block = picture.rgb()[y[:, np.newaxis], x].astype(np.float32)
    # H x W x 3 in memory is what channels_last means by 3xHxW, so the network gets its preferred layout without a copy.
    return torch.from_numpy(block).div_(float(np.iinfo(picture.pixels.dtype).max)).permute(2, 0, 1).unsqueeze(0)


def _pixels(latents: Span, cut: Grid) -> Span:
    return Span(latents.start * cut.stride, latents.stop * cut.stride)


def _inside(inner: Span, outer: Span) -> slice:
    return slice(inner.start - outer.start, inner.stop - outer.start)
