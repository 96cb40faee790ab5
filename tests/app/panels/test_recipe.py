"""The panel follows the models that there are, and how the rate of each is chosen."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.panels.recipe import RecipePanel
from app.panels.variants import offered
from app.ui import theme
from app.ui.buttons import VariantButton
from app.ui.fields import Choice
from hpcm_core.format.gain import QualityMap
from hpcm_core.models.catalogue import ModelInfo, list_models
from hpcm_core.recipe import Recipe


def model(variant, lmbda=None, rates="fixed", state="missing"):
    name = variant if lmbda is None else f"{variant}-mse-{lmbda:g}"
    return ModelInfo(name, variant, "mse", lmbda, rates, state, None, "somewhere")


LITE = model("lite", rates="variable", state="bundled")
BASE = [model("base", lmbda) for lmbda in (0.01, 0.02)]


@pytest.fixture
def panel(qtbot):
    theme.apply("light")
    made = RecipePanel(Recipe(quality=30), True)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def any_recipe(monkeypatch):
    """Models that this program does not have yet have recipes all the same."""
    monkeypatch.setattr("app.panels.recipe.Recipe", lambda **fields: SimpleNamespace(has_target=False, **fields))


def shown(panel):
    """Of the controls of the rate those that are there."""
    controls = {"mode": panel.mode, "quality": panel.slider, "lambda": panel.lambdas, "target": panel.target}
    return {name for name, control in controls.items() if control.isVisible()}


def chain(first, count):
    """So many buttons and choices, in the order of the Tab key."""
    found, at = [first], first
    while len(found) < count:
        at = at.nextInFocusChain()
        if isinstance(at, (VariantButton, Choice)):
            found.append(at)
    return found


def test_variants_come_from_the_models():
    assert offered([LITE, *BASE], "lite") == {"lite": "variable", "base": "fixed"}


def test_a_single_model_is_offered_where_it_is_installed_or_chosen():
    assert list(offered([LITE, *BASE, model("1b", 0.04)], "lite")) == ["lite", "base"]
    assert list(offered([LITE, *BASE, model("1b", 0.04, state="installed")], "lite")) == ["lite", "base", "1b"]
    assert list(offered([LITE, *BASE, model("1b", 0.04)], "1b")) == ["lite", "base", "1b"]


def test_a_chosen_variant_without_a_model_is_offered_all_the_same():
    assert offered([LITE], "base-psi") == {"lite": "variable", "base-psi": "fixed"}


def test_what_is_published_is_offered_at_once_and_nothing_moves_when_the_models_are_known(panel):
    before = {name: button.geometry() for name, button in panel.variants.items()}
    assert list(before) == ["lite", "base", "large", "lossless", "lossless-m"]
    assert "Not installed" not in panel.variants["base"].accessibleName()  # Nobody has looked yet.
    panel.set_models(list_models())
    assert {name: button.geometry() for name, button in panel.variants.items()} == before


def test_a_variant_comes_and_goes_with_its_model_and_keeps_its_place(panel, qtbot):
    button = panel.variants["lite"]
    assert chain(button, 6) == [*panel.variants.values(), panel.mode]
    panel.set_models([LITE, model("1b", 0.04, state="installed"), *BASE])
    assert list(panel.variants) == ["lite", "1b", "base"]
    qtbot.waitUntil(lambda: panel.variants["1b"].isVisible())
    places = [found.x() for found in panel.variants.values()]
    assert places == sorted(set(places))
    assert chain(button, 4) == [*panel.variants.values(), panel.mode]
    panel.set_models([LITE, *BASE])
    assert list(panel.variants) == ["lite", "base"]
    assert panel.variants["lite"] is button


def test_each_kind_of_rate_has_its_control(panel, any_recipe, qtbot):
    panel.set_models([LITE, *BASE, model("swift", rates="variable", state="installed")])
    assert shown(panel) == {"mode", "quality"}
    panel.variants["base"].click()
    assert shown(panel) == {"mode", "lambda"}
    panel.variants["swift"].click()
    assert shown(panel) == {"mode", "quality"}
    assert (panel.recipe.model, panel.recipe.quality) == ("swift", 30)


def test_a_model_without_rates_has_no_control_of_them(panel, any_recipe):
    panel.set_models([LITE, model("exact", rates="none", state="installed")])
    said = []
    panel.chosen.connect(said.append)
    panel.variants["exact"].click()
    assert shown(panel) == set()
    assert vars(said[0]).keys() == {"has_target", "model", "keep_metadata", "embed_preview", "quality_map"}
    assert panel.can_use()
    panel.mode.setCurrentIndex(1)
    assert "target_bytes" not in vars(panel.recipe)
    panel.mode.setCurrentIndex(0)
    panel.variants["lite"].click()
    assert shown(panel) == {"mode", "quality"}
    assert said[1].quality == 30


def test_a_recipe_of_a_variant_that_is_not_offered_brings_its_button(panel):
    panel.set_models([LITE, *BASE])
    panel.show_recipe(Recipe(model="base-psi", lmbda=0.013))
    assert panel.variants["base-psi"].isChecked()
    assert panel.recipe == Recipe(model="base-psi", lmbda=0.013)
    panel.show_recipe(Recipe(model="nobody-knows-it", lmbda=0.013))
    assert panel.variants["lite"].isChecked()
    assert list(panel.variants) == ["lite", "base"]


def test_a_window_that_begins_with_an_unknown_model_begins_with_the_bundled_one(qtbot):
    panel = RecipePanel(Recipe(model="nobody-knows-it", lmbda=0.013), True)
    qtbot.addWidget(panel)
    assert list(panel.variants) == ["lite", "base", "large", "lossless", "lossless-m"]
    assert panel.variants["lite"].isChecked()


@pytest.fixture
def without_torch(monkeypatch):
    """As in an installation without it: nobody finds it."""
    monkeypatch.setattr("hpcm_core.pytorch.find_spec", lambda name: None)


def test_a_model_that_this_installation_cannot_compute_with_says_what_to_install(panel, without_torch, monkeypatch):
    panel.set_can_encode(True, True)
    panel.set_models([LITE, *BASE, model("base", 0.03, state="installed")])
    assert panel.button.isEnabled()
    assert not panel.hint.isVisible()
    assert "Not in this build" in panel.variants["base"].accessibleName()
    assert "Bundled" in panel.variants["lite"].accessibleName()
    panel.variants["base"].click()
    assert panel.recipe.lmbda == 0.03
    assert not panel.can_use()
    assert not panel.button.isEnabled()
    assert "The model base needs PyTorch" in panel.hint.text()
    assert "pip install &quot;hpcm-studio[torch]&quot;" in panel.hint.text()
    monkeypatch.setattr("sys.frozen", True, raising=False)
    panel.variants["lite"].click()
    panel.variants["base"].click()
    assert "Install the full HPCM Studio in its place: hpcm-studio instead of hpcm-studio-small." in panel.hint.text()
    panel.variants["lite"].click()
    assert not panel.hint.isVisible()
    assert panel.button.isEnabled()


def test_lossless_says_why_there_is_no_quality(panel):
    panel.show_recipe(Recipe(quality=30, quality_map=QualityMap(1, 1, b"\x05")))
    assert panel.hint.isHidden()
    button = panel.variants["lossless"]
    panel.set_models(list_models())
    assert button.accessibleName() == "Model Lossless: JPEG XL"
    button.click()
    assert shown(panel) == set()
    assert "so there is no quality to choose. Inside the file is JPEG XL." in panel.hint.text()
    assert not panel.hint.isHidden()
    assert panel.can_use()
    assert panel.recipe == Recipe("lossless"), "what is painted is of no use"
    panel.variants["lite"].click()
    assert panel.hint.isHidden()
    assert panel.recipe.quality_map is not None
    panel.variants["lossless-m"].click()
    assert panel.variants["lossless-m"].accessibleName() == "Model Lossless M: Bundled"
    assert shown(panel) == set()
    assert panel.hint.text().startswith(
        "Every pixel is kept, by a neural network. Files of photographs are mostly 2 to 12 %"
    )
    assert panel.recipe == Recipe("lossless-m")
    panel.show_recipe(Recipe("lossless", effort=3))
    assert panel.recipe == Recipe("lossless", effort=3)
    panel.variants["lite"].click()
    assert panel.recipe.effort is None
    panel.show_recipe(Recipe("lite", quality=40, effort=3))
    assert panel.recipe == Recipe("lite", quality=40, effort=3)
    panel.variants["lossless"].click()
    assert panel.recipe.effort is None
