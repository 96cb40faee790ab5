"""Where results go: what is refused before the work, and names of every kind."""

from __future__ import annotations

import errno
import json
import os
import threading

import pytest

from hpcm_core import codec
from hpcm_core.cli import places
from hpcm_core.errors import HpcmError
from hpcm_core.picture import writing
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.scaling import scaled
from hpcm_core.picture.size import Size
from tests.hpcm_core.cli.test_main import pictures, run  # noqa: F401 - a fixture
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust

posix = pytest.mark.skipif(os.name != "posix", reason="names of other kinds than Windows has")


@pytest.fixture(autouse=True)
def folder(pictures, monkeypatch):  # noqa: F811
    monkeypatch.chdir(pictures)
    return pictures


@pytest.fixture
def idle(monkeypatch):
    """Nothing may be coded: what is wrong must be noticed before."""
    for name in ("encode", "decode"):
        monkeypatch.setattr(codec, name, lambda *_, **__: pytest.fail("The work was done first."))


@pytest.fixture(scope="module")
def data():
    from hpcm_core.recipe import Recipe

    return codec.encode(Picture(photo(64, 64)), Recipe(), reconstruct=False).data


def refused(*arguments, code=2):
    """What is said about arguments that are refused."""
    result = run(*arguments, code=code)
    assert "Traceback" not in result.stderr
    assert ".tmp" not in result.stderr
    return result.stderr


@pytest.mark.usefixtures("idle")
def test_no_picture_is_overwritten_by_a_file_of_another_kind(folder):
    (folder / "photo.jpg").write_bytes(b"precious")
    for arguments in (
        ("encode", "a.png", "-o", "photo.jpg"),
        ("encode", "a.png", "-o", "photo.jpg", "--force"),
        ("encode", "a.png", "-o", "new.JPG"),
    ):
        assert "should end on .hpcm" in refused(*arguments)
    (folder / "notes.txt").write_bytes(b"precious")
    assert "--force" in refused("encode", "a.png", "-o", "notes.txt")
    (folder / "a.hpcm").touch()
    assert "should end on .png" in refused("decode", "a.hpcm", "-o", "b.hpcm")
    assert "should end on .png" in refused("decode", "a.hpcm", "-o", "b.gif")
    assert "cannot be saved" in refused("decode", "a.hpcm", "--format", "gif")
    assert (folder / "photo.jpg").read_bytes() == (folder / "notes.txt").read_bytes() == b"precious"
    assert not (folder / "new.JPG").exists()


@pytest.mark.usefixtures("idle")
def test_a_format_and_a_name_that_disagree(folder):
    """Neither is dropped without a word."""
    (folder / "a.hpcm").touch()
    for arguments in (
        ("decode", "a.hpcm", "--format", "jpg", "-o", "out.png"),
        ("inspect", "bits", "a.hpcm", "--format", "png", "-o", "out.npz"),
        ("inspect", "erf", "a.hpcm", "--format", "npz", "-o", "out.png"),
    ):
        assert f"{arguments[-1]} is not the name of a {arguments[-3]} file" in refused(*arguments)


