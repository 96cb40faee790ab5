"""The paper's figures on a file: attention, receptive fields, bits, and the pictures of the steps."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from hpcm_core import codec, metrics
from hpcm_core.errors import Cancelled, HpcmError, ModelError
from hpcm_core.inspect import figures, maps
from hpcm_core.inspect.driver import latents_of, open_source, watch
from hpcm_core.inspect.steps import step_pictures
from hpcm_core.layers.blocks import WindowAttention
from hpcm_core.models import loading
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.hpcm.config import BASE, CONFIGS, Context
from hpcm_core.models.hpcm.family import HPCM_FAMILY
from hpcm_core.models.hpcm.inspector import HPCMInspector
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.models.hpcm.formula import formula_state
from tests.hpcm_core.models.test_catalogue import TINY
from tests.hpcm_core.test_codec import photo
from tests.learned import alone


@pytest.fixture(scope="module")
def encoded():
    return codec.encode(Picture(photo(256, 300)), Recipe(quality=40))


@pytest.fixture(scope="module")
def source(encoded):
    return open_source(encoded.data, Job())


@pytest.fixture(scope="module")
def lite_fields():
    """On a part of 32 x 32 latents."""
    data = codec.encode(Picture(photo(512, 512, 0)), Recipe(quality=40), reconstruct=False).data
    return maps.fields([open_source(data, Job())], Job())


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A file of a Base with narrow layers and weights from a formula."""
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setitem(CONFIGS, "base", replace(TINY, nets=(Context(2, 1), Context(3, 2))))
    loading._load.cache_clear()
    save_file(formula_state(HPCM(CONFIGS["base"])), tmp_path / "tiny.safetensors")
    import_checkpoint(tmp_path / "tiny.safetensors", "base", "mse", 0.013)
    yield codec.encode(Picture(photo(500, 500, 0)), Recipe("base", lmbda=0.013)).data
    loading._load.cache_clear()


def test_floating_point_follows_the_integers(source):
    """Means of the float network are those that symbols are counted from, but for rounding."""
    known = latents_of(source, 0, lambda: None)
    exact = {}

    def keep(request, symbols):
        means = np.broadcast_to(request.means, symbols.shape).astype(np.float32)
        exact[request.label] = np.array(request.place.planes(means))

    watch(source, 0, keep, lambda: None)
    inspector = source.model.family.inspector(source.model)
    with torch.no_grad():
        for params in inspector.watch(known.z_hat, known.y_hat, lambda: None):
            means = params.place.planes(params.means).numpy()
            assert np.abs(means - exact[params.label]).mean() < 1 / 256, params.label
            assert np.abs(exact[params.label]).max() > 1


def test_fields_stay_within_their_bounds(source, lite_fields):
    """Part 6.2 of the design: a 3x3 convolution a block. And they fill them: corners and all are moved by something."""
    assert list(lite_fields.fields) == [str(step) for step in range(2, 9)]
    for label, field in lite_fields.fields.items():
        step = int(label)
        blocks, size = (2, 4) if step == 2 else (2, 2) if step < 6 else (3, 1)
        assert (field.size, field.bound) == (size, 2 * blocks + 1)
        middle = len(field.strength) // 2
        assert middle > blocks, "there is room outside the bound"
        inner = slice(middle - blocks, middle + blocks + 1)
        outside = field.strength.copy()
        outside[inner, inner] = 0
        assert not outside.any()
        assert (field.strength[inner, inner] > 0).all()
        assert maps.shares(field).sum() == pytest.approx(1, abs=1e-5)


def test_fields_are_as_large_as_the_design_found_them(lite_fields):
    sides = {label: maps.sides(field) for label, field in lite_fields.fields.items()}
    assert sides["2"] == (12, 20, 20)
    assert sides["4"] == (6, 10, 10)
    for label in "678":
        assert all(least <= side <= most for least, side, most in zip((1, 3, 5), sides[label], (3, 5, 7), strict=True))


