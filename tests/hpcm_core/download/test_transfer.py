"""Downloads end as the whole file or one sentence, whatever a server does; and what has come is not asked for again."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from hpcm_core.download import connection, transfer
from hpcm_core.errors import Cancelled, DownloadError
from hpcm_core.progress import Job
from tests.paths import ROOT

CONTENT = random.Random(1).randbytes(300_000)
CERTIFICATE = """
-----BEGIN CERTIFICATE-----
MIIBNDCB56ADAgECAhQt7zYBmPEOQjR2b+8jjdy2AksfTDAFBgMrZXAwDzENMAsG
A1UEAwwEVGVzdDAgFw0yNjExMjYwMTE0MDRaGA8yMTI2MTEwMjAxMTQwNFowDzEN
MAsGA1UEAwwEVGVzdDAqMAUGAytlcAMhAIJjpDwAVVTNMPxWnM3oR3H18fBA1BMa
vjpkPvZ/TbESo1MwUTAdBgNVHQ4EFgQUxkqfjeFzstgKi0K8uA1pDk8ZBccwHwYD
VR0jBBgwFoAUxkqfjeFzstgKi0K8uA1pDk8ZBccwDwYDVR0TAQH/BAUwAwEB/zAF
BgMrZXADQQAkQTy9hA3sARZyk18mKXbFKqElZG8Y8S+p4B8fAShVqcr4UiFFMqLG
+yKE1MV+ZNXyYNooZ2mB3V7HpseW1b4J
-----END CERTIFICATE-----
"""
"""Of an authority whose key is lost."""
ID = "1Snq7vkWQdApzCe-gK_V"


@pytest.fixture
def part(tmp_path):
    return tmp_path / "downloads" / "model.part"


def fetch(address, part, job=None, most=1 << 20):
    transfer.download(address, part, job or Job(), len(CONTENT), most)


def whole(part):
    return part.read_bytes() == CONTENT


def test_a_plain_file(server, part):
    server.files["/model.pth"] = CONTENT
    seen = []
    fetch(f"{server.address}/model.pth", part, Job(lambda stage, fraction: seen.append((stage, fraction))))
    assert whole(part)
    assert {stage for stage, _ in seen} == {"Downloading"}
    assert seen == sorted(seen)
    assert seen[-1][1] == 1.0
    assert len(seen) > 3
    transfer.discard(part)
    assert list(part.parent.iterdir()) == []


@pytest.mark.parametrize("page", ["/file/d/{id}/view?usp=drive_link", "/open?id={id}", "/uc?export=download&id={id}"])
@pytest.mark.parametrize("old", [False, True])
def test_google_drive(server, part, page, old):
    server.files[ID], server.old_pages = CONTENT, old
    fetch(server.address + page.format(id=ID), part)
    assert whole(part)
    assert len(server.asked) == (2 if old else 3), "uc, page, file"


@pytest.mark.parametrize("pages", [False, True])
@pytest.mark.parametrize("after", [300, 100_000])
def test_google_drive_is_continued(server, part, pages, after):
    server.files[ID], server.cut_after, server.cuts, server.ranged_pages = CONTENT, after, 2, pages
    fetch(f"{server.address}/file/d/{ID}/view", part)
    assert whole(part)
    starts = [None, f"bytes={after}-", f"bytes={2 * after}-"]
    assert [asked for path, asked in server.asked if "confirm=t" in path] == starts


def test_cut_connections_are_continued(server, part):
    server.files["/m"], server.cut_after = CONTENT, 70_000
    fetch(f"{server.address}/m", part)
    assert whole(part)
    starts = [None, *(f"bytes={n}-" for n in (70_000, 140_000, 210_000, 280_000))]
    assert [asked for _, asked in server.asked] == starts


@pytest.mark.parametrize("etag", ['"one"', None])
def test_a_stopped_download_is_continued_another_time(server, part, etag):
    server.files["/m"], server.etag = CONTENT, etag

    def stop_after(bytes_):
        return Job(cancel=lambda: transfer.begun(part) >= bytes_)

    with pytest.raises(Cancelled):
        fetch(f"{server.address}/m", part, stop_after(1))
    have = transfer.begun(part)
    assert 0 < have < len(CONTENT)
    fetch(f"{server.address}/m", part)
    assert whole(part)
    assert server.asked[-1][1] == f"bytes={have}-"
    fetch(f"{server.address}/m", part)
    assert len(server.asked) == 2, "what is whole is not asked for"


def begun(server, part, have=100_000):
    """A part of /m, from an earlier try."""
    transfer.discard(part)
    server.files["/m"], server.cut_after = CONTENT, have
    server.ranges = False
    with pytest.raises(DownloadError):
        fetch(f"{server.address}/m", part)
    assert part.read_bytes() == CONTENT[:have]
    server.cut_after, server.ranges = None, True
    server.asked.clear()


def test_a_file_that_has_changed_meanwhile_is_begun_anew(server, part):
    begun(server, part)
    other = CONTENT[::-1]
    server.files["/m"], server.etag = other, '"two"'
    fetch(f"{server.address}/m", part)
    assert part.read_bytes() == other
    assert server.asked[0][1] == "bytes=100000-"


@pytest.mark.parametrize("etag", ['"one"', None])
def test_a_file_of_another_length_is_begun_anew(server, part, etag):
    server.etag = etag
    begun(server, part)
    server.files["/m"] = other = CONTENT[:50_000]
    fetch(f"{server.address}/m", part)
    assert part.read_bytes() == other
    begun(server, part, 20_000)
    server.files["/m"] = other = CONTENT[::-1] + b"x"
    fetch(f"{server.address}/m", part)
    assert part.read_bytes() == other


def test_another_address_is_begun_anew(server, part):
    begun(server, part)
    server.files["/n"] = CONTENT[::-1]
    fetch(f"{server.address}/n", part)
    assert part.read_bytes() == CONTENT[::-1]
    assert server.asked == [("/n", None)]


def test_a_damaged_note_is_no_note(server, part):
    for note in ("", "[]", '{"address": 1}', '{"address": "x", "validator": "", "total": "y"}'):
        begun(server, part)
        part.with_name(part.name + ".json").write_text(note)
        fetch(f"{server.address}/m", part)
        assert whole(part)
        assert server.asked[0][1] is None


def test_a_server_without_ranges_or_lengths(server, part):
    begun(server, part)
    server.ranges = server.lengths = False
    fetch(f"{server.address}/m", part)
    assert whole(part)


def test_a_server_that_sends_another_part(server, part):
    begun(server, part)
    server.wrong_ranges = True
    fetch(f"{server.address}/m", part)
    assert whole(part)
    assert [asked for _, asked in server.asked] == ["bytes=100000-", None]


def test_a_busy_server_is_asked_again(server, part):
    server.files["/m"], server.busy = CONTENT, 3
    fetch(f"{server.address}/m", part)
    assert whole(part)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/absent", "There is no file at http://127.0.0.1"),
        ("/uc?id=absent", "There is no file at"),
        ("/page.pth", "is a page of the web, not the file"),
        ("/fake", "is a page of the web, not the file"),
    ],
)
def test_no_file(server, part, path, words):
    server.files["/fake"] = b"\n<!DOCTYPE HTML><p>Not a checkpoint" + CONTENT
    with pytest.raises(transfer.NotThere, match=words):
        fetch(server.address + path, part)
    assert transfer.begun(part) == 0
    assert len(server.asked) == 1, "there is no use in asking again"


@pytest.mark.parametrize("status", [200, 403, 429])
def test_quota(server, part, status):
    server.files[ID], server.quota = CONTENT, status
    with pytest.raises(DownloadError, match="too many have downloaded it lately") as caught:
        fetch(f"{server.address}/file/d/{ID}/view", part)
    assert not isinstance(caught.value, transfer.NotThere)


def test_a_server_that_never_gets_on_is_given_up(server, part):
    server.files["/m"], server.busy = CONTENT, 99
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 cannot be reached, or breaks off again and again: 503"):
        fetch(f"{server.address}/m", part)
    assert len(server.asked) == 4
    server.busy, server.ranges, server.cut_after = 0, False, 5000
    with pytest.raises(DownloadError, match="the connection was cut"):
        fetch(f"{server.address}/m", part)


def test_nobody_answers(part, server):
    with pytest.raises(DownloadError, match="refused"):
        fetch("http://127.0.0.1:1/m", part)


def test_a_connection_that_says_nothing_is_cut(server, part, monkeypatch):
    monkeypatch.setattr(transfer, "TIMEOUT", 0.2)
    server.files["/m"], server.cut_after, server.cuts, server.stall = CONTENT, 100_000, 1, True
    fetch(f"{server.address}/m", part)
    assert whole(part)
    assert len(server.asked) == 2


@pytest.mark.parametrize("lengths", [True, False])
def test_what_is_too_large_is_refused(server, part, lengths):
    server.files["/m"], server.lengths = CONTENT, lengths
    seen = []
    with pytest.raises(DownloadError, match=r"is larger than 0\.0 GB"):
        fetch(f"{server.address}/m", part, Job(lambda _, fraction: seen.append(fraction)), most=100_000)
    assert (seen == [0.0]) is lengths, "nothing is taken of what says its length"
    assert transfer.begun(part) == 0


def test_a_full_disk_is_told_before(server, part, monkeypatch):
    server.files["/m"] = CONTENT
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda _: SimpleNamespace(free=299_999))
    with pytest.raises(DownloadError, match="has no room for the file"):
        fetch(f"{server.address}/m", part)
    assert transfer.begun(part) == 0


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "file:///etc/passwd", "C:\\models", "http://", "http://[::1", "https://", "http:///x"]
)
def test_what_is_no_address(part, address):
    with pytest.raises(DownloadError, match="is no address of the web"):
        fetch(address, part)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ftp://127.0.0.1/x", "ftp://127.0.0.1/x is no address of the web"),
        ("file:///etc/passwd", "refuses to give the file"),
        ("http://[", "is no address of the web"),
    ],
)
def test_redirects_lead_to_the_web_only(server, part, target, words):
    server.elsewhere = target
    with pytest.raises(DownloadError, match=words):
        fetch(f"{server.address}/moved", part)
    assert transfer.begun(part) == 0


def test_redirects_in_a_circle_end(server, part):
    server.elsewhere = f"{server.address}/moved"
    with pytest.raises(DownloadError, match="refuses to give the file"):
        fetch(f"{server.address}/moved", part)


def test_nothing_leads_away_from_encryption():
    connection.check_scheme("https://x.org/a", "https://y.org")
    connection.check_scheme("https://x.org/a", "http://y.org")
    with pytest.raises(DownloadError, match=r"y\.org leads on to an address that is not encrypted"):
        connection.check_scheme("http://x.org/a", "https://y.org")


def test_without_openssl(part, server, monkeypatch):
    monkeypatch.setitem(sys.modules, "ssl", None)
    with pytest.raises(DownloadError, match=r"https://x\.org/m is encrypted, and this system has no OpenSSL 3"):
        fetch("https://x.org/m", part)
    server.files["/m"] = CONTENT
    fetch(f"{server.address}/m", part)
    assert whole(part)


def test_certificates_of_another_distribution(monkeypatch, tmp_path):
    """A bundled OpenSSL looks where its builder's system had them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "bundle.crt").write_text(CERTIFICATE)
    monkeypatch.setattr(connection, "_AUTHORITIES", (str(tmp_path / "absent"), str(tmp_path / "bundle.crt")))
    assert connection._encryption().cert_store_stats()["x509_ca"] == 1


