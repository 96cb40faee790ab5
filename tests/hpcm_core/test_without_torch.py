"""What needs no torch imports none: whole roads in processes of their own in which torch cannot be imported."""

from __future__ import annotations

import numpy as np
import pytest

from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.no_torch import BLOCKED_LIGHTLY, run


def test_there_and_back(tmp_path):
    """Several tiles, 16 bits, grey, alpha, and a search for a target."""
    run(
        tmp_path,
        """
import numpy as np
from hpcm_core import codec
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests import learned
from tests.toy.plain import install_plain
install_plain(folder / "data")
y, x = np.mgrid[:301, :270] / 40
waves = (127 + 100 * np.stack([np.sin(x * k + y) for k in (1, 2, 3)], -1)).astype(np.uint8)
alpha = np.arange(301 * 270).reshape(301, 270).astype(np.uint8)
for pixels in (waves, waves.astype(np.uint16) * 257, waves[:, :, :1]):
    picture = Picture(pixels, alpha.astype(pixels.dtype))
    encoded = codec.encode(picture, Recipe("plain", quality=80))
    path = folder / "a.hpcm"
    path.write_bytes(encoded.data)
    assert encoded.header.tile_count > 1
    assert encoded.metrics.psnr > 35, encoded.metrics
    assert encoded.metrics.ms_ssim > 0.9, encoded.metrics
    decoded = codec.decode(path.read_bytes())
    assert decoded.picture.pixels.dtype == pixels.dtype
    assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    assert np.array_equal(decoded.picture.alpha, picture.alpha)
    assert abs(encoded.bits.total.sum() - 8 * encoded.stream_bytes) < 1
    assert np.array_equal(decoded.bits.steps, encoded.bits.steps)
with learned.alone():
    lossless = codec.encode(Picture(waves), Recipe("lossless-m"))
assert lossless.header.profile == 3
assert np.array_equal(codec.decode(lossless.data).picture.pixels, waves)
small = codec.encode(Picture(waves), Recipe("plain", target_bpp=4.2), reconstruct=False)
assert 8 * len(small.data) <= 4.2 * 301 * 270
try:
    codec.decode(bytes(small.data[:-40]) + bytes(40))
except codec.CorruptFile:
    pass
else:
    raise AssertionError("a damaged file was decoded")
assert "torch" not in sys.modules
""",
    )


def test_the_codec_process_starts(tmp_path):
    """Its families alone decide whether torch is loaded."""
    output = run(
        tmp_path,
        """
from app.worker import child
from hpcm_core.models import registry
from tests.toy.plain import PLAIN
registry._FAMILIES[:] = [PLAIN]
print(child._load_codec())
assert "hpcm_core.codec" in sys.modules
""",
    )
    assert output == "CPU\n"


def test_commands(tmp_path):
    """All that the command line does, with files of a model that needs no torch; pictures in every format."""
    run(
        tmp_path,
        """
import json
import numpy as np
from click.testing import CliRunner
from hpcm_core.cli.main import cli
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.writing import SUFFIXES
from tests.toy.plain import install_plain
install_plain(folder / "data")
y, x = np.mgrid[:170, :180] / 40
pixels = (127 + 100 * np.stack([np.sin(x * k + y) for k in (1, 2, 3)], -1)).astype(np.uint8)
Picture(pixels).save(folder / "a.png")

def hpcm(*arguments, code=0):
    result = CliRunner().invoke(cli, list(map(str, arguments)))
    assert result.exit_code == code, result.output
    return result.output

for command in ("encode", "decode", "info", "compare", "eval", "batch", "models", "rd", "train", "thumbnail"):
    hpcm(command, "--help")
hpcm("encode", folder / "a.png", "--model", "plain", "--preview")
hpcm("info", folder / "a.hpcm")
assert json.loads(hpcm("info", folder / "a.hpcm", "--json"))["files"][0]["model"] == "plain"
hpcm("thumbnail", folder / "a.hpcm", folder / "small.png")
for suffix in SUFFIXES:
    hpcm("decode", folder / "a.hpcm", "-o", folder / f"back{suffix}")
    assert json.loads(hpcm("compare", folder / "a.png", folder / f"back{suffix}", "--json"))["psnr"] > 20
row = json.loads(hpcm("compare", folder / "a.png", folder / "a.hpcm", "--json"))
assert row["ms_ssim"] > 0.9 and row["psnr"] > 30, row
hpcm("encode", folder / "a.png", "--model", "plain", "-o", folder / "bare.hpcm")
hpcm("thumbnail", folder / "bare.hpcm", folder / "small.png", "--size", 64)
recipe = folder / "recipe.json"
recipe.write_text('{"version": 1, "model": "plain", "quality": 20}')
hpcm("batch", folder / "a.png", "--recipe", recipe, "-o", folder / "many")
assert (folder / "many" / "a.hpcm").is_file()
hpcm("eval", folder / "many", "--model", "plain", code=2)
assert "plain " in hpcm("models", "list")
""",
    )