def test_a_field_is_what_moving_a_latent_moves():
    """By differences instead of gradients, on one position."""
    torch.manual_seed(1)
    network = HPCM(replace(TINY, attention_heads=None)).eval().requires_grad_(False)
    network.load_state_dict(formula_state(network))
    inspector = HPCMInspector(network.double())
    z = np.zeros((16, 8, 8))
    y = np.random.default_rng(2).normal(0, 2, (32, 32, 32))
    with torch.no_grad():
        (params,) = (one for one in inspector.watch(z, y, lambda: None) if one.label == "6")
        field = inspector._field(params, lambda: None)
        base = network.psi(params.step, params.context, params.y_hat)
        total = np.zeros_like(field.strength)
        for row, column in ((15, 15), (15, 16), (16, 15), (16, 16)):
            for r, c in ((row, column), (row - 1, column + 1), (row + 2, column)):
                for channel in range(32):
                    moved = params.y_hat.clone()
                    moved[0, channel, r, c] += 1e-6
                    change = network.psi(params.step, params.context, moved) - base
                    total[16 + r - row, 16 + c - column] += abs(change[0, :, row, column].sum().item()) / 4e-6
    for r, c in ((16, 16), (15, 17), (18, 16)):
        assert field.strength[r, c] == pytest.approx(total[r, c], rel=1e-3)


def test_fields_of_published_depths(tiny):
    found = maps.fields([open_source(tiny, Job())], Job(), (280, 190), ["2", "6"])
    assert found.fields["2"].bound * found.fields["2"].size == 28, "448 pixels"
    assert found.fields["6"].bound * found.fields["6"].size == 11, "176 pixels"
    for field in found.fields.values():
        middle, reach = len(field.strength) // 2, field.bound // 2
        rows, columns = np.nonzero(field.strength)
        assert max(abs(rows - middle).max(), abs(columns - middle).max()) <= reach


