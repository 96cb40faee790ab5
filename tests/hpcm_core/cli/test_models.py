"""`hpcm models macs` and `hpcm models list --all`."""

from __future__ import annotations

import json

import pytest

from hpcm_core.format import container
from hpcm_core.models.registry import derived, variants
from hpcm_core.resources import resource
from tests.hpcm_core.cli.test_main import run


def test_macs():
    row = json.loads(run("models", "macs", "base-2-3-3", "--json").output)
    assert row["kmac_per_pixel"]["total"] == pytest.approx(663.89, abs=0.01)
    assert sum(v for k, v in row["kmac_per_pixel"].items() if k != "total") == pytest.approx(663.89, abs=0.01)
    assert row["parameters"] == pytest.approx(65.73e6, rel=1e-3)
    words = run("models", "macs", "base-2-3-3").output
    assert all(word in words for word in ("g_a", "h_s", "context", "unread", "total", "663.89", "65.73 M"))


def test_macs_of_an_unknown_variant():
    assert "no variant called 'base-2-3'" in run("models", "macs", "base-2-3", code=2).output


def test_list_all(monkeypatch):
    monkeypatch.setattr("hpcm_core.cli.models.derived", lambda: ["lite-2-3-3"])
    monkeypatch.setattr("hpcm_core.cli.models.variants", lambda: ["lite"])
    rows = json.loads(run("models", "list", "--all", "--json").output)["variants"]
    assert [(row["variant"], round(row["kmac_per_pixel"]["total"])) for row in rows] == [
        ("lite", 64),
        ("lite-2-3-3", 87),
    ]
    assert "lite-2-3-3" in run("models", "list", "--all").output
    assert "lite-2-3-3" not in run("models", "list").output


def test_weights_beside_bundled_ones_are_said_to_be_for_reading(tmp_path, monkeypatch):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path))
    file = str(resource("models/lite@da42c4b9b636977d.safetensors"))
    output = run("models", "import", file, "--variant", "lite").output
    assert "New files of lite are made with the weights that come with the program" in output
    row = json.loads(run("models", "import", file, "--variant", "lite-2-3-6", "--json").output)
    assert "note" not in row
    made = tmp_path / "a.hpcm"
    run("encode", str(resource("samples/astronaut.png")), "-o", str(made), "--no-metrics")
    assert container.read(made.read_bytes()).header.model_hash.hex() != "da42c4b9b636977d"


def test_each_variant_is_told_as_soon_as_it_is_counted(monkeypatch):
    told, before = [], {}

    def cost(name):
        before[name] = told[-1]
        return {"variant": name, "parameters": 7, "kmac_per_pixel": {"total": 3.0}}

    monkeypatch.setattr("hpcm_core.cli.models.say", told.append)
    monkeypatch.setattr("hpcm_core.cli.models._cost_row", cost)
    monkeypatch.setattr("hpcm_core.cli.models.derived", list)
    monkeypatch.setattr("hpcm_core.cli.models.variants", lambda: ["lite", "base"])
    run("models", "list", "--all")
    assert list(before) == ["lite", "base"]
    assert before["base"].split() == ["lite", "3.00", "kMAC", "a", "pixel", "0.00", "M", "parameters"]


def test_counting_computes_no_activation(monkeypatch):
    monkeypatch.setattr("torch.nn.LeakyReLU.forward", None)
    row = json.loads(run("models", "macs", "lite", "--json").output)
    assert round(row["kmac_per_pixel"]["total"]) == 64


def test_all_is_all():
    assert {"lite-2-3-3", "base-unshared"} <= set(derived())
    assert not set(derived()) & set(variants())
