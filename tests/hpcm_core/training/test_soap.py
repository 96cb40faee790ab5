"""SOAP against a naive loop over single matrices in float64, and for what it is there for."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from hpcm_core.training import soap
from hpcm_core.training.soap import Soap


class Naive:
    """The paper's algorithm for one matrix, as it is written there."""

    def __init__(self, rate, betas, longest):
        self.rate, self.betas, self.longest, self.steps = rate, betas, longest, 0

    def step(self, weight, g):
        sides = [g @ g.T, g.T @ g]
        if self.steps == 0:
            self.covariances = sides
            self.bases = [
                torch.linalg.eigh(s).eigenvectors if len(s) <= self.longest else torch.eye(len(s)).double()
                for s in sides
            ]
            self.m, self.v = torch.zeros_like(g), torch.zeros_like(g)
            self.steps = 1
            return weight
        if self.steps % soap._OBSERVE_EVERY == 0:
            decay = soap._COVARIANCE_DECAY**soap._OBSERVE_EVERY
            self.covariances = [decay * c + (1 - decay) * s for c, s in zip(self.covariances, sides, strict=True)]
        left, right = self.bases
        b1, b2 = self.betas
        turned = left.T @ g @ right
        self.m = b1 * self.m + (1 - b1) * g  # in the weights' own coordinates
        self.v = b2 * self.v + (1 - b2) * turned**2
        m, v = left.T @ self.m @ right / (1 - b1**self.steps), self.v / (1 - b2**self.steps)
        weight = weight - self.rate * left @ (m / v.sqrt()) @ right.T
        if self.steps % soap._RENEW_EVERY == 0:
            for axis in (0, 1):
                covariance, basis = self.covariances[axis], self.bases[axis]
                if len(covariance) > self.longest:
                    continue
                order = torch.diag(basis.T @ covariance @ basis).argsort(descending=True)
                self.v = self.v.index_select(axis, order)
                self.bases[axis] = torch.linalg.qr(covariance @ basis[:, order]).Q
        self.steps += 1
        return weight


@pytest.mark.parametrize("shape", [(24, 40), (20, 16, 3, 3), (40, 17, 1, 1), (16, 100)])
def test_agrees_with_the_paper(shape, monkeypatch):
    monkeypatch.setattr(soap, "_LONGEST", 64)  # some sides stay as they are
    torch.manual_seed(1)
    # In channels_last, as networks are trained; two of a shape make a stack.
    weights = [nn.Parameter(torch.randn(shape, dtype=torch.float64)) for _ in range(2)]
    if len(shape) == 4:
        weights = [nn.Parameter(w.detach().to(memory_format=torch.channels_last)) for w in weights]
    optimizer = Soap(weights, 1e-2, (0.9, 0.97), eps=0.0, products=torch.float64)
    naive = [Naive(1e-2, (0.9, 0.97), 64) for _ in weights]
    wanted = [soap._matrix(w.detach()).clone() for w in weights]
    for _ in range(60):
        for i, weight in enumerate(weights):
            matrix = torch.randn(wanted[i].shape, dtype=torch.float64) * torch.linspace(0.5, 2, wanted[i].shape[1])
            wanted[i] = naive[i].step(wanted[i], matrix)
            weight.grad = soap._like(matrix, weight)
        optimizer.step()
    for weight, matrix in zip(weights, wanted, strict=True):
        assert torch.allclose(soap._matrix(weight), matrix, rtol=1e-6, atol=1e-8)


def _steps_to(make, goal, most=3000):
    """Steps until a linear network with badly conditioned inputs has learned its target; `most` if it needs more."""
    torch.manual_seed(0)
    turn = torch.linalg.qr(torch.randn(32, 32)).Q
    inputs = torch.randn(512, 32) * torch.logspace(0, -2, 32) @ turn
    target = inputs @ turn.T @ torch.diag(torch.logspace(0, 1.5, 32)) @ torch.randn(32, 32)
    layer = nn.Linear(32, 32)
    optimizer = make(layer.parameters())
    first = None
    for step in range(most):
        loss = (layer(inputs) - target).square().mean()
        first = first or loss.item()
        if loss.item() < goal * first:
            return step
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return most


def test_needs_fewer_steps_than_adam():
    turned = _steps_to(lambda p: Soap(p, 1e-1, (0.9, 0.97)), 1e-3)
    for rate in (1e-2, 3e-2, 1e-1):
        assert _steps_to(lambda p, r=rate: torch.optim.Adam(p, r), 1e-3, most=2 * turned + 1) > 2 * turned


def test_what_is_no_matrix_is_adams():
    torch.manual_seed(2)
    shapes = [(7,), (32, 1, 3, 3), (2, 50)]
    ours = [nn.Parameter(torch.randn(shape)) for shape in shapes]
    theirs = [nn.Parameter(weight.detach().clone()) for weight in ours]
    a = Soap(ours, 0.5, (0.9, 0.99), weight_decay=0.1)
    b = torch.optim.AdamW(theirs, 0.1, (0.9, 0.99), weight_decay=0.1)
    a.param_groups[0]["lr"] = 0.1
    for _ in range(5):
        for mine, yours in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            yours.grad = mine.grad.clone()
        a.step()
        b.step()
    assert all(torch.allclose(mine, yours, atol=1e-6) for mine, yours in zip(ours, theirs, strict=True))


def test_weight_decay():
    weight = nn.Parameter(torch.full((20, 20), 3.0))
    optimizer = Soap([weight], 0.1, (0.9, 0.99), weight_decay=0.5)
    for _ in range(3):
        weight.grad = torch.zeros(20, 20)
        optimizer.step()
    # The first step only looks.
    assert torch.allclose(weight, torch.full((20, 20), 3.0 * 0.95**2))


def test_state_is_for_the_same_weights():
    def network(width):
        torch.manual_seed(width)
        return nn.Sequential(nn.Linear(16, width), nn.Linear(width, 16))

    def run(layers, optimizer, seeds):
        for seed in seeds:
            optimizer.zero_grad()
            x = torch.randn(8, 16, generator=torch.Generator().manual_seed(seed))
            (layers(x) - x.flip(1)).square().sum().backward()
            optimizer.step()

    a = network(20)
    optimizer = Soap(a.parameters(), 1e-2, (0.9, 0.99))
    run(a, optimizer, range(30))
    b = network(20)
    b.load_state_dict(a.state_dict())
    other = Soap(b.parameters(), 1e-2, (0.9, 0.99))
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(a, optimizer, range(30, 60))
    run(b, other, range(30, 60))
    assert all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))
    for wrong in (
        Soap(network(24).parameters(), 1e-2, (0.9, 0.99)),
        Soap([nn.Parameter(torch.ones(3))], 1.0, (0.0, 0.0)),
    ):
        with pytest.raises(ValueError, match="other weights"):
            wrong.load_state_dict(optimizer.state_dict())
    with pytest.raises(ValueError, match="other weights"):
        other.load_state_dict(torch.optim.Adam(b.parameters()).state_dict())


def test_a_weight_without_a_gradient_is_told():
    with pytest.raises(ValueError, match="no gradient"):
        Soap([nn.Parameter(torch.ones(20, 20))], 1e-3, (0.9, 0.99)).step()
