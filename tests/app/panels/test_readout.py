"""The readout beside the command line: what the window shows is what `hpcm compare` measures on the saved files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageCms
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from hpcm_core.cli.main import cli
from hpcm_core.picture.colour import from_codes
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, export_to


def pictures_of_every_kind(sample):
    """RGB; grey of 16 bits; RGB with alpha and a colour profile; and one too small for MS-SSIM."""
    pixels = sample.pixels
    grey = (pixels[:, :, :1].astype(np.uint16) << 8) + 77
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "colour": sample,
        "deep": Picture(grey),
        "rich": Picture(pixels, pixels[:, :, 0].copy(), icc=icc),
        "small": Picture(pixels[:70, :90].copy()),
    }


def shown(window):
    """What a click on each figure copies."""
    figures = window.readout
    values = {}
    for name in ("file_size", "bpp", "psnr", "ms_ssim"):
        figure = getattr(figures, name)
        QGuiApplication.clipboard().clear()
        QTest.mouseClick(figure, Qt.MouseButton.LeftButton)
        values[name] = QGuiApplication.clipboard().text()
    return values


def compared(*paths):
    result = CliRunner().invoke(cli, ["compare", *map(str, paths), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.mark.parametrize("kind", ["colour", "deep", "rich", "small"])
def test_the_readout_says_what_the_command_line_measures_on_the_saved_files(window, sample, kind, tmp_path, qtbot):
    source, file, exported = tmp_path / "source.png", tmp_path / "saved.hpcm", tmp_path / "exported.png"
    pictures_of_every_kind(sample)[kind].save(source)
    window.session.open(source)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    window.session.save(file)
    export_to(window, exported)
    saved = {"Saved saved.hpcm", "Saved exported.png"}
    qtbot.waitUntil(lambda: saved <= {toast.notice.message for toast in window.toasts.shown}, timeout=LONG)
    on_file, on_export = compared(source, file), compared(source, exported)
    values = shown(window)
    assert int(values["file_size"]) == on_file["bytes"] == file.stat().st_size
    assert float(values["bpp"]) == pytest.approx(on_file["bpp"], abs=6e-6)
    bpp = 8 * on_file["bytes"] / (on_file["width"] * on_file["height"])  # not the rounded one, which rounds twice
    assert window.readout.bpp.value == f"{bpp:.4f} bpp"
    for measured in (on_file, on_export):
        assert values["psnr"] == f"{measured['psnr']:.4f}"
        assert window.readout.psnr.value == f"{measured['psnr']:.2f} dB"
        if kind == "small":
            assert measured["ms_ssim"] is None
            assert window.readout.ms_ssim.value == ""
        else:
            assert values["ms_ssim"] == f"{measured['ms_ssim']:.6f}"
            assert f"{measured['ms_ssim_db']:.2f} dB" in window.readout.ms_ssim.value
    # The same two files compared in the window give the same again.
    window.session.compare(source, file)
    qtbot.waitUntil(lambda: window.session.path == source and window.session.outcome.recipe is None, timeout=LONG)
    qtbot.waitUntil(lambda: window.session.outcome.metrics is not None and window.session.idle, timeout=LONG)
    assert shown(window) == values


def test_the_readout_says_what_is_left_out_of_the_picture_and_shown_otherwise(window, tmp_path, qtbot):
    plain, moving, bright = tmp_path / "plain.png", tmp_path / "moving.gif", tmp_path / "bright.png"
    frames = [Image.new("RGB", (96, 64), colour) for colour in ("red", "blue")]
    frames[0].save(plain, icc_profile=from_codes(12, 13))
    frames[0].save(moving, save_all=True, append_images=frames[1:], duration=100)
    frames[0].save(bright, icc_profile=from_codes(9, 16))
    for path, words in (
        (moving, "Not in the picture: all but one of the 2 pictures of its animation."),
        (plain, ""),
        (bright, "High dynamic range is shown toned down."),
    ):
        window.session.open(path)
        qtbot.waitUntil(lambda path=path: window.session.path == path, timeout=LONG)
        assert window.readout.left_out.text() == words
        assert window.readout.left_out.isHidden() == (not words)


def test_the_originals_size_stands_beside_the_result(window, sample, tmp_path, qtbot):
    source = tmp_path / "a.png"
    sample.save(source)
    window.session.open(source)
    qtbot.waitUntil(lambda: window.session.outcome is not None and window.session.idle, timeout=LONG)
    before, after = source.stat().st_size, window.session.outcome.size_bytes
    saved = window.readout.saved
    assert saved.isVisible()
    assert saved.text() == f"of {before / 1000:.1f} kB, {100 - 100 * after / before:.0f} % smaller"
    sample.save(tmp_path / "small.jpg", quality=1)
    window.session.compare(tmp_path / "small.jpg", source)
    qtbot.waitUntil(lambda: window.session.path == tmp_path / "small.jpg" and window.session.idle, timeout=LONG)
    assert saved.text().endswith("% larger")
