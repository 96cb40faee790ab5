"""Weights of looks: those that are bundled, those of one's own, none, and such as are none."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from hpcm_core import codec
from hpcm_core.errors import InvalidRecipe, MissingModel, ModelError
from hpcm_core.format.look import pack_look
from hpcm_core.integer.native import Native, instruction_sets
from hpcm_core.look import FAITHFUL, NATURAL, has_look
from hpcm_core.models.catalogue import find_look
from hpcm_core.models.loading import load, with_look
from hpcm_core.models.weights import read_weights
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from tests.golden.write_integer import FOLDER, digest, pictures
from tests.golden.write_looks import LIST, bundled_looks, second_g_s
from tests.hpcm_core.models.hpcm.test_integer import decoded as whole
from tests.hpcm_core.standin_look import IDENTITY, install_look, look_weights, wishing
from tests.hpcm_core.test_codec import photo

# The bundled looks.


def test_golden_looks(home, monkeypatch):
    """What comes with the program is what the list was written with; every engine gives its pixels; and it belongs to
    today's weights.
    """
    said = json.loads(LIST.read_text())
    assert bundled_looks() == said["weights"], "python -m tests.golden.write_looks"
    if not said["weights"]:
        return
    monkeypatch.undo()
    monkeypatch.setenv("HPCM_DATA_DIR", str(home))
    assert has_look("lite", load("lite").identity)
    assert set(said["pixels"]) == set(pictures())
    merged = {**read_weights(resource("models/lite.safetensors")), **read_weights(find_look("lite"))}
    for name, digests in said["pixels"].items():
        data = (FOLDER / f"{name}.hpcm").read_bytes()
        for value, wanted in digests.items():
            made = second_g_s(data) if value == "g_s" else codec.decode(data, look=int(value)).picture.pixels
            assert digest(made) == wanted
        for engine in instruction_sets():
            assert digest(whole(data, merged, Native(engine, 2))) == digests["g_s"]


# Where there are no weights, and such as are none.


def test_no_weights(picture, plain):
    assert not has_look("lite")
    assert not has_look("lite", bytes.fromhex(IDENTITY))
    made = codec.decode(wishing(plain.data, pack_look(NATURAL)))
    assert (made.look, made.wished) == (0, 256)
    assert "natural look of lite (8d975ba75836a2e5) are not installed" in made.without_look
    assert np.array_equal(made.picture.pixels, plain.reconstruction.pixels)
    with pytest.raises(MissingModel, match="natural look of lite"):
        codec.decode(plain.data, look=1)
    assert codec.decode(plain.data, look=FAITHFUL).without_look is None
    with pytest.raises(InvalidRecipe, match="lite has no natural look here"):
        codec.encode(picture, Recipe(look=1))


def test_models_without_a_look(home):
    """Without loss there is but one picture; and no name leads out of the folders of models."""
    install_look(home)
    assert has_look("lite")
    for name in ("lossless", "base-mse-0.013", "../models/lite", "", "no such"):
        assert not has_look(name, bytes.fromhex(IDENTITY))
        assert not has_look(name)
    data = codec.encode(Picture(photo(32, 32)), Recipe("lossless"), reconstruct=False).data
    assert codec.decode(wishing(data, pack_look(200))).look == FAITHFUL
    with pytest.raises(MissingModel, match="has one look"):
        codec.decode(data, look=NATURAL)


def test_a_look_of_ones_own_goes_before_the_bundled_one(home):
    own = install_look(home)
    bundled = home / "bundle/models" / own.name
    shutil.copy(own, bundled)
    assert find_look("lite") == own
    own.unlink()
    assert find_look("lite") == find_look("lite", bytes.fromhex(IDENTITY)) == bundled
    beside = bundled.rename(bundled.with_name(f"lite@{IDENTITY}.natural.safetensors"))
    assert find_look("lite", bytes.fromhex(IDENTITY)) == beside
    assert find_look("lite", bytes.fromhex("a645cf9f575da1ff")) is None


def test_weights_of_another_model(plain, home):
    install_look(home, model_hash="a645cf9f575da1ff")
    assert not has_look("lite")
    assert has_look("lite", bytes.fromhex("a645cf9f575da1ff"))
    with pytest.raises(MissingModel, match="natural look of lite"):
        codec.decode(plain.data, look=NATURAL)


def damaged(change):
    weights = look_weights()
    change(weights)
    return weights


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (lambda w: w.pop("g_s.branch.0.bias"), "1 tensors differ"),
        (lambda w: w.update({"g_a.branch.0.bias": np.zeros(2, np.int32)}), "more than the model's weights"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"][:-1].copy()}), "1 tensors differ"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"].astype(np.float32)}), "not of the type"),
        (lambda w: w.update({"g_s.branch.0.bias": w["g_s.branch.0.bias"].astype(np.int64)}), "not of the type"),
        (lambda w: w["g_s.branch.8.wide.weight"].fill(32767), "leave the range"),
        (lambda w: w["g_s.branch.1.branch.1.shift"].fill(31), "leave the range"),
    ],
    ids=["one less", "one more", "shape", "float", "wide", "sums", "shift"],
)
def test_hostile_weights(weights, sentence, plain, home):
    """A wish for them ends in the faithful picture, which has everything else of the file."""
    install_look(home, damaged(weights))
    with pytest.raises(ModelError, match=sentence):
        codec.decode(plain.data, look=NATURAL)
    made = codec.decode(wishing(plain.data, pack_look(NATURAL)))
    assert sentence in made.without_look
    assert np.array_equal(made.picture.pixels, plain.reconstruction.pixels)


def test_a_damaged_file_of_weights(plain, home):
    path = install_look(home)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match="damaged"):
        codec.decode(plain.data, look=NATURAL)
    for size in (0, 7, 40):
        path.write_bytes(content[:size])
        assert not has_look("lite")


def test_weights_are_read_once(plain, home, monkeypatch):
    install_look(home)
    model = load("lite")
    assert with_look(model).look is with_look(model).look
    assert model.look is None
