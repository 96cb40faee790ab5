"""What is remembered, and what becomes of damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.canvas.difference import Mode
from app.desktop.settings import CONFIG_DIR_VARIABLE, Settings, config_dir, log_dir
from hpcm_core.recipe import Recipe

pytestmark = pytest.mark.trust


def test_values_come_back(tmp_path):
    settings = Settings(tmp_path)
    settings.theme = "dark"
    settings.recipe = Recipe(model="base", lmbda=0.013)
    settings.encode_on_change = False
    settings.overlay_opacity = 10
    settings.last_folder = str(tmp_path)
    settings.sync()
    again = Settings(tmp_path)
    assert again.theme == "dark"
    assert again.recipe == Recipe(model="base", lmbda=0.013)
    assert again.encode_on_change is False
    assert again.overlay_opacity == 10
    assert again.last_folder == str(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe garbage \x80",
        b"[recipe]\nlast=no json\n[view]\noverlay_opacity=5000\ndifference_gain=x\ndifference_mode=odd\n"
        b"bits_cumulative=7\n[window]\ntheme=pink\ngeometry=@@\n",
        b"[recipe\nlast",
        b"[files]\nlast_folder=/no/such/folder/anywhere\n[window]\ntheme=@Invalid()\n",
    ],
)
def test_damage_ends_in_the_defaults(tmp_path, content):
    (tmp_path / "settings.ini").write_bytes(content)
    settings = Settings(tmp_path)
    assert settings.theme == "system"
    assert settings.recipe == Recipe()
    assert settings.overlay_opacity == 75
    assert settings.difference_gain == 3
    assert settings.difference_mode == "absolute"
    assert not settings.difference_luma
    assert not settings.bits_cumulative
    assert settings.encode_on_change is True
    assert Path(settings.last_folder).is_dir()
    settings.theme = "light"
    settings.sync()
    assert Settings(tmp_path).theme == "light"


def test_what_is_damaged_is_kept(tmp_path):
    damaged = b"[files]\nrecent=a\n[recipe\nlast"
    (tmp_path / "settings.ini").write_bytes(damaged)
    settings = Settings(tmp_path)
    settings.theme = "light"
    settings.sync()
    assert Settings(tmp_path).theme == "light"
    assert (tmp_path / "settings.damaged.ini").read_bytes() == damaged


def test_a_folder_that_cannot_be_made_is_survived(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings = Settings(blocked / "inside")
    settings.theme = "dark"
    settings.sync()


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(tmp_path))
    assert config_dir() == tmp_path
    assert log_dir().is_relative_to(tmp_path)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_of_the_difference_is_remembered(tmp_path, mode):
    Settings(tmp_path).difference_mode = mode.value
    assert Settings(tmp_path).difference_mode == mode.value
