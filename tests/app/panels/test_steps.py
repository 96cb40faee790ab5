"""The list of what was coded, for models with any number of steps."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.steps import ROW_HEIGHT, StepsPanel
from app.ui import theme
from hpcm_core.models.registry import map_labels
from hpcm_core.results import BitMaps


def maps(*labels):
    steps = np.ones((len(labels), 2, 3), np.float32) * np.arange(1, 1 + len(labels), dtype=np.float32)[:, None, None]
    return BitMaps(steps, labels, 16)


@pytest.fixture
def panel(qtbot):
    theme.apply("light")
    made = StepsPanel(map_labels("lite"))
    qtbot.addWidget(made)
    made.show()
    return made


def names(panel):
    """What a screen reader says of each row."""
    model = panel.model
    return [model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]


def test_the_rows_are_there_before_any_result(panel):
    assert names(panel) == ["All steps", "Hyperprior z", *(f"Step {number}" for number in range(1, 9))]
    assert not panel.list.isEnabled()


def test_the_rows_follow_the_labels_of_a_result(panel):
    panel.show_bits(maps("z", "1", "2", "edges"), 45)
    assert [name.split(":")[0] for name in names(panel)] == ["All steps", "Hyperprior z", "Step 1", "Step 2", "edges"]
    assert panel.list.height() == 5 * ROW_HEIGHT + 2
    assert panel.slider.maximum() == 4
    assert panel.model.row_bits(4) == 24.0
    panel.show_bits(None)
    assert len(names(panel)) == 5
    assert not panel.grab().isNull()


def test_a_step_that_is_gone_gives_way_to_the_sum(panel):
    panel.show_bits(maps(*map_labels("lite")))
    panel.slider.setValue(9)
    assert panel.step == 8
    said = []
    panel.step_chosen.connect(said.append)
    panel.show_bits(maps("z", "1"))
    assert panel.step is None
    assert panel.list.currentIndex().row() == 0
    assert said == []  # The canvas sees for itself that its maps are others.
    panel.show_bits(maps("a", "b", "c"))
    assert panel.list.height() == 4 * ROW_HEIGHT + 2


def test_playing_ends_with_the_last_row(panel, qtbot):
    panel.show_bits(maps("a", "b"))
    panel._timer.setInterval(5)
    said = []
    panel.step_chosen.connect(said.append)
    panel.toggle_playing()
    qtbot.waitUntil(lambda: not panel.playing)
    assert said == [0, 1, None]
