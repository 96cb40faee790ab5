"""The loss against a naive formula and finite differences; rates and their weights."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_msssim import ms_ssim

from hpcm_core.entropy import ggm
from hpcm_core.entropy.model import drive
from hpcm_core.models.hpcm import sampling
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import down, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, SCHEDULES
from hpcm_core.models.hyperprior.network import gain
from hpcm_core.models.rates import q_to_lambda
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loss import RateDistortion, Rates, draw_rates
from hpcm_core.transform.relaxed import Noise, draw_noise, straight_through_round
from tests.hpcm_core.models.hpcm.drive import forward
from tests.hpcm_core.training.tiny import TINY, TINY_FIXED


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = HPCM(TINY).double()
    with torch.no_grad():
        network.rate_gain_enc.copy_(torch.randn(3, 32) * 0.3 + 2)
        network.rate_gain_dec.copy_(-network.rate_gain_enc)
    return network


def rates(*q):
    count = len(q)
    return Rates(torch.tensor(q).double(), torch.full((count,), 0.01).double(), torch.ones(count).double())


def picture(batch=1, side=256):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def test_rounded_loss_is_what_the_codec_pays(network):
    """Without noise: the same bits and reconstruction as the drive of the codec's tests."""
    x = picture()
    terms = RateDistortion(HPCM_FAMILY, network)(x, rates(1.25))
    run = forward(network, x, 1.25)
    pixels = 256 * 256
    assert terms.bpp.item() == pytest.approx((run.bits_y + run.bits_z) / pixels, rel=1e-6)
    assert terms.bpp_z.item() == pytest.approx(run.bits_z / pixels, rel=1e-6)
    x_hat = (255 * run.x_hat.clamp(0, 1)).round() / 255
    mse = (x_hat - x).square().mean().item()
    assert terms.mse.item() == pytest.approx(mse, rel=1e-6)
    assert terms.loss.item() == pytest.approx(0.01 * 255**2 * mse + terms.bpp.item(), rel=1e-6)


def test_noisy_loss_against_the_formula(network):
    """Likelihoods of noisy latents, step by step from the masks of the schedule; reconstruction from rounded ones."""
    x, noise = picture(), draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))
    noise = Noise(*(part.double() for part in noise))
    terms = RateDistortion(HPCM_FAMILY, network)(x, rates(0.5), noise)
    y = network.analysis(x, 0.5)
    z = network.h_a(y)
    bits = -torch.log2(ggm.likelihood(z - network.means_hyper + noise.z, network.scales_hyper)).sum()
    planes = {3: (y, noise.y)}
    planes[2] = tuple(down(plane, DOWN_TO_2) for plane in planes[3])
    planes[1] = tuple(down(plane, DOWN_TO_1) for plane in planes[2])
    coded = 0

    def answer(params):
        nonlocal bits, coded
        latents, noises = (pack(plane, params.step.sampling) for plane in planes[params.step.scale])
        residual = latents - params.means
        coded += residual.numel()
        bits -= torch.log2(ggm.likelihood(residual + noises, params.scales)).sum()
        return residual.round() + params.means

    hyper = network.h_s((z - network.means_hyper).round() + network.means_hyper)
    y_hat = drive(network.steps(hyper), answer)
    assert coded == y.numel()
    mse = (network.synthesis(y_hat, 0.5) - x).square().mean()
    assert terms.bpp.item() == pytest.approx(bits.item() / 256**2, rel=1e-6)
    assert terms.mse.item() == pytest.approx(mse.item(), rel=1e-6)


