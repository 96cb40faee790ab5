"""Standard streams: `-` as a file, streams that are closed or full, and the user's Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hpcm_core.cli.main import main
from hpcm_core.cli.output import printable
from hpcm_core.format import container
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.png_chunks import chunk
from tests.hpcm_core.cli.terminal import shown_by
from tests.hpcm_core.cli.test_main import pictures  # noqa: F401 - a fixture
from tests.hpcm_core.format.chunks import PLAIN
from tests.hpcm_core.test_codec import photo

HPCM = (sys.executable, "-m", "hpcm_core.cli")

pytestmark = pytest.mark.usefixtures("pictures")
posix = pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams, and signals")


@pytest.fixture(autouse=True)
def folder(pictures, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PYTHONPATH", os.getcwd() + os.pathsep + os.environ.get("PYTHONPATH", ""))
    monkeypatch.chdir(pictures)
    return pictures


def process(*arguments, data=b"", code=0):
    """What a command writes to standard output and to standard error, in a process of its own."""
    result = subprocess.run([*HPCM, *arguments], input=data, capture_output=True, timeout=120, check=False)
    assert result.returncode == code, result.stderr
    assert b"Traceback" not in result.stderr
    return result.stdout, result.stderr


def pipe(*arguments, data=b"", code=0):
    """The same within this process, whose standard streams are pipes meanwhile: faster."""
    (source, feed), (out, to_out), (err, to_err) = (os.pipe() for _ in range(3))

    def write():
        with open(feed, "wb") as stream:
            stream.write(data)

    def read(end):
        with open(end, "rb") as stream:
            return stream.read()

    with ThreadPoolExecutor(3) as others, pytest.MonkeyPatch.context() as patch:
        others.submit(write)
        shown = [others.submit(read, end) for end in (out, err)]
        with open(source) as stdin, open(to_out, "w") as stdout, open(to_err, "w") as stderr:
            patch.setattr(sys, "argv", ["hpcm", *arguments])
            for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as end:
                main()
    assert end.value.code == code, shown[1].result()
    return tuple(part.result() for part in shown)


def shell(line, code=0):
    """A line of the shell that begins with the command."""
    command = ["sh", "-c", f"'{sys.executable}' -m hpcm_core.cli {line.removeprefix('hpcm ')}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
    return result


def test_pictures_and_files_through_pipes(folder):
    source = (folder / "a.png").read_bytes()
    data, words = process("encode", "-", "--no-metrics", "--json", data=source)
    assert json.loads(words)["files"][0]["bytes"] == len(data)
    assert container.read_header(data).width == 80
    (folder / "a.hpcm").write_bytes(data)
    jpeg, words = process("decode", "-", "--format", "jpg", data=data)
    assert jpeg.startswith(b"\xff\xd8\xff")
    assert b"seconds" in words
    assert b"width 80" in pipe("info", "-", data=data)[0]
    by_pipe = [
        json.loads(process("compare", "--json", *names, data=through)[0])["psnr"]
        for names, through in (
            (("a.png", "a.hpcm"), b""),
            (("-", "a.hpcm"), source),
            (("a.png", "-"), data),
        )
    ]
    assert by_pipe[0] == by_pipe[1] == by_pipe[2] > 25
    # A file as the input of a pipe, a pipe as the input of a file.
    assert pipe("encode", "a.png", "-o", "-", "--no-metrics")[0] == data
    pipe("decode", "-", "-o", "out.png", data=data)
    assert Picture.open("out.png").width == 80
    assert not (folder / "-").exists()


def test_what_is_left_out_is_said_beside_the_data(folder):
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    frames[0].save(folder / "a.gif", save_all=True, append_images=frames[1:])
    data, words = pipe("encode", "-", "--no-metrics", data=(folder / "a.gif").read_bytes())
    assert container.read_header(data).width == 64
    assert b"left out: all but one" in words
    commented = PngInfo()
    commented.add_text("Title", "A lake")
    frames[0].save(folder / "text.png", pnginfo=commented)
    data = pipe("encode", "-", "--no-metrics", data=(folder / "text.png").read_bytes())[0]
    webp, words = pipe("decode", "-", "--format", "webp", data=data)
    assert int.from_bytes(webp[4:8], "little") + 8 == len(webp)
    assert b"left out: text in the file (Title)" in words


@posix
def test_standard_output_by_its_other_name(folder):
    plain = shell("hpcm encode a.png --no-metrics -o plain.hpcm; cat plain.hpcm | wc -c").stdout.split()[-1]
    for end in ("| cat > b.hpcm", "> c.hpcm"):
        assert "bytes" in shell(f"hpcm encode a.png --no-metrics -o /dev/stdout {end}").stderr
    assert (folder / "b.hpcm").read_bytes() == (folder / "c.hpcm").read_bytes()
    assert (folder / "b.hpcm").stat().st_size == int(plain)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encode", "-", "a.png", "-o", "out"], b"Standard input comes alone"),
        (["encode", "-", "-"], b"Standard input comes alone"),
        (["encode", "-", "-o", "out/"], b"has no name"),
        (["encode", "a.png", "b.png", "-o", "-"], b"Standard output takes one result"),
        (["compare", "-", "-"], b"one of the two only"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_pipes_that_cannot_be(folder, arguments, message):
    assert message in pipe(*arguments, code=2)[1]
    assert not (folder / "out").exists()


def test_remarks_of_a_library_are_not_for_the_user(folder):
    """Pillow warns of an animation without pictures, which is none."""
    file = io.BytesIO()
    Image.fromarray(photo(80, 64, 0)).save(file, "PNG")
    data = file.getvalue()
    (folder / "in").mkdir()
    for name in ("a.png", "b.png"):
        (folder / "in" / name).write_bytes(data[:33] + chunk(b"acTL", bytes(8)) + data[33:])
    assert process("encode", "in/a.png", "--no-metrics")[1] == b""
    assert b"Warning" not in process("eval", "in", "--jobs", "2")[1]


@pytest.mark.parametrize("command", ["encode", "decode", "info"])
@pytest.mark.parametrize("data", [b"", b"Dear diary"])
def test_what_is_no_picture_in_a_pipe(command, data):
    output, error = pipe(command, "-", data=data, code=1)
    assert output == b""
    assert error.startswith(b"-: T")
    assert error.count(b"\n") == 1


@posix
def test_a_file_without_end_is_not_read_to_it(folder):
    assert shell("hpcm info /dev/zero", code=1).stderr.startswith("/dev/zero: ")
    assert shell("hpcm decode /dev/zero -o out.png", code=1).stderr.startswith("/dev/zero: ")


@posix
@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_closed_streams_do_not_stop_the_work(folder, closed):
    shell(f"hpcm encode a.png none.png b.png --no-metrics {closed}", code=1)
    for name in ("a.hpcm", "b.hpcm"):
        assert container.read_header((folder / name).read_bytes()).width == 80, "nothing was printed into the file"


@posix
@pytest.mark.parametrize("full", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_says_so_in_a_sentence(folder, full):
    (folder / "x.hpcm").write_bytes(container.write(PLAIN))
    for command in ("info x.hpcm", "info x.hpcm --json", "models list", "--help"):
        error = shell(f"hpcm {command} {full}", code=1).stderr
        assert error.startswith("hpcm: ")
        assert error.count("\n") == 1
    error = shell(f"hpcm batch a.png b.png --csv report.csv {full}", code=1).stderr
    assert "The output cannot be written" in error
    assert len((folder / "report.csv").read_text().splitlines()) == 3, "all the work was done"
    error = shell(f"hpcm encode a.png --no-metrics -o - {full}", code=1).stderr
    assert "Standard output cannot be written" in error


@posix
def test_a_reader_that_has_gone_needs_no_words(folder):
    (folder / "x.hpcm").write_bytes(container.write(PLAIN))
    assert shell(f"hpcm info {'x.hpcm ' * 200} | head -c 1").stderr == ""


@posix
@pytest.mark.parametrize("command", ["batch", "encode"])
def test_ctrl_c_keeps_what_is_finished(folder, command):
    for i in range(40):
        Image.fromarray(photo(64, 64, i)).save(folder / f"c{i:02}.png")
    names = [f"c{i:02}.png" for i in range(40)]
    report = ["--csv", "report.csv", "--jobs", "2"] if command == "batch" else []
    with subprocess.Popen([*HPCM, command, *names, *report], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not (folder / "c02.hpcm").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = (text.decode() for text in process.communicate(timeout=120))
    assert process.returncode == 130
    assert err.strip() == "Interrupted."
    done = sorted(path.name for path in folder.glob("*.hpcm"))
    # Processes of a batch end their pictures in any order.
    assert (3 if command == "encode" else 1) <= len(done) < 40
    assert not list(folder.glob(".*")), "no temporary file"
    rows = [line for line in out.splitlines() if ": done" in line or ": output" in line]
    # What a worker had written, but not yet reported when the signal came, has no row, and a row may have no line.
    unreported = 2 if command == "batch" else 1
    assert len(done) - unreported <= len(rows) <= len(done)
    if command == "batch":
        assert len(rows) <= len((folder / "report.csv").read_text().splitlines()) - 1 <= len(done)


def test_nothing_in_a_name_moves_a_terminals_cursor():
    assert printable("日本 [red]ü.png") == "日本 [red]ü.png"
    assert printable("a\x1b[2J\n\x9b\udcff\u202egnp.exe") == r"a\x1b[2J\n\x9b\udcff\u202egnp.exe"


@posix
def test_progress_shows_names_as_they_are(folder):
    import shutil

    name = "[bold]x\x1b[31m :smile:.png"
    shutil.copy(folder / "a.png", folder / name)
    assert rb"[bold]x\x1b[31m :smile:.png" in shown_by("encode", name, "--json")


@posix
def test_binary_data_is_not_printed_on_a_terminal():
    import pty

    leader, follower = pty.openpty()
    result = subprocess.run(
        [*HPCM, "encode", "a.png", "-o", "-"], stdout=follower, stderr=subprocess.PIPE, timeout=120, check=False
    )
    os.close(follower)
    os.close(leader)
    assert result.returncode == 2
    assert b"A terminal cannot show the result" in result.stderr
