"""What λ, qualities and coding steps say about themselves."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui import lambdas
from app.ui.words import step_meaning
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.published import LAMBDAS, expected
from hpcm_core.models.rates import quality_to_lambda
from hpcm_core.resources import resource


def test_every_published_model_has_its_rate():
    kodak = json.loads(resource("rd/published.json").read_text("utf-8"))["kodak"]
    published = [
        info for info in list_models(look=False) if info.lmbda is not None and info.variant in ("base", "large")
    ]
    assert len(published) == 24
    for info in published:
        bpp, quality = expected(info.variant, info.metric, info.lmbda)
        curve = kodak[f"{info.variant}_{info.metric.replace('-', '')}"]
        assert bpp in curve["bpp"]
        assert quality in curve["psnr" if info.metric == "mse" else "msssim_db"]
    rates = [expected("base", "mse", lmbda)[0] for lmbda in LAMBDAS["mse"]]
    assert rates == sorted(rates), "larger means larger"
    assert expected("base", "mse", 0.5) is None
    assert expected("unheard-of", "mse", 0.013) is None


def test_a_lambda_says_what_it_leads_to(window, qtbot):
    panel = window.recipe_panel
    window.load_models()
    qtbot.waitUntil(lambda: "base" in panel.variants and panel.variants["base"].isVisible())
    QTest.mouseClick(panel.variants["base"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.lambdas.count() == 6)
    panel.lambdas.setFocus()
    texts = [panel.lambdas.itemText(i) for i in range(panel.lambdas.count())]
    assert texts[3] == "0.013  · not installed"
    assert lambdas.in_words("base", "mse", 0.013) == "0.013  · ≈ 0.41 bpp"
    tips = set()
    for _ in range(panel.lambdas.count()):
        QTest.keyClick(panel.lambdas, Qt.Key.Key_Down)
        tips.add(panel.lambdas.toolTip())
    assert "larger λ makes larger files" in min(tips)
    panel.lambdas.setCurrentIndex(3)
    panel.lambdas.activated.emit(3)
    assert "0.412 bpp at 34.21 dB PSNR" in panel.lambdas.toolTip()


def test_a_quality_says_its_lambda(window):
    panel = window.recipe_panel
    panel.slider.setValue(20)
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_Right)
    value = quality_to_lambda(21, LITE.rate_lambdas)
    assert f"Quality 21 is λ = {value:.4g}" in panel.slider.toolTip()
    assert panel.spin.toolTip() == panel.slider.toolTip()


@pytest.mark.parametrize(("row", "words"), [(0, ""), (1, "side information"), (2, "step 1 of 8"), (9, "step 8 of 8")])
def test_the_rows_of_the_bit_map_say_what_they_are(encoded, row, words):
    tip = encoded.steps.model.data(encoded.steps.model.index(row), Qt.ItemDataRole.ToolTipRole)
    assert words in tip
    assert "bytes" in tip
    assert step_meaning(("z", "edges"), 1) == "", "a label that says it itself"