def test_a_format_goes_with_each_of_its_endings(folder, data):
    (folder / "a.hpcm").write_bytes(data)
    run("decode", "a.hpcm", "--format", "jpg", "-o", "out.jpeg")
    assert (folder / "out.jpeg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize("command", [("batch",), ("duel",), ("inspect", "latents", "--at", "1,1")])
def test_a_report_replaces_no_input(folder, command):
    """Whatever an input is called: a picture needs no ending that says so."""
    before = (folder / "a.png").read_bytes()
    (folder / "shot").write_bytes(before)
    (folder / "link").symlink_to("shot")
    for name in ("shot", "link"):
        assert "is named twice" in refused(*command, "shot", "--csv", name)
    assert (folder / "shot").read_bytes() == before


@pytest.mark.usefixtures("idle")
def test_several_inputs_need_a_folder(folder):
    assert "several inputs need a folder" in refused("encode", "a.png", "b.png", "-o", "x.hpcm")
    assert "several inputs need a folder" in refused("decode", "a.hpcm", "b.hpcm", "-o", "x.png")
    assert not (folder / "x.hpcm").exists()


@pytest.mark.usefixtures("idle")
def test_two_spellings_of_one_output(folder):
    (folder / "a.jpg").write_bytes((folder / "a.png").read_bytes())
    assert "same file" in refused("encode", "a.png", f"../{folder.name}/a.jpg")
    (folder / "sub").mkdir()
    (folder / "sub" / "b.png").write_bytes(b"precious")
    (folder / "sub" / "b.hpcm").touch()
    error = refused("decode", "sub/b.hpcm", f"../{folder.name}/sub/b.png", "--force")
    assert "is an input" in error, "one input's result is another input"


@posix
@pytest.mark.usefixtures("idle")
def test_two_spellings_of_one_output_through_a_link(folder):
    (folder / "link").symlink_to(folder)
    (folder / "a.jpg").write_bytes((folder / "a.png").read_bytes())
    assert "same file" in refused("encode", "a.png", "link/a.jpg")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("nowhere/x.hpcm", "The folder nowhere does not exist"),
        ("a.png/x.hpcm", "a.png/x.hpcm cannot be written: Not a directory"),
        ("a.png/out/", "a.png/out cannot be written: Not a directory"),
        ("a.png/", "a.png cannot be written: File exists"),
        ("", "a name is empty"),
        pytest.param("/proc/new/", "/proc/new cannot be written", marks=posix),
        pytest.param("/proc/new.hpcm", "/proc/new.hpcm cannot be written", marks=posix),
        pytest.param("/dev/null/x/", "/dev/null/x cannot be written", marks=posix),
    ],
)
@pytest.mark.parametrize("command", ["encode", "decode"])
def test_outputs_that_cannot_be_are_noticed_before_the_work(folder, command, output, message):
    (folder / "a.hpcm").touch()
    source = "a.png" if command == "encode" else "a.hpcm"
    output = output.replace(".hpcm", ".png") if command == "decode" else output
    message = message.replace("x.hpcm", "x.png").replace("new.hpcm", "new.png") if command == "decode" else message
    assert message in refused(command, source, "-o", output).replace(os.sep, "/")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize("command", ["encode", "decode", "info"])
@pytest.mark.parametrize("name", [".", "..", "/", "sub"])
def test_folders_as_inputs(folder, command, name):
    (folder / "sub").mkdir()
    assert refused(command, name, code=1).startswith((f"{name} is a folder", f"{name} cannot be read: "))
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.png", "sub"]


@pytest.mark.parametrize("command", ["encode", "decode", "info", "batch", "eval", "rd"])
def test_an_empty_name(command):
    assert "a name is empty" in refused(command, "")
    assert "zero byte" in refused(command, "a\0b")


@posix
def test_the_longest_names(folder, data):
    """251 bytes and .png are a name, 251 and .hpcm are none."""
    for length in (250, 251):
        (folder / f"{'x' * length}.png").write_bytes((folder / "a.png").read_bytes())
    long = f"{'x' * 251}.png"
    result = run("encode", long, f"{'x' * 250}.png", "b.png", "--no-metrics", code=1)
    assert f"{'x' * 251}.hpcm cannot be written: File name too long." in result.stderr
    assert ".tmp" not in result.stderr
    assert (folder / f"{'x' * 250}.hpcm").exists()
    assert (folder / "b.hpcm").exists()
    assert "File name too long" in refused("encode", "a.png", "-o", "y" * 256)
    assert "File name too long" in refused("encode", f"{'x' * 300}.png", code=1)


@posix
def test_a_name_that_is_no_text(folder):
    name = os.fsdecode(b"\xff\x1b.png")
    (folder / name).write_bytes((folder / "a.png").read_bytes())
    result = run("encode", name, "--no-metrics")
    assert r"\udcff\x1b.hpcm" in result.output
    assert os.path.exists(b"\xff\x1b.hpcm")
    assert json.loads(run("info", os.fsdecode(b"\xff\x1b.hpcm"), "--json").output)["files"][0]["width"] == 80


@posix
def test_a_fifo_is_written_to(folder, data):
    (folder / "a.hpcm").write_bytes(data)
    os.mkfifo(folder / "fifo")
    got = []
    reader = threading.Thread(target=lambda: got.append((folder / "fifo").read_bytes()), daemon=True)
    reader.start()
    run("decode", "a.hpcm", "-o", "fifo", "--format", "bmp")
    reader.join(10)
    assert got[0].startswith(b"BM")
    assert (folder / "fifo").is_fifo()


@posix
def test_links_that_lead_nowhere(folder):
    (folder / "gone.png").symlink_to(folder / "nothing.png")
    assert "does not exist" in refused("encode", "gone.png", code=1)
    (folder / "gone.hpcm").symlink_to(folder / "nothing.hpcm")
    assert "cannot be read" in refused("info", "gone.hpcm", code=1)
    run("encode", "a.png", "-o", "gone.hpcm", "--no-metrics")
    assert (folder / "gone.hpcm").is_symlink()
    assert (folder / "nothing.hpcm").is_file()