def test_fields_add_up_over_files(source, encoded):
    other = open_source(codec.encode(Picture(photo(96, 96)), Recipe(quality=40), reconstruct=False).data, Job())
    one, two = (maps.fields([each], Job(), None, ["6"]).fields["6"] for each in (source, other))
    both = maps.fields([source, other], Job(), None, ["6"]).fields["6"]
    middle, reach = len(both.strength) // 2, 3
    inner = slice(middle - reach, middle + reach + 1)
    parts = [
        each.strength[len(each.strength) // 2 - 3 :][:7, len(each.strength) // 2 - 3 :][:, :7] for each in (one, two)
    ]
    assert len(two.strength) < len(one.strength), "parts of different size"
    assert both.strength[inner, inner] == pytest.approx(parts[0] + parts[1])


@pytest.mark.parametrize(("heads", "window"), [(2, 4), (4, 8)])
def test_attention_weights_are_those_that_attention_uses(heads, window):
    torch.manual_seed(0)
    layer = WindowAttention(16, heads, window)
    psi, context = torch.randn(2, 1, 16, 16, 16).unbind()
    query = window * (window // 2) + window // 2
    with torch.no_grad():
        weights = layer.weights(psi, context, query)
        values = layer._tokens(layer.conv_v(context))
        out = (layer(psi, context) - layer.conv_out(psi))[0]
        taken = (weights.unsqueeze(-2) @ values).squeeze(-2)[0]  # windows x heads x d
    assert weights.shape == (1, (16 // window) ** 2, heads, window**2)
    at = out[:, window // 2 :: window, window // 2 :: window].flatten(1).T.reshape(-1, heads, 16 // heads)
    assert torch.allclose(at, taken, atol=1e-6)


def test_attention_of_formula_weights_is_uniform(tiny):
    """Weights that know nothing attend everywhere alike, and not to where bits were spent."""
    source = open_source(tiny, Job())
    found = maps.attention(source, Job())
    assert (found.label, found.window, found.size) == ("6", 8, 1), "the first step on all latents"
    assert found.weights.shape == (4, source.cut.height, source.cut.width)
    windows = maps._windows(found.weights, 8)
    assert windows.sum(axis=2) == pytest.approx(np.ones(windows.shape[:2]), abs=1e-5)
    quarters = windows.reshape(-1, 2, 4, 2, 4).sum(axis=(2, 4)).reshape(-1, 4)
    assert len(quarters) == 64
    # Formula weights give large queries and keys, so that a window attends to one position, whichever it is.
    assert quarters.mean(axis=0) == pytest.approx([0.25] * 4, abs=4 * np.sqrt(0.25 * 0.75 / 64))
    assert np.abs(found.correlation).max() < 0.25
    coarse = maps.attention(source, Job(), "2")
    assert (coarse.window, coarse.size) == (4, 4)
    assert coarse.weights.shape == (4, source.cut.height // 4, source.cut.width // 4)


def test_attention_of_small_queries_is_uniform_everywhere():
    network = HPCM(TINY).eval().requires_grad_(False)
    state = formula_state(network)
    network.load_state_dict({name: value * (1e-3 if ".conv_q." in name else 1) for name, value in state.items()})
    rng = np.random.default_rng(4)
    z, y = rng.normal(0, 1, (16, 8, 8)).astype(np.float32), rng.laplace(0, 2, (32, 32, 32)).astype(np.float32)
    for label, positions in (("2", 16), ("4", 64), ("6", 64)):
        weights = HPCMInspector(network).attention(z, y, label, lambda: None)
        assert np.abs(positions * weights - 1).mean() < 0.05
        assert np.abs(positions * weights - 1).max() > 1e-4, "they do attend"


def test_attention_looks_where_its_weights_say(tiny):
    """With keys and queries that know bits: the correlation sees it."""
    source = open_source(tiny, Job())
    known = latents_of(source, 0, lambda: None)
    spent = known.code.bits[1:6].sum(axis=0)
    weights = np.exp(spent / spent.max())[np.newaxis]
    assert maps._correlations(weights, spent, 8) == pytest.approx(1.0)
    assert maps._correlations(-weights, spent, 8) == pytest.approx(-1.0)


def test_ranks_share_ties():
    values = np.array([[[3.0, 1.0, 3.0, 2.0]]], np.float32)
    assert maps._ranks(values).tolist() == [[[2.5, 0.0, 2.5, 1.0]]]
    flat = np.ones((1, 2, 2), np.float32)
    assert np.isnan(maps._correlations(flat, np.arange(4, dtype=np.float32).reshape(2, 2), 2)).all()


def test_what_there_is_none_of(source, encoded, tiny):
    with pytest.raises(ModelError, match="lite has no attention"):
        maps.attention(source, Job())
    with pytest.raises(HpcmError, match="none of step 1; there are steps 2 to 8"):
        maps.fields([source], Job(), None, ["1"])
    with pytest.raises(HpcmError, match="none of step 11; there are steps 2 to 10"):
        maps.attention(open_source(tiny, Job()), Job(), "11")
    with pytest.raises(HpcmError, match="one model"):
        maps.fields([source, open_source(tiny, Job())], Job())
    meta = HPCM_FAMILY._empty(BASE)
    with pytest.raises(ModelError, match="too large"):
        HPCMInspector(meta)


@pytest.mark.parametrize("make", [maps.bits, lambda source, job: maps.fields([source], job)])
def test_it_can_be_stopped(source, make):
    with pytest.raises(Cancelled):
        make(source, Job(cancel=lambda: True))
    asked = []

    def late():
        asked.append(True)
        return len(asked) > 8

    with pytest.raises(Cancelled):
        make(source, Job(cancel=late))


def test_progress_rises(source):
    told: list[float] = []
    job = Job(lambda _stage, done: told.append(done))
    maps.bits(source, job.part(0, 0.5))
    maps.fields([source], job.part(0.5, 1))
    assert told[0] == 0
    assert told[-1] > 0.5
    assert told == sorted(told)


def test_the_last_step_is_the_decoded_picture(encoded):
    original = Picture(photo(256, 300))
    found = list(step_pictures(encoded.data, original, Job()))
    assert [one.steps for one in found] == list(range(9))
    assert np.array_equal(found[-1].picture.pixels, codec.decode(encoded.data).picture.pixels)
    assert found[-1].psnr == encoded.metrics.psnr
    assert found[-1].stream_bytes == encoded.stream_bytes
    assert [one.psnr for one in found] == sorted(one.psnr for one in found)
    assert found[0].psnr == pytest.approx(metrics.psnr(original.pixels, found[0].picture.pixels))


def test_steps_beside_another_original(encoded, tmp_path):
    """One of another kind is measured as everywhere, one of another size refused before anything is written."""
    grey = Picture(photo(256, 300)[:, :, 1:2].copy())
    first = next(step_pictures(encoded.data, grey, Job()))
    assert first.psnr == metrics.compare(grey, first.picture).psnr
    (tmp_path / "a.hpcm").write_bytes(encoded.data)
    grey.save(tmp_path / "grey.png")
    Picture(photo(256, 299)).save(tmp_path / "small.png")
    said = run("inspect", "steps", tmp_path / "a.hpcm", "--original", tmp_path / "small.png", code=1).stderr
    assert "their sizes must be equal" in said
    assert not (tmp_path / "a-steps").exists()
    assert "is a folder" in run("inspect", "steps", ".", code=2).stderr


def test_figures_hold_what_they_show(source, lite_fields):
    bits = maps.bits(source, Job())
    figure = figures.of_bits(bits, 1, 5)
    with np.load(io.BytesIO(figure.npz()), allow_pickle=False) as found:
        assert np.array_equal(found["bits"], bits.steps[1:6].sum(axis=0))
        assert json.loads(str(found["meta"]))["last"] == "5"
    with Image.open(io.BytesIO(figure.png())) as drawn:
        pixels = np.array(drawn.convert("RGB"))
    # The dearest position has the palette's end, the side of a cell wide.
    row, column = np.unravel_index(figure.arrays["bits"].argmax(), figure.arrays["bits"].shape)
    cell = pixels[38 + 16 * row : 54 + 16 * row, 12 + 16 * column : 28 + 16 * column]
    assert (cell == (252, 255, 164)).all()
    fields = figures.of_fields(lite_fields, 16)
    with np.load(io.BytesIO(fields.npz()), allow_pickle=False) as found:
        assert found["step_6"].sum() == pytest.approx(1, abs=1e-5)
    held = maps.sides(lite_fields.fields["6"])
    assert fields.meta["steps"]["6"]["sides_latents"] == dict(zip(("0.5", "0.9", "0.99"), held, strict=True))
    Image.open(io.BytesIO(fields.png())).verify()


def test_bits_of_files_without_loss(tmp_path):
    """By colour, of those of the learned coder; of JPEG XL nobody knows, and there is nothing else to look into."""
    with alone():
        encoded = codec.encode(Picture(photo(40, 270)), Recipe("lossless-m"))
    (tmp_path / "a.hpcm").write_bytes(encoded.data)
    row = json.loads(run("inspect", "bits", tmp_path / "a.hpcm", "--format", "npz", "--json").output)["files"][0]
    assert list(row["bits"]) == ["R", "G", "B"]
    assert row["bytes"] == pytest.approx(encoded.stream_bytes, abs=0.1)
    with np.load(tmp_path / "a.bits.npz") as found:
        assert np.array_equal(found["steps"], encoded.bits.steps)
        assert found["bits"].shape == (34, 5)
    row = json.loads(run("inspect", "bits", tmp_path / "a.hpcm", "--steps", "G", "--json").output)["files"][0]
    assert row["bytes"] == pytest.approx(encoded.bits.per_step[1] / 8, abs=0.1)
    Image.open(tmp_path / "a.bits.png").verify()
    assert "there are R to B" in run("inspect", "bits", tmp_path / "a.hpcm", "-f", "--steps", "z", code=1).stderr
    (tmp_path / "b.hpcm").write_bytes(codec.encode(Picture(photo(20, 30)), Recipe("lossless")).data)
    for name, file in (("bits", "b"), ("channel", "a")):
        options = ["--channel", 0] if name == "channel" else []
        assert "cannot be looked into" in run("inspect", name, tmp_path / f"{file}.hpcm", *options, code=1).stderr


def test_on_the_command_line(encoded, tiny, tmp_path):
    (tmp_path / "a.hpcm").write_bytes(encoded.data)
    (tmp_path / "b.hpcm").write_bytes(tiny)
    rows = json.loads(run("inspect", "bits", tmp_path / "a.hpcm", "--steps", "1-5", "--json").output)["files"]
    assert rows[0]["output"] == str(tmp_path / "a.bits.png")
    assert rows[0]["bytes"] == pytest.approx(encoded.bits.per_step[1:6].sum() / 8, abs=0.1)
    Image.open(tmp_path / "a.bits.png").verify()
    assert "exists" in run("inspect", "bits", tmp_path / "a.hpcm", code=2).stderr
    for wrong in ("5-1", "12", "x"):
        assert "there are z to 8" in run("inspect", "bits", tmp_path / "a.hpcm", "-f", "--steps", wrong, code=1).stderr

    row = json.loads(run("inspect", "attention", tmp_path / "b.hpcm", "--head", 2, "--format", "npz", "--json").output)
    assert row["files"][0]["heads"] == 4
    with np.load(tmp_path / "b.attention.npz") as found:
        assert found["weights"].shape == (4, 32, 32)
    run("inspect", "attention", tmp_path / "b.hpcm", "-o", tmp_path / "c.png")
    Image.open(tmp_path / "c.png").verify()
    assert "heads 0 to 3" in run("inspect", "attention", tmp_path / "b.hpcm", "--head", 4, code=1).stderr
    assert "no attention" in run("inspect", "attention", tmp_path / "a.hpcm", code=1).stderr

    text = run("inspect", "erf", tmp_path / "a.hpcm", "-o", tmp_path / "erf.png", "--at", "10,10").output
    # How far each reaches beyond that is the weights'.
    sides = [int(side) for side in re.search(r"step 6: (\d+), (\d+), (\d+)$", text, re.MULTILINE).groups()]
    assert sides[0] == 3
    assert sides == sorted(sides)
    assert "none of step 1" in run("inspect", "erf", tmp_path / "a.hpcm", "--step", "1", code=1).stderr

    Picture(photo(256, 300)).save(tmp_path / "a.png")
    run("inspect", "steps", tmp_path / "a.hpcm", "--original", tmp_path / "a.png", "-o", tmp_path / "steps")
    table = list(csv.DictReader(io.StringIO((tmp_path / "steps" / "steps.csv").read_text())))
    assert float(table[-1]["psnr"]) == pytest.approx(encoded.metrics.psnr, abs=1e-4)
    assert int(table[-1]["stream_bytes"]) == encoded.stream_bytes
    last = Picture.open(tmp_path / "steps" / table[-1]["file"])
    assert np.array_equal(last.pixels, codec.decode(encoded.data).picture.pixels)
    assert "not empty" in run("inspect", "steps", tmp_path / "a.hpcm", "-o", tmp_path / "steps", code=2).stderr


def test_steps_are_never_written_over_what_they_are_of(encoded, tmp_path):
    (tmp_path / "a.hpcm").write_bytes(encoded.data)
    original = tmp_path / "step-01.png"
    original.write_bytes(b"kept")
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "step-02.png").hardlink_to(original)
    (folder / "steps.csv").hardlink_to(tmp_path / "a.hpcm")
    for where, of in ((tmp_path, original), (folder, original), (folder, tmp_path / "none.png")):
        refused = run("inspect", "steps", tmp_path / "a.hpcm", "--original", of, "-o", where, "-f", code=2).stderr
        assert "is an input and would be overwritten" in refused
    assert original.read_bytes() == b"kept"
