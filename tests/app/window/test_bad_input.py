"""Bad input and bad targets: a plain sentence in the window, nothing lost, nothing half-written."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton

from hpcm_core.format import container
from hpcm_core.picture.picture import Picture
from tests.app.conftest import LONG, export_to


def errors(window):
    return [toast.notice for toast in window.toasts.shown if toast.notice.is_error]


def told(window, qtbot):
    """The one plain sentence that the window says."""
    qtbot.waitUntil(lambda: errors(window) != [] and window.session.idle, timeout=LONG)
    notice = errors(window)[0]
    assert "\n" not in notice.message
    assert "Error" not in notice.message
    assert len(notice.message) < 300
    return notice


@contextmanager
def small_tmpfs(path, *options):
    """A file system of its own, as far as the system lets us make one."""
    path.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a file system")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(path)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def enormous_png():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def truncated_jpeg(picture):
    data = picture.encode(".jpg", 80)
    return data[: len(data) // 2]


def test_bad_files_leave_what_was_open(encoded, sample, tmp_path, qtbot):
    before, original = encoded.session.outcome, encoded.session.original
    missing = container.read(before.data)
    missing = replace(missing, header=replace(missing.header, model_name="base-mse-0.013", profile=1, quality=255))
    cases = {
        "letter.png": b"Dear reader,\n",
        "half.jpg": truncated_jpeg(sample),
        "enormous.png": enormous_png(),
        "missing.hpcm": container.write(missing),
        "empty.png": b"",
    }
    for name, data in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        encoded.session.open(path)
        notice = told(encoded, qtbot)
        words = {"missing.hpcm": "base-mse-0.013", "enormous.png": "pixels"}.get(name, name)
        assert words in notice.message, notice.message
        assert encoded.session.outcome is before
        assert encoded.session.original is original
        assert path.read_bytes() == data
        for toast in encoded.toasts.shown:
            toast.dismiss()


def test_a_bad_file_ends_no_encoding(encoded, large_file, tmp_path, qtbot):
    """Decoding it takes the place of what the codec process works on, which begins again."""
    session, bad = encoded.session, tmp_path / "bad.hpcm"
    data = bytearray(session.outcome.data)
    data[len(data) // 2] ^= 0x55
    bad.write_bytes(data)
    session.open(large_file)
    qtbot.waitUntil(lambda: session.path == large_file and session.job.is_waited_for, timeout=LONG)
    encoded.come_forward([bad])
    qtbot.waitUntil(lambda: errors(encoded) != [], timeout=LONG)
    assert "damaged" in errors(encoded)[0].message
    assert session.encoding == session.recipe
    session.cancel()


@pytest.mark.parametrize("kind", ["save", "export"])
def test_a_read_only_folder(encoded, tmp_path, qtbot, kind):
    with small_tmpfs(tmp_path / "fixed", "size=64k", "ro") as folder:
        (encoded.session.save if kind == "save" else partial(export_to, encoded))(
            folder / ("out.hpcm" if kind == "save" else "out.png")
        )
        assert "out." in told(encoded, qtbot).message
        assert list(folder.iterdir()) == []
    assert encoded.session.outcome is not None


@pytest.mark.parametrize("kind", ["save", "export"])
def test_a_full_disk_keeps_what_was_there(encoded, tmp_path, qtbot, monkeypatch, kind):
    with small_tmpfs(tmp_path / "full", "size=64k") as folder:
        target = folder / ("out.hpcm" if kind == "save" else "out.png")
        target.write_bytes(b"the old file")
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
        (encoded.session.save if kind == "save" else partial(export_to, encoded))(target)
        assert "out." in told(encoded, qtbot).message
        assert target.read_bytes() == b"the old file"
        assert {path.name for path in folder.iterdir()} == {target.name, "filler"}
        filler.unlink()
        encoded.session.save(folder / "again.hpcm")
        qtbot.waitUntil((folder / "again.hpcm").exists, timeout=LONG)
    assert encoded.session.outcome is not None


def test_a_report_names_what_is_needed_and_the_log_folder_opens(window, tmp_path, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr("app.window.toast.open_folder", lambda folder: opened.append(folder) or True)

    def broken(*_):
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr("app.session.opening.read_either", broken)
    window.session.open(tmp_path / "letter.png")
    qtbot.waitUntil(lambda: errors(window) != [], timeout=LONG)
    notice = errors(window)[0]
    buttons = {button.text(): button for button in window.toasts.shown[0].findChildren(QPushButton)}
    buttons["Copy report"].click()
    report = QGuiApplication.clipboard().text()
    assert notice.message in report
    assert "Traceback" in report
    assert "HPCM Studio" in report
    buttons["Open log folder"].click()
    assert len(opened) == 1


def test_an_alpha_picture_with_a_bad_profile_still_opens(window, tmp_path, qtbot, sample):
    path = tmp_path / "odd.png"
    replace(sample, icc=b"not a profile").save(path)
    window.session.encode_on_change = False
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.original is not None, timeout=LONG)
    assert isinstance(window.session.original.picture, Picture)
