"""The command line as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import ExifTags, Image, ImageCms

from hpcm_core.cli.main import cli
from hpcm_core.format import container
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import profile_of
from hpcm_core.recipe import DEFAULT_QUALITY
from tests.hpcm_core.format.chunks import PLAIN
from tests.hpcm_core.test_codec import photo


@pytest.fixture
def pictures(tmp_path):
    for name, left in (("a.png", 0), ("b.png", 256)):
        Image.fromarray(photo(80, 64, left)).save(tmp_path / name)
    return tmp_path


def hpcm(*arguments, code=0):
    """Output of a command, run in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "hpcm_core.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result


def run(*arguments, code=0):
    """The same within this process: faster."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def test_there_and_back(pictures):
    source, file, out = pictures / "a.png", pictures / "a.hpcm", pictures / "out.png"
    row = json.loads(hpcm("encode", source, "--quality", 80, "--json").stdout)["files"][0]
    assert row["bytes"] == file.stat().st_size
    assert row["psnr"] > 25
    assert json.loads(run("decode", file, "-o", out, "--json").output)["files"][0]["width"] == 80
    assert Picture.open(out).pixels.shape == (64, 80, 3)
    by_file = json.loads(run("compare", source, file, "--json").output)
    by_picture = json.loads(run("compare", source, out, "--json").output)
    assert by_file["psnr"] == by_picture["psnr"] == row["psnr"]
    assert by_file["bpp"] == row["bpp"] != by_picture["bpp"]
    info = json.loads(run("info", file, "--json").output)["files"][0]
    assert (info["model"], info["quality"], info["width"], info["height"]) == ("lite", 80, 80, 64)
    assert "psnr" in run("compare", source, file).output


def test_eval_counts_whole_files(pictures):
    report = json.loads(run("eval", pictures, "--quality", 20, "--json").output)
    assert [row["input"] for row in report["pictures"]] == [str(pictures / "a.png"), str(pictures / "b.png")]
    for key in ("bpp", "psnr"):
        assert report["mean"][key] == pytest.approx(np.mean([row[key] for row in report["pictures"]]))
    assert report["mean"]["ms_ssim_db"] is None, "too small a picture for five scales"
    for row in report["pictures"]:
        assert row["bpp"] == pytest.approx(8 * row["bytes"] / (80 * 64), abs=1e-5)


def test_several_inputs_and_one_bad(pictures):
    (pictures / "bad.png").write_text("not a picture")
    result = run("encode", pictures / "a.png", pictures / "bad.png", pictures / "b.png", "-o", pictures / "out", code=1)
    assert sorted(path.name for path in (pictures / "out").iterdir()) == ["a.hpcm", "b.hpcm"]
    assert result.stderr.count("bad.png") == 1, "named once, though the message names it too"
    document = json.loads(run("encode", pictures / "bad.png", "-o", pictures / "c.hpcm", "--json", code=1).stdout)
    assert document["files"][0]["error"] == "PictureError"


def test_nothing_is_overwritten_by_accident(pictures):
    source, file = pictures / "a.png", pictures / "a.hpcm"
    file.write_bytes(b"precious")
    assert "--force" in run("encode", source, code=2).output
    assert file.read_bytes() == b"precious"
    run("encode", source, "--force", "--no-metrics")
    assert file.read_bytes() != b"precious"
    assert "overwritten" in run("encode", source, "-o", source, code=2).output
    assert Picture.open(source).width == 80
    (pictures / "a.jpg").write_bytes(source.read_bytes())
    assert "same file" in run("encode", source, pictures / "a.jpg", "-o", pictures / "out", code=2).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode"],
        ["encode", "x.png", "--quality", "101"],
        ["encode", "x.png", "--quality", "ten"],
        ["encode", "x.png", "--quality", "50", "--lambda", "0.01"],
        ["encode", "x.png", "--lambda", "9"],
        ["encode", "x.png", "--model", "base"],
        ["encode", "x.png", "--model", "base", "--quality", "50"],
        ["encode", "x.png", "--metric", "vmaf"],
        ["encode", "x.png", "--metric", "ms-ssim"],
        ["duel", "x.png", "--of", "lite-ms-ssim:40"],
        ["duel", "x.png", "--against", "lite-ms-ssim"],
        ["decode", "x.hpcm", "--format", "exe"],
        ["eval", "nowhere"],
        ["models", "import", "nothing.pth.tar"],
        ["models", "import", "nothing.pth.tar", "--variant", "base", "--lambda", "0.013"],
        ["batch", "x.png", "--min-gain", "nan"],
        ["rd", ".", "--rates", "5", "1"],
        ["rd", ".", "--rates", "nan", "1"],
        ["train", ".", "-o", "x", "--steps", "1", "--seed", "-1"],
        ["train", ".", "-o", "x", "--steps", "1", "--batch", "99999999999999"],
        ["paint"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_say_so(arguments):
    result = run(*arguments, code=2)
    assert "Error:" in result.output


@pytest.mark.parametrize(
    "arguments", [["batch", "x.png"], ["encode", "x.png"], ["eval", "."], ["rd", "."]], ids=" ".join
)
def test_a_model_that_there_is_not(arguments, tmp_path, monkeypatch):
    """Those that there are are named, and no lambda is asked for."""
    monkeypatch.chdir(tmp_path)
    Picture(photo(16, 16)).save("x.png")
    for more in ([], ["--quality", "50"]):
        if not more or arguments[0] in ("encode", "eval"):
            said = run(*arguments, "--model", "late", *more, code=2).stderr
            assert "late" in said
            assert "there are lite" in said
    if arguments[0] == "batch":
        assert "needs a lambda; give a --recipe" in run(*arguments, "--model", "base", code=2).stderr


@pytest.mark.parametrize("command", ["decode", "info"])
def test_bad_files(pictures, command):
    (pictures / "text.hpcm").write_text("hello")
    result = hpcm(command, pictures / "text.hpcm", pictures / "absent.hpcm", code=1)
    assert len(result.stderr.strip().splitlines()) == 2


def test_missing_model_says_where_to_get_it(pictures, monkeypatch, tmp_path):
    monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "empty"))
    result = run("encode", pictures / "a.png", "--model", "base", "--lambda", 0.013, code=1)
    assert "hpcm models get base --metric mse --lambda 0.013" in result.stderr
    listed = json.loads(run("models", "list", "--json").output)["models"]
    assert {(m["name"], m["state"]) for m in listed} >= {("lite", "bundled"), ("base-mse-0.013", "missing")}
    assert "lite" in run("models", "list").output


def test_help_needs_no_torch():
    code = "import sys; sys.argv = ['hpcm', '--help']; from hpcm_core.cli.main import main\n"
    code += "try: main()\nexcept SystemExit: pass\nassert 'torch' not in sys.modules"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(command in out for command in ("encode", "decode", "info", "compare", "eval", "models"))


@pytest.mark.parametrize("command", ["encode", "eval"])
def test_help_shows_the_default_that_is_used(command):
    words = " ".join(run(command, "--help").output.split())
    assert f"for lite. [default: {DEFAULT_QUALITY}]" in words


def test_metadata_can_be_left_out_on_the_way_back(pictures):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = Picture(photo(80, 64), icc=profile, exif=exif.tobytes()[6:], xmp=xmp)
    source.save(pictures / "c.png")
    run("encode", pictures / "c.png", "--no-metrics")
    run("decode", pictures / "c.hpcm", "-o", pictures / "all.png")
    run("decode", pictures / "c.hpcm", "-o", pictures / "bare.png", "--no-metadata")
    everything, bare = Picture.open(pictures / "all.png"), Picture.open(pictures / "bare.png")
    assert json.loads(run("info", pictures / "c.hpcm", "--json").output)["files"][0]["colour_space"] == "sRGB"
    assert (everything.icc, everything.xmp) == (profile_of(1, 3), xmp)
    assert everything.exif is not None
    assert (bare.icc, bare.exif, bare.xmp) == (profile_of(1, 3), None, None)
    assert np.array_equal(bare.pixels, everything.pixels)


def test_demo(tmp_path):
    output = run("demo", "-o", tmp_path / "demo").output
    assert "PSNR" in output
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "astronaut.decoded.png",
        "astronaut.hpcm",
        "astronaut.side-by-side.png",
    ]


def test_names_that_the_output_cannot_spell(tmp_path):
    """As on Windows, where a pipe is in an old code page."""
    path = tmp_path / "日本.hpcm"
    path.write_bytes(container.write(PLAIN))
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252:strict"}
    code = f"import sys; from hpcm_core.cli.main import main; sys.argv[1:] = ['info', {str(path)!a}]; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert rb"\u65e5\u672c.hpcm" in done.stdout
