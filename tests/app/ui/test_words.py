"""How things are said."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, QTranslator

from app.ui.translation import install, number, said
from app.ui.words import format_bits, format_bytes, map_name, step_name
from hpcm_core.errors import Phrase

LABELS = ("z", *map(str, range(1, 12)))


@pytest.mark.parametrize(("label", "name"), [("z", "Hyperprior z"), ("7", "Step 7"), ("slice a", "slice a")])
def test_a_step_is_named_by_its_label(label, name):
    assert step_name(label) == name


@pytest.mark.parametrize(
    ("step", "cumulative", "name"),
    [
        (None, True, "all steps"),
        (0, False, "hyperprior z"),
        (0, True, "hyperprior z"),
        (4, False, "step 4"),
        (1, True, "z and step 1"),
        (4, True, "z and steps 1 to 4"),
    ],
)
def test_a_map_is_named_within_a_sentence(step, cumulative, name):
    assert map_name(LABELS, step, cumulative) == name


def test_labels_of_another_kind_stand_as_they_are():
    assert map_name(("red", "green", "blue"), 1) == "green"
    assert map_name(("red", "green", "blue"), 2, cumulative=True) == "red – blue"
    assert map_name(("0", "1"), 1, cumulative=True) == "0 – 1"


def test_bytes_and_bits_are_short():
    assert [format_bytes(count) for count in (999, 12_340, 123_400, 1_234_000)] == [
        "999 B",
        "12.3 kB",
        "123 kB",
        "1.23 MB",
    ]
    assert [format_bits(bits) for bits in (999.4, 12_340, 1_234_000)] == ["999 bit", "12.3 kbit", "1.23 Mbit"]


def test_numbers_have_the_form_of_the_language(qapp):
    assert (number(1234567), number(0.5, ".2f"), format_bytes(35_500)) == ("1,234,567", "0.50", "35.5 kB")
    assert (number(-0.2, "+.2f"), number(-3), number(5e-5, "g")) == ("−0.20", "−3", "5e-05")
    try:
        assert install(qapp, QLocale("de")) == "de"
        assert (number(1234567), number(0.5, ".2f"), format_bytes(35_500)) == ("1.234.567", "0,50", "35,5 kB")
        phrase = Phrase("larger than its source by {percent:.1f} %", percent=2.25)
        assert said(phrase) == "größer als die Quelle um 2,2 %"
        phrase = Phrase("larger than its source by {percent:.1f} %", percent=-2.25)
        assert said(phrase) == "größer als die Quelle um −2,2 %", "a true minus"
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
    assert number(0.5, ".2f") == "0.50"
