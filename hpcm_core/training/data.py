"""Training pictures: decoded once, cropped and flipped on the device.

What a step sees depends on the seed and on how many crops came before it, on nothing else: so a resumed run continues
exactly, and several processes, each of which takes its part of the joint batch, see what one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from hpcm_core.errors import PictureError
from hpcm_core.files import picture_files
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import to_8_bits
from hpcm_core.training.seeds import seeded

_WITHOUT_LOSS = frozenset({".png", ".tif", ".tiff", ".bmp"})
_DEVICE_SHARE = 0.4
"""Part of a device's free memory that pictures may take."""


def read_rgb(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """HxWx3 uint8, upright; grey becomes RGB, 16 bits become 8. Raises PictureError."""
    return to_8_bits(Picture.open(path).rgb())


class Crops:
    """A folder's pictures as one long row of pixels, from which whole batches of crops are gathered at once."""

    def __init__(self, folder: Path, smallest: int, seed: int, device: torch.device, least_zoom: float = 1.0) -> None:
        """least_zoom: by how much pictures are reduced at least whose files may have been written with loss.

        Raises PictureError for a folder without pictures, a picture that cannot be read, or one with a side under
        `smallest` pixels, times its least zoom.
        """
        files = picture_files(folder)
        zooms = [1.0 if path.suffix.lower() in _WITHOUT_LOSS else least_zoom for path in files]
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            pictures = list(pool.map(read_rgb, files))
        small = [
            path
            for path, pixels, zoom in zip(files, pictures, zooms, strict=True)
            if min(pixels.shape[:2]) < round(smallest * zoom)
        ]
        if small:
            raise PictureError(
                "{number} of {count} pictures in {folder} are too small for crops of {side} pixels a "
                "side, such as {name}.",
                number=len(small),
                count=len(files),
                folder=folder,
                side=smallest,
                name=small[0].name,
            )
        self.count = len(files)
        self.seed = seed
        self.device = device
        self._zooms = torch.tensor(zooms)
        self._sizes = torch.tensor([pixels.shape[:2] for pixels in pictures])
        areas = self._sizes.prod(dim=1)
        self._starts = areas.cumsum(0) - areas
        pixels = torch.empty((int(areas.sum()), 3), dtype=torch.uint8)
        for start, picture in zip(self._starts.tolist(), pictures, strict=True):
            flat = torch.from_numpy(np.ascontiguousarray(picture)).view(-1, 3)
            pixels[start : start + len(flat)] = flat
        self._pixels = pixels.to(device) if _fits(pixels.numel(), device) else pixels
        self._index = torch.int32 if len(pixels) < 2**31 else torch.int64

    def batch(self, first: int, count: int, side: int, part: slice = slice(None), zoom: float = 1.0) -> Tensor:
        """Crops number `first` to `first + count` of the run, or a part of them: float32 Bx3xHxW in [0, 1], channels
        last in memory.

        Every picture comes up once before any comes up again; place and flip are drawn for each crop. So is its size
        in the picture where there is a zoom: from `side` times the picture's least zoom to `zoom` times that, as far as
        the picture allows, even on the log scale and reduced to `side`.
        """
        numbers = range(first, first + count)[part]
        chosen = torch.tensor([self._order(n // self.count)[n % self.count] for n in numbers])
        drawn = torch.rand((count, 3), generator=seeded("cpu", self.seed, "crops", first))[part]
        sizes = self._sizes[chosen]
        powers = torch.rand(count, generator=seeded("cpu", self.seed, "zoom", first))[part]
        least = self._zooms[chosen]
        reach = torch.clamp(zoom / least, min=1.0)
        cut = torch.minimum((side * least * reach**powers).round().long(), sizes.amin(dim=1))
        room = sizes - cut[:, None] + 1
        corner = torch.minimum((drawn[:, :2] * room).long(), room - 1)
        start = self._starts[chosen] + corner[:, 0] * sizes[:, 1] + corner[:, 1]
        flip = drawn[:, 2] < 0.5
        # A flipped row is read from its right end.
        plan = torch.stack((start + flip * (cut - 1), sizes[:, 1], 1 - 2 * flip.long())).to(self._index)
        plan = plan.to(self._pixels.device, non_blocking=True)
        if zoom == 1 and bool((least == 1).all()):  # all of a size: one gather, which on a GPU is what counts
            return self._gather(plan, side).div_(255)
        crops = [_reduce(self._gather(plan[:, i : i + 1], own), side) for i, own in enumerate(cut.tolist())]
        return torch.cat(crops).div_(255)

    def _gather(self, plan: Tensor, side: int) -> Tensor:
        """3xB starts, widths of rows and directions to Bx3xHxW in [0, 255]."""
        start, widths, direction = plan[:, :, None, None]
        along = torch.arange(side, dtype=self._index, device=plan.device)
        index = start + along[:, None] * widths + along * direction
        crops = self._pixels.index_select(0, index.flatten()).view(plan.shape[1], side, side, 3)
        return crops.to(self.device, non_blocking=True).permute(0, 3, 1, 2).float()

    @lru_cache(maxsize=4)  # noqa: B019 - lives as long as the run
    def _order(self, epoch: int) -> list[int]:
        return torch.randperm(self.count, generator=seeded("cpu", self.seed, "epoch", epoch)).tolist()


def _reduce(crops: Tensor, side: int) -> Tensor:
    """Squares in [0, 255] to whole numbers on squares of `side` pixels, free of aliasing."""
    if crops.shape[-1] == side:
        return crops
    return F.interpolate(crops, (side, side), mode="bicubic", antialias=True).round_().clamp_(0, 255)


def _fits(size: int, device: torch.device) -> bool:
    return device.type != "cuda" or size < _DEVICE_SHARE * torch.cuda.mem_get_info(device)[0]


def read_whole(files: Sequence[Path]) -> list[Tensor]:
    """Pictures for validation, cut in their middle to multiples of 256 pixels: 1x3xHxW in [0, 1]. Raises PictureError
    for one that is smaller.
    """
    whole = []
    for path in files:
        pixels = read_rgb(path)
        height, width = (side // 256 * 256 for side in pixels.shape[:2])
        if not height or not width:
            raise PictureError(
                "{path} is too small to validate with: its sides must have 256 pixels at least.", path=path
            )
        top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
        cut = np.ascontiguousarray(pixels[top : top + height, left : left + width])
        whole.append(torch.from_numpy(cut).permute(2, 0, 1).unsqueeze(0).float().div_(255))
    return whole