def test_gradients_of_the_likelihood_against_differences():
    values = torch.tensor([-30.0, -3.2, -0.5, -0.1, 0.0, 0.2, 0.5, 1.4, 7.0], dtype=torch.double, requires_grad=True)
    for scale in (0.3, 1.0, 6.0):
        scales = torch.full_like(values, scale, requires_grad=True)
        inside = ggm.likelihood(values, scales) > 1e-8
        gradients = torch.autograd.grad(torch.log(ggm.likelihood(values, scales)).sum(), (values, scales))
        step = 1e-5
        for gradient, delta in zip(gradients, ((step, 0), (0, step)), strict=True):
            upper = torch.log(ggm.likelihood(values + delta[0], scales + delta[1]))
            lower = torch.log(ggm.likelihood(values - delta[0], scales - delta[1]))
            wanted = (upper - lower) / (2 * step)
            assert torch.allclose(gradient[inside], wanted[inside], rtol=1e-4, atol=1e-6)
        assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_rounding_passes_gradients():
    x = torch.tensor([-1.5, -0.4, 0.5, 2.6], requires_grad=True)
    rounded = straight_through_round(x)
    assert torch.allclose(rounded, torch.tensor([-2.0, 0.0, 0.0, 3.0]))
    (3 * rounded).sum().backward()
    assert torch.equal(x.grad, torch.full((4,), 3.0))


def test_every_parameter_learns(network):
    noise = Noise(*(part.double() for part in draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))))
    RateDistortion(HPCM_FAMILY, network)(picture(), rates(1.5), noise).loss.backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not idle


def test_decoder_gain_against_differences(network):
    """The whole path from a parameter behind all rounding to the loss."""
    noise = Noise(*(part.double() for part in draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))))
    module, x = RateDistortion(HPCM_FAMILY, network), picture()
    module(x, rates(1.5), noise).loss.backward()
    for index in ((1, 3), (2, 7)):
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                network.rate_gain_dec[index] += sign * 1e-4
                losses.append(module(x, rates(1.5), noise).loss.item())
                network.rate_gain_dec[index] -= sign * 1e-4
        assert network.rate_gain_dec.grad[index].item() == pytest.approx((losses[0] - losses[1]) / 2e-4, rel=1e-4)


def test_a_batch_of_rates_is_each_rate_alone(network):
    x = picture(3)
    module = RateDistortion(HPCM_FAMILY, network)
    together = module(x, rates(0.0, 1.7, 2.0))
    for i, q in enumerate((0.0, 1.7, 2.0)):
        alone = module(x[i : i + 1], rates(q))
        assert together.bpp[i].item() == pytest.approx(alone.bpp.item(), rel=1e-9)
        assert together.mse[i].item() == pytest.approx(alone.mse.item(), rel=1e-9)
        assert torch.allclose(gain(network.rate_gain_enc, torch.tensor([q]).double()), gain(network.rate_gain_enc, q))


def test_ms_ssim_loss():
    torch.manual_seed(0)
    network, x = HPCM(TINY_FIXED), picture().float()
    terms = RateDistortion(HPCM_FAMILY, network, "ms-ssim")(x, Rates(*(torch.full((1,), v) for v in (0.0, 8.73, 1.0))))
    x_hat = (255 * forward(network, x).x_hat.clamp(0, 1)).round() / 255
    structure = ms_ssim(x_hat, x, data_range=1.0).item()
    assert terms.loss.item() == pytest.approx(8.73 * (1 - structure) + terms.bpp.item(), rel=1e-4)


def test_a_part_of_ms_ssim(network):
    x = picture()
    mse, mixed, structure = (
        RateDistortion(HPCM_FAMILY, network, "mse", ms_ssim_part=part)(x, rates(2.0)) for part in (0.0, 0.25, 1.0)
    )
    assert mixed.distortion.item() == pytest.approx(0.75 * mse.distortion.item() + 0.25 * structure.distortion.item())
    assert mixed.loss.item() == pytest.approx(0.01 * mixed.distortion.item() + mixed.bpp.item())
    x_hat = forward(network, x, 2.0).x_hat
    grey = [(t * torch.tensor([0.2126, 0.7152, 0.0722]).view(1, 3, 1, 1)).sum(1, keepdim=True) for t in (x_hat, x)]
    wanted = 2.4 / 0.0018 * (1 - ms_ssim(*grey, data_range=1.0).item())
    assert structure.distortion.item() == pytest.approx(wanted, rel=1e-3)


