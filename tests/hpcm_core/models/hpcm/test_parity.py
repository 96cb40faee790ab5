"""The networks against reference activations of the published code, in float64. Needs the data beside the checkout."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from hpcm_core.entropy import ggm
from hpcm_core.entropy.tables import standard_tables
from hpcm_core.models.checkpoint import read_tensors
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.network import HPCM
from tests.hpcm_core.models.hpcm.drive import forward
from tests.hpcm_core.models.hpcm.first_lite import FIRST_LITE
from tests.hpcm_core.models.hpcm.formula import formula_state
from tests.paths import SHARED

GOLDEN = SHARED / "golden"
LITE_WEIGHTS = SHARED / "weights" / "hpcm_lite_v0.safetensors"

pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the reference activations are not beside this checkout")

PUBLISHED = CONFIGS | {"lite": FIRST_LITE}
FILES = {"lite": "lite", "base": "base", "large": "large", "base-psi": "base_psi_context", "1b": "1b"}
CASES = [
    ("lite", "lite_q0.0", 0.0),
    ("lite", "lite_q2.5", 2.5),
    ("lite", "lite_q5.0", 5.0),
    ("base", "base", 0.0),
    ("base-psi", "base_psi_context", 0.0),
    ("large", "large", 0.0),
]


@pytest.mark.parametrize("variant", PUBLISHED)
def test_parameters_are_those_of_the_checkpoints(variant):
    with torch.device("meta"):
        model = HPCM(PUBLISHED[variant])
    wanted = json.loads((GOLDEN / f"state_dict_{FILES[variant]}.json").read_text())
    assert {key: list(value.shape) for key, value in model.state_dict().items()} == dict(wanted)


@pytest.fixture(scope="module")
def picture():
    with Image.open(SHARED / "data" / "kodak" / "kodim23.png") as image:
        pixels = np.asarray(image.convert("RGB"))[:256, :512]
    return torch.from_numpy(pixels / 255.0).permute(2, 0, 1).unsqueeze(0)


def assert_close(got, wanted, tolerance=1e-5):
    assert np.abs(got.numpy() - wanted).max() <= tolerance * np.abs(wanted).max()


def assert_same_symbols(symbols, residuals, wanted):
    """Every symbol agrees, but for what is arithmetic and not structure.

    The formula's weights make the attention amplify float64 rounding to 1e-8 of a latent, so a residual that lies that
    near a tie may go either way on another processor. (Base has one, 2235.49995, at step 11.)
    """
    wrong = symbols.numpy() != wanted
    distance = np.abs(np.abs(residuals.numpy() - np.floor(residuals.numpy())) - 0.5)
    tie = distance < 1e-7 * np.maximum(1, np.abs(residuals.numpy()))
    assert not (wrong & ~tie).any()
    assert wrong.sum() <= 1


@pytest.mark.parametrize(("variant", "file", "q"), CASES)
def test_activations(variant, file, q, picture):
    model = HPCM(PUBLISHED[variant])
    lite = {name: torch.from_numpy(array) for name, array in read_tensors(LITE_WEIGHTS).items()}
    model.load_state_dict(lite if variant == "lite" else formula_state(model))
    model.double().eval()
    golden = np.load(GOLDEN / f"activations_{file}.npz")
    # Every step sees the reference's symbols, so that one that a tie sends the other way ends with itself.
    given = [torch.from_numpy(golden[f"symbols_{step:02d}"]).double() for step in range(1, 12)]
    run = forward(model, picture, q, given)
    assert_close(run.y, golden["y"])
    assert np.array_equal(run.z_symbols.numpy(), golden["z_symbols"])
    assert_close(run.hyper, golden["hyper_params"])
    for step in range(11):
        assert_same_symbols(run.symbols[step], run.residuals[step], golden[f"symbols_{step + 1:02d}"])
        assert_close(run.scales[step], golden[f"scales_{step + 1:02d}"])
    # The same amplification moves single means by 1e-4, and what g_s makes of them.
    assert_close(run.x_hat, golden["x_hat"], 1e-4)
    assert np.median(np.abs(run.x_hat.numpy() - golden["x_hat"])) <= 1e-6 * np.abs(golden["x_hat"]).max()
    assert run.bits_y == pytest.approx(float(golden["bits_y"]), rel=1e-6)
    assert run.bits_z == pytest.approx(float(golden["bits_z"]), rel=1e-6)


def test_tables():
    golden = np.load(GOLDEN / "ggm_tables.npz")
    # The last bit of torch's exp depends on the instruction set; files are coded with the shipped literals.
    np.testing.assert_array_max_ulp(ggm.scale_table().numpy(), golden["scale_table"], maxulp=4)
    for name, scales in (("y", golden["scale_table"]), ("z", golden["scales_hyper"])):
        tables = ggm.build_tables(torch.clamp(torch.from_numpy(scales), min=ggm.SCALE_MIN))
        assert np.array_equal(tables.cdf, golden[f"cdf_{name}"])
        assert np.array_equal(tables.lengths, golden[f"cdf_length_{name}"])
        assert np.array_equal(tables.offsets, golden[f"offset_{name}"])
    shipped = standard_tables()
    assert np.array_equal(shipped.cdf, golden["cdf_y"])
    assert np.array_equal(shipped.lengths, golden["cdf_length_y"])
    assert np.array_equal(shipped.offsets, golden["offset_y"])


def test_likelihood():
    golden = np.load(GOLDEN / "ggm_likelihood.npz")
    values, scales = torch.from_numpy(golden["values"]).float(), torch.from_numpy(golden["scales"])
    likelihood = ggm.likelihood(values, scales[:, None])
    assert np.abs(likelihood.numpy() - golden["likelihood"]).max() <= 2e-7