def test_an_address_as_people_type_it(server, part):
    server.files["/Modelle%20f%C3%BCr%20mich"] = CONTENT
    fetch(f" {server.address}/Modelle für mich ", part)
    assert whole(part)


def test_two_at_once(server, part):
    server.files["/m"], server.cut_after, server.stall = CONTENT, 1000, True
    stopped = threading.Event()
    ended = []

    def first():
        try:
            fetch(f"{server.address}/m", part, Job(cancel=stopped.is_set))
        except Cancelled:
            ended.append(True)

    thread = threading.Thread(target=first)
    thread.start()
    while transfer.begun(part) < 1000:
        thread.join(0.01)
        assert thread.is_alive()
    # In a process of its own, as the other one would be.
    script = (
        "import sys; from pathlib import Path; from hpcm_core.download.transfer import *\n"
        "try: download(sys.argv[1], Path(sys.argv[2]), Job(), 1, 9)\nexcept DownloadError as error: print(error)"
    )
    command = [sys.executable, "-c", script, f"{server.address}/m", str(part)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "model is being downloaded already."
    stopped.set()
    server.let_go.set()
    thread.join()
    assert ended
    assert part.read_bytes() == CONTENT[:1000]


def test_a_folder_that_cannot_be_written(server, tmp_path):
    server.files["/m"] = CONTENT
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match="cannot be written"):
        fetch(f"{server.address}/m", tmp_path / "file" / "m.part")