@posix
@pytest.mark.usefixtures("idle")
def test_links_in_an_output_folder_choose_no_place(folder):
    """Who may write into that folder must not say where its user's files are written, or what they replace."""
    (folder / "out").mkdir()
    (folder / "out" / "a.hpcm").symlink_to(folder / "elsewhere")
    assert "leads nowhere" in refused("encode", "a.png", "-o", "out")
    (folder / "elsewhere").write_bytes(b"precious")
    assert "exists" in refused("encode", "a.png", "-o", "out")
    (folder / "a.hpcm").symlink_to(folder / "nothing")
    assert "leads nowhere" in refused("encode", "a.png")
    assert (folder / "elsewhere").read_bytes() == b"precious"
    assert not (folder / "nothing").exists()


def test_one_input_that_cannot_be_saved_does_not_end_the_run(folder, data, monkeypatch):
    for name in ("a.hpcm", "b.hpcm", "c.hpcm"):
        (folder / name).write_bytes(data)
    encode = writing.encoded

    def failing(picture, suffix, quality=None, fault=iter((MemoryError(), KeyError("what nobody foresaw")))):  # noqa: B008
        for error in fault:
            raise error
        return encode(picture, suffix, quality)

    monkeypatch.setattr(writing, "encoded", failing)
    result = run("decode", "a.hpcm", "b.hpcm", "c.hpcm", "-o", "out", code=1)
    assert result.stderr.splitlines() == [
        "a.hpcm: There is not enough memory.",
        "b.hpcm: unexpected KeyError: 'what nobody foresaw'",
    ]
    assert [path.name for path in (folder / "out").iterdir()] == ["c.png"]


def test_what_may_not_be_looked_at(folder, monkeypatch):
    """The refusal is made up: an administrator may look at everything, also in tests."""
    refusal = PermissionError(errno.EACCES, "Permission denied", str(folder / "secret"))
    iterdir = type(folder).iterdir

    def listed(path):
        if path.name == "secret":
            raise refusal
        return iterdir(path)

    monkeypatch.setattr(type(folder), "iterdir", listed)
    (folder / "secret").mkdir()
    assert "secret cannot be read: Permission denied." in refused("eval", "secret")
    report = json.loads(run("batch", "secret", ".", "-o", "out", "--min-gain", 99, "--json", code=1).stdout)
    assert report["counts"] == {"done": 0, "skipped": 2, "failed": 1}
    assert report["pictures"][0]["reason"].endswith("secret cannot be read: Permission denied.")


def test_folders_that_can_be_made(folder):
    places.ready_folder(folder / "new" / "below")
    assert not (folder / "new").exists()
    with pytest.raises(HpcmError, match="cannot be written"):
        places.ready_folder(folder / "a.png" / "below")


def test_folders_whatever_is_in_them(folder):
    (folder / "x").mkdir()
    places.ready_folder(folder)
    run("encode", "a.png", "b.png", "-o", ".", "--no-metrics")
    assert (folder / "b.hpcm").exists()


def test_pictures_are_written_at_a_quality_and_a_size(folder, data):
    (folder / "a.hpcm").write_bytes(data)
    wanted = codec.decode(data).picture
    run("decode", "a.hpcm", "-o", "fine.jpg", "--quality", 80)
    assert (folder / "fine.jpg").read_bytes() == wanted.encode(".jpg", 80)
    row = json.loads(run("decode", "a.hpcm", "-o", "a.webp", "--quality", 20, "--size", 40, "--json").output)["files"][
        0
    ]
    assert (row["width"], row["height"]) == (40, 40)
    assert (folder / "a.webp").read_bytes() == scaled(wanted, Size(longest=40)).encode(".webp", 20)
    run("decode", "a.hpcm", "-o", "half.png", "--size", "50%")
    half = Picture.open("half.png")
    assert (half.width, half.height) == (32, 32)
    assert "PNG keeps every sample and takes no quality." in refused(
        "decode", "a.hpcm", "-o", "new.png", "--quality", 80
    )
    assert "TIFF keeps every sample" in refused("decode", "a.hpcm", "--format", "tiff", "--quality", 80)
    assert "A size is the longest side in pixels" in refused("decode", "a.hpcm", "-o", "new.png", "--size", "huge")
    assert not (folder / "new.png").exists()