def test_rates_are_spread_and_balanced():
    config = TrainingConfig(steps=1)
    drawn = draw_rates(config, 64, torch.Generator().manual_seed(0))
    for q, lmbda in zip(drawn.q.tolist(), drawn.lmbda.tolist(), strict=True):
        assert lmbda == pytest.approx(q_to_lambda(q, LITE.rate_lambdas), rel=1e-5)
    span = math.log(LITE.rate_lambdas[-1] / LITE.rate_lambdas[0])
    strata = np.floor(64 * np.log(drawn.lmbda.numpy() / LITE.rate_lambdas[0]) / span)
    assert sorted(strata) == list(range(64)), "one in each stratum"
    assert drawn.weight.mean().item() == pytest.approx(1, rel=0.02)
    ratio = drawn.weight / drawn.lmbda**-0.5
    assert ratio.max().item() == pytest.approx(ratio.min().item(), rel=1e-4)


def test_fixed_rate():
    drawn = draw_rates(TrainingConfig(variant="base", lambdas=(0.013,), steps=1), 4, torch.Generator())
    assert drawn.lmbda.tolist() == pytest.approx([0.013] * 4)
    assert drawn.weight.tolist() == [1.0] * 4


STEPS = {(name, step.number): step for name, schedule in SCHEDULES.items() for step in schedule.steps}


@pytest.mark.parametrize("step", STEPS.values(), ids=(f"{name}:{number}" for name, number in STEPS))
def test_moves_are_transposes_of_each_other(step):
    """<pack x, p> = <x, unpack p>, so each is the gradient of the other."""
    generator = torch.Generator().manual_seed(step.number)
    x = torch.randn(2, 16, 8, 12, generator=generator, dtype=torch.double, requires_grad=True)
    packed = pack(x, step.sampling)
    p = torch.randn(packed.shape, generator=generator, dtype=torch.double)
    (gradient,) = torch.autograd.grad((packed * p).sum(), x)
    assert torch.equal(gradient, unpack(p, step.sampling))


@pytest.mark.parametrize("sampling", [DOWN_TO_1, DOWN_TO_2])
def test_gradients_of_down_and_up(sampling):
    x = torch.randn(1, 8, 4, 4, dtype=torch.double, requires_grad=True)
    into = torch.randn(1, 8, 8, 8, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a: down(a, sampling), x)
    assert torch.autograd.gradcheck(lambda a: up(a, sampling), x)
    assert torch.autograd.gradcheck(lambda a, b: up(a, sampling, into=b), (x, into))


def test_published_fill_learns():
    """Training the published variants goes through the fill that their weights need."""
    torch.manual_seed(0)
    network = HPCM(replace(TINY_FIXED, aligned_fill=False))
    noise = draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))
    fixed = Rates(torch.zeros(1), torch.full((1,), 0.01), torch.ones(1))
    RateDistortion(HPCM_FAMILY, network)(picture().float(), fixed, noise).loss.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_compiles_as_one_graph(network):
    """torch.compile takes the whole forward pass, the context model's generator too, without a break, and its
    gradients; and takes it once.
    """
    from torch._dynamo.testing import CompileCounterWithBackend  # seconds, which no other test needs

    module, x = RateDistortion(HPCM_FAMILY, network, ms_ssim_part=0.5), picture()
    noise = Noise(*(values.double() for values in draw_noise(network.config, 1, 256, torch.Generator().manual_seed(2))))
    sampling._PART_OF.clear()
    HPCM_FAMILY.prepare(network.config, 256, torch.device("cpu"))
    made = dict(sampling._PART_OF)
    counter = CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(module, backend=counter, fullgraph=True, dynamic=False)
    wanted = module(x, rates(1.5), noise).loss
    wanted.backward()
    gradients = [p.grad.clone() for p in network.parameters()]
    for _ in range(2):
        network.zero_grad()
        loss = compiled(x, rates(1.5), noise).loss
        loss.backward()
        assert loss.item() == pytest.approx(wanted.item())
        assert all(torch.allclose(p.grad, g) for p, g in zip(network.parameters(), gradients, strict=True))
    assert counter.frame_count == 1
    assert made == sampling._PART_OF, "nothing was missing"
