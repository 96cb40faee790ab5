"""Pictures in object storage by S3's own protocol, from a server on this machine.

`make check-storage` brings server and s3fs along; without them this is skipped, and test_storage.py has fsspec's memory
instead.
"""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

import pytest

from hpcm_core import storage
from hpcm_core.errors import HpcmError
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.test_codec import photo

NAMES = ("a.png", "b.png", "c.png", "sub/d.png")


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """s3://museum with pictures and a text below scans/, which are in tmp_path/scans too."""
    s3fs, server = pytest.importorskip("s3fs"), pytest.importorskip("moto.server")
    serving = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    serving.start()
    host, port = serving.get_host_and_port()
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    # All servers of a process have one memory.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir("museum")
    place = storage.place("s3://museum")
    for number, name in enumerate(NAMES):
        (tmp_path / "scans" / name).parent.mkdir(parents=True, exist_ok=True)
        Picture(photo(64, 64, 8 * number)).save(tmp_path / "scans" / name)
        storage.write(place / "scans" / name, (tmp_path / "scans" / name).read_bytes())
    storage.write(place / "scans/notes.txt", b"none")
    yield place
    serving.stop()
    s3fs.S3FileSystem.clear_instance_cache()


def test_a_batch_by_two_processes_that_goes_on(bucket, tmp_path):
    out, manifest = bucket / "hpcm", tmp_path / "m.jsonl"
    command = ("batch", bucket / "scans", "-r", "-o", out, "--jobs", 2, "--manifest", manifest, "--json")
    assert json.loads(run(*command).stdout)["counts"] == {"done": 4, "skipped": 0, "failed": 0}
    run("batch", tmp_path / "scans", "-r", "-o", tmp_path / "out")
    wanted = {name: (tmp_path / "out" / name).with_suffix(".hpcm").read_bytes() for name in NAMES}
    assert {name: storage.read((out / name).with_suffix(".hpcm")) for name in NAMES} == wanted
    assert json.loads(run(*command).stdout)["counts"] == {"done": 0, "skipped": 4, "failed": 0}
    # One output is gone, one is another's, and one source is a new object of the same size.
    (out / "a.hpcm").unlink()
    storage.write(out / "b.hpcm", b"mine")
    before = storage.stamp(bucket / "scans/c.png")
    storage.write(bucket / "scans/c.png", bytes(before[0]))
    assert storage.stamp(bucket / "scans/c.png") != before
    document = json.loads(run(*command, code=1).stdout)
    assert document["counts"] == {"done": 1, "skipped": 2, "failed": 1}
    states = {row["source"].rpartition("/")[2]: row["state"] for row in document["pictures"]}
    assert states == {"a.png": "done", "b.png": "failed", "c.png": "skipped", "d.png": "skipped"}
    assert storage.read(out / "a.hpcm") == wanted["a.png"]
    assert storage.read(out / "b.hpcm") == b"mine"


def test_figures_and_pages(bucket, tmp_path):
    def figures(folder):
        rows = json.loads(run("eval", folder, "--quality", 20, "--json").stdout)["pictures"]
        return [{key: value for key, value in row.items() if key != "input" and "seconds" not in key} for row in rows]

    assert figures(bucket / "scans") == figures(tmp_path / "scans")
    for where in (bucket, tmp_path):
        run("duel", where / "scans/a.png", "--at-bytes-of", "lite:20", "--against", "jpeg", "--report", where / "page")
    for name in ("a.hpcm", "a.jpg"):
        assert storage.read(bucket / "page/files" / name) == (tmp_path / "page/files" / name).read_bytes()
    assert storage.read(bucket / "page/duel.html").startswith(b"<!DOCTYPE html>")


def test_what_is_not_there_or_not_allowed_is_a_sentence(bucket):
    for missing in (bucket / "scans/none.png", storage.place("s3://nobody/a.png")):
        with pytest.raises(HpcmError, match=r"cannot be read: ") as caught:
            storage.read(missing)
        assert "\n" not in str(caught.value)
    with pytest.raises(HpcmError, match=r"cannot be written: ") as caught:
        storage.write(storage.place("s3://nobody/a.png"), b"x")
    assert "\n" not in str(caught.value)