def test_jobs_of_the_codec_process(tmp_path):
    run(
        tmp_path,
        """
import numpy as np
from app.worker.model_tasks import ImportJob
from app.worker.tasks import CheckJob, DecodeJob, EncodeJob, MeasureJob
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from safetensors.numpy import save_file
from tests.toy.plain import PLAIN, install_plain, weights
install_plain(folder / "data")
quiet = (lambda stage, fraction: None, lambda: False)
picture = Picture((np.mgrid[:170, :180].sum(0)[..., None] % 256).astype(np.uint8).repeat(3, 2))
encoded = EncodeJob(picture, Recipe("plain")).run(*quiet)
decoded = DecodeJob(encoded.data).run(*quiet)
assert CheckJob(encoded.data, encoded.reconstruction).run(*quiet).equal
assert MeasureJob(picture, decoded.picture, 100).run(*quiet).ms_ssim == encoded.metrics.ms_ssim
save_file(weights(PLAIN.configs["plain"], 1), folder / "other.safetensors")
assert ImportJob(folder / "other.safetensors", "plain", "mse", None).run(*quiet).name == "plain"
""",
    )


LIGHT = {
    "--help": {"numpy", "PIL", "rich", "hpcm_core.codec"},
    "models list": {"numpy", "PIL", "rich", "hpcm_core.codec"},
    "decode a.hpcm -f": {"rich", "hpcm_core.training", "hpcm_core.cli.batch"},
    "info a.hpcm": {"rich", "hpcm_core.codec", "hpcm_core.metrics"},
    "compare a.png a.png": {"rich", "hpcm_core.codec", "hpcm_core.entropy"},
    "thumbnail a.hpcm b.png": {"rich", "hpcm_core.codec"},
}
"""Commands, and what they have no use for: each is a tenth of a second or more at their start."""


@pytest.mark.parametrize("command", LIGHT)
def test_a_command_loads_no_more_than_it_needs(command, tmp_path):
    picture = Picture(np.zeros((200, 300, 3), np.uint8))
    picture.save(tmp_path / "a.png")
    (tmp_path / "a.hpcm").write_bytes(codec.encode(picture, Recipe(embed_preview=True), reconstruct=False).data)
    run(
        tmp_path,
        f"""
import os
os.chdir(folder)
from hpcm_core.cli.main import cli
cli.main({command.split()!r}, standalone_mode=False)
assert not {LIGHT[command]!r} & set(sys.modules), {LIGHT[command]!r} & set(sys.modules)
""",
        BLOCKED_LIGHTLY,
    )


def test_looking_into_files_of_the_bundled_model(tmp_path):
    """Latents, channels, bits and steps need no torch; what takes gradients says that it does."""
    picture = Picture((np.mgrid[:96, :100].sum(0)[..., None] % 256).astype(np.uint8).repeat(3, 2))
    (tmp_path / "a.hpcm").write_bytes(codec.encode(picture, Recipe(), reconstruct=False).data)
    output = run(
        tmp_path,
        """
import os
from click.testing import CliRunner
from hpcm_core.cli.main import cli
os.chdir(folder)
def hpcm(*arguments, code=0):
    result = CliRunner().invoke(cli, ["inspect", *arguments])
    assert result.exit_code == code, result.output
    return result.output
assert "surprise" in hpcm("latents", "a.hpcm", "--at", "5,5")
hpcm("channel", "a.hpcm", "--channel", "3")
hpcm("bits", "a.hpcm")
hpcm("steps", "a.hpcm")
print(hpcm("erf", "a.hpcm", code=1))
print(hpcm("attention", "a.hpcm", code=1))
""",
        BLOCKED_LIGHTLY,
    )
    sentence = (
        "a.hpcm: The view of attention and receptive fields needs PyTorch, which is not part of this installation."
    )
    assert output.count(sentence) == 2


MAY_IMPORT = (
    "hpcm_core.training.",
    "hpcm_core.layers.",
    "hpcm_core.entropy.exact.",
    "hpcm_core.entropy.ggm",
    "hpcm_core.entropy.tensors",
    "hpcm_core.models.charm.",
    "hpcm_core.models.hpcm.",
    "hpcm_core.models.hyperprior.",
    "hpcm_core.models.lossless.",
    "hpcm_core.models.quadtree.",
    "hpcm_core.transform.distortion",
    "hpcm_core.transform.ms_ssim",
    "hpcm_core.transform.networks",
    "hpcm_core.transform.placed",
    "hpcm_core.transform.refining",
    "hpcm_core.transform.relaxed",
    "hpcm_core.transform.ssim",
    "hpcm_core.transform.windows",
)
"""Modules, and packages of such, whose import may need torch: those that compute with it. Nothing imports them but what
needs them, when it needs them.
"""


def test_modules_that_compute_nothing_with_torch_do_not_import_it(tmp_path):
    """Every module by itself, so that a new one is asked too."""
    output = run(
        tmp_path,
        """
import importlib, pkgutil
import app, coder, hpcm_core
for package in (app, coder, hpcm_core):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            assert error.name.partition(".")[0] == "torch", error
            print(module.name)
""",
    )
    refused = output.split()
    assert not [name for name in refused if not name.startswith(MAY_IMPORT)]
    assert "hpcm_core.transform.networks" in refused, "the block works"
    for beginning in MAY_IMPORT:
        assert any(name.startswith(beginning) for name in refused), f"{beginning} needs no torch and can go"
