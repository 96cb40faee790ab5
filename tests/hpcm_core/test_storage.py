"""Places by URL: fsspec's own file systems stand for object storage."""

from __future__ import annotations

import os
import sys

import pytest

from hpcm_core import storage
from hpcm_core.errors import HpcmError, PictureError
from hpcm_core.format.container import SIGNATURE
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust

pytest.importorskip("upath")


@pytest.fixture
def bucket(tmp_path):
    """A place in memory with two pictures, and the same as files."""
    place = storage.place(f"memory://{tmp_path.name}")
    for name, left in (("a.png", 0), ("sub/b.png", 256)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Picture(photo(64, 64, left)).save(tmp_path / name)
        storage.write(place / name, (tmp_path / name).read_bytes())
    storage.write(place / "notes.txt", b"none")
    return place


def test_places(tmp_path):
    assert storage.place("a/b") == storage.place("a/b").__class__("a/b")
    url = "file://" + "/a%20b/c.png"
    assert storage.is_local(storage.place(url))
    assert storage.place(url).as_posix().endswith("/a b/c.png")
    assert storage.place("file://localhost/a#1?.png").as_posix().endswith("/a#1?.png")
    for elsewhere in ("file://out", "file://other/out"):
        with pytest.raises(HpcmError, match=f"{elsewhere} cannot be opened: after file:// comes a path"):
            storage.place(elsewhere)
    assert not storage.is_local(storage.place("memory://a"))
    with pytest.raises(HpcmError, match="nosuch://a cannot be opened"):
        storage.place("nosuch://a")


def test_without_fsspec(monkeypatch):
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(HpcmError, match=r"pip install 'hpcm-studio\[cluster\]'"):
        storage.place("s3://bucket/a")
    assert storage.is_local(storage.place("a"))


def test_reading_and_writing(bucket):
    assert storage.open_picture(bucket / "a.png").width == 64
    assert [path.name for path in storage.pictures_in(bucket)] == ["a.png"]
    assert [path.name for path in storage.pictures_in(bucket, recursive=True)] == ["a.png", "b.png"]
    for name in (".hidden.png", "sub/.thumbs/b.png", ".git/c.png"):
        storage.write(bucket / name, b"none")
    assert [path.name for path in storage.pictures_in(bucket, recursive=True)] == ["a.png", "b.png"], "as on disk"
    before = storage.stamp(bucket / "a.png")
    assert storage.stamp(bucket / "a.png") == before
    storage.write(bucket / "a.png", b"other")
    assert storage.stamp(bucket / "a.png") != before
    assert storage.sha256(bucket / "a.png") == "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
    with pytest.raises(PictureError, match=r"none/a\.png cannot be read: No such file"):
        storage.open_picture(bucket / "none" / "a.png")
    storage.write(bucket / "empty" / "notes.txt", b"")
    with pytest.raises(PictureError, match="no picture in"):
        storage.pictures_in(bucket / "empty")
    with pytest.raises(PictureError, match="is not a folder"):
        storage.pictures_in(bucket / "none")


def test_errors_of_the_libraries_are_sentences(bucket, monkeypatch):
    class Denied(Exception):
        pass

    def refuse(*_, **__):
        raise Denied("no credentials\nand a long story")

    monkeypatch.setattr(type(bucket.fs), "_open", refuse)
    with pytest.raises(PictureError, match=r"a\.png cannot be read: no credentials\.$"):
        storage.read(bucket / "a.png")
    monkeypatch.setattr(type(bucket.fs), "pipe_file", refuse, raising=False)
    with pytest.raises(HpcmError, match="cannot be written: no credentials"):
        storage.write(bucket / "b.png", b"x")


def test_a_batch_in_object_storage(bucket, tmp_path):
    run("batch", tmp_path, "-o", tmp_path / "out", "-r")
    run("batch", bucket, "-o", f"{bucket}/out", "-r", "--manifest", tmp_path / "m.jsonl")
    for name in ("a.hpcm", "sub/b.hpcm"):
        assert storage.read(bucket / "out" / name) == (tmp_path / "out" / name).read_bytes()
    again = run("batch", bucket, "-o", f"{bucket}/out", "-r", "--manifest", tmp_path / "m.jsonl")
    assert "2 skipped" in again.output
    assert "written before" in again.output


def test_the_batch_goes_beside_its_pictures(bucket):
    run("batch", bucket / "a.png")
    assert storage.read(bucket / "a.hpcm").startswith(SIGNATURE)


@pytest.mark.skipif(os.name != "posix", reason="POSIX paths in URLs")
def test_file_urls(tmp_path):
    Picture(photo(64, 64)).save(tmp_path / "a.png")
    run("batch", f"file://{tmp_path}", "-o", f"file://{tmp_path}/out")
    assert (tmp_path / "out" / "a.hpcm").is_file()
