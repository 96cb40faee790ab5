"""Names of files, and replacing them, as the systems differ."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest

from hpcm_core import files
from hpcm_core.errors import PictureError


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a:b", "a?", 'a"', "a\0"])
def test_names_that_no_system_takes(name, windows):
    assert files.name_fault(name, windows)


def test_names_like_that_of_a_file_that_there_is():
    name = "Shot 12:30:45.hpcm"
    assert files.name_fault(name, windows=False)
    assert files.name_fault(name, windows=False, like="Shot 12:30:45.png") is None
    assert files.name_fault("a?.hpcm", windows=False, like="Shot 12:30:45.png")
    assert files.name_fault(name, windows=True, like="Shot 12:30:45.png"), "it is elsewhere, as in object storage"
    assert files.name_fault("a/b", windows=False, like="a/b")


@pytest.mark.parametrize(
    "name", ["CON", "con.hpcm", "Nul.a.hpcm", "com1.hpcm", "LPT9", "COM².hpcm", "aux .hpcm", "a.", "a ", "a\n.hpcm"]
)
def test_names_that_windows_does_not_take(name):
    assert files.name_fault(name, windows=True)
    assert files.name_fault(name, windows=False) is None


@pytest.mark.parametrize(
    "name", ["a.hpcm", "console.hpcm", "com10.hpcm", "Größe 1.hpcm", ".hpcm", "a..hpcm", "日本.hpcm"]
)
def test_names_that_all_systems_take(name):
    assert files.name_fault(name, windows=True) is None
    assert files.name_fault(name, windows=False) is None


def test_pictures_of_a_folder(tmp_path):
    for name in (
        "b.PNG",
        "a.jpg",
        "below/c.webp",
        "notes.txt",
        "empty/notes.txt",
        "no.png/x.txt",
        "._a.jpg",
        ".t/c.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    here = [tmp_path / "a.jpg", tmp_path / "b.PNG"]
    assert files.picture_files(tmp_path, recursive=False) == here
    assert files.picture_files(tmp_path) == [*here, tmp_path / "below/c.webp"]
    assert files.picture_files(tmp_path / "empty", required=False) == []
    with pytest.raises(PictureError, match=r"^There is no picture in .*empty\.$"):
        files.picture_files(tmp_path / "empty")
    with pytest.raises(PictureError, match=r"notes\.txt is not a folder\.$"):
        files.picture_files(tmp_path / "notes.txt", required=False)


@pytest.fixture
def busy(monkeypatch):
    """Windows, where the target is open in another program for a number of attempts."""
    left, pauses, replace = [0], [], os.replace

    def refuse(source, target):
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Access is denied", str(target))
        replace(source, target)

    monkeypatch.setattr(files, "WINDOWS", True)
    monkeypatch.setattr(files.os, "replace", refuse)
    monkeypatch.setattr(files.time, "sleep", pauses.append)
    return left, pauses


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path, busy):
    left, pauses = busy
    target = tmp_path / "a.hpcm"
    target.write_bytes(b"old")
    left[0] = 3
    files.atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert len(pauses) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.hpcm"]


def test_a_file_that_stays_open_is_left_as_it_is(tmp_path, busy):
    left, pauses = busy
    target = tmp_path / "a.hpcm"
    target.write_bytes(b"old")
    left[0] = 100
    with pytest.raises(PermissionError):
        files.atomic_write(target, b"new")
    assert target.read_bytes() == b"old"
    assert sum(pauses) < 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.hpcm"]


def test_elsewhere_nothing_is_tried_twice(tmp_path, busy, monkeypatch):
    left, pauses = busy
    monkeypatch.setattr(files, "WINDOWS", False)
    left[0] = 1
    with pytest.raises(PermissionError):
        files.atomic_write(tmp_path / "a.hpcm", b"new")
    assert pauses == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFOs among its files")
@pytest.mark.parametrize("name", ["fifo", "link"])
def test_what_is_no_file_is_written_to_and_stays(tmp_path, name):
    """A FIFO here. As root, /dev/null was replaced by a file once."""
    fifo, got = tmp_path / "fifo", []
    os.mkfifo(fifo)
    (tmp_path / "link").symlink_to(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()), daemon=True)
    reader.start()
    files.check_writable(tmp_path / name)
    files.atomic_write(tmp_path / name, b"new")
    reader.join(10)
    assert got == [b"new"]
    assert fifo.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fifo", "link"]


@pytest.mark.parametrize("name", ["a" * 256, "nowhere/a.hpcm", "file/a.hpcm", "folder"])
def test_errors_name_what_was_asked_for(tmp_path, name):
    """Never the temporary file."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r".") as caught:
        files.atomic_write(tmp_path / name, b"new")
    assert ".tmp" not in str(caught.value)
    assert caught.value.filename == str(tmp_path / name)
    with pytest.raises(OSError, match=r"."):
        files.check_writable(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_asking_whether_a_file_can_be_written_leaves_all_as_it_was(tmp_path):
    files.check_writable(tmp_path / "new.hpcm")
    assert not list(tmp_path.iterdir())
    (tmp_path / "old.hpcm").write_bytes(b"old")
    files.check_writable(tmp_path / "old.hpcm")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    target = tmp_path / "a.hpcm"
    files._temporary(target, target)[1].close()
    assert len(list(tmp_path.iterdir())) == 1
    files.atomic_write(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.hpcm"]


LOCKS = pytest.mark.skipif(files.WINDOWS, reason="on Windows an open file needs no lock")


@pytest.mark.parametrize("moment", ["open", pytest.param("lock", marks=LOCKS), "fsync"])
def test_a_signal_leaves_nothing_whenever_it_comes(tmp_path, monkeypatch, moment):
    """Also when the temporary file is there and nobody has it in hand yet: SIGTERM is an exception in a worker."""
    module, done = {"open": (Path, Path.open), "lock": (files, files.lock), "fsync": (os, os.fsync)}[moment]

    def then_the_signal(*args):
        monkeypatch.undo()
        done(*args)
        raise SystemExit

    monkeypatch.setattr(module, moment, then_the_signal)
    with pytest.raises(SystemExit):
        files.atomic_write(tmp_path / "a.hpcm", b"new")
    assert not list(tmp_path.iterdir())


def test_an_error_leaves_nothing_where_there_are_no_locks(tmp_path, monkeypatch):
    """As on some network file systems, where what is closed is nobody's to remove."""

    def refuse(descriptor, wait=False):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    def stop(descriptor):
        raise SystemExit

    monkeypatch.setattr(files, "lock", refuse)
    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(SystemExit):
        files.atomic_write(tmp_path / "a.hpcm", b"new")
    assert not list(tmp_path.iterdir())


def test_what_another_is_writing_stays(tmp_path):
    target = tmp_path / "a.hpcm"
    with files.replacing(target) as first:
        first.write(b"first")
        files.check_writable(target)
        files.atomic_write(target, b"second")
        assert target.read_bytes() == b"second"
    assert target.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.hpcm"]


def test_a_file_for_one_alone(tmp_path):
    path = tmp_path / "lines"
    with files.open_alone(path) as file:
        files.append_line(file, b"one\n")
        with pytest.raises(BlockingIOError):
            files.open_alone(path)
        files.append(file, b"half")
    with files.open_alone(path) as file:
        files.append_line(file, b"two\n")
    assert path.read_bytes() == b"one\nhalf\ntwo\n"


def test_others_wait_for_a_folder(tmp_path):
    order = []

    def other():
        with files.one_at_a_time(tmp_path):
            order.append("other")

    thread = threading.Thread(target=other)
    with files.one_at_a_time(tmp_path):
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "other"]


class Full(io.BytesIO):
    """A disk with room for three bytes more."""

    def write(self, data):
        if len(data) > 3:
            super().write(data[:3])
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_what_does_not_fit_is_not_added_at_all():
    file = Full(b"one\n")
    with pytest.raises(OSError, match="No space"):
        files.append(file, b"second\n")
    assert file.getvalue() == b"one\n"
